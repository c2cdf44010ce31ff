package dev.derp4j.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.handler.ssl.SslProvider;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/// The handler and the JDK's client, with the bytes between them carried by hand.
final class BoringSslHandlerTest {
  private static final String HOST = "a.example";
  private static final int RECORD = 1 << 14;

  private final BoringSslContext context;
  private final TestAuthority authority;
  private final Heard heard = new Heard();
  private final BoringSslHandler handler;
  private final EmbeddedChannel server;
  private @Nullable EmbeddedChannel client;
  private final List<Throwable> clientFaults = new ArrayList<>();
  private final ByteBuf atClient = Unpooled.buffer();

  /// What came through to the pipeline behind TLS.
  private static final class Heard extends ChannelInboundHandlerAdapter {
    final ByteBuf bytes = Unpooled.buffer();
    final List<Integer> reads = new ArrayList<>();
    final List<Object> events = new ArrayList<>();
    final List<Throwable> faults = new ArrayList<>();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf in = (ByteBuf) message;
      reads.add(in.readableBytes());
      bytes.writeBytes(in);
      in.release();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      events.add(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      faults.add(cause);
    }

    /// Null if it did not fail.
    @Nullable Throwable handshakeFailure() {
      List<SslHandshakeCompletionEvent> ends =
          events.stream()
              .filter(SslHandshakeCompletionEvent.class::isInstance)
              .map(SslHandshakeCompletionEvent.class::cast)
              .toList();
      assertThat(ends).hasSize(1);
      return ends.getFirst().cause();
    }
  }

  BoringSslHandlerTest() throws Exception {
    authority = new TestAuthority();
    KeyPair keys = TestAuthority.keys("EC", 256);
    X509Certificate leaf =
        authority.certify(keys.getPublic(), TestAuthority.Validity.days(-1, 1), HOST);
    context =
        new BoringSslContext(
            ServerName.of(HOST),
            new X509Certificate[] {leaf, authority.intermediate()},
            keys.getPrivate(),
            "http/1.1",
            Duration.ofSeconds(10));
    handler = Objects.requireNonNull(context.newHandler(ByteBufAllocator.DEFAULT));
    server = new EmbeddedChannel(handler, heard);
    server.freezeTime();
  }

  @AfterEach
  void end() {
    if (client != null) {
      client.finishAndReleaseAll();
    }
    server.finishAndReleaseAll();
    context.close();
    assertThat(context.newHandler(ByteBufAllocator.DEFAULT)).as("all counts given back").isNull();
    heard.bytes.release();
    atClient.release();
  }

  private EmbeddedChannel client() {
    return Objects.requireNonNull(client);
  }

