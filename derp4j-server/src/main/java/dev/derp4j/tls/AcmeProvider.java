package dev.derp4j.tls;

import dev.derp4j.metrics.Metrics;
import dev.derp4j.reload.Reloads;
import dev.derp4j.tls.HelloHandler.Choice;
import dev.derp4j.tls.acme.AcmeClient;
import dev.derp4j.tls.acme.AcmeException;
import dev.derp4j.tls.acme.AcmeOrder;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/// `-certmode letsencrypt` and `gcp`: certificates that an authority issues, for exactly the
/// hostname, and with `-acme-ip-certs` for the addresses that clients connect to.
///
/// While the hostname's certificate is there, no challenge is under way and addresses are not
/// served, a connection begins with an [io.netty.handler.ssl.SslHandler] as with a manual
/// certificate. Otherwise a [HelloHandler] stands first and finds out what the client wants.
final class AcmeProvider implements CertificateProvider {
  /// How long a client waits for a certificate that is being made. Authorities take seconds; the
  /// original lets clients wait for half a minute.
  private static final Duration WAIT = Duration.ofSeconds(20);

  /// How often certificates are looked at. Those of private authorities may live for hours only.
  private static final long LOOK_SECONDS = 60;

  /// More addresses than a host has. A host that takes whole networks as its own (AnyIP) has more
  /// than an authority would certify.
  private static final int MAX_ADDRESSES = 64;

  private final ServerTlsConfig config;
  private final AcmeMode mode;
  private final TlsContexts contexts;
  private final Metrics metrics;
  private final Consumer<String> log;
  private final CertificateDirectory directory;
  private final Challenges challenges;
  private final CertificateTimer timer;
  private final AddressChoice addressChoice;
  private final @Nullable ServerName hostname;
  private final @Nullable IssuedCertificate host;
  private final Map<InetAddress, IssuedCertificate> addresses = new ConcurrentHashMap<>();
  private final AtomicBoolean toldPrivate = new AtomicBoolean();
  private volatile boolean closed;

  private AcmeProvider(
      ServerTlsConfig config,
      AcmeMode mode,
      TlsContexts contexts,
      Metrics metrics,
      Consumer<String> log)
      throws TlsConfigException {
    this.config = config;
    this.mode = mode;
    this.contexts = contexts;
    this.metrics = metrics;
    this.log = log;
    this.directory = new CertificateDirectory(config.certDir());
    this.challenges = new Challenges(contexts);
    this.timer = new CertificateTimer(log);
    this.addressChoice = new AddressChoice(mode.publicAddresses());
    ServerName server = ServerName.of(config.hostname());
    if (server.isAddress()) {
      if (!mode.forAddresses()) {
        throw new TlsConfigException(
            "hostname \""
                + config.hostname()
                + "\" is an IP address: use -certmode manual for a self-signed certificate, or"
                + " -acme-ip-certs");
      }
      this.hostname = null;
      this.host = null;
    } else {
      this.hostname = server.inDns();
      this.host = issuedHost(hostname);
    }
  }

  /// Serves what is kept from earlier runs; orders nothing yet.
  ///
  /// @throws TlsConfigException if the hostname is none that can be certified, or the directory
  ///     cannot be used
  static AcmeProvider start(
      ServerTlsConfig config,
      AcmeMode mode,
      TlsContexts contexts,
      Metrics metrics,
      Consumer<String> log)
      throws TlsConfigException {
    AcmeProvider provider = new AcmeProvider(config, mode, contexts, metrics, log);
    if (provider.host != null) {
      provider.host.start();
    }
    provider.timer.run(provider::look);
    provider.timer.every(LOOK_SECONDS, TimeUnit.SECONDS, provider::look);
    return provider;
  }

  private IssuedCertificate issuedHost(ServerName name) {
    AcmeOrder order = AcmeOrder.of(name.host(), mode.challenges());
    return issued(name, directory.ofHost(name), () -> obtain(order, directory.hostAccount()));
  }

  private IssuedCertificate issuedAddress(InetAddress address) {
    ServerName name = ServerName.of(address);
    AcmeOrder order = AcmeOrder.of(address);
    return issued(name, directory.ofAddress(name), () -> obtain(order, directory.addressAccount()));
  }

