package dev.derp4j.handshake;

import dev.derp4j.key.MeshKey;
import dev.derp4j.vectors.Vectors;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/// Hundreds of info documents, well and badly formed, against the original's reading of each.
class RecordedInfosTest {
  static List<List<String>> clientInfos() {
    return Vectors.rows("1.102.5/client-infos.txt").stream()
        .filter(row -> !row.get(1).equals("nested"))
        .toList();
  }

  static List<List<String>> nestedDocuments() {
    return Vectors.rows("1.102.5/client-infos.txt").stream()
        .filter(row -> row.get(1).equals("nested"))
        .toList();
  }

  static List<List<String>> serverInfos() {
    return Vectors.rows("1.102.5/server-infos.txt");
  }

  @ParameterizedTest
  @MethodSource("clientInfos")
  void aClientInfoReadsAsInTheOriginal(List<String> row) {
    byte[] document = Vectors.bytes(row.getLast());
    String read;
    try {
      ClientInfo info = ClientInfo.parse(document);
      read =
          String.join(
              " ",
              "ok",
              Integer.toString(info.version()),
              Boolean.toString(info.canAckPings()),
              Boolean.toString(info.isProber()),
              Vectors.column(info.appName().getBytes(StandardCharsets.UTF_8)),
              info.meshKey().map(MeshKey::secretText).orElse("-"));
    } catch (HandshakeException e) {
      assertThat(e.getMessage()).matches("[ -~]+");
      read = "error";
    }

    assertThat(read).as(new String(document, StandardCharsets.UTF_8)).isEqualTo(expected(row));
  }

  /// What the recorded release read, with the two rules on top that it did not have: the newer
  /// one's for app names, and ours that a version beyond an `int` is the nearest one.
  private static String expected(List<String> row) {
    if (row.get(0).equals("error")) {
      return "error";
    }
    if (!ClientInfo.isValidAppName(Vectors.text(row.get(4)))) {
      return "error";
    }
    long version = Long.parseLong(row.get(1));
    int kept = Math.clamp(version, Integer.MIN_VALUE, Integer.MAX_VALUE);
    return "ok " + kept + " " + String.join(" ", row.subList(2, 6));
  }

  @ParameterizedTest
  @MethodSource("nestedDocuments")
  void nestingIsBoundedAsInTheOriginal(List<String> row) {
    int arrays = Integer.parseInt(row.get(2)) - 1;
    String document = "{\"other\":" + "[".repeat(arrays) + "]".repeat(arrays) + "}";
    String read;
    try {
      ClientInfo.parse(document.getBytes(StandardCharsets.UTF_8));
      read = "ok";
    } catch (HandshakeException e) {
      read = "error";
    }

    assertThat(read).isEqualTo(row.get(0));
  }

  @ParameterizedTest
  @MethodSource("serverInfos")
  void aServerInfoReadsAsInTheOriginal(List<String> row) {
    byte[] document = Vectors.bytes(row.getLast());
    String read;
    try {
      ServerInfo info = ServerInfo.parse(document);
      read =
          "ok "
              + info.version()
              + " "
              + number(info.tokenBucketBytesPerSecond())
              + " "
              + number(info.tokenBucketBytesBurst());
    } catch (HandshakeException e) {
      read = "error";
    }

    String expected =
        row.get(0).equals("error")
            ? "error"
            : "ok "
                + Math.clamp(Long.parseLong(row.get(1)), Integer.MIN_VALUE, Integer.MAX_VALUE)
                + " "
                + row.get(2)
                + " "
                + row.get(3);
    assertThat(read).as(new String(document, StandardCharsets.UTF_8)).isEqualTo(expected);
  }

  private static long number(OptionalLong number) {
    return number.orElse(0);
  }
}
