package dev.derp4j.http.names;

import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.Metrics;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// `/bootstrap-dns` as it is answered from a real resolver and a name server that a test rules.
class BootstrapDnsTest {
  /// Its place in the order of all clients is 0.4769.
  private static final InetAddress CLIENT = InetAddress.ofLiteral("192.0.2.7");

  private final Metrics metrics = new Metrics("1.2.3", "derper");
  @AutoClose private final NameServer server = new NameServer();

  @AutoClose
  private final SystemNames names =
      new SystemNames(new SingletonDnsServerAddressStreamProvider(server.address()));

  BootstrapDnsTest() throws IOException {}

  private BootstrapDns dns(String published, String unpublished) {
    return new BootstrapDns(
        BootstrapEntry.parse(published),
        BootstrapEntry.parse(unpublished),
        names,
        metrics,
        new SplittableRandom(7));
  }

  @Test
  void publishedNamesAreToldToEverybodyAsTheOriginalPrintsThem() {
    server.addresses("log.example", "192.0.2.1");
    server.addresses("control.example", "2001:db8::1");
    BootstrapDns dns = dns("log.example,control.example", "");
    dns.refresh();

    assertThat(dns.answer("", CLIENT))
        .isEqualTo(
            "{\n\t\"control.example\": [\n\t\t\"2001:db8::1\"\n\t],\n"
                + "\t\"log.example\": [\n\t\t\"192.0.2.1\"\n\t]\n}");
    assertThat(metrics.value(Metric.BOOTSTRAP_DNS_REQUESTS)).isOne();
  }

  @Test
  void bothFamiliesAreToldAndShuffledAtEachRefresh() {
    server.addresses("a.example", "192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2");
    BootstrapDns dns = dns("a.example", "");
    TreeSet<String> answers = new TreeSet<>();
    IntStream.range(0, 20)
        .forEach(
            _ -> {
              dns.refresh();
              answers.add(dns.answer("", CLIENT));
            });

    assertThat(answers).hasSizeGreaterThan(1);
    assertThat(answers)
        .allSatisfy(
            answer ->
                assertThat(answer)
                    .contains("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"));
  }

  @Test
  void beforeTheFirstRoundAndWithoutNamesThereIsNothingToTell() {
    assertThat(dns("a.example", "").answer("", CLIENT)).isEmpty();
    BootstrapDns none = dns("", "");
    none.refresh();
    assertThat(none.answer("", CLIENT)).isEmpty();
  }

  @Test
  void aNameThatNeverResolvedIsMissing() {
    BootstrapDns dns = dns("gone.example", "");
    dns.refresh();
    assertThat(dns.answer("", CLIENT)).isEqualTo("null");

    server.addresses("gone.example", "192.0.2.1");
    dns.refresh();
    assertThat(dns.answer("", CLIENT)).contains("192.0.2.1");
  }

  @Test
  void aNameThatStopsResolvingKeepsItsLastAddresses() {
    server.addresses("a.example", "192.0.2.1");
    server.addresses("b.example", "192.0.2.2");
    BootstrapDns dns = dns("a.example,b.example", "");
    dns.refresh();
    server.forget("a.example");
    server.addresses("b.example", "192.0.2.3");
    dns.refresh();
    assertThat(dns.answer("", CLIENT))
        .contains("192.0.2.1", "192.0.2.3")
        .doesNotContain("192.0.2.2");

    server.failing(true);
    dns.refresh();
    assertThat(dns.answer("", CLIENT)).contains("192.0.2.1", "192.0.2.3");
  }

