package dev.derp4j.stunserver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/// The memory of a server: what one `recvmmsg` fills and one `sendmmsg` takes.
///
/// One block outside the heap, about 80 KB, laid out as arrays of [#CAPACITY]. Requests and answers
/// each have an array of headers (`struct mmsghdr`) that point into the others:
///
/// ```text
///  0        8        12       16       24       32       40       48      52      56      60
/// +--------+--------+--------+--------+--------+--------+--------+-------+-------+-------+---+
/// | name   | length |        | vector | 1      | control| length | flags |       | bytes |   |
/// +--------+--------+--------+--------+--------+--------+--------+-------+-------+-------+---+
/// ```
///
/// The pointers are written once, but for the name of an answer, which is the one of its request.
/// Use: [#prepareToReceive], receive, look at each request and [#addAnswer], send, and again.
///
/// Owned by the server's thread.
final class MessageBatch {
  /// Datagrams a system call moves at most.
  static final int CAPACITY = 32;

  private static final int HEADER_SIZE = 64;
  private static final int NAME_LENGTH = 8;
  private static final int VECTOR = 16;
  private static final int VECTOR_COUNT = 24;
  private static final int CONTROL = 32;
  private static final int CONTROL_LENGTH = 40;
  private static final int FLAGS = 48;
  private static final int BYTES = 56;

  /// `struct iovec`: a pointer and a length of eight bytes each.
  private static final int VECTOR_SIZE = 16;

  /// An answer, rounded up to a multiple of eight.
  private static final int ANSWER_SIZE = 48;

  private static final long REQUEST_HEADERS = 0;
  private static final long ANSWER_HEADERS = after(REQUEST_HEADERS, HEADER_SIZE);
  private static final long REQUEST_VECTORS = after(ANSWER_HEADERS, HEADER_SIZE);
  private static final long ANSWER_VECTORS = after(REQUEST_VECTORS, VECTOR_SIZE);
  private static final long NAMES = after(ANSWER_VECTORS, VECTOR_SIZE);
  private static final long REQUEST_CONTROLS = after(NAMES, NativeAddress.SIZE);
  private static final long ANSWER_CONTROLS = after(REQUEST_CONTROLS, PacketInfo.REQUEST_SIZE);
  private static final long ANSWERS = after(ANSWER_CONTROLS, PacketInfo.ANSWER_SIZE);
  private static final long REQUESTS = after(ANSWERS, ANSWER_SIZE);
  private static final long SIZE = after(REQUESTS, Responder.MAX_REQUEST);

  private final MemorySegment memory;
  private final MemorySegment answerHeaders;
  private final MemorySegment errors;
  private int answers;

  MessageBatch(Arena arena) {
    memory = arena.allocate(SIZE, Long.BYTES);
    answerHeaders = memory.asSlice(ANSWER_HEADERS);
    errors = Libc.errorState(arena);
    for (int i = 0; i < CAPACITY; i++) {
      point(REQUEST_HEADERS, REQUEST_VECTORS, i, REQUESTS, Responder.MAX_REQUEST);
      pointTo(requestHeader(i), name(i));
      pointTo(requestHeader(i) + CONTROL, requestControl(i));
      point(ANSWER_HEADERS, ANSWER_VECTORS, i, ANSWERS, ANSWER_SIZE);
      pointTo(answerHeader(i) + CONTROL, answerControl(i));
    }
    prepareToReceive(CAPACITY);
  }

  private void point(long headers, long vectors, int i, long payloads, int payloadSize) {
    long header = headers + (long) i * HEADER_SIZE;
    long vector = vectors + (long) i * VECTOR_SIZE;
    pointTo(header + VECTOR, vector);
    memory.set(JAVA_LONG, header + VECTOR_COUNT, 1);
    pointTo(vector, payloads + (long) i * payloadSize);
    memory.set(JAVA_LONG, vector + 8, payloadSize);
  }

