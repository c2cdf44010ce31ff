package dev.derp4j.mesh;

import dev.derp4j.session.RelayLoop;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All neighbours of one relay: those named one by one, and those behind names that stand for
/// several. Thread-safe.
///
/// Names are looked up at the start, then periodically and on request. An address that is gone from
/// the DNS is a neighbour no longer; while a name cannot be looked up, its neighbours stay.
public final class Mesh implements AutoCloseable {
  /// More nodes than a region has; what a broken DNS answers beyond it is ignored.
  private static final int MAX_ADDRESSES = 64;

  private static final Logger LOG = LoggerFactory.getLogger(Mesh.class);

  private final MeshContext context;
  private final List<RelayLoop> loops;
  private final Map<MeshTarget, Neighbour> neighbours = new LinkedHashMap<>();

  /// For each entry that stands for several nodes, those that it stood for last.
  private final Map<MeshTarget, Set<MeshTarget>> resolved = new HashMap<>();

  private final Map<MeshTarget, String> lookupTroubles = new HashMap<>();
  private List<MeshTarget> targets = List.of();
  private int nextLoop;
  private boolean closed;
  private boolean periodic;

  /// @param loops the relay's event loops; neighbours are spread over them
  public Mesh(MeshContext context, List<RelayLoop> loops) {
    this.context = context;
    this.loops = List.copyOf(loops);
  }

  /// Has exactly these neighbours from now on: new ones are dialled, others let go, those that stay
  /// notice nothing. Names that stand for several are looked up again.
  ///
  /// @return what changed, a line each
  public synchronized List<String> replace(List<MeshTarget> wanted) {
    Set<MeshTarget> before = new HashSet<>(targets);
    Set<MeshTarget> after = new HashSet<>(wanted);
    List<String> changes = new ArrayList<>();
    for (MeshTarget target : wanted) {
      if (!before.contains(target)) {
        changes.add("mesh with " + target.text());
      }
    }
    for (MeshTarget target : targets) {
      if (!after.contains(target)) {
        changes.add("no mesh with " + target.text() + " any more");
      }
    }
    targets = List.copyOf(wanted);
    resolved.keySet().retainAll(after);
    lookupTroubles.keySet().retainAll(after);
    settle();
    lookUpAll();
    if (!periodic && targets.stream().anyMatch(MeshTarget::everyAddress)) {
      periodic = true;
      lookUpLater();
    }
    return changes;
  }

  /// Brings neighbours in line with the list and the last lookups.
  private void settle() {
    if (closed) {
      return;
    }
    Set<MeshTarget> wanted = new HashSet<>();
    for (MeshTarget target : targets) {
      if (target.everyAddress()) {
        wanted.addAll(resolved.getOrDefault(target, Set.of()));
      } else {
        wanted.add(target);
      }
    }
    neighbours
        .entrySet()
        .removeIf(
            entry -> {
              boolean leaves = !wanted.contains(entry.getKey());
              if (leaves) {
                entry.getValue().stop();
              }
              return leaves;
            });
    wanted.stream()
        .sorted(Comparator.comparing(MeshTarget::text))
        .filter(target -> !neighbours.containsKey(target))
        .forEach(
            target -> {
              RelayLoop loop = loops.get(nextLoop++ % loops.size());
              Neighbour neighbour = new Neighbour(target, context, loop);
              neighbours.put(target, neighbour);
              neighbour.start();
            });
  }

  private void lookUpLater() {
    loops
        .getFirst()
        .after(
            context.timing().resolve().toMillis(),
            () -> {
              synchronized (this) {
                if (!closed) {
                  lookUpAll();
                  lookUpLater();
                }
              }
            });
  }

  private void lookUpAll() {
    for (MeshTarget target : targets) {
      if (target.everyAddress() && !closed) {
        context
            .resolver()
            .resolve(target.host(), loops.getFirst().eventLoop())
            .whenComplete((addresses, failure) -> lookedUp(target, addresses, failure));
      }
    }
  }

  private synchronized void lookedUp(
      MeshTarget target, @Nullable List<InetAddress> addresses, @Nullable Throwable failure) {
    if (closed || !targets.contains(target)) {
      return;
    }
    if (addresses == null || addresses.isEmpty()) {
      String trouble = failure == null ? "no addresses" : MeshLog.reason(rootOf(failure));
      if (!trouble.equals(lookupTroubles.put(target, trouble))) {
        LOG.info("mesh(\"{}\"): lookup: {}", target.text(), trouble);
      }
      return;
    }
    lookupTroubles.remove(target);
    Set<MeshTarget> found = new HashSet<>();
    addresses.stream()
        .limit(MAX_ADDRESSES)
        .forEach(ip -> found.add(target.at(ip.getHostAddress().replaceFirst("%.*", ""))));
    Set<MeshTarget> old = resolved.put(target, found);
    if (!found.equals(old)) {
      LOG.info("mesh(\"{}\"): {} addresses", target.text(), found.size());
      settle();
    }
  }

  private static Throwable rootOf(Throwable failure) {
    return failure.getCause() == null ? failure : failure.getCause();
  }

  /// All neighbours as they are now, in the order of their names.
  public List<NeighbourStatus> status() {
    List<Neighbour> all;
    synchronized (this) {
      all = List.copyOf(neighbours.values());
    }
    return all.stream()
        .map(Neighbour::status)
        .sorted(Comparator.comparing(NeighbourStatus::name))
        .toList();
  }

  /// Ends all connections to neighbours and all dialling.
  @Override
  public synchronized void close() {
    closed = true;
    neighbours.values().forEach(Neighbour::stop);
    neighbours.clear();
  }
}
