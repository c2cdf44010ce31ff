package dev.derp4j.tls;

import dev.derp4j.metrics.Metrics;
import dev.derp4j.reload.ReloadException;
import dev.derp4j.reload.Reloadable;
import dev.derp4j.reload.Reloads;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// `-certmode manual`: one certificate, from files that are watched.
///
/// A valid new pair is served as soon as it is there; anything else is refused with one line, and
/// the old stays. Where the relay made the certificate itself, it renews it too: [Succession].
final class ManualProvider implements CertificateProvider, Reloadable {
  private static final long LOOK_HOURS = 1;

  private final ManualCertificate files;
  private final CertificateSlot slot;
  private final CertificateCounts counts;
  private final Consumer<String> log;
  private final ReentrantLock reading = new ReentrantLock();
  private final @Nullable CertificateTimer timer;

  private ManualProvider(
      ManualCertificate files,
      CertificateSlot slot,
      CertificateCounts counts,
      Consumer<String> log,
      boolean ownCertificates) {
    this.files = files;
    this.slot = slot;
    this.counts = counts;
    this.log = log;
    this.timer = ownCertificates ? new CertificateTimer(log) : null;
  }

  static ManualProvider start(
      ServerTlsConfig config, TlsContexts contexts, Metrics metrics, Consumer<String> log)
      throws TlsConfigException {
    ServerName server = ServerName.of(config.hostname());
    ManualCertificate files = new ManualCertificate(config, server, log);
    CertificateSlot slot = new CertificateSlot(contexts, server, config.clock(), log);
    CertificateCounts counts = new CertificateCounts(metrics, server.host());
    ServerCertificate first = files.load();
    slot.put(first);
    counts.serving(first.leaf());
    ManualProvider provider = new ManualProvider(files, slot, counts, log, server.isAddress());
    if (provider.timer != null) {
      provider.lookAfterOwn();
      provider.timer.every(LOOK_HOURS, TimeUnit.HOURS, provider::lookAfterOwn);
    }
    return provider;
  }

  @Override
  public @Nullable ChannelHandler newHandler(ByteBufAllocator allocator) {
    return slot.newHandler(allocator);
  }

  @Override
  public void watch(Reloads reloads) {
    reloads.watch(this, files::watched);
  }

  @Override
  public @Nullable String challengeText(String token) {
    return null;
  }

  @Override
  public String name() {
    return "certificate";
  }

  @Override
  public List<String> reload() throws ReloadException {
    reading.lock();
    try {
      ServerCertificate next = files.reread();
      if (next.equals(slot.certificate())) {
        return List.of();
      }
      take(next);
      List<String> lines = new ArrayList<>();
      lines.add("certificate: took the new one, valid until " + next.end());
      lines.addAll(files.pinLines(next));
      return lines;
    } catch (TlsConfigException refused) {
      counts.failed();
      throw new ReloadException(refused.getMessage() + "; the old one stays", refused);
    } finally {
      reading.unlock();
    }
  }

  /// Renews a certificate of our own in time. Reads and writes files.
  void lookAfterOwn() {
    reading.lock();
    try {
      ServerCertificate now = slot.certificate();
      if (now != null) {
        ServerCertificate next = files.succeed(now);
        if (!next.equals(now)) {
          take(next);
        }
      }
    } catch (TlsConfigException failed) {
      counts.failed();
      log.accept("tls: the self-signed certificate is not renewed: " + failed.getMessage());
    } finally {
      reading.unlock();
    }
  }

  private void take(ServerCertificate next) throws TlsConfigException {
    slot.put(next);
    counts.serving(next.leaf());
    counts.renewed();
  }

  @Override
  public void close() {
    if (timer != null) {
      timer.close();
    }
    slot.close();
  }
}
