package dev.derp4j.routing;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The connections of one key while there are two or more. Guarded by the registry's lock.
///
/// Each connection is remembered once, in the order of its last activity, so that two that take
/// turns for days cost no more memory than two that are silent.
final class DuplicateSet {
  private final DuplicatePolicy policy;
  private final SequencedSet<LocalPeer> members = new LinkedHashSet<>();
  private final SequencedSet<LocalPeer> spoke = new LinkedHashSet<>();
  private final Set<LocalPeer> disabled = new HashSet<>();
  private @Nullable LocalPeer preferred;

  DuplicateSet(DuplicatePolicy policy, LocalPeer earlier, LocalPeer newcomer) {
    this.policy = policy;
    members.add(earlier);
    spoke.add(earlier);
    members.add(newcomer);
    preferred = newcomer;
  }

  void add(LocalPeer newcomer) {
    members.add(newcomer);
    spoke.add(newcomer);
    preferred = newcomer;
  }

  void remove(LocalPeer peer) {
    members.remove(peer);
    spoke.remove(peer);
    disabled.remove(peer);
    if (peer.equals(preferred)) {
      preferred = spoke.isEmpty() ? members.getLast() : spoke.getLast();
    }
  }

  /// Notes that `peer` was heard from.
  void spoke(LocalPeer peer) {
    if (disabled.contains(peer)) {
      return;
    }
    if (policy == DuplicatePolicy.LAST_WRITER_ACTIVE) {
      preferred = peer;
    }
    if (!spoke.isEmpty() && spoke.getLast().equals(peer)) {
      return;
    }
    if (policy == DuplicatePolicy.DISABLE_FIGHTERS && spoke.contains(peer)) {
      disabled.addAll(members);
    }
    spoke.remove(peer);
    spoke.addLast(peer);
  }

  /// Who gets the packets, if anybody.
  @Nullable LocalPeer active() {
    return preferred == null || disabled.contains(preferred) ? null : preferred;
  }

  SequencedSet<LocalPeer> members() {
    return members;
  }

  int size() {
    return members.size();
  }

  /// How many memories of activity there are: never more than members.
  int remembered() {
    return spoke.size();
  }
}
