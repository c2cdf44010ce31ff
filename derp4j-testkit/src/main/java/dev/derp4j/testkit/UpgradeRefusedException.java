package dev.derp4j.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The server answered a client's upgrade request with another status than 101.
public final class UpgradeRefusedException extends IOException {
  private static final long serialVersionUID = 1L;
  private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *([0-9]+)");

  private final int status;
  private final String body;

  private UpgradeRefusedException(String head, int status, String body) {
    super(head.strip() + "\n\n" + body);
    this.status = status;
    this.body = body;
  }

  /// Reads the body behind the head: as long as the head says, else up to the end of the
  /// connection.
  static UpgradeRefusedException reading(String head, RawConnection connection, Duration limit)
      throws IOException {
    Matcher length = LENGTH.matcher(head);
    byte[] body =
        length.find()
            ? connection.read(Integer.parseInt(length.group(1)), limit)
            : connection.readUntilClosed(limit);
    int status = Integer.parseInt(head.substring("HTTP/1.1 ".length(), "HTTP/1.1 ".length() + 3));
    return new UpgradeRefusedException(head, status, new String(body, StandardCharsets.UTF_8));
  }

  /// The HTTP status code.
  public int status() {
    return status;
  }

  /// The answer's body.
  public String body() {
    return body;
  }
}
