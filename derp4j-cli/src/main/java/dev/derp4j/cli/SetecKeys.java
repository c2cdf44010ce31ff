package dev.derp4j.cli;

import dev.derp4j.client.dial.SystemRoots;
import dev.derp4j.key.MeshKey;
import dev.derp4j.reload.ReloadException;
import dev.derp4j.reload.Source;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/// The mesh key as a setec server has it, and a file that keeps it for a start without the server.
///
/// ```text
/// POST <url>/api/get                          -->  {"Value":"<base64>","Version":3}
/// Sec-X-Tailscale-No-Browsers: setec
/// {"Name":"prod/derp/meshkey","Version":0}
/// ```
///
/// The cache has the form that the original's client writes, so that either can read the other's:
///
/// ```json
/// {"prod/derp/meshkey":{"secret":{"Value":"<base64>","Version":3},"lastAccess":"1764100000"}}
/// ```
///
/// As in the original, what is called a directory in the flag is a file. Unlike there, the server
/// is asked first at each start, and where neither it nor the file has the key, the start fails
/// instead of waiting.
final class SetecKeys implements Source<List<MeshKey>> {
  private static final Logger log = LoggerFactory.getLogger(SetecKeys.class);
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int MAX_ANSWER = 64 * 1024;
  private static final int MAX_REASON = 200;
  private static final JsonFactory JSON =
      JsonFactory.builder().disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION).build();

  private final URI server;
  private final String name;
  private final Path cache;
  private final Map<String, String> environment;

  /// @param url the server's
  /// @param prefix what the secret's name begins with
  /// @param cache the file that keeps the answer
  /// @param environment names other certificate authorities than the system's
  /// @throws StartException if the URL is none, or the cache is no file
  SetecKeys(String url, String prefix, Path cache, Map<String, String> environment)
      throws StartException {
    server = endpoint(url);
    if (Files.exists(cache, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(cache)) {
      throw new StartException(
          "-secrets-cache-dir " + cache + " exists and is no regular file, which it is to be");
    }
    String path = prefix.replaceAll("/+$", "");
    this.name = path.isEmpty() ? "meshkey" : path + "/meshkey";
    this.cache = cache;
    this.environment = environment;
  }

  private static URI endpoint(String url) throws StartException {
    try {
      URI given = URI.create(url);
      boolean http = "http".equals(given.getScheme()) || "https".equals(given.getScheme());
      if (http && given.getHost() != null) {
        return URI.create(url.replaceAll("/+$", "") + "/api/get");
      }
    } catch (IllegalArgumentException e) {
      // As any other text that is no URL.
    }
    throw new StartException("-secrets-url wants an http or https URL");
  }

  @Override
  public Collection<Path> files() {
    return List.of();
  }

  @Override
  public List<MeshKey> read() throws ReloadException {
    String text;
    try {
      Secret secret = ask();
      text = secret.text();
      keep(secret);
    } catch (IOException unreachable) {
      text = kept(unreachable);
    }
    return MeshKeys.parse("setec secret " + name, text);
  }

  private record Secret(String value, long version) {
    String text() throws IOException {
      try {
        return new String(Base64.getDecoder().decode(value), StandardCharsets.ISO_8859_1);
      } catch (IllegalArgumentException e) {
        throw new IOException("the value is no base64");
      }
    }
  }

  private Secret ask() throws IOException {
    HttpClient.Builder client = HttpClient.newBuilder().connectTimeout(LIMIT);
    if ("https".equals(server.getScheme())) {
      client.sslContext(tls());
    }
    HttpRequest request =
        HttpRequest.newBuilder(server)
            .timeout(LIMIT)
            .header("Content-Type", "application/json")
            .header("Sec-X-Tailscale-No-Browsers", "setec")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"Name\":" + quoted(name) + ",\"Version\":0,\"UpdateIfChanged\":false}"))
            .build();
    try (HttpClient http = client.build()) {
      HttpResponse<InputStream> response =
          http.send(request, HttpResponse.BodyHandlers.ofInputStream());
      byte[] body;
      try (InputStream in = response.body()) {
        body = in.readNBytes(MAX_ANSWER);
      }
      return answer(response.statusCode(), new String(body, StandardCharsets.UTF_8));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted");
    }
  }

  private static Secret answer(int status, String body) throws IOException {
    return switch (status) {
      case 200 -> {
        Secret secret = parse(body);
        if (secret == null) {
          throw new IOException("the answer has no Value");
        }
        yield secret;
      }
      case 403 -> throw new IOException("access denied");
      case 404 -> throw new IOException("not found");
      default -> throw refused(status, body.strip().replaceAll("[^ -~]", "?"));
    };
  }

  private static IOException refused(int status, String reason) {
    String head = reason.substring(0, Math.min(MAX_REASON, reason.length()));
    return new IOException("request returned status " + status + ": \"" + head + "\"");
  }

  private SSLContext tls() throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {SystemRoots.trustManager(environment)}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("no TLS: " + e.getMessage());
    }
  }

  /// The first object with a `Value` in it, wherever it is: the answer itself, or within the cache.
  private static @Nullable Secret parse(String json) throws IOException {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      return secret(parser);
    } catch (JacksonException e) {
      // The parser's own words may quote the text, and with it the key.
      throw new IOException("malformed JSON");
    }
  }

  private static @Nullable Secret secret(JsonParser parser) {
    String value = null;
    long version = 0;
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      return null;
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      JsonToken token = parser.nextToken();
      if ("Value".equalsIgnoreCase(field) && token == JsonToken.VALUE_STRING) {
        value = parser.getString();
      } else if ("Version".equalsIgnoreCase(field) && token == JsonToken.VALUE_NUMBER_INT) {
        version = parser.getLongValue();
      } else {
        parser.skipChildren();
      }
    }
    return value == null ? null : new Secret(value, version);
  }

  private void keep(Secret secret) {
    try {
      SecretFile.write(
          cache,
          "{"
              + quoted(name)
              + ":{\"secret\":{\"Value\":"
              + quoted(secret.value())
              + ",\"Version\":"
              + secret.version()
              + "},\"lastAccess\":\""
              + Instant.now().getEpochSecond()
              + "\"}}");
    } catch (IOException e) {
      log.warn("derper: cannot keep the mesh key in {}: {}", cache, IoReason.of(e));
    }
  }

  private String kept(IOException unreachable) throws ReloadException {
    String why =
        "setec at " + server.getAuthority() + ": secret " + name + ": " + reason(unreachable);
    String json;
    try {
      json = SecretFile.read(cache);
    } catch (NoSuchFileException e) {
      throw new ReloadException(why, unreachable);
    } catch (IOException e) {
      throw new ReloadException(why + "; cache " + cache + ": " + IoReason.of(e), unreachable);
    }
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      String text = inCache(parser);
      if (text == null) {
        throw new ReloadException(why + "; the cache " + cache + " has it neither", unreachable);
      }
      log.warn("derper: {}; using the one kept in {}", why, cache);
      return text;
    } catch (JacksonException | IOException e) {
      throw new ReloadException(why + "; the cache " + cache + " is malformed", unreachable);
    }
  }

  private @Nullable String inCache(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      return null;
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      boolean ours = name.equals(parser.currentName());
      if (parser.nextToken() == JsonToken.START_OBJECT && ours) {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          if ("secret".equals(parser.currentName())) {
            Secret secret = secret(parser);
            return secret == null ? null : secret.text();
          }
          parser.nextToken();
          parser.skipChildren();
        }
        return null;
      }
      parser.skipChildren();
    }
    return null;
  }

  private static String reason(IOException failure) {
    String message = failure.getMessage();
    if (message == null) {
      return failure instanceof ConnectException
          ? "connection refused"
          : failure.getClass().getSimpleName();
    }
    return message.replaceAll("[\\r\\n]+", " ");
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
