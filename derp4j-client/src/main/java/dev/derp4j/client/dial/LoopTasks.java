package dev.derp4j.client.dial;

import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;

/// Work for an event loop from wherever it comes up.
final class LoopTasks {
  static final String SHUT_DOWN = "the event loop has been shut down";

  private LoopTasks() {}

  /// Runs on the loop: at once if this is the loop's thread. False if the loop has been shut down,
  /// which closed all its channels.
  static boolean run(EventLoop loop, Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
      return true;
    }
    try {
      loop.execute(task);
      return true;
    } catch (RejectedExecutionException shutDown) {
      return false;
    }
  }
}
