package dev.derp4j.admission;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.derp4j.reload.ReloadException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/// Whatever an operator's file or a program on the machine says: it is understood, or refused in
// one
/// line that is safe to log.
///
/// The build only replays the seeds. To search for real:
///
/// ```text
/// JAZZER_FUZZ=1 mvn -pl derp4j-server -am test -Dsurefire.failIfNoSpecifiedTests=false \
///   -Dtest='AdmissionFuzzTest#anyTextIsAKeyListOrNamesItsLine'
/// ```
class AdmissionFuzzTest {
  private static final String KEY = "nodekey:" + "0123456789abcdef".repeat(4);

  @FuzzTest(maxDuration = "1m")
  void anyTextIsAKeyListOrNamesItsLine(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    try {
      assertThat(KeyList.parse("keys", text).keys().size())
          .isLessThanOrEqualTo((int) text.lines().count());
    } catch (ReloadException bad) {
      assertThat(bad.getMessage()).matches("keys:\\d+: [ -~]{1,1000}");
    }
  }

  @FuzzTest(maxDuration = "1m")
  void anyAnswerIsTakenApartOrRefused(byte[] bytes) {
    try {
      LocalHttp.Answer answer = LocalHttp.parse(new String(bytes, StandardCharsets.UTF_8));
      assertThat(answer.status()).isBetween(100, 999);
    } catch (IOException refused) {
      assertThat(refused.getMessage()).matches("[ -~]{1,200}");
    }
  }

  @Test
  void damagedKeyLists() {
    String good = "# Alice\n" + KEY + " rate=500k burst=2M quota=20G # laptop\n\n" + KEY + "\n";
    for (int seed = 0; seed < 2000; seed++) {
      anyTextIsAKeyListOrNamesItsLine(damaged(good, seed));
    }
  }

  @Test
  void damagedAnswers() {
    String good = "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"Node\":{}}";
    for (int seed = 0; seed < 2000; seed++) {
      anyAnswerIsTakenApartOrRefused(damaged(good, seed));
    }
  }

  private static byte[] damaged(String good, int seed) {
    Random random = new Random(seed);
    byte[] bytes = good.getBytes(StandardCharsets.ISO_8859_1);
    for (int i = 0; i < 1 + random.nextInt(3); i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return bytes;
  }
}
