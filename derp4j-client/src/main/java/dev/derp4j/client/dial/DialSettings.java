package dev.derp4j.client.dial;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.time.Duration;
import java.util.Map;

/// How to dial, whatever the endpoint. Immutable and thread-safe: make one and dial with it for as
/// long as the program runs, since it keeps what is costly to make (the trusted roots, the TLS
/// library's context) from its first use on.
public final class DialSettings {
  /// Ten seconds, for all steps of one dial together.
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  private final Duration timeout;
  private final boolean fastStart;
  private final boolean webSocket;
  private final boolean preferIpv6;
  private final ProxyEnvironment proxies;
  private final HostResolver resolver;
  private final ByteBufAllocator allocator;

  private DialSettings(Builder from) {
    this.timeout = from.timeout;
    this.fastStart = from.fastStart;
    this.webSocket = from.webSocket;
    this.preferIpv6 = from.preferIpv6;
    this.proxies = from.proxies;
    this.resolver = from.resolver;
    this.allocator = from.allocator;
  }

  /// The defaults, which reach a public relay directly.
  public static DialSettings defaults() {
    return builder().build();
  }

  /// A builder with the defaults.
  public static Builder builder() {
    return new Builder();
  }

  /// The time for all steps together.
  public Duration timeout() {
    return timeout;
  }

  boolean fastStart() {
    return fastStart;
  }

  boolean webSocket() {
    return webSocket;
  }

  boolean preferIpv6() {
    return preferIpv6;
  }

  ProxyEnvironment proxies() {
    return proxies;
  }

  HostResolver resolver() {
    return resolver;
  }

  ByteBufAllocator allocator() {
    return allocator;
  }

  /// Collects settings; not thread-safe.
  public static final class Builder {
    private Duration timeout = DEFAULT_TIMEOUT;
    private boolean fastStart = true;
    private boolean webSocket;
    private boolean preferIpv6;
    private ProxyEnvironment proxies = new ProxyEnvironment(Map.of());
    private HostResolver resolver = HostResolver.system();
    private ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;

    private Builder() {}

    /// The time for all steps of a dial together.
    ///
    /// @throws IllegalArgumentException unless it is positive
    public Builder timeout(Duration all) {
      if (!all.isPositive()) {
        throw new IllegalArgumentException("the timeout of a dial must be positive");
      }
      timeout = all;
      return this;
    }

    /// The proxies to go through. Without this, all is dialled directly, whatever the environment
    /// says.
    public Builder proxies(ProxyEnvironment environment) {
      proxies = environment;
      return this;
    }

    /// Who resolves names; the system if nobody is named.
    public Builder resolver(HostResolver names) {
      resolver = names;
      return this;
    }

    /// Whether IPv4 is held back for 200 ms, so that a working IPv6 wins. Say so only where IPv6 is
    /// expected to work.
    public Builder preferIpv6(boolean prefer) {
      preferIpv6 = prefer;
      return this;
    }

    /// Where the connections' buffers come from; Netty's shared pool if nothing is said. Netty's
    /// adaptive allocator is slow on current JDKs.
    public Builder allocator(ByteBufAllocator buffers) {
      allocator = buffers;
      return this;
    }

    /// The settings so far.
    public DialSettings build() {
      return new DialSettings(this);
    }
  }
}
