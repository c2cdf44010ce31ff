package dev.derp4j.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TurnsTest {
  private final List<String> notes = new ArrayList<>();
  private long now = 1_000_000_000;

  /// How much time each delivery takes.
  private long cost;

  private final EmbeddedChannel clock = new EmbeddedChannel();
  private final Turns turns = new Turns(clock.eventLoop(), () -> now);

  /// Writes down what it gets, under its name.
  private final class Phase extends ChannelInboundHandlerAdapter {
    private final String name;

    Phase(String name) {
      this.name = name;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf in = (ByteBuf) message;
      String text = in.toString(StandardCharsets.US_ASCII);
      in.release();
      notes.add(name + (text.length() > 20 ? text.length() + " bytes" : text));
      now += cost;
      if (text.equals("pause")) {
        ctx.channel().config().setAutoRead(false);
      } else if (text.equals("enter")) {
        Turns.end(ctx.pipeline());
      } else if (text.equals("close")) {
        ctx.close();
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      notes.add(name + "complete");
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      notes.add(name + event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      notes.add(name + "inactive");
    }
  }

  private EmbeddedChannel connection(String name) {
    return new EmbeddedChannel(new TurnHandler(turns), new Phase(name));
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  /// What the socket says, which is read in one go.
  private static void comes(EmbeddedChannel channel, String... texts) {
    for (String text : texts) {
      channel.pipeline().fireChannelRead(bytes(text));
    }
    channel.pipeline().fireChannelReadComplete();
  }

  /// What the loop does after one look at its sockets.
  private void round() {
    clock.runScheduledPendingTasks();
  }

  @Test
  void aStepWaitsForItsTurnAndIsWholeThen() {
    EmbeddedChannel one = connection("");
    comes(one, "a", "b");
    assertThat(notes).isEmpty();
    round();
    assertThat(notes).containsExactly("a", "b", "complete");
  }

  @Test
  void aSecondReadInTheMeantimeIsPartOfTheSameTurn() {
    EmbeddedChannel one = connection("");
    comes(one, "a");
    comes(one, "b");
    round();
    assertThat(notes).containsExactly("a", "b", "complete");
    round();
    assertThat(notes).hasSize(3);
  }

  @Test
  void theLoopLooksAtItsSocketsBetweenTwoStepsWhereItHasMuchToDo() {
    cost = Turns.MOST_NANOS;
    for (String name : List.of("1 ", "2 ", "3 ")) {
      comes(connection(name), "x");
    }
    round();
    assertThat(notes).containsExactly("1 x", "1 complete");
    round();
    round();
    assertThat(notes).endsWith("2 x", "2 complete", "3 x", "3 complete");
  }

  @Test
  void stepsGetAsMuchTimeAsPassedSinceTheLastOnes() {
    cost = Turns.MOST_NANOS;
    comes(connection("0 "), "x");
    round();
    cost = 100_000;
    for (int i = 1; i <= 9; i++) {
      comes(connection(i + " "), "x");
    }
    now += 250_000;
    round();
    assertThat(notes).hasSize(8).endsWith("3 x", "3 complete");
    round();
    assertThat(notes).as("one at least").hasSize(10).endsWith("4 x", "4 complete");
  }

  @Test
  void timeInWhichNobodyWaitedIsNotSavedUp() {
    cost = 100_000;
    now += 60_000_000_000L;
    for (int i = 1; i <= 9; i++) {
      comes(connection(i + " "), "x");
    }
    round();
    assertThat(notes).as("500 µs, two notes a step").hasSize(10).endsWith("5 x", "5 complete");
  }

  @Test
  void aLoopThatIsFullOfPacketsSpendsAFifthOfItsTimeOnSteps() {
    cost = 100_000;
    for (int i = 0; i < 60; i++) {
      comes(connection(""), "x");
    }
    round();
    int atFirst = notes.size();
    now += 4_000_000;
    round();
    assertThat(notes).as("1 ms for 4 ms, two notes a step").hasSize(atFirst + 2 * 10);
    now += 8_000_000;
    round();
    assertThat(notes).hasSize(atFirst + 2 * 30);
  }

  @Test
  void whoSendsMuchHasItsTurnAtOnce() {
    EmbeddedChannel one = connection("");
    String half = "x".repeat(TurnHandler.MOST_WAITING / 2);
    comes(one, half, half);
    assertThat(notes).isEmpty();
    one.pipeline().fireChannelRead(bytes("y"));
    assertThat(notes).containsExactly("8192 bytes", "8192 bytes", "y", "complete");
    round();
    assertThat(notes).hasSize(4);
  }

  @Test
  void nothingIsPassedOnWhileReadingIsOff() {
    EmbeddedChannel one = connection("");
    comes(one, "pause", "a");
    round();
    assertThat(notes).containsExactly("pause", "complete");
    comes(one, "b", "x".repeat(2 * TurnHandler.MOST_WAITING));
    round();
    assertThat(notes).hasSize(2);
    one.config().setAutoRead(true);
    round();
    assertThat(notes).endsWith("a", "b", "32768 bytes", "complete");
  }

  @Test
  void oneReadThatIsAskedForWhileReadingIsOffIsPassedOn() {
    EmbeddedChannel one = connection("");
    comes(one, "pause", "a", "b");
    round();
    one.read();
    round();
    assertThat(notes).containsExactly("pause", "complete", "a", "complete");
    round();
    assertThat(notes).hasSize(4);
  }

  @Test
  void endsAndEventsComeBehindTheBytesBeforeThem() {
    EmbeddedChannel one = connection("");
    comes(one, "a");
    one.pipeline().fireUserEventTriggered("event");
    comes(one, "b");
    one.close();
    assertThat(notes).containsExactly("a", "complete", "event", "b", "complete", "inactive");
    round();
    assertThat(notes).hasSize(6);
  }

  @Test
  void whoEntersReadsWithoutTurns() {
    EmbeddedChannel one = connection("");
    comes(one, "enter", "a");
    round();
    assertThat(notes).containsExactly("enter", "a", "complete");
    comes(one, "b");
    assertThat(notes).endsWith("b", "complete");
  }

  @Test
  void whoEntersBetweenTurnsGetsWhatWaits() {
    EmbeddedChannel one = connection("");
    comes(one, "a");
    Turns.end(one.pipeline());
    assertThat(notes).containsExactly("a", "complete");
    Turns.end(one.pipeline());
    round();
    assertThat(notes).hasSize(2);
  }

  @Test
  void whatWaitsOfAConnectionThatIsClosedIsReleased() {
    EmbeddedChannel one = connection("");
    comes(one, "pause");
    round();
    ByteBuf left = bytes("a");
    one.pipeline().fireChannelRead(left);
    one.close();
    assertThat(left.refCnt()).isZero();
    assertThat(notes).endsWith("a", "complete", "inactive");
  }

  @Test
  void aPhaseThatClosesLeavesNothingBehind() {
    EmbeddedChannel one = connection("");
    ByteBuf left = bytes("a");
    one.pipeline().fireChannelRead(bytes("close"));
    one.pipeline().fireChannelRead(left);
    one.pipeline().fireChannelReadComplete();
    round();
    assertThat(one.isOpen()).isFalse();
    assertThat(left.refCnt()).isZero();
    round();
  }
}
