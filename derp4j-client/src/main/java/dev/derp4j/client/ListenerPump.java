package dev.derp4j.client;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries messages from the inbox to the listener, on the executor, one at a time. There is a task
/// only while there are messages.
final class ListenerPump implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ListenerPump.class);

  private final Inbox inbox;
  private final DerpListener listener;
  private final Executor executor;
  /// Messages announced and not yet looked for; the task that takes it from 0 is the only one.
  private final AtomicInteger announced = new AtomicInteger();

  ListenerPump(Inbox inbox, DerpListener listener, Executor executor) {
    this.inbox = inbox;
    this.listener = listener;
    this.executor = executor;
  }

  /// There is a message; any thread.
  void messageAdded() {
    if (announced.getAndIncrement() == 0) {
      try {
        executor.execute(this);
      } catch (RejectedExecutionException shutDown) {
        LOG.warn("messages wait for an executor that takes no tasks");
      }
    }
  }

  @Override
  public void run() {
    int seen = announced.get();
    do {
      for (DerpMessage next = inbox.poll(); next != null; next = inbox.poll()) {
        deliver(next);
      }
      seen = announced.addAndGet(-seen);
    } while (seen != 0);
  }

  private void deliver(DerpMessage message) {
    try {
      listener.onMessage(message);
    } catch (RuntimeException failure) {
      LOG.warn("a listener failed", failure);
    }
  }
}
