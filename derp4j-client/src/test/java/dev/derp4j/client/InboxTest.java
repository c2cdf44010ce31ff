package dev.derp4j.client;

import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class InboxTest {
  private static final NodePublicKey PEER = NodePrivateKey.generate().publicKey();

  private final LongAdder dropped = new LongAdder();
  private final AtomicInteger room = new AtomicInteger();

  private Inbox inbox(int messages, int bytes) {
    Inbox inbox = new Inbox(messages, bytes, dropped);
    inbox.onRoom(room::incrementAndGet);
    return inbox;
  }

  private static DerpMessage packet(int size) {
    return new DerpMessage.Packet(PEER, new byte[size]);
  }

  @Test
  void itIsFullUntilHalfOfItHasBeenTaken() {
    Inbox inbox = inbox(4, 1 << 20);
    for (int i = 0; i < 4; i++) {
      assertThat(inbox.isFull()).isFalse();
      inbox.add(packet(1));
    }
    assertThat(inbox.isFull()).isTrue();
    inbox.poll();
    assertThat(inbox.isFull()).isTrue();
    assertThat(room).hasValue(0);
    inbox.poll();

    assertThat(inbox.isFull()).isFalse();
    assertThat(room).hasValue(1);
  }

  @Test
  void bytesCountToo() {
    Inbox inbox = inbox(100, 1000);
    inbox.add(packet(2000));

    assertThat(inbox.isFull()).isTrue();
    inbox.poll();
    assertThat(inbox.isFull()).isFalse();
  }

  @Test
  void connectionsThatComeAndGoUnreadDoNotFillTheMemory() {
    Inbox inbox = inbox(4, 1 << 20);
    for (int i = 1; i <= 100; i++) {
      inbox.add(new DerpMessage.Disconnected(i, "gone"));
    }

    assertThat(dropped.sum()).isEqualTo(92);
    assertThat(inbox.poll()).isEqualTo(new DerpMessage.Disconnected(93, "gone"));
  }

  @Test
  void whatIsClosedHoldsNothing() {
    Inbox inbox = inbox(4, 1 << 20);
    inbox.add(packet(1));
    inbox.close();
    inbox.add(packet(1));

    assertThat(inbox.poll()).isNull();
  }
}
