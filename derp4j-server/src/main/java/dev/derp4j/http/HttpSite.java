package dev.derp4j.http;

import dev.derp4j.debug.AddressRanges;
import dev.derp4j.debug.DebugAccess;
import dev.derp4j.http.names.BootstrapDns;
import dev.derp4j.http.names.NameLookup;
import dev.derp4j.http.names.SystemNames;
import dev.derp4j.metrics.Metrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// What one port serves over HTTP, and with whose help. Immutable, shared by all connections of the
/// port.
public final class HttpSite {
  /// What kind of port it is.
  public enum Mode {
    /// DERP behind TLS: the pipeline has an `SslHandler` in front.
    DERP_TLS,
    /// DERP without TLS.
    DERP_PLAIN,
    /// The plain port beside a TLS port: sends people there.
    PORT80
  }

  /// As Go's server has it in the relay's configuration; each request's head, its body, and the
  /// pause behind it.
  public static final Duration READ_TIMEOUT = Duration.ofSeconds(30);

  /// Asks nobody until it is asked, which it is not: nothing that needs names is on by itself.
  private static final NameLookup NO_NAMES = new SystemNames();

  private final Mode mode;
  private final Builder settings;
  private final Routes routes;

  private HttpSite(Mode mode, Builder settings) {
    this.mode = mode;
    this.settings = settings;
    this.routes = new Routes(this);
  }

  /// Starts a site with the defaults of a relay that was told nothing.
  ///
  /// @param upgrader gets the connections that ask for DERP
  public static Builder builder(Metrics metrics, DerpUpgrader upgrader) {
    return new Builder(metrics, upgrader);
  }

  public Mode mode() {
    return mode;
  }

  /// The same relay on a port of another kind.
  public HttpSite on(Mode mode) {
    return new HttpSite(mode, settings);
  }

  boolean derpEnabled() {
    return settings.derpEnabled;
  }

  String home() {
    return settings.home;
  }

  String hostname() {
    return settings.hostname;
  }

  boolean hasMeshKey() {
    return settings.meshKey;
  }

  boolean dev() {
    return settings.dev;
  }

  String version() {
    return settings.version;
  }

  Metrics metrics() {
    return settings.metrics;
  }

  DebugAccess debugAccess() {
    return settings.debugAccess;
  }

  @Nullable AcmeChallenges acmeChallenges() {
    return settings.acmeChallenges;
  }

  DerpUpgrader upgrader() {
    return settings.upgrader;
  }

  long readMillis() {
    return settings.readTimeout.toMillis();
  }

  List<DebugPage> debugPages() {
    return settings.debugPages;
  }

  BootstrapDns bootstrapDns() {
    return settings.bootstrapDns;
  }

  boolean ace() {
    return settings.ace;
  }

  TunnelDialer tunnels() {
    return settings.tunnels;
  }

  ForwardedFor forwardedFor() {
    return settings.forwardedFor;
  }

  Executor slowPages() {
    return settings.slowPages;
  }

  Routes routes() {
    return routes;
  }

  /// Collects what a site needs. Not thread-safe; of no more use after [#build].
  public static final class Builder {
    private final Metrics metrics;
    private final DerpUpgrader upgrader;
    private boolean derpEnabled = true;
    private String home = "";
    private String hostname = "derp.tailscale.com";
    private boolean meshKey;
    private boolean dev;
    private String version = "";
    private DebugAccess debugAccess = new DebugAccess(Map.of());
    private Duration readTimeout = READ_TIMEOUT;
    private Executor slowPages =
        page -> Thread.ofPlatform().name("derp4j-page").daemon().start(page);
    private final List<DebugPage> debugPages = new ArrayList<>();
    private BootstrapDns bootstrapDns;
    private boolean ace;
    private TunnelDialer tunnels = new TunnelDialer(NO_NAMES, TunnelDialer::isPublic);
    private ForwardedFor forwardedFor = new ForwardedFor(AddressRanges.NONE);
    private @Nullable AcmeChallenges acmeChallenges;
    private boolean built;

    private Builder(Metrics metrics, DerpUpgrader upgrader) {
      this.metrics = metrics;
      this.upgrader = upgrader;
      this.bootstrapDns =
          new BootstrapDns(List.of(), List.of(), NO_NAMES, metrics, new SplittableRandom());
    }

    /// The names that clients without a name server ask for.
    public Builder bootstrapDns(BootstrapDns bootstrapDns) {
      return set(() -> this.bootstrapDns = bootstrapDns);
    }

    /// Whether `CONNECT` leads to the control plane, and who knows where that is (`-ace`).
    public Builder ace(boolean enabled, NameLookup names) {
      return ace(enabled, new TunnelDialer(names, TunnelDialer::isPublic));
    }

    Builder ace(boolean enabled, TunnelDialer dialer) {
      return set(
          () -> {
            ace = enabled;
            tunnels = dialer;
          });
    }

    /// Whose `X-Forwarded-For` is believed; without it, nobody's.
    public Builder trustForwardedFor(AddressRanges proxies) {
      return set(() -> forwardedFor = new ForwardedFor(proxies));
    }

    /// Whether `/derp` relays (`-derp`).
    public Builder derpEnabled(boolean enabled) {
      return set(() -> derpEnabled = enabled);
    }

    /// What `/` shows (`-home`): nothing given means the home page, `blank` a blank one, a URL is
    /// redirected to.
    public Builder home(String home) {
      return set(() -> this.home = home);
    }

    /// The relay's name (`-hostname`).
    public Builder hostname(String hostname) {
      return set(() -> this.hostname = hostname);
    }

    /// Whether a mesh key is set, which the debug page tells.
    public Builder hasMeshKey(boolean meshKey) {
      return set(() -> this.meshKey = meshKey);
    }

    /// Whether refused visitors of the debug pages are told how to be let in (`-dev`).
    public Builder dev(boolean dev) {
      return set(() -> this.dev = dev);
    }

    /// The version text, shown on the debug page.
    public Builder version(String version) {
      return set(() -> this.version = version);
    }

    /// Who may see the debug pages; without it, loopback and the tailnet.
    public Builder debugAccess(DebugAccess debugAccess) {
      return set(() -> this.debugAccess = debugAccess);
    }

    /// How long the first request, the rest of one that began, and the next one may be in coming.
    public Builder readTimeout(Duration readTimeout) {
      return set(() -> this.readTimeout = readTimeout);
    }

    /// Where pages are made that take longer than an event loop should wait; without it, a thread
    /// for each, since they are rare and only for those with debug access.
    public Builder slowPages(Executor slowPages) {
      return set(() -> this.slowPages = slowPages);
    }

    /// One more page below `/debug/`.
    public Builder debugPage(DebugPage page) {
      return set(() -> debugPages.add(page));
    }

    /// Who knows what authorities are to find on the plain port; without it, such requests are
    /// redirected like all others.
    public Builder acmeChallenges(AcmeChallenges acmeChallenges) {
      return set(() -> this.acmeChallenges = acmeChallenges);
    }

    private Builder set(Runnable change) {
      if (built) {
        throw new IllegalStateException("the site is built");
      }
      change.run();
      return this;
    }

    /// The site; [HttpSite#on] makes more of the same for other ports.
    public HttpSite build(Mode mode) {
      built = true;
      return new HttpSite(mode, this);
    }
  }
}
