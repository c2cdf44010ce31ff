package dev.derp4j.server;

import dev.derp4j.codec.FrameDecoder;
import dev.derp4j.codec.FrameWriter;
import dev.derp4j.codec.ProtocolException;
import dev.derp4j.frame.Frame;
import dev.derp4j.handshake.ClientInfo;
import dev.derp4j.handshake.SharedBox;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// DERP through the JDK's WebSocket, which shares nothing with the relay's.
final class WebSocketClient implements AutoCloseable {
  private final HttpClient http = HttpClient.newHttpClient();
  private final NodePrivateKey key = NodePrivateKey.generate();
  private final BlockingQueue<Frame> frames = new LinkedBlockingQueue<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final WebSocket socket;

  WebSocketClient(InetSocketAddress relay) throws Exception {
    socket =
        http.newWebSocketBuilder()
            .subprotocols("derp")
            .buildAsync(URI.create("ws://127.0.0.1:" + relay.getPort() + "/derp"), new Listener())
            .get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
    NodePublicKey server = ((Frame.ServerKey) next()).serverKey();
    ByteBuf info = Unpooled.buffer();
    byte[] json = ClientInfo.plain().toJson();
    byte[] sealed = SharedBox.between(key, server).sealWithRandomNonce(json);
    FrameWriter.writeClientInfo(info, key.publicKey(), sealed);
    send(ByteBufUtil.getBytes(info), 10);
    if (!(next() instanceof Frame.ServerInfo)) {
      throw new AssertionError("no ServerInfo");
    }
  }

  NodePublicKey publicKey() {
    return key.publicKey();
  }

  String subprotocol() {
    return socket.getSubprotocol();
  }

  Frame next() throws InterruptedException {
    Frame frame = frames.poll(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
    if (frame == null) {
      throw new AssertionError("no frame came");
    }
    return frame;
  }

  void send(NodePublicKey destination, byte[] packet, int messageLength) throws Exception {
    send(Bytes.of(new Frame.SendPacket(destination, packet)), messageLength);
  }

  /// Sends bytes in messages of so many.
  void send(byte[] bytes, int messageLength) throws Exception {
    for (int from = 0; from < bytes.length; from += messageLength) {
      int to = Math.min(bytes.length, from + messageLength);
      await(socket.sendBinary(ByteBuffer.wrap(Arrays.copyOfRange(bytes, from, to)), true));
    }
  }

  void sendText(String text) throws Exception {
    await(socket.sendText(text, true));
  }

  void sayGoodbye() throws Exception {
    await(socket.sendClose(WebSocket.NORMAL_CLOSURE, "done"));
  }

  private static void await(CompletableFuture<WebSocket> sent) throws Exception {
    sent.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  /// The status that the relay closed with.
  int closeStatus() throws Exception {
    return closed.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    socket.abort();
    http.close();
  }

  private final class Listener implements WebSocket.Listener {
    private final FrameDecoder decoder = FrameDecoder.forServerFrames();

    @Override
    public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
      try {
        decoder.decode(Unpooled.wrappedBuffer(data), frames::add);
      } catch (ProtocolException e) {
        closed.completeExceptionally(e);
      }
      from.request(1);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
      closed.complete(status);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      closed.completeExceptionally(error);
    }
  }
}
