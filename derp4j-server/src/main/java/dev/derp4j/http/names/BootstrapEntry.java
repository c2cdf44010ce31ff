package dev.derp4j.http.names;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// One name of `/bootstrap-dns`.
///
/// @param name what is resolved and told
/// @param rollout the name whose text says to what percentage of clients; empty for all of them
public record BootstrapEntry(String name, String rollout) {
  private static final Pattern HOST_NAME =
      Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*\\.?");
  private static final int LONGEST = 253;

  /// Reads a comma list of `name` or `name/txtname`. White space around items and empty items are
  /// ignored.
  ///
  /// @throws IllegalArgumentException if an item cannot be a name; its message is one line
  public static List<BootstrapEntry> parse(String list) {
    List<BootstrapEntry> entries = new ArrayList<>();
    for (String item : list.split(",", -1)) {
      String text = item.strip();
      if (!text.isEmpty()) {
        int slash = text.indexOf('/');
        String name = slash < 0 ? text : text.substring(0, slash);
        String rollout = slash < 0 ? "" : text.substring(slash + 1);
        requireName(name);
        if (!rollout.isEmpty()) {
          requireName(rollout);
        }
        entries.add(new BootstrapEntry(name, rollout));
      }
    }
    return List.copyOf(entries);
  }

  private static void requireName(String name) {
    if (name.length() > LONGEST || !HOST_NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("\"" + name + "\" is no host name");
    }
  }
}
