package dev.derp4j.tls;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class TlsEngineTest {
  @AfterEach
  void forgetTheWish() {
    System.clearProperty(TlsEngine.PROPERTY);
  }

  @Test
  void boringssl_is_taken_where_its_library_loads() throws Exception {
    assertThat(TlsEngine.choose()).isEqualTo(TlsEngine.BORINGSSL);
    assertThat(TlsEngine.BORINGSSL.description()).isEqualTo("BoringSSL");
  }

  @Test
  void the_property_overrides_the_choice() throws Exception {
    System.setProperty(TlsEngine.PROPERTY, "JDK");
    assertThat(TlsEngine.choose()).isEqualTo(TlsEngine.JDK);
    System.setProperty(TlsEngine.PROPERTY, "boringssl");
    assertThat(TlsEngine.choose()).isEqualTo(TlsEngine.BORINGSSL);
  }

  @Test
  void an_unknown_engine_is_refused_in_one_line() {
    System.setProperty(TlsEngine.PROPERTY, "gnutls");
    assertThatThrownBy(TlsEngine::choose)
        .isInstanceOf(TlsConfigException.class)
        .hasMessage("derp4j.tls.engine=gnutls: must be boringssl or jdk");
  }
}
