package dev.derp4j.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A small HTTP proxy that does nothing but CONNECT (RFC 9110 section 9.3.6), for tests of those
/// who have to go through one. It remembers what it was asked.
///
/// It connects to where its routes say, so that names which no DNS knows can be asked for; without
/// a route, to the address that the request names. It may want Basic credentials (RFC 7617), and it
/// can be told to give an answer of the test's own instead.
///
/// A head may have 64 KiB and take 10 s. Virtual threads do the work; all methods may be called
/// from any thread.
public final class ConnectProxy implements AutoCloseable {
  private static final int HEAD_LIMIT = 64 * 1024;
  private static final int BACKLOG = 128;
  private static final int LIMIT_MILLISECONDS = 10_000;

  /// What a client asked for.
  ///
  /// @param method `CONNECT`, or what else came
  /// @param target `host:port` as it was written
  /// @param headers by name in lower case; a repeated one's values are joined by `, `
  /// @param status what was answered; 0 for an answer of the test's own
  public record Request(String method, String target, Map<String, String> headers, int status) {}

  private final ServerSocket listener;
  private final Map<String, InetSocketAddress> routes = new ConcurrentHashMap<>();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final List<Request> requests = new ArrayList<>(); // guarded by itself
  private final AtomicReference<@Nullable String> credentials = new AtomicReference<>();
  private final AtomicReference<@Nullable String> answer = new AtomicReference<>();

  private ConnectProxy(ServerSocket listener) {
    this.listener = listener;
  }

  /// Starts a proxy that is spoken to in the clear (`http://`), on a free port of loopback.
  public static ConnectProxy start() throws IOException {
    return start(new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress()));
  }

  /// Starts a proxy that is spoken to over TLS (`https://`), with this certificate.
  public static ConnectProxy start(TestIdentity identity) throws IOException {
    return start(
        identity
            .serverContext()
            .getServerSocketFactory()
            .createServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress()));
  }

  private static ConnectProxy start(ServerSocket listener) {
    ConnectProxy proxy = new ConnectProxy(listener);
    Thread.ofVirtual().name("connect-proxy").start(proxy::acceptAll);
    return proxy;
  }

  /// Where the proxy listens.
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  /// Whoever asks for `target` (`host:port`) gets to this address.
  public ConnectProxy route(String target, InetSocketAddress to) {
    routes.put(target.toLowerCase(Locale.ROOT), to);
    return this;
  }

  /// Requests without these credentials are answered 407.
  public ConnectProxy requireBasic(String user, String password) {
    byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    credentials.set("Basic " + Base64.getEncoder().encodeToString(pair));
    return this;
  }

  /// Every request gets these bytes (ISO 8859-1) for an answer, then the connection ends. An empty
  /// text just closes it.
  public ConnectProxy answerAlways(String response) {
    answer.set(response);
    return this;
  }

  /// What was asked so far, in order.
  public List<Request> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  /// Waits until at least so many requests were answered and returns all.
  public List<Request> awaitRequests(int count, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    synchronized (requests) {
      while (requests.size() < count) {
        long milliseconds = (deadline - System.nanoTime()) / 1_000_000;
        if (milliseconds <= 0) {
          throw new AssertionError(
              "within " + limit + " not " + count + " requests, but " + requests);
        }
        try {
          requests.wait(milliseconds);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new AssertionError("interrupted", e);
        }
      }
      return List.copyOf(requests);
    }
  }

  /// Takes no more requests and ends all tunnels.
  @Override
  public void close() throws IOException {
    listener.close();
    sockets.forEach(ConnectProxy::closeQuietly);
  }

  private void acceptAll() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        sockets.add(client);
        Thread.ofVirtual().name("connect-proxy-client").start(() -> serve(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      client.setSoTimeout(LIMIT_MILLISECONDS);
      InputStream in = new BufferedInputStream(client.getInputStream());
      List<String> head = readHead(in).lines().toList();
      String[] first = head.getFirst().split(" ", 3);
      Request request = new Request(first[0], first.length > 1 ? first[1] : "", headers(head), 0);
      String own = answer.get();
      if (own != null) {
        record(request, 0);
        write(client, own);
      } else if (!request.method().equals("CONNECT")) {
        refuse(client, request, 405, "Method Not Allowed", "");
      } else if (!isAuthorized(request)) {
        refuse(
            client,
            request,
            407,
            "Proxy Authentication Required",
            "Proxy-Authenticate: Basic realm=\"test\"\r\n");
      } else {
        tunnel(client, in, request);
      }
    } catch (IOException ended) {
      // the client sees it
    } finally {
      sockets.remove(client);
    }
  }

  private boolean isAuthorized(Request request) {
    String wanted = credentials.get();
    return wanted == null || wanted.equals(request.headers().get("proxy-authorization"));
  }

  private void tunnel(Socket client, InputStream in, Request request) throws IOException {
    try (Socket server = new Socket()) {
      sockets.add(server);
      try {
        server.connect(destination(request.target()), LIMIT_MILLISECONDS);
      } catch (IOException | IllegalArgumentException unreachable) {
        refuse(client, request, 502, "Bad Gateway", "");
        return;
      } finally {
        if (!server.isConnected()) {
          sockets.remove(server);
        }
      }
      record(request, 200);
      write(client, "HTTP/1.1 200 Connection established\r\n\r\n");
      client.setSoTimeout(0);
      Thread back =
          Thread.ofVirtual()
              .name("connect-proxy-back")
              .start(() -> copy(() -> server.getInputStream(), client));
      copy(() -> in, server);
      back.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private InetSocketAddress destination(String target) {
    InetSocketAddress route = routes.get(target.toLowerCase(Locale.ROOT));
    if (route != null) {
      return route;
    }
    int colon = target.lastIndexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("no port in " + target);
    }
    return new InetSocketAddress(
        target.substring(0, colon), Integer.parseInt(target.substring(colon + 1)));
  }

  private interface Source {
    InputStream open() throws IOException;
  }

  /// Passes everything on, the end too; a broken connection breaks the other one.
  private static void copy(Source from, Socket to) {
    try {
      from.open().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException broken) {
      closeQuietly(to);
    }
  }

  private void refuse(Socket client, Request request, int status, String reason, String header)
      throws IOException {
    record(request, status);
    write(
        client,
        "HTTP/1.1 "
            + status
            + " "
            + reason
            + "\r\n"
            + header
            + "Content-Length: 0\r\nConnection: close\r\n\r\n");
  }

  private void record(Request request, int status) {
    synchronized (requests) {
      requests.add(new Request(request.method(), request.target(), request.headers(), status));
      requests.notifyAll();
    }
  }

  private static Map<String, String> headers(List<String> head) {
    Map<String, String> headers = new TreeMap<>();
    for (String line : head.subList(1, head.size())) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.merge(
            line.substring(0, colon).toLowerCase(Locale.ROOT),
            line.substring(colon + 1).strip(),
            (one, other) -> one + ", " + other);
      }
    }
    return Map.copyOf(headers);
  }

  private static String readHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n", Math.max(0, head.length() - 4)) < 0) {
      int next = in.read();
      if (next < 0 || head.length() == HEAD_LIMIT) {
        throw new IOException("no whole head of a request");
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static void write(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException alreadyBroken) {
      // nothing is left to be closed
    }
  }
}
