package dev.derp4j.stunserver;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/// The few functions of the C library that the JDK has no door to.
///
/// Every call returns what C returns, or the negated error number. `errors` is where the call
/// leaves it: a segment from [#errorState], used by one thread at a time. glibc and musl are alike
/// in all that is used here: both take the kernel's layouts on 64-bit little-endian machines.
///
/// All functions are called in one shape: five arguments of 64 bits. In the calling conventions of
/// x86-64 and AArch64 the first six travel in registers; a function takes those it knows, the lower
/// half where it wants an `int`, and never sees the rest. Each further shape would cost some 5 ms
/// at start. Memory is handed over as a bare address: it must outlive the call, as that of an open
/// arena does.
///
/// Constants are those of Linux on these two machines; [NativeSupport] says whether that is us.
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

  private static final MemorySegment SOCKET = find("socket");
  private static final MemorySegment SETSOCKOPT = find("setsockopt");
  private static final MemorySegment BIND = find("bind");
  private static final MemorySegment GETSOCKNAME = find("getsockname");
  private static final MemorySegment RECVMMSG = find("recvmmsg");
  private static final MemorySegment SENDMMSG = find("sendmmsg");
  private static final MemorySegment SHUTDOWN = find("shutdown");
  private static final MemorySegment CLOSE = find("close");

  /// `(function, errors, five arguments) -> int`.
  private static final MethodHandle CALL = linkCall();

  private Libc() {}

  /// Does nothing but initialise this class, which links all functions.
  ///
  /// @throws LinkageError if a function is missing or native access is denied
  static void link() {}

  static MemorySegment errorState(Arena arena) {
    return arena.allocate(ERROR_STATE);
  }

  static int socket(MemorySegment errors, int domain, int type) {
    return call(SOCKET, errors, domain, type, 0, 0, 0);
  }

  static int setOption(MemorySegment errors, int fd, int level, int name, MemorySegment value) {
    return call(SETSOCKOPT, errors, fd, level, name, value.address(), value.byteSize());
  }

  static int bind(MemorySegment errors, int fd, MemorySegment address, int length) {
    return call(BIND, errors, fd, address.address(), length, 0, 0);
  }

  static int getSocketName(MemorySegment errors, int fd, MemorySegment to, MemorySegment length) {
    return call(GETSOCKNAME, errors, fd, to.address(), length.address(), 0, 0);
  }

  /// Without a time-out: `recvmmsg` looks at it only between datagrams.
  static int receiveMany(
      MemorySegment errors, int fd, MemorySegment headers, int count, int flags) {
    return call(RECVMMSG, errors, fd, headers.address(), count, flags, 0);
  }

  static int sendMany(MemorySegment errors, int fd, MemorySegment headers, int count, int flags) {
    return call(SENDMMSG, errors, fd, headers.address(), count, flags, 0);
  }

  static int shutdown(MemorySegment errors, int fd, int how) {
    return call(SHUTDOWN, errors, fd, how, 0, 0, 0);
  }

  static int close(MemorySegment errors, int fd) {
    return call(CLOSE, errors, fd, 0, 0, 0, 0);
  }

  private static int call(
      MemorySegment function, MemorySegment errors, long a, long b, long c, long d, long e) {
    try {
      int returned = (int) CALL.invokeExact(function, errors, a, b, c, d, e);
      return returned >= 0 ? returned : -errors.get(JAVA_INT, ERRNO_OFFSET);
    } catch (Error | RuntimeException failure) {
      throw failure;
    } catch (Throwable impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static MemorySegment find(String name) {
    return Linker.nativeLinker().defaultLookup().findOrThrow(name);
  }

  @SuppressWarnings("restricted") // fails where native access is denied: NativeSupport tells
  private static MethodHandle linkCall() {
    FunctionDescriptor fiveArguments =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    return Linker.nativeLinker()
        .downcallHandle(fiveArguments, Linker.Option.captureCallState("errno"));
  }
}
