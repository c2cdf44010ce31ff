package dev.derp4j.admission;

import dev.derp4j.key.NodePublicKey;
import dev.derp4j.limits.ClientLimits;
import dev.derp4j.reload.ReloadException;
import dev.derp4j.reload.Reloadable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// A file of keys that is read again when it changes. Its list may be asked from any thread.
public final class KeyListFile implements Reloadable {
  private final String name;
  private final Path file;
  private final IntSupplier judgeGuests;
  private volatile KeyList list;

  /// Reads the file for the first time.
  ///
  /// @param name what the keys are: `allowed keys`
  /// @param judgeGuests called when the list has changed; tells how many clients had to leave
  /// @throws ReloadException if it is no good
  public KeyListFile(String name, Path file, IntSupplier judgeGuests) throws ReloadException {
    this.name = name;
    this.file = file;
    this.judgeGuests = judgeGuests;
    this.list = KeyList.read(file);
  }

  /// Where it is.
  public Path file() {
    return file;
  }

  /// Whether it names a key.
  public boolean contains(NodePublicKey key) {
    return list.keys().containsKey(key);
  }

  /// The limits behind a key; null if it does not name the key.
  @Nullable ClientLimits limits(NodePublicKey key) {
    return list.keys().get(key);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<String> reload() throws ReloadException {
    Map<NodePublicKey, ClientLimits> before = list.keys();
    KeyList read = KeyList.read(file);
    Map<NodePublicKey, ClientLimits> now = read.keys();
    if (now.equals(before)) {
      return List.of();
    }
    list = read;
    long added = now.keySet().stream().filter(key -> !before.containsKey(key)).count();
    long removed = before.size() + added - now.size();
    long changed = now.entrySet().stream().filter(entry -> hasOtherLimits(before, entry)).count();
    int sentAway = judgeGuests.getAsInt();
    return List.of(
        "%s: %d added, %d removed, %s%d in all; clients disconnected: %d"
            .formatted(
                name,
                added,
                removed,
                changed == 0 ? "" : changed + " with other limits, ",
                now.size(),
                sentAway));
  }

  private static boolean hasOtherLimits(
      Map<NodePublicKey, ClientLimits> before, Map.Entry<NodePublicKey, ClientLimits> now) {
    ClientLimits had = before.get(now.getKey());
    return had != null && !had.equals(now.getValue());
  }
}