  private IssuedCertificate issued(
      ServerName name, CertificateStore store, IssuedCertificate.Order order) {
    return new IssuedCertificate(
        name,
        new CertificateSlot(contexts, name, config.clock(), log),
        store,
        order,
        new CertificateCounts(metrics, name.host()),
        timer,
        config.clock(),
        log);
  }

  private ServerCertificate obtain(AcmeOrder order, KeyPair account)
      throws AcmeException, InterruptedException {
    KeyPair keys = KeyPairs.newP256();
    return new ServerCertificate(
        new AcmeClient(mode.authority()).obtain(account, order, keys, challenges),
        keys.getPrivate());
  }

  /// Renews what is due. On the timer's thread.
  void look() {
    if (host != null) {
      host.look();
    }
    addresses.values().forEach(IssuedCertificate::look);
  }

  @Override
  public @Nullable ChannelHandler newHandler(ByteBufAllocator allocator) {
    if (closed) {
      return null;
    }
    if (host != null && !mode.forAddresses() && !challenges.expectTls()) {
      ChannelHandler direct = host.newHandler(allocator);
      if (direct != null) {
        return direct;
      }
    }
    return new HelloHandler(this::choose, config.handshakeTimeout(), WAIT);
  }

  private Future<Choice> choose(ChannelHandlerContext ctx, ClientHello hello) {
    EventExecutor loop = ctx.executor();
    String name = hello.serverName();
    if (name != null && hello.protocols().equals(List.of(Challenges.PROTOCOL))) {
      String asked = ServerName.withoutFinalDot(name).toLowerCase(Locale.ROOT);
      return loop.newSucceededFuture(there -> challenges.newHandler(asked, there.alloc()));
    }
    if (host != null && hostname != null && hostname.serves(name)) {
      return when(host, loop);
    }
    Optional<InetAddress> requested =
        Optional.ofNullable(name == null ? null : ServerName.parseAddress(name));
    if (!mode.forAddresses() || (name != null && requested.isEmpty())) {
      return refused(loop, "no certificate for the name that was asked for");
    }
    return forAddress(ctx, requested);
  }

  private Future<Choice> forAddress(ChannelHandlerContext ctx, Optional<InetAddress> requested) {
    EventExecutor loop = ctx.executor();
    if (!(ctx.channel().localAddress() instanceof InetSocketAddress local)) {
      return refused(loop, "not connected to an address");
    }
    Optional<InetAddress> address = addressChoice.choose(requested, local.getAddress());
    if (address.isEmpty()) {
      return refused(loop, "the address that was asked for is not ours");
    }
    if (mode.authority().isPublic() && !AddressChoice.isPublic(address.get())) {
      if (toldPrivate.compareAndSet(false, true)) {
        log.accept(
            "tls: no certificate for %s: it is not reached from outside; behind a NAT, name the public address with -acme-ip-addresses"
                .formatted(address.get().getHostAddress()));
      }
      return refused(loop, "not a public address");
    }
    IssuedCertificate issued = addresses.get(address.get());
    if (issued == null) {
      if (addresses.size() >= MAX_ADDRESSES) {
        return refused(loop, "certificates for too many addresses");
      }
      issued = addresses.computeIfAbsent(address.get(), this::issuedAddress);
    }
    return when(issued, loop);
  }

  /// The certificate's handlers, once it is there.
  private static Future<Choice> when(IssuedCertificate issued, EventExecutor loop) {
    Choice choice = ctx -> issued.newHandler(ctx.alloc());
    Future<@Nullable Void> demanded = issued.demand(loop);
    if (demanded.isSuccess()) {
      return loop.newSucceededFuture(choice);
    }
    if (demanded.isDone()) {
      return loop.newFailedFuture(demanded.cause());
    }
    Promise<Choice> promise = loop.newPromise();
    demanded.addListener(_ -> promise.trySuccess(choice));
    promise.addListener(_ -> issued.forget(demanded));
    return promise;
  }

  private static Future<Choice> refused(EventExecutor loop, String why) {
    return loop.newFailedFuture(new SSLHandshakeException(why));
  }

  @Override
  public void watch(Reloads reloads) {
    // Nobody but this relay writes them.
  }

  @Override
  public @Nullable String challengeText(String token) {
    return challenges.text(token);
  }

  @Override
  public void close() {
    closed = true;
    timer.close();
    if (host != null) {
      host.close();
    }
    addresses.values().forEach(IssuedCertificate::close);
  }
}
