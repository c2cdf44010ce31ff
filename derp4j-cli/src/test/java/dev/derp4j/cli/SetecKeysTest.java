package dev.derp4j.cli;

import com.sun.net.httpserver.HttpServer;
import dev.derp4j.key.MeshKey;
import dev.derp4j.reload.ReloadException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SetecKeysTest {
  private static final String KEY = "ab".repeat(32);

  @TempDir Path directory;

  private HttpServer server;
  private volatile int status = 200;
  private volatile String answer = "";
  private volatile String request = "";
  private volatile String header = "";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/api/get",
        exchange -> {
          request = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          header =
              exchange.getRequestMethod()
                  + " "
                  + exchange.getRequestHeaders().getFirst("Sec-X-Tailscale-No-Browsers");
          byte[] body = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    answer = secret(KEY);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static String secret(String text) {
    String value = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    return "{\"Value\":\"" + value + "\",\"Version\":3}";
  }

  private Path cache() {
    return directory.resolve("cache");
  }

  private SetecKeys keys() throws StartException {
    String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    return new SetecKeys(url, "prod/derp", cache(), Map.of());
  }

  @Test
  void theKeyIsAskedForAsTheOriginalDoesIt() throws Exception {
    assertThat(keys().read()).extracting(MeshKey::secretText).containsExactly(KEY);
    assertThat(header).isEqualTo("POST setec");
    assertThat(request)
        .isEqualTo("{\"Name\":\"prod/derp/meshkey\",\"Version\":0,\"UpdateIfChanged\":false}");
  }

  @Test
  void whatWasAnsweredIsKeptForAStartWithoutTheServer() throws Exception {
    SetecKeys keys = keys();
    keys.read();
    assertThat(Files.readString(cache()))
        .startsWith("{\"prod/derp/meshkey\":{\"secret\":{\"Value\":")
        .contains("\"Version\":3}", "\"lastAccess\":\"");
    assertThat(SecretFile.isOpenToOthers(cache())).isFalse();
    server.stop(0);
    assertThat(keys.read()).extracting(MeshKey::secretText).containsExactly(KEY);
  }

  @Test
  void aCacheOfTheOriginalIsUnderstood() throws Exception {
    SetecKeys keys = keys();
    server.stop(0);
    Files.writeString(
        cache(),
        "{\"other\":{\"secret\":{\"Value\":\"eA==\",\"Version\":1},\"lastAccess\":\"1\"},"
            + "\"prod/derp/meshkey\":{\"secret\":"
            + secret(KEY)
            + ",\"lastAccess\":\"1764000000\"}}");
    assertThat(keys.read()).extracting(MeshKey::secretText).containsExactly(KEY);
  }

  @Test
  void withoutServerAndCacheThereIsOneLine() throws Exception {
    SetecKeys keys = keys();
    server.stop(0);
    assertThatThrownBy(keys::read)
        .isInstanceOf(ReloadException.class)
        .hasMessageStartingWith("setec at 127.0.0.1:")
        .hasMessageContaining("secret prod/derp/meshkey")
        .message()
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @CsvSource({
    "403, nothing, access denied",
    "404, nothing, not found",
    "500, no luck, 'request returned status 500: \"no luck\"'",
    "200, no JSON, malformed JSON",
    "200, {}, the answer has no Value",
    "200, '{\"Value\":\"%\",\"Version\":1}', the value is no base64"
  })
  void whatTheServerRefusesIsTold(int code, String body, String why) throws Exception {
    status = code;
    answer = body;
    assertThatThrownBy(() -> keys().read()).hasMessageEndingWith(why);
  }

  @Test
  void aSecretThatIsNoMeshKeyIsRefusedWithoutItsText() {
    answer = secret("not a key");
    assertThatThrownBy(() -> keys().read())
        .hasMessageStartingWith("setec secret prod/derp/meshkey: mesh key ")
        .message()
        .doesNotContain("not a key");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://host", "host", "http://", "ht tp://x"})
  void onlyHttpUrlsWillDo(String url) {
    assertThatThrownBy(() -> new SetecKeys(url, "prod/derp", cache(), Map.of()))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("-secrets-url");
  }

  @Test
  void theCacheMustNotBeADirectory() {
    assertThatThrownBy(() -> new SetecKeys("http://host", "prod/derp", directory, Map.of()))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("is no regular file");
  }
}
