package dev.derp4j.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;

/// The signals that end a process. The first one asks for a graceful stop; another one does not
/// want to wait for it, and ends the process at once.
///
/// The JDK has no supported interface for this: a shutdown hook could stop the relay as well, but
/// not make the exit status 0, and not notice the second signal. `sun.misc.Signal` does both, and
/// is part of every JDK in the module `jdk.unsupported`. It is called by reflection, because the
/// compiler warns of each direct use and our warnings are errors.
final class StopSignals {
  private static final String[] NAMES = {"TERM", "INT", "HUP"};

  private final CompletableFuture<String> first = new CompletableFuture<>();

  private StopSignals() {}

  /// Takes the signals over from the JVM. One that the process was started to ignore, as `nohup`
  /// does it, stays ignored.
  static StopSignals install() {
    StopSignals signals = new StopSignals();
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Object handler =
          Proxy.newProxyInstance(
              StopSignals.class.getClassLoader(),
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
    if (!first.complete(signal)) {
      Runtime.getRuntime().halt(0);
    }
    return Void.class;
  }

  /// Waits for the first signal and returns its name.
  String await() {
    return first.join();
  }
}
