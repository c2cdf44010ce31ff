package dev.derp4j.admission;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/// An admission controller on loopback that answers as the test says.
public final class FakeController implements AutoCloseable {
  private final HttpServer server;
  private final List<String> questions = new CopyOnWriteArrayList<>();
  private volatile int status = 200;
  private volatile String body = "{\"Allow\":true}";

  public FakeController() throws IOException {
    this(0);
  }

  /// @param port 0 for any
  public FakeController(int port) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    questions.add(
        exchange.getRequestMethod()
            + " "
            + exchange.getRequestURI()
            + " "
            + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  public void answer(int newStatus, String newBody) {
    status = newStatus;
    body = newBody;
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/admit");
  }

  public List<String> questions() {
    return questions;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
