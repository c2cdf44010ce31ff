package dev.derp4j.client.dial;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// How to dial, whatever the endpoint. Immutable and thread-safe: make one and dial with it for as
/// long as the program runs, since it keeps the trusted roots, which are costly to read, from their
/// first use on.
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
  private final TrustedRoots roots;

  private DialSettings(Builder from) {
    this.timeout = from.timeout;
    this.fastStart = from.fastStart;
    this.webSocket = from.webSocket;
    this.preferIpv6 = from.preferIpv6;
    this.proxies = from.proxies;
    this.resolver = from.resolver;
    this.allocator = from.allocator;
    this.roots = new TrustedRoots(from.roots);
  }

  /// The defaults, which reach a public relay directly.
  public static DialSettings defaults() {
    return builder().build();
  }

  /// A builder with the defaults.
  public static Builder builder() {
    return new Builder();
  }

  private DialSettings(DialSettings from, HostResolver resolver) {
    this.timeout = from.timeout;
    this.fastStart = from.fastStart;
    this.webSocket = from.webSocket;
    this.preferIpv6 = from.preferIpv6;
    this.proxies = from.proxies;
    this.resolver = resolver;
    this.allocator = from.allocator;
    this.roots = from.roots;
  }

  /// The same, sharing what is costly, but with these nodes to ask where the resolver fails: see
  /// [BootstrapResolver].
  ///
  /// @param nodes whom to ask, looked up each time
  public DialSettings withBootstrap(Supplier<List<BootstrapNode>> nodes) {
    return new DialSettings(this, new BootstrapResolver(resolver, nodes, this));
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

  TrustedRoots roots() {
    return roots;
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

    private @Nullable X509TrustManager roots;

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

    /// Whether a relay whose certificate names its key is spoken to without waiting for the
    /// upgrade's answer, which saves a round trip. It is, if nothing is said.
    public Builder fastStart(boolean allow) {
      fastStart = allow;
      return this;
    }

    /// Whether the DERP stream travels in WebSocket messages, for networks that let only those
    /// through. There is no fast start then, and no ideal node.
    public Builder webSocket(boolean use) {
      webSocket = use;
      return this;
    }

    /// Whose signatures on certificates count. If nothing is said: the system's authorities, see
    /// [SystemRoots], which are read when they are needed first.
    public Builder roots(X509TrustManager trusted) {
      roots = trusted;
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
