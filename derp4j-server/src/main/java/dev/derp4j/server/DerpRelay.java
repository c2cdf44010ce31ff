package dev.derp4j.server;

import dev.derp4j.admission.Admission;
import dev.derp4j.debug.DebugAccess;
import dev.derp4j.http.HttpPhase;
import dev.derp4j.http.HttpSite;
import dev.derp4j.http.UpgradeRequest;
import dev.derp4j.http.names.BootstrapDns;
import dev.derp4j.http.names.NameLookup;
import dev.derp4j.http.names.SystemNames;
import dev.derp4j.key.NodePublicKey;
import dev.derp4j.limits.AcceptLimit;
import dev.derp4j.mesh.NeighbourStatus;
import dev.derp4j.metrics.CloseReason;
import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.Metrics;
import dev.derp4j.reload.Reloads;
import dev.derp4j.routing.Registry;
import dev.derp4j.session.ConnectionLog;
import dev.derp4j.session.HandshakePhase;
import dev.derp4j.session.MeshTraffic;
import dev.derp4j.session.Population;
import dev.derp4j.session.QueueMemory;
import dev.derp4j.session.RelayLoop;
import dev.derp4j.session.RelayServices;
import dev.derp4j.session.RoundTrips;
import dev.derp4j.stunserver.StunMetrics;
import dev.derp4j.stunserver.StunServer;
import dev.derp4j.tls.ServerTls;
import dev.derp4j.tls.TlsConfigException;
import dev.derp4j.transport.ClientAddress;
import dev.derp4j.transport.ProxyHeaders;
import dev.derp4j.transport.RelayEventLoops;
import dev.derp4j.transport.SocketOptions;
import dev.derp4j.transport.Transport;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running relay: DERP over HTTP or TLS, STUN beside it.
///
/// ```java
/// RelayConfig config = RelayConfig.builder(NodePrivateKey.generate())
///     .listen(new InetSocketAddress("127.0.0.1", 0))
///     .build();
/// try (DerpRelay relay = DerpRelay.start(config)) {
///   System.out.println(relay.derpAddress() + " " + relay.publicKey());
/// }
/// ```
///
/// Thread-safe. Everything that can be wrong with the configuration is found before a port opens.
public final class DerpRelay implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DerpRelay.class);

  /// For connections that showed the mesh key: a neighbour behind a slow line is worth a longer
  /// wait.
  private static final Duration MESH_WRITE_TIMEOUT = Duration.ofSeconds(30);

  /// The part of the memory for network buffers that all send queues together may fill.
  private static final int QUEUE_SHARE = 4;

  private final RelayConfig config;
  private final PhaseDeadlines deadlines;
  private final Registry registry;
  private final Metrics metrics;
  private final Transport transport = Transport.choose();
  private final RelayServices services;
  private final Region region;
  private final HandshakePhase.Secrets secrets;
  private final NameLookup names = new SystemNames();
  private final BootstrapDns bootstrapDns;
  private final HttpSite site;
  private final byte[] upgradeResponse;
  private final Reloads reloads = new Reloads();
  private final FrontDoor frontDoor;

  private volatile @Nullable ServerTls tls;
  private @Nullable RelayEventLoops loops;
  private @Nullable StunServer stun;
  private @Nullable InetSocketAddress derpAddress;
  private @Nullable InetSocketAddress httpAddress;
  private boolean stopped;

  private DerpRelay(RelayConfig config, PhaseDeadlines deadlines) throws RelayStartException {
    this.config = config;
    this.deadlines = deadlines;
    this.registry = new Registry(config.duplicatePolicy());
    this.metrics = new Metrics(config.versionText(), "derper");
    Population population = new Population();
    this.frontDoor = new FrontDoor(config.admission(), config.limits(), reloads);
    Admission admission = frontDoor.admission();
    this.services =
        new RelayServices(
            config.privateKey().publicKey(),
            registry,
            metrics,
            admission,
            frontDoor.limits(),
            population,
            new MeshTraffic(),
            new ConnectionLog(metrics),
            new QueueMemory(PlatformDependent.maxDirectMemory() / QUEUE_SHARE),
            VerboseDrops.parse(config.environment()),
            config.sendQueueDepth(),
            config.tcpWriteTimeout(),
            longer(config.tcpWriteTimeout(), MESH_WRITE_TIMEOUT),
            !isSet("TS_DERP_DISABLE_RTT_STATS"));
    this.region = new Region(config.mesh());
    this.secrets = new HandshakePhase.Secrets(config.privateKey(), region.keys());
    this.upgradeResponse = HttpPhase.switchingProtocols(publicKey());
    this.bootstrapDns =
        new BootstrapDns(
            config.http().bootstrapNames(),
            config.http().hiddenBootstrapNames(),
            names,
            metrics,
            new SplittableRandom());
    this.site = site();
    RelayMetrics.supplyFrom(metrics, registry, population);
    MeshMetrics.supplyFrom(metrics, region::status);
    if (!admission.isOpen()) {
      RelayMetrics.supplyFrom(metrics, admission.counts());
    }
    if (config.limits().rateFile().isPresent()) {
      RelayMetrics.supplyFrom(metrics, frontDoor.limits());
    }
    if (config.limits().rateFile().isPresent() || config.admission().givesLimits()) {
      metrics.supply(Metric.DERP_RATE_LIMIT_PER_CLIENT_WAITED, frontDoor.limits()::waits);
    }
  }

  private static Duration longer(Duration client, Duration mesh) {
    return client.isZero() || client.compareTo(mesh) > 0 ? client : mesh;
  }

  private @Nullable String acmeChallenge(String token) {
    ServerTls present = tls;
    return present == null ? null : present.challengeText(token);
  }

  private boolean isSet(String variable) {
    return Set.of("1", "t", "true")
        .contains(config.environment().getOrDefault(variable, "").toLowerCase(Locale.ROOT));
  }

  private HttpSite site() throws RelayStartException {
    DebugAccess access;
    try {
      access = new DebugAccess(config.environment());
    } catch (IllegalArgumentException invalid) {
      throw new RelayStartException(String.valueOf(invalid.getMessage()), invalid);
    }
    HttpSite.Builder builder = HttpSite.builder(metrics, this::upgrade);
    if (config.certificate().orElse(null) instanceof RelayConfig.IssuedCertificate) {
      builder.acmeChallenges(this::acmeChallenge);
    }
    return builder
        .derpEnabled(config.derp())
        .home(config.home())
        .hostname(config.hostname())
        .hasMeshKey(region.keys().first().isPresent())
        .dev(config.dev())
        .version(config.versionText())
        .debugAccess(access)
        .debugPage(RelayPages.check(registry, frontDoor))
        .debugPage(RelayPages.mesh(registry, region::status))
        .readTimeout(deadlines.http())
        .bootstrapDns(bootstrapDns)
        .ace(config.http().ace(), names)
        .trustForwardedFor(config.http().forwardedForFrom())
        .build(config.tls() ? HttpSite.Mode.DERP_TLS : HttpSite.Mode.DERP_PLAIN);
  }

  /// Starts a relay.
  ///
  /// @throws RelayStartException if it cannot; nothing is left open then
  public static DerpRelay start(RelayConfig config) throws RelayStartException {
    return start(config, PhaseDeadlines.STANDARD);
  }

  static DerpRelay start(RelayConfig config, PhaseDeadlines deadlines) throws RelayStartException {
    DerpRelay relay = new DerpRelay(config, deadlines);
    boolean started = false;
    try {
      relay.open();
      started = true;
    } catch (IOException | TlsConfigException failed) {
      throw new RelayStartException(String.valueOf(failed.getMessage()), failed);
    } finally {
      if (!started) {
        relay.close();
      }
    }
    return relay;
  }

  private void open() throws IOException, TlsConfigException {
    if (config.certificate().isPresent()) {
      tls = RelayTls.start(config, config.certificate().get(), deadlines.tls(), metrics);
      tls.watch(reloads);
      metrics.show(
          Metric.TLS_LISTENER_ACCEPTED_CONNECTIONS, Metric.TLS_LISTENER_REJECTED_CONNECTIONS);
    }
    bootstrapDns.start();
    loops = new RelayEventLoops(transport, config.eventLoops());
    List<RelayLoop> relayLoops = new ArrayList<>();
    for (var loop : loops.loops()) {
      IntConsumer count = loops.packetCount(relayLoops.size());
      relayLoops.add(RelayLoop.attach(loop, metrics, services.measureRoundTrips(), count));
    }
    listen(loops);
    region.start(
        services,
        config.privateKey(),
        relayLoops,
        loops.allocator(),
        config.environment(),
        reloads);
    if (config.stun()) {
      StunMetrics stunMetrics = new StunMetrics();
      stun = StunServer.start(beside(config.stunPort()), stunMetrics, LOG::info);
      RelayMetrics.supplyFrom(metrics, stunMetrics);
    }
  }

  private void listen(RelayEventLoops on) throws IOException {
    SocketOptions options = new SocketOptions(config.tcpKeepaliveTime(), config.tcpUserTimeout());
    ProxyHeaders proxies =
        new ProxyHeaders(config.http().proxyProtocolFrom(), metrics, ProxyHeaders.DEADLINE);
    ConnectionPipeline pipeline =
        new ConnectionPipeline(tls, site, metrics, proxies, on::turnHandler);
    derpAddress =
        tls == null
            ? on.listen(config.listen(), options, pipeline)
            : on.listen(config.listen(), options, pipeline, acceptGate());
    if (config.httpPort().isPresent()) {
      HttpSite plain = site.on(HttpSite.Mode.PORT80);
      httpAddress =
          on.listen(
              beside(config.httpPort().getAsInt()),
              options,
              new ConnectionPipeline(null, plain, metrics, proxies, on::turnHandler));
    }
    LOG.info("derper: serving on {}{}", servingOn(), config.tls() ? " with TLS" : "");
    warnOfStrangers();
  }

  private BooleanSupplier acceptGate() {
    AcceptLimit.Gate gate =
        config
            .limits()
            .accepts()
            .orElseGet(
                () ->
                    AcceptLimit.forMachine(
                        Runtime.getRuntime().availableProcessors(),
                        PlatformDependent.maxDirectMemory()))
            .gate();
    return () -> {
      boolean admits = gate.admits();
      if (!admits) {
        metrics.increment(Metric.TLS_LISTENER_REJECTED_CONNECTIONS);
        metrics.closed(CloseReason.ACCEPT_LIMIT);
      }
      return admits;
    };
  }

  /// Open relays are found and used by strangers sooner or later.
  private void warnOfStrangers() {
    if (config.derp()
        && !config.dev()
        && !config.listen().getAddress().isLoopbackAddress()
        && !config.admission().keepsStrangersOut()) {
      LOG.warn(
          "derper: WARNING: this relay is open to everybody who finds it; -verify-clients,"
              + " -verify-client-url or -allow-keys-file keep strangers out");
    }
  }

  /// The configured text, with the port that a 0 turned into.
  private String servingOn() {
    String text = config.listenText();
    return config.listen().getPort() == 0
        ? text.substring(0, text.length() - 1) + derpAddress().getPort()
        : text;
  }

  private InetSocketAddress beside(int port) {
    InetAddress ip = config.listen().getAddress();
    return new InetSocketAddress(ip, port);
  }

  /// Takes a connection from HTTP to DERP. On its event loop.
  private void upgrade(ChannelHandlerContext ctx, UpgradeRequest request) {
    RelayLoop loop = RelayLoop.current();
    if (loop == null) {
      throw new IllegalStateException("not on a relay loop");
    }
    HandshakePhase handshake =
        new HandshakePhase(
            services,
            loop,
            secrets,
            (InetSocketAddress) ClientAddress.of(ctx.channel()).address(),
            request.notIdeal(),
            request.fastStart() || request.webSocket() ? new byte[0] : upgradeResponse,
            deadlines.clientInfo());
    if (request.webSocket()) {
      RoundTrips.exclude(ctx.channel());
    }
    HttpPhase.handOver(ctx, "handshake", handshake);
  }

  /// Where DERP is served.
  public InetSocketAddress derpAddress() {
    if (derpAddress == null) {
      throw new IllegalStateException("not listening");
    }
    return derpAddress;
  }

  /// Where plain HTTP is served beside TLS.
  public Optional<InetSocketAddress> httpAddress() {
    return Optional.ofNullable(httpAddress);
  }

  /// Where STUN is served.
  public Optional<InetSocketAddress> stunAddress() {
    return stun == null ? Optional.empty() : Optional.of(stun.localAddress());
  }

  /// The relay's public key.
  public NodePublicKey publicKey() {
    return config.privateKey().publicKey();
  }

  Registry registry() {
    return registry;
  }

  /// What is counted.
  public Metrics metrics() {
    return metrics;
  }

  /// The other nodes of the region that this one dials, as they are now.
  public List<NeighbourStatus> neighbours() {
    return region.status();
  }

  /// Which native parts are in use, for people.
  public String transportDescription() {
    return transport.description() + (tls == null ? "" : ", " + tls.description());
  }

  /// Reads again, in the background, what can be read again while the relay runs, and logs what
  /// changed. What is no good changes nothing.
  public void reload() {
    reloads.reloadAll();
  }

  /// Stops without cutting anybody off: no new connections, a Restarting frame to every client,
  /// then the connections close one after the other over at most `drain`. Then everything ends.
  ///
  /// @param drain zero closes at once
  public synchronized void stop(Duration drain) {
    if (stopped) {
      return;
    }
    stopped = true;
    reloads.close();
    frontDoor.close();
    bootstrapDns.close();
    names.close();
    if (loops != null) {
      loops.stopListening();
      new Drain(registry, drain).run();
      region.close();
      loops.close();
    }
    if (stun != null) {
      stun.close();
    }
    if (tls != null) {
      tls.close();
    }
  }

  /// Stops at once.
  @Override
  public void close() {
    stop(Duration.ZERO);
  }
}
