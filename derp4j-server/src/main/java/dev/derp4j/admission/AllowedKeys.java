package dev.derp4j.admission;

import dev.derp4j.limits.ClientLimits;
import org.jspecify.annotations.Nullable;

/// Admits the keys of a file without asking anybody: `-allow-keys-file`.
public final class AllowedKeys implements Rule {
  private final KeyListFile file;
  private final boolean only;

  /// @param only whether others are turned away, because there is nobody else to ask
  public AllowedKeys(KeyListFile file, boolean only) {
    this.file = file;
    this.only = only;
  }

  @Override
  public @Nullable Verdict judge(Newcomer newcomer) {
    ClientLimits limits = file.limits(newcomer.key());
    if (limits != null) {
      return new Verdict.Admitted(Reason.ALLOWED_KEY, limits);
    }
    return only ? new Verdict.Rejected(Reason.NOT_ALLOWED_KEY, "not in " + file.file()) : null;
  }
}
