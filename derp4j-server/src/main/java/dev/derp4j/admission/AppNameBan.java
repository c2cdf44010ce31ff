package dev.derp4j.admission;

import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Turns away clients by the name of their application, compared exactly: `-disallow-app-names`.
public final class AppNameBan implements Rule {
  private final Set<String> names;

  /// @param names none of them empty: that would be nearly everybody, which nobody means
  public AppNameBan(Collection<String> names) {
    this.names = Set.copyOf(names);
    if (this.names.contains("")) {
      throw new IllegalArgumentException("an empty app name would ban nearly everybody");
    }
  }

  @Override
  public @Nullable Verdict judge(Newcomer newcomer) {
    String name = newcomer.appName();
    return names.contains(name)
        ? new Verdict.Rejected(Reason.APP_NAME, "disallowed app name " + quoted(name))
        : null;
  }

  /// An app name that gets this far is printable ASCII.
  private static String quoted(String name) {
    return '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
