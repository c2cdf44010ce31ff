package dev.derp4j.admission;

import org.jspecify.annotations.Nullable;

/// Turns away the keys of a file, whatever else speaks for them: `-deny-keys-file`.
public final class DeniedKeys implements Rule {
  private final KeyListFile file;

  public DeniedKeys(KeyListFile file) {
    this.file = file;
  }

  @Override
  public @Nullable Verdict judge(Newcomer newcomer) {
    return file.contains(newcomer.key())
        ? new Verdict.Rejected(Reason.DENIED_KEY, "denied in " + file.file())
        : null;
  }
}
