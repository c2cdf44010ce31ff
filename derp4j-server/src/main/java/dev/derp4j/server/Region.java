package dev.derp4j.server;

import dev.derp4j.client.dial.DialSettings;
import dev.derp4j.client.dial.HostResolver;
import dev.derp4j.client.dial.SystemRoots;
import dev.derp4j.key.MeshKey;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.mesh.Mesh;
import dev.derp4j.mesh.MeshConfig;
import dev.derp4j.mesh.MeshContext;
import dev.derp4j.mesh.MeshTarget;
import dev.derp4j.mesh.NeighbourStatus;
import dev.derp4j.reload.ReloadException;
import dev.derp4j.reload.Reloadable;
import dev.derp4j.reload.Reloads;
import dev.derp4j.reload.Source;
import dev.derp4j.session.MeshKeyRing;
import dev.derp4j.session.RelayLoop;
import dev.derp4j.session.RelayServices;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The relay's place in its region: the secret that the nodes share, and the nodes that it dials.
final class Region implements AutoCloseable {
  private final MeshConfig config;
  private final MeshKeyRing keys;
  private List<MeshTarget> targets;
  private @Nullable Mesh mesh;

  /// @throws RelayStartException if a key or a list cannot be read, or the list has no key
  Region(MeshConfig config) throws RelayStartException {
    this.config = config;
    try {
      List<MeshKey> read = config.keys().read();
      this.keys = new MeshKeyRing(read);
      this.targets = config.targets().read();
      if (read.isEmpty() && !targets.isEmpty()) {
        throw new ReloadException("-mesh-with requires a mesh key: give -mesh-psk-file");
      }
    } catch (ReloadException bad) {
      throw new RelayStartException(String.valueOf(bad.getMessage()), bad);
    }
  }

  MeshKeyRing keys() {
    return keys;
  }

  /// Dials the neighbours, and from now on reads again what can be read again.
  void start(
      RelayServices services,
      NodePrivateKey privateKey,
      List<RelayLoop> loops,
      ByteBufAllocator allocator,
      Map<String, String> environment,
      Reloads reloads)
      throws IOException {
    HostResolver resolver = HostResolver.system();
    DialSettings.Builder dialling = DialSettings.builder().allocator(allocator).resolver(resolver);
    if (!targets.isEmpty() || !config.targets().files().isEmpty()) {
      dialling.roots(SystemRoots.trustManager(environment));
    }
    Mesh made =
        new Mesh(
            new MeshContext(
                services, privateKey, keys, dialling.build(), resolver, config.timing()),
            loops);
    mesh = made;
    made.replace(targets);
    reload(reloads, "mesh key", config.keys(), this::takeKeys);
    reload(reloads, "mesh list", config.targets(), this::takeTargets);
  }

  private interface Taking<T> {
    List<String> take(T read) throws ReloadException;
  }

  private static <T> void reload(Reloads reloads, String name, Source<T> source, Taking<T> taking) {
    Reloadable reloadable =
        new Reloadable() {
          @Override
          public String name() {
            return name;
          }

          @Override
          public List<String> reload() throws ReloadException {
            return taking.take(source.read());
          }
        };
    if (source.files().isEmpty()) {
      reloads.add(reloadable);
    } else {
      reloads.watch(reloadable, source::files);
    }
  }

  private List<String> takeKeys(List<MeshKey> read) throws ReloadException {
    if (read.isEmpty() && keys.first().isPresent()) {
      throw new ReloadException("there is no mesh key any more; the old one stays");
    }
    return keys.replace(read)
        ? List.of("mesh key reloaded: " + read.size() + (read.size() == 1 ? " key" : " keys"))
        : List.of();
  }

  /// Also where the list is the same: names that stand for several nodes are looked up again.
  private synchronized List<String> takeTargets(List<MeshTarget> read) throws ReloadException {
    if (!read.isEmpty() && keys.first().isEmpty()) {
      throw new ReloadException("there is no mesh key");
    }
    targets = read;
    return mesh == null ? List.of() : mesh.replace(read);
  }

  /// All neighbours as they are now.
  List<NeighbourStatus> status() {
    Mesh started = mesh;
    return started == null ? List.of() : started.status();
  }

  @Override
  public void close() {
    if (mesh != null) {
      mesh.close();
    }
  }
}
