package dev.derp4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/// The signals that a process takes. The first TERM or INT asks for a graceful stop; another one
/// does not want to wait for it, and ends the process at once. HUP asks to read the set-up again,
/// unless it means what it was made for: that the terminal of this process is gone. Then it stops.
///
/// The JDK has no supported interface for this: a shutdown hook could stop the relay as well, but
/// not make the exit status 0, and not notice the second signal. `sun.misc.Signal` does both, and
/// is part of every JDK in the module `jdk.unsupported`. It is called by reflection, because the
/// compiler warns of each direct use and our warnings are errors.
final class ProcessSignals {
  private static final String[] NAMES = {"TERM", "INT", "HUP"};
  private static final Path TERMINAL = Path.of("/dev/tty");

  private final CompletableFuture<String> first = new CompletableFuture<>();
  private final boolean startedOnTerminal = hasTerminal();
  private volatile Runnable reload = () -> {};

  private ProcessSignals() {}

  /// Takes the signals over from the JVM. One that the process was started to ignore, as `nohup`
  /// does it, stays ignored.
  static ProcessSignals install() {
    ProcessSignals signals = new ProcessSignals();
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Object handler =
          Proxy.newProxyInstance(
              ProcessSignals.class.getClassLoader(),
              new Class<?>[] {handlerType},
              (_, _, arguments) -> signals.received(String.valueOf(arguments[0])));
      for (String name : NAMES) {
        signal
            .getMethod("handle", signal, handlerType)
            .invoke(null, signal.getConstructor(String.class).newInstance(name), handler);
      }
    } catch (InvocationTargetException e) {
      // The JVM keeps its signals to itself (-Xrs). It then ends without us.
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM has no sun.misc.Signal", e);
    }
    return signals;
  }

  private Object received(String signal) {
    if (signal.equals("SIGHUP") && !(startedOnTerminal && !hasTerminal())) {
      reload.run();
    } else if (!first.complete(signal)) {
      Runtime.getRuntime().halt(0);
    }
    return Void.class;
  }

  /// The controlling terminal can be opened by this name as long as there is one.
  private static boolean hasTerminal() {
    try (InputStream _ = Files.newInputStream(TERMINAL)) {
      return true;
    } catch (IOException none) {
      return false;
    }
  }

  /// Says what a HUP does. It is called on the JVM's signal thread and must return soon.
  void onReload(Runnable action) {
    reload = action;
  }

  /// Waits for the first signal to stop and returns its name.
  String await() {
    return first.join();
  }
}