  private void dial(String version, String name) throws SSLException {
    SslContext tls =
        SslContextBuilder.forClient()
            .trustManager(authority.root())
            .sslProvider(SslProvider.JDK)
            .protocols(version)
            .build();
    client =
        new EmbeddedChannel(
            tls.newHandler(ByteBufAllocator.DEFAULT, name, 443),
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object message) {
                atClient.writeBytes((ByteBuf) message);
                ((ByteBuf) message).release();
              }

              @Override
              public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                clientFaults.add(cause);
              }
            });
  }

  private void connect() throws SSLException {
    dial("TLSv1.3", HOST);
    carry(() -> Integer.MAX_VALUE);
    assertThat(handler.isEstablished()).isTrue();
    server.readOutbound();
  }

  /// Carries what either side has sent to the other, in pieces, until neither says anything more.
  private void carry(IntSupplier cut) {
    boolean moved = true;
    while (moved) {
      client().runPendingTasks();
      moved = carry(client(), server, cut) | carry(server, client(), cut);
    }
  }

  private static boolean carry(EmbeddedChannel from, EmbeddedChannel to, IntSupplier cut) {
    boolean moved = false;
    for (ByteBuf bytes = from.readOutbound(); bytes != null; bytes = from.readOutbound()) {
      moved = true;
      while (bytes.isReadable() && to.isOpen()) {
        int length = Math.min(cut.getAsInt(), bytes.readableBytes());
        to.writeInbound(ByteBufAllocator.DEFAULT.directBuffer(length).writeBytes(bytes, length));
      }
      bytes.release();
    }
    return moved;
  }

  private static ByteBuf pattern(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 31 + (i >> 8));
    }
    return ByteBufAllocator.DEFAULT.directBuffer(length).writeBytes(bytes);
  }

  private static void assertPattern(ByteBuf bytes, int length) {
    ByteBuf expected = pattern(length);
    assertThat(bytes.readableBytes()).isEqualTo(length);
    assertThat(bytes.equals(expected)).isTrue();
    expected.release();
  }

  static Stream<IntSupplier> cuts() {
    Random random = new Random(7);
    return Stream.of(
        () -> Integer.MAX_VALUE, () -> 1, () -> 7, () -> 1460, () -> 1 + random.nextInt(20_000));
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void what_is_sent_arrives_however_it_is_cut(IntSupplier cut) throws SSLException {
    exchange("TLSv1.3", cut);
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void what_is_sent_arrives_over_the_older_version(IntSupplier cut) throws SSLException {
    exchange("TLSv1.2", cut);
  }

  private void exchange(String version, IntSupplier cut) throws SSLException {
    int length = 40_000;
    dial(version, HOST);
    carry(cut);
    assertThat(heard.handshakeFailure()).isNull();
    assertThat(handler.protocol()).isEqualTo(version);

    client().writeOutbound(pattern(length));
    server.writeOutbound(pattern(length));
    carry(cut);
    assertPattern(heard.bytes, length);
    assertPattern(atClient, length);
    assertThat(heard.faults).isEmpty();
    assertThat(clientFaults).isEmpty();
  }

  @Test
  void what_one_read_brought_goes_on_in_one_piece() throws SSLException {
    connect();
    ByteBuf records = Unpooled.directBuffer();
    for (int i = 0; i < 5; i++) {
      client().writeOutbound(pattern(1000));
      ByteBuf record = client().readOutbound();
      records.writeBytes(record);
      record.release();
    }
    heard.reads.clear();

    server.writeInbound(records);

    assertThat(heard.reads).containsExactly(5000);
  }

  @Test
  void bytes_in_the_heap_are_read_as_well() throws SSLException {
    connect();
    client().writeOutbound(pattern(3000));
    ByteBuf record = client().readOutbound();
    server.writeInbound(Unpooled.buffer().writeBytes(record));
    record.release();

    assertPattern(heard.bytes, 3000);
  }

  @Test
  void what_is_written_between_two_flushes_becomes_full_records() throws SSLException {
    connect();
    List<ChannelFuture> written = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      written.add(server.write(pattern(1000).slice(0, 1000)));
    }
    assertThat(written).noneMatch(ChannelFuture::isDone);
    server.flush();

    assertThat(written).allMatch(ChannelFuture::isSuccess);
    ByteBuf out = server.readOutbound();
    List<Integer> records = new ArrayList<>();
    for (int at = 0; at < out.readableBytes(); at += 5 + out.getUnsignedShort(at + 3)) {
      records.add(out.getUnsignedShort(at + 3));
    }
    out.release();
    assertThat(records).hasSize(2);
    assertThat(records.getFirst()).isGreaterThan(RECORD);
    assertThat((Object) server.readOutbound()).isNull();
  }

  @Test
  void much_does_not_wait_for_the_flush() throws SSLException {
    connect();
    for (int i = 0; i < 5; i++) {
      server.write(pattern(RECORD), server.voidPromise());
    }
    assertThat(server.unsafe().outboundBuffer().totalPendingWriteBytes())
        .isGreaterThan(4L * RECORD);

    server.flush();
    carry(() -> Integer.MAX_VALUE);
    assertThat(atClient.readableBytes()).isEqualTo(5 * RECORD);
  }

  @Test
  void a_write_before_the_handshake_is_done_fails_and_keeps_nothing() throws SSLException {
    ByteBuf early = pattern(10);
    ChannelFuture written = server.writeAndFlush(early);

    assertThat(written.cause()).isInstanceOf(SSLException.class);
    assertThat(early.refCnt()).isZero();
    connect();
  }

  @Test
  void closing_says_goodbye_behind_what_was_written() throws SSLException {
    connect();
    server.write(pattern(500));
    server.close();
    assertThat(server.isOpen()).isFalse();

    carry(() -> Integer.MAX_VALUE);
    assertPattern(atClient, 500);
    SslHandler there = client().pipeline().get(SslHandler.class);
    assertThat(there.engine().isInboundDone()).isTrue();
  }

  @Test
  void a_goodbye_that_cannot_be_sent_is_waited_for_a_moment() throws SSLException {
    connect();
    List<ChannelPromise> held = new ArrayList<>();
    server
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ((ByteBuf) message).release();
                held.add(promise);
              }
            });

    server.pipeline().close();
    assertThat(server.isOpen()).isTrue();
    server.advanceTimeBy(3, TimeUnit.SECONDS);
    server.runScheduledPendingTasks();
    assertThat(server.isOpen()).isFalse();
    held.forEach(ChannelPromise::setSuccess);
  }

  @Test
  void closing_the_output_leaves_the_input_open() throws SSLException {
    connect();
    handler.closeOutput();
    ChannelFuture late = server.writeAndFlush(pattern(10));
    assertThat(late.cause()).isInstanceOf(SSLException.class);
    assertThat(server.isOpen()).isTrue();

    client().writeOutbound(pattern(10));
    carry(client(), server, () -> Integer.MAX_VALUE);
    assertPattern(heard.bytes, 10);
  }

  @Test
  void the_clients_goodbye_is_told_and_answered() throws SSLException {
    connect();
    client().pipeline().get(SslHandler.class).closeOutbound();
    carry(client(), server, () -> Integer.MAX_VALUE);

    assertThat(heard.events).last().isEqualTo(SslCloseCompletionEvent.SUCCESS);
    carry(() -> Integer.MAX_VALUE);
    SslHandler there = client().pipeline().get(SslHandler.class);
    assertThat(there.engine().isInboundDone()).isTrue();
    assertThat(heard.faults).isEmpty();
  }

  @Test
  void a_connection_that_breaks_off_is_told() throws SSLException {
    connect();
    server.finish();

    assertThat(heard.events)
        .last()
        .isInstanceOfSatisfying(
            SslCloseCompletionEvent.class, event -> assertThat(event.isSuccess()).isFalse());
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET / HTTP/1.1\r\n\r\n", "\0\0\0\0\0\0", "\u0016\u0004\1\1\1"})
  void what_is_no_record_ends_the_connection(String noise) {
    server.writeInbound(Unpooled.copiedBuffer(noise, StandardCharsets.ISO_8859_1));

    assertThat(heard.handshakeFailure()).isInstanceOf(NotSslRecordException.class);
    assertThat(heard.faults).isEmpty();
    assertThat(server.isOpen()).isFalse();
  }

  @Test
  void a_record_longer_than_any_is_refused_at_its_head() {
    server.writeInbound(Unpooled.wrappedBuffer(new byte[] {23, 3, 3, 0x7f, (byte) 0xff}));

    assertThat(heard.handshakeFailure()).isInstanceOf(NotSslRecordException.class);
    assertThat(server.isOpen()).isFalse();
  }

  /// At its first message, and behind it.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_goodbye_in_the_handshake_ends_the_connection(boolean behindHello) throws SSLException {
    if (behindHello) {
      dial("TLSv1.3", HOST);
      carry(client(), server, () -> Integer.MAX_VALUE);
    }
    // An alert: warning, close_notify.
    server.writeInbound(Unpooled.wrappedBuffer(new byte[] {21, 3, 3, 0, 2, 1, 0}));

    assertThat(heard.handshakeFailure()).isInstanceOf(SSLException.class);
    assertThat(heard.faults).isEmpty();
    assertThat(server.isOpen()).isFalse();
  }

  @Test
  void a_damaged_record_is_a_fault_and_what_came_before_it_is_not_lost() throws SSLException {
    connect();
    client().writeOutbound(pattern(1000));
    ByteBuf whole = client().readOutbound();
    client().writeOutbound(pattern(1000));
    ByteBuf damaged = client().readOutbound();
    damaged.setByte(damaged.writerIndex() - 1, damaged.getByte(damaged.writerIndex() - 1) ^ 1);

    whole.markReaderIndex();
    server.writeInbound(Unpooled.directBuffer().writeBytes(whole).writeBytes(damaged));
    whole.resetReaderIndex();
    server.writeInbound(whole); // Nothing is read any more.
    damaged.release();

    assertPattern(heard.bytes, 1000);
    assertThat(heard.faults).singleElement().isInstanceOf(SSLException.class);
    assertThat(heard.faults.getFirst().getMessage()).contains("BAD_DECRYPT");
    ByteBuf alert = server.readOutbound();
    assertThat(alert.readableBytes()).isBetween(20, 31);
    alert.release();
  }

  @Test
  void a_client_that_asks_for_another_name_gets_an_alert_and_the_failure_is_told()
      throws SSLException {
    dial("TLSv1.3", "b.example");
    carry(() -> Integer.MAX_VALUE);

    assertThat(heard.handshakeFailure()).isInstanceOf(SSLException.class);
    assertThat(heard.faults).isEmpty();
    assertThat(clientFaults).singleElement().asString().contains("fatal alert: internal_error");
  }

  @Test
  void the_deadline_holds_from_the_beginning_and_ends_with_the_handshake() throws SSLException {
    server.advanceTimeBy(9, TimeUnit.SECONDS);
    server.runScheduledPendingTasks();
    assertThat(server.isOpen()).isTrue();
    connect();
    server.advanceTimeBy(100, TimeUnit.SECONDS);
    server.runScheduledPendingTasks();
    assertThat(server.isOpen()).isTrue();
  }

  @Test
  void a_client_that_is_too_late_is_cut_off() {
    server.advanceTimeBy(10, TimeUnit.SECONDS);
    server.runScheduledPendingTasks();

    assertThat(heard.handshakeFailure())
        .isInstanceOf(SslHandshakeTimeoutException.class)
        .hasMessage("handshake timed out after 10000ms");
    assertThat(server.isOpen()).isFalse();
  }

  @Test
  void reading_goes_on_where_the_handshake_needs_it_and_reads_are_asked_for_one_by_one() {
    int[] asked = {0};
    server
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void read(ChannelHandlerContext ctx) {
                asked[0]++;
                ctx.read();
              }
            });
    server.config().setAutoRead(false);
    server.writeInbound(Unpooled.wrappedBuffer(new byte[] {22, 3, 1}));

    assertThat(asked[0]).isEqualTo(1);
  }
}
