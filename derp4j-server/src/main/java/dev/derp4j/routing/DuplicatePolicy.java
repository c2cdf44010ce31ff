package dev.derp4j.routing;

/// What happens when several connections hold the same key.
public enum DuplicatePolicy {
  /// The connection that was heard from last gets the packets; the others stay open.
  LAST_WRITER_ACTIVE,
  /// As long as they do not take turns, the newest gets the packets. When one that already spoke
  /// speaks again after another did, all are cut off from packets until the set shrinks to one.
  DISABLE_FIGHTERS
}
