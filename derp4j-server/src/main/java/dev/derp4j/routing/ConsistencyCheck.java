package dev.derp4j.routing;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Counts what in a registry contradicts something else in it. Used under the registry's lock.
@SuppressWarnings("ReferenceEquality")
final class ConsistencyCheck {
  private int connections;
  private int recorded;
  private int notInRegion;
  private int wrongNumber;
  private int notLocal;
  private int nowhere;
  private int retired;

  /// @param found what the region's table has under the entry's key
  void local(PeerEntry entry, @Nullable PeerEntry found) {
    connections += entry.connections();
    if (found != entry) {
      notInRegion++;
    }
    DuplicateSet set = entry.duplicates;
    boolean single = set == null && entry.connections() == 1 && entry.active() != null;
    boolean shared = set != null && set.size() > 1 && set.size() == entry.connections();
    if (!single && !shared) {
      wrongNumber++;
    }
  }

  /// @param expected how many connections there are by the registry's own count
  void connections(int expected) {
    recorded = expected;
  }

  /// @param found what the table of local keys has under the entry's key
  void region(PeerEntry entry, @Nullable PeerEntry found) {
    boolean here = entry.connections() > 0;
    if (here != (found == entry)) {
      notLocal++;
    }
    if (!here && entry.forwarder() == null) {
      nowhere++;
    }
    if (entry.isRetired()) {
      retired++;
    }
  }

  List<String> reasons() {
    List<String> reasons = new ArrayList<>();
    if (connections != recorded) {
      reasons.add(recorded + " connections, but the keys have " + connections);
    }
    note(reasons, notInRegion, "local keys not in the region");
    note(reasons, wrongNumber, "local keys with a wrong number of connections");
    note(reasons, notLocal, "keys of the region that are neither quite local nor quite remote");
    note(reasons, nowhere, "keys of the region that nobody has");
    note(reasons, retired, "keys of the region that had left it");
    return reasons;
  }

  private static void note(List<String> reasons, int count, String what) {
    if (count > 0) {
      reasons.add(count + " " + what);
    }
  }
}