  /// Stores a pointer at `at` to the byte at `target`.
  private void pointTo(long at, long target) {
    memory.set(JAVA_LONG, at, memory.address() + target);
  }

  /// Where calls that use this memory leave their error number.
  MemorySegment errors() {
    return errors;
  }

  /// The headers to receive into.
  MemorySegment requestHeaders() {
    return memory;
  }

  /// The headers to send from, starting with answer `first`.
  MemorySegment answerHeaders(int first) {
    return first == 0 ? answerHeaders : memory.asSlice(answerHeader(first));
  }

  /// Makes the first `used` places ready to be filled again (a receive overwrites the room they
  /// offer with what it used), and forgets all answers.
  void prepareToReceive(int used) {
    for (int i = 0; i < used; i++) {
      memory.set(JAVA_INT, requestHeader(i) + NAME_LENGTH, NativeAddress.SIZE);
      memory.set(JAVA_LONG, requestHeader(i) + CONTROL_LENGTH, PacketInfo.REQUEST_SIZE);
    }
    answers = 0;
  }

  /// Bytes of request `i`, or −1 if it was longer than [Responder#MAX_REQUEST].
  int requestLength(int i) {
    boolean cut = (memory.get(JAVA_INT, requestHeader(i) + FLAGS) & Libc.MSG_TRUNC) != 0;
    return cut ? -1 : memory.get(JAVA_INT, requestHeader(i) + BYTES);
  }

  void copyRequest(int i, int length, byte[] to) {
    MemorySegment.copy(memory, JAVA_BYTE, request(i), to, 0, length);
  }

  /// Copies the IP address of the sender of request `i`; returns its length, 0 if there is none.
  int copySender(int i, byte[] to) {
    int length = memory.get(JAVA_INT, requestHeader(i) + NAME_LENGTH);
    return length == 0 ? 0 : NativeAddress.copyAddress(memory, name(i), to);
  }

  int senderPort(int i) {
    return NativeAddress.port(memory, name(i));
  }

  /// Adds an answer to request `i`, to leave from where the request was sent to.
  ///
  /// @return false if that is not known, so that the route decides
  boolean addAnswer(int i, byte[] bytes, int length) {
    int answer = answers++;
    long header = answerHeader(answer);
    pointTo(header, name(i));
    int nameLength = memory.get(JAVA_INT, requestHeader(i) + NAME_LENGTH);
    memory.set(JAVA_INT, header + NAME_LENGTH, nameLength);
    memory.set(JAVA_LONG, answerVector(answer) + 8, length);
    MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, ANSWERS + (long) answer * ANSWER_SIZE, length);
    long told = memory.get(JAVA_LONG, requestHeader(i) + CONTROL_LENGTH);
    int control = PacketInfo.answer(memory, requestControl(i), told, answerControl(answer));
    memory.set(JAVA_LONG, header + CONTROL_LENGTH, Math.max(control, 0));
    return control != PacketInfo.NOT_TOLD;
  }

  int answers() {
    return answers;
  }

  private static long after(long array, int elementSize) {
    return array + (long) CAPACITY * elementSize;
  }

  private static long requestHeader(int i) {
    return REQUEST_HEADERS + (long) i * HEADER_SIZE;
  }

  private static long answerHeader(int i) {
    return ANSWER_HEADERS + (long) i * HEADER_SIZE;
  }

  private static long answerVector(int i) {
    return ANSWER_VECTORS + (long) i * VECTOR_SIZE;
  }

  private static long name(int i) {
    return NAMES + (long) i * NativeAddress.SIZE;
  }

  private static long requestControl(int i) {
    return REQUEST_CONTROLS + (long) i * PacketInfo.REQUEST_SIZE;
  }

  private static long answerControl(int i) {
    return ANSWER_CONTROLS + (long) i * PacketInfo.ANSWER_SIZE;
  }

  private static long request(int i) {
    return REQUESTS + (long) i * Responder.MAX_REQUEST;
  }
}
