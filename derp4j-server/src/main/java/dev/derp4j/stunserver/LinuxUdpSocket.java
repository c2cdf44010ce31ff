package dev.derp4j.stunserver;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;

/// A UDP socket of Linux that tells, for each datagram, the address it was sent to.
///
/// A wildcard is bound as `[::]` for both families, or as `0.0.0.0` where there is no IPv6.
///
/// How it is woken: `shutdown` on a UDP socket that has no peer reports ENOTCONN, but still marks
/// the receiving side as ended and wakes who waits there, for good, so that no wake-up is lost
/// between a look at a flag and the next wait. A receive time-out of a second stands behind it for
/// kernels that only look like Linux.
final class LinuxUdpSocket implements BatchSocket {
  /// Receive buffer asked for, in bytes; the system may give less. Room for a burst, and at a full
  /// server's pace still only milliseconds of waiting.
  private static final int RECEIVE_BUFFER = 1 << 20;

  private static final long RECEIVE_TIMEOUT_SECONDS = 1;

  private final int fd;
  private final InetSocketAddress localAddress;

  /// Guarded by this: a descriptor's number is given away again as soon as it is closed.
  private boolean closed;

  private LinuxUdpSocket(int fd, InetSocketAddress localAddress) {
    this.fd = fd;
    this.localAddress = localAddress;
  }

  /// Binds a socket.
  ///
  /// @throws BindException if the address or the port cannot be had
  /// @throws PacketInfoException if the socket could be bound, but would not tell addresses
  static LinuxUdpSocket open(InetSocketAddress listen) throws IOException {
    boolean wildcard = listen.getAddress().isAnyLocalAddress();
    if (!wildcard) {
      boolean ipv4 = listen.getAddress() instanceof Inet4Address;
      return open(listen, ipv4 ? Libc.AF_INET : Libc.AF_INET6);
    }
    try {
      return open(listen, Libc.AF_INET6);
    } catch (NoSuchFamilyException e) {
      return open(listen, Libc.AF_INET);
    }
  }

  private static LinuxUdpSocket open(InetSocketAddress listen, int family) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errors = Libc.errorState(arena);
      int fd = Libc.socket(errors, family, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC);
      if (fd < 0) {
        throw bindFailure(listen, -fd);
      }
      boolean done = false;
      try {
        LinuxUdpSocket socket = configure(arena, errors, fd, family, listen);
        done = true;
        return socket;
      } finally {
        if (!done) {
          Libc.close(errors, fd);
        }
      }
    }
  }

  private static LinuxUdpSocket configure(
      Arena arena, MemorySegment errors, int fd, int family, InetSocketAddress listen)
      throws IOException {
    MemorySegment on = arena.allocateFrom(ValueLayout.JAVA_INT, 1);
    MemorySegment off = arena.allocateFrom(ValueLayout.JAVA_INT, 0);
    if (family == Libc.AF_INET6 && listen.getAddress().isAnyLocalAddress()) {
      int both = Libc.setOption(errors, fd, Libc.IPPROTO_IPV6, Libc.IPV6_V6ONLY, off);
      if (both < 0) {
        throw bindFailure(listen, -both);
      }
    }
    MemorySegment address = arena.allocate(NativeAddress.SIZE, Long.BYTES);
    int bound = Libc.bind(errors, fd, address, NativeAddress.write(address, family, listen));
    if (bound < 0) {
      throw bindFailure(listen, -bound);
    }
    int told = Libc.setOption(errors, fd, Libc.IPPROTO_IP, Libc.IP_PKTINFO, on);
    if (told == 0 && family == Libc.AF_INET6) {
      told = Libc.setOption(errors, fd, Libc.IPPROTO_IPV6, Libc.IPV6_RECVPKTINFO, on);
    }
    if (told < 0) {
      throw new PacketInfoException(Errno.text(-told));
    }
    MemorySegment buffer = arena.allocateFrom(ValueLayout.JAVA_INT, RECEIVE_BUFFER);
    Libc.setOption(errors, fd, Libc.SOL_SOCKET, Libc.SO_RCVBUF, buffer);
    MemorySegment timeout = arena.allocateFrom(ValueLayout.JAVA_LONG, RECEIVE_TIMEOUT_SECONDS, 0);
    Libc.setOption(errors, fd, Libc.SOL_SOCKET, Libc.SO_RCVTIMEO, timeout);

    MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, NativeAddress.SIZE);
    int named = Libc.getSocketName(errors, fd, address, length);
    if (named < 0) {
      throw bindFailure(listen, -named);
    }
    return new LinuxUdpSocket(fd, NativeAddress.read(address));
  }

  private static IOException bindFailure(InetSocketAddress listen, int errno) {
    boolean wildcard = listen.getAddress().isAnyLocalAddress();
    if (wildcard && (errno == Errno.EAFNOSUPPORT || errno == Errno.EADDRNOTAVAIL)) {
      return new NoSuchFamilyException(SocketNames.listenFailure(listen, Errno.text(errno)));
    }
    return new BindException(SocketNames.listenFailure(listen, Errno.text(errno)));
  }

  @Override
  public InetSocketAddress localAddress() {
    return localAddress;
  }

  @Override
  public int receive(MessageBatch batch) {
    return Libc.receiveMany(
        batch.errors(), fd, batch.requestHeaders(), MessageBatch.CAPACITY, Libc.MSG_WAITFORONE);
  }

  @Override
  public int send(MessageBatch batch, int first) {
    // An answer that has to wait is worth nothing: clients measure time with it.
    return Libc.sendMany(
        batch.errors(), fd, batch.answerHeaders(first), batch.answers() - first, Libc.MSG_DONTWAIT);
  }

  @Override
  public synchronized void wake() {
    if (!closed) {
      try (Arena arena = Arena.ofConfined()) {
        Libc.shutdown(Libc.errorState(arena), fd, Libc.SHUT_RD);
      }
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      try (Arena arena = Arena.ofConfined()) {
        Libc.close(Libc.errorState(arena), fd);
      }
    }
  }

  /// For tests: sets an option of a whole number.
  synchronized int setOption(int level, int name, int value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment number = arena.allocateFrom(ValueLayout.JAVA_INT, value);
      return closed
          ? -Errno.EINVAL
          : Libc.setOption(Libc.errorState(arena), fd, level, name, number);
    }
  }

  /// The system knows no addresses of this kind; another kind may do.
  private static final class NoSuchFamilyException extends BindException {
    private static final long serialVersionUID = 1L;

    NoSuchFamilyException(String message) {
      super(message);
    }
  }

  /// The system does not tell where datagrams were sent to.
  static final class PacketInfoException extends IOException {
    private static final long serialVersionUID = 1L;

    PacketInfoException(String message) {
      super(message);
    }
  }
}
