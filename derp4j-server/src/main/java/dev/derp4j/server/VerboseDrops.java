package dev.derp4j.server;

import dev.derp4j.key.NodePublicKey;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// The destinations whose drops an operator wants to see: `TS_DEBUG_VERBOSE_DROPS`, a comma list of
/// keys of 64 hex digits.
final class VerboseDrops {
  private static final String VARIABLE = "TS_DEBUG_VERBOSE_DROPS";

  private VerboseDrops() {}

  /// @throws RelayStartException if an item is no key
  static Set<NodePublicKey> parse(Map<String, String> environment) throws RelayStartException {
    Set<NodePublicKey> keys = new HashSet<>();
    for (String item : environment.getOrDefault(VARIABLE, "").split(",", -1)) {
      if (!item.isBlank()) {
        try {
          keys.add(NodePublicKey.parseHex(item.strip()));
        } catch (IllegalArgumentException noKey) {
          throw new RelayStartException(VARIABLE + ": " + noKey.getMessage(), noKey);
        }
      }
    }
    return keys;
  }
}