  @Test
  void aHiddenNameIsToldAloneAndOnlyToThoseWhoAskForIt() {
    server.addresses("public.example", "192.0.2.1");
    server.addresses("hidden.example", "192.0.2.2");
    BootstrapDns dns = dns("public.example", "hidden.example");
    dns.refresh();

    assertThat(dns.answer("", CLIENT)).contains("public.example").doesNotContain("hidden");
    assertThat(dns.answer("hidden.example", CLIENT))
        .isEqualTo("{\n\t\"hidden.example\": [\n\t\t\"192.0.2.2\"\n\t]\n}");
    assertThat(dns.answer("public.example", CLIENT)).contains("192.0.2.1");
    assertThat(dns.answer("other.example", CLIENT)).contains("public.example");
    assertThat(metrics.value(Metric.BOOTSTRAP_DNS_REQUESTS)).isEqualTo(4);
    assertThat(metrics.value(Metric.BOOTSTRAP_DNS_UNPUBLISHED_HITS)).isOne();
    assertThat(metrics.value(Metric.BOOTSTRAP_DNS_PUBLISHED_HITS)).isOne();
    assertThat(metrics.value(Metric.BOOTSTRAP_DNS_UNPUBLISHED_MISSES)).isOne();
    assertThat(metrics.value(Metric.BOOTSTRAP_DNS_QUERIED_DOMAINS)).isEqualTo(3);
  }

  @Test
  void aRolloutTellsANameToItsPartOfTheClients() {
    server.addresses("new.example", "192.0.2.2");
    server.texts("percent.example", "no number", "48");
    BootstrapDns dns = dns("", "new.example/percent.example");
    dns.refresh();
    assertThat(dns.answer("new.example", CLIENT)).contains("192.0.2.2");

    server.texts("percent.example", "47");
    dns.refresh();
    assertThat(dns.answer("new.example", CLIENT)).isEmpty();
    assertThat(metrics.value(Metric.BOOTSTRAP_DNS_UNPUBLISHED_HITS)).isEqualTo(2);
    assertThat(metrics.value(Metric.BOOTSTRAP_DNS_UNPUBLISHED_PERCENT_MISSES)).isOne();
    assertThat(dns.answer("new.example", null)).isEmpty();
  }

  @Test
  void aRolloutWithoutAPercentageIncludesNobody() {
    server.addresses("new.example", "192.0.2.2");
    for (List<String> texts :
        List.of(List.<String>of(), List.of(""), List.of("101"), List.of("-1"), List.of("ten"))) {
      server.texts("percent.example", texts.toArray(String[]::new));
      BootstrapDns dns = dns("", "new.example/percent.example");
      dns.refresh();
      assertThat(dns.answer("new.example", CLIENT)).as("%s", texts).isEmpty();
    }
    BootstrapDns missing = dns("", "new.example/missing.example");
    missing.refresh();
    assertThat(missing.answer("new.example", CLIENT)).isEmpty();
  }

  @Test
  void aRolloutStaysWhereItIsWhileNameServersFailAndEndsWithItsRecord() {
    server.addresses("new.example", "192.0.2.2");
    server.texts("percent.example", "100");
    BootstrapDns dns = dns("", "new.example/percent.example");
    dns.refresh();
    server.failing(true);
    dns.refresh();
    assertThat(dns.answer("new.example", CLIENT)).contains("192.0.2.2");

    server.failing(false);
    server.forget("percent.example");
    dns.refresh();
    assertThat(dns.answer("new.example", CLIENT)).isEmpty();
  }

  @Test
  void whatStrangersAskForIsRememberedWithinBounds() {
    BootstrapDns dns = dns("", "");
    dns.answer("x".repeat(256), CLIENT);
    assertThat(metrics.value(Metric.BOOTSTRAP_DNS_QUERIED_DOMAINS)).isZero();
    for (int i = 0; i < 500; i++) {
      dns.answer("name" + i, CLIENT);
    }
    assertThat(metrics.value(Metric.BOOTSTRAP_DNS_QUERIED_DOMAINS)).isEqualTo(500);
    dns.answer("one more", CLIENT);
    assertThat(metrics.value(Metric.BOOTSTRAP_DNS_QUERIED_DOMAINS)).isZero();
  }

  @Test
  void namesAreReadFromACommaList() {
    assertThat(BootstrapEntry.parse(" a.example , b.example/c.example,, "))
        .containsExactly(
            new BootstrapEntry("a.example", ""), new BootstrapEntry("b.example", "c.example"));
    assertThat(BootstrapEntry.parse("")).isEmpty();
    for (String bad : List.of("a b", "\"", "a..b", "a/b/c", "ä.example", "x".repeat(254))) {
      assertThatThrownBy(() -> BootstrapEntry.parse(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith("is no host name");
    }
  }
}
