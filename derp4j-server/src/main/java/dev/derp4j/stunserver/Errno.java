package dev.derp4j.stunserver;

/// Error numbers of Linux on x86-64 and AArch64 (`asm-generic/errno.h`) that we tell apart or name.
final class Errno {
  static final int EPERM = 1;
  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int ENOMEM = 12;
  static final int EACCES = 13;
  static final int EINVAL = 22;
  static final int EMFILE = 24;
  static final int EADDRINUSE = 98;
  static final int EADDRNOTAVAIL = 99;
  static final int EAFNOSUPPORT = 97;
  static final int ENETDOWN = 100;
  static final int ENOBUFS = 105;
  static final int ECONNREFUSED = 111;

  private Errno() {}

  /// The error in words; rare ones as `errno N`.
  static String text(int errno) {
    return switch (errno) {
      case EPERM -> "operation not permitted";
      case ENOMEM -> "cannot allocate memory";
      case EACCES -> "permission denied";
      case EINVAL -> "invalid argument";
      case EMFILE -> "too many open files";
      case EADDRINUSE -> "address already in use";
      case EADDRNOTAVAIL -> "cannot assign requested address";
      case EAFNOSUPPORT -> "address family not supported by protocol";
      case ENETDOWN -> "network is down";
      case ENOBUFS -> "no buffer space available";
      case ECONNREFUSED -> "connection refused";
      default -> "errno " + errno;
    };
  }
}
