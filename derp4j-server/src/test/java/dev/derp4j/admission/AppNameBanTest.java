package dev.derp4j.admission;

import dev.derp4j.key.NodePrivateKey;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class AppNameBanTest {
  private final AppNameBan ban = new AppNameBan(List.of("tool", " b", "\"x\""));

  @Test
  void namesAreComparedExactly() {
    assertThat(verdictOn("tool"))
        .isEqualTo(new Verdict.Rejected(Reason.APP_NAME, "disallowed app name \"tool\""));
    assertThat(verdictOn(" b")).isInstanceOf(Verdict.Rejected.class);
    assertThat(verdictOn("b")).isNull();
    assertThat(verdictOn("Tool")).isNull();
    assertThat(verdictOn("tools")).isNull();
  }

  @Test
  void aClientWithoutANameIsNotMeant() {
    assertThat(verdictOn("")).isNull();
    assertThatThrownBy(() -> new AppNameBan(List.of("a", "")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aNameCannotForgeALine() {
    assertThat(verdictOn("\"x\""))
        .isEqualTo(new Verdict.Rejected(Reason.APP_NAME, "disallowed app name \"\\\"x\\\"\""));
  }

  private Verdict verdictOn(String appName) {
    return ban.judge(
        new Newcomer(
            NodePrivateKey.generate().publicKey(), new InetSocketAddress("192.0.2.1", 1), appName));
  }
}
