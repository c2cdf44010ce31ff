package dev.derp4j.stunserver;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

/// The few functions of the C library that the JDK has no door to.
///
/// Every call returns what C returns, or the negated error number. `errors` is where the call
/// leaves it: a segment from [#errorState], used by one thread at a time. glibc and musl are alike
/// in all that is used here: both take the kernel's layouts on 64-bit little-endian machines.
///
/// Constants are those of Linux on x86-64 and AArch64; [NativeSupport] says whether that is us.
final class Libc {
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;
  static final int SOCK_DGRAM = 2;
  static final int SOCK_CLOEXEC = 0x80000;

  static final int SOL_SOCKET = 1;
  static final int SO_RCVBUF = 8;
  static final int SO_RCVTIMEO = 20;
  static final int IPPROTO_IP = 0;
  static final int IP_PKTINFO = 8;
  static final int IPPROTO_IPV6 = 41;
  static final int IPV6_V6ONLY = 26;
  static final int IPV6_RECVPKTINFO = 49;
  static final int IPV6_PKTINFO = 50;

  static final int MSG_TRUNC = 0x20;
  static final int MSG_DONTWAIT = 0x40;
  static final int MSG_WAITFORONE = 0x10000;
  static final int SHUT_RD = 0;

  private static final MemoryLayout ERROR_STATE = Linker.Option.captureStateLayout();
  private static final long ERRNO_OFFSET =
      ERROR_STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

  // (domain, type, protocol), (fd, level, name, value, length), (fd, address, length) …: `man 2`.
  private static final MethodHandle SOCKET = bind("socket", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle SETSOCKOPT =
      bind("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle BIND = bind("bind", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle GETSOCKNAME = bind("getsockname", JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle RECVMMSG =
      bind("recvmmsg", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle SENDMMSG =
      bind("sendmmsg", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle SHUTDOWN = bind("shutdown", JAVA_INT, JAVA_INT);
  private static final MethodHandle CLOSE = bind("close", JAVA_INT);

  private Libc() {}

  /// Does nothing but initialise this class, which links all functions.
  ///
  /// @throws LinkageError if a function is missing or native access is denied
  static void link() {}

  static MemorySegment errorState(Arena arena) {
    return arena.allocate(ERROR_STATE);
  }

  static int socket(MemorySegment errors, int domain, int type) {
    try {
      return result((int) SOCKET.invokeExact(errors, domain, type, 0), errors);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int setOption(MemorySegment errors, int fd, int level, int name, MemorySegment value) {
    try {
      int length = (int) value.byteSize();
      return result((int) SETSOCKOPT.invokeExact(errors, fd, level, name, value, length), errors);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int bind(MemorySegment errors, int fd, MemorySegment address, int length) {
    try {
      return result((int) BIND.invokeExact(errors, fd, address, length), errors);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int getSocketName(MemorySegment errors, int fd, MemorySegment to, MemorySegment length) {
    try {
      return result((int) GETSOCKNAME.invokeExact(errors, fd, to, length), errors);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int receiveMany(
      MemorySegment errors, int fd, MemorySegment headers, int count, int flags) {
    try {
      MemorySegment noTimeout = MemorySegment.NULL;
      int received = (int) RECVMMSG.invokeExact(errors, fd, headers, count, flags, noTimeout);
      return result(received, errors);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int sendMany(MemorySegment errors, int fd, MemorySegment headers, int count, int flags) {
    try {
      return result((int) SENDMMSG.invokeExact(errors, fd, headers, count, flags), errors);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int shutdown(MemorySegment errors, int fd, int how) {
    try {
      return result((int) SHUTDOWN.invokeExact(errors, fd, how), errors);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int close(MemorySegment errors, int fd) {
    try {
      return result((int) CLOSE.invokeExact(errors, fd), errors);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static int result(int returned, MemorySegment errors) {
    return returned >= 0 ? returned : -errors.get(ValueLayout.JAVA_INT, ERRNO_OFFSET);
  }

  private static RuntimeException unexpected(Throwable e) {
    return switch (e) {
      case Error error -> throw error;
      case RuntimeException runtime -> runtime;
      default -> new IllegalStateException(e);
    };
  }

  @SuppressWarnings("restricted") // fails where native access is denied: NativeSupport tells
  private static MethodHandle bind(String name, MemoryLayout... parameters) {
    Linker linker = Linker.nativeLinker();
    SymbolLookup symbols = linker.defaultLookup();
    return linker.downcallHandle(
        symbols.findOrThrow(name),
        FunctionDescriptor.of(JAVA_INT, parameters),
        Linker.Option.captureCallState("errno"));
  }
}
