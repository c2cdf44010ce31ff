package dev.derp4j.cli;

import com.sun.security.auth.module.UnixSystem;

/// Who runs this process.
final class CurrentUser {
  private CurrentUser() {}

  static boolean isRoot() {
    return new UnixSystem().getUid() == 0;
  }
}
