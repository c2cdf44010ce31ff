package dev.derp4j.map;

import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class DerpMapTest {
  private static final String WRITTEN_BY_HAND =
      """
      // ours
      {
        "Regions": {
          "900": {
            "RegionID": 900, "RegionCode": "mine", "RegionName": "My relay",
            "Nodes": [
              {"Name": "900a", "RegionID": 900, "HostName": "a.example.com", "DERPPort": 8443},
              /* the second
                 one */
              {"Name": "900b", "RegionID": 900, "HostName": "b.example.com", "STUNOnly": true,},
            ],
          },
        },
        "HomeParams": {"RegionScore": {"900": 0.5, "901": -1}},
      }
      """;

  @Test
  void aMapWrittenByHandIsRead() throws Exception {
    DerpMap map = DerpMap.parse(WRITTEN_BY_HAND);

    DerpRegion region = map.region(900).orElseThrow();
    assertThat(map.regionByCode("mine")).contains(region);
    assertThat(map.regionByCode("other")).isEmpty();
    assertThat(region.nodes())
        .containsExactly(
            DerpNode.builder("900a", 900, "a.example.com").derpPort(8443).build(),
            DerpNode.builder("900b", 900, "b.example.com").stunOnly(true).build());
  }

  @Test
  void scoresThatAreNoneCountAsOne() throws Exception {
    HomeParams params = DerpMap.parse(WRITTEN_BY_HAND).homeParams().orElseThrow();

    assertThat(params.scoreOf(900)).isEqualTo(0.5);
    assertThat(params.scoreOf(901)).isEqualTo(1);
    assertThat(params.scoreOf(902)).isEqualTo(1);
  }

  @Test
  void portsThatAreNotNamedAreTheUsualOnes() {
    DerpNode plain = DerpNode.builder("a", 1, "h").build();
    DerpNode special = DerpNode.builder("a", 1, "h").derpPort(8443).stunPort(-1).build();

    assertThat(plain.effectiveDerpPort()).isEqualTo(443);
    assertThat(plain.effectiveStunPort()).isEqualTo(3478);
    assertThat(special.effectiveDerpPort()).isEqualTo(8443);
    assertThat(special.effectiveStunPort()).isEqualTo(-1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'Regions':{'900':{'Nodes':[{},{'STUNPort':'x'}]}}}|1|44|Regions.900.Nodes[1].STUNPort|a whole number is due",
        "{~'Regions':~ {'x': {}}}|3|8|Regions.x|a whole number is due",
        "{'Regions':{'1':{'RegionName':5}}}|1|31|Regions.1.RegionName|a text in quotes is due",
        "{'Regions':{'1':{'Nodes':{}}}}|1|26|Regions.1.Nodes|a list [...] is due",
        "{'Regions':{'1':{'Nodes':[[]]}}}|1|27|Regions.1.Nodes[0]|an object {...} is due",
        "{'Regions':[]}|1|12|Regions|an object {...} is due",
        "{'Regions':{'1':{'Avoid':1}}}|1|26|Regions.1.Avoid|true or false is due",
        "{'Regions':{'1':{'Nodes':[{'DERPPort':99999999999}]}}}|1|39|Regions.1.Nodes[0].DERPPort|a port number is due",
        "{'Regions':{'1':{'Latitude':true}}}|1|29|Regions.1.Latitude|a number is due",
        "{'Regions':{'1':{'Latitude':1e999}}}|1|29|Regions.1.Latitude|the number is too large",
        "[]|1|1|``|an object {...} is due",
        "{'Regions':{'a\\u000ab':{}}}|1|24|Regions.\"a\\x0ab\"|a whole number is due",
        "{}~{}|2|1|``|there is something behind the map",
      })
  void aMistakeIsToldByLineColumnAndField(
      String document, int line, int column, String path, String reason) {
    String json = document.replace('\'', '"').replace('~', '\n');

    assertThatExceptionOfType(DerpMapException.class)
        .isThrownBy(() -> DerpMap.parse(json))
        .satisfies(
            mistake -> {
              assertThat(mistake.path()).isEqualTo(path);
              assertThat(mistake.line()).isEqualTo(line);
              assertThat(mistake.column()).isEqualTo(column);
              assertThat(mistake)
                  .hasMessage(
                      "line %d, column %d: %s%s",
                      line, column, path.isEmpty() ? "" : path + ": ", reason);
            });
  }

  @Test
  void whatIsNoJsonIsToldByLineAndColumn() {
    assertThatExceptionOfType(DerpMapException.class)
        .isThrownBy(() -> DerpMap.parse("{\n  \"Regions\": {\n    oops\n"))
        .withMessageMatching("line 3, column 5: no valid JSON: [ -~]+")
        .satisfies(mistake -> assertThat(mistake.line()).isEqualTo(3));
  }

  @Test
  void aDocumentThatIsTooLongIsRefusedWithoutReadingAllOfIt() {
    InputStream endless =
        new InputStream() {
          private long given;

          @Override
          public int read() {
            given++;
            assertThat(given).isLessThan(2L * DerpMap.MAX_DOCUMENT);
            return ' ';
          }
        };

    assertThatExceptionOfType(DerpMapException.class)
        .isThrownBy(() -> DerpMap.read(endless))
        .withMessageContaining("longer than");
  }

  @Test
  void nestingIsBounded() {
    String deep = "{\"x\":" + "[".repeat(20_000) + "]".repeat(20_000) + "}";

    assertThatExceptionOfType(DerpMapException.class).isThrownBy(() -> DerpMap.parse(deep));
  }

  @Test
  void aMapMadeInCodeIsWrittenWithoutWhatIsEmpty() {
    DerpMap map =
        DerpMap.of(DerpRegion.of(900, "mine", DerpNode.builder("900a", 900, "h").build()));

    assertThat(map.toJson())
        .isEqualTo(
            "{\"Regions\":{\"900\":{\"RegionID\":900,\"RegionCode\":\"mine\",\"RegionName\":\"mine\","
                + "\"Nodes\":[{\"Name\":\"900a\",\"RegionID\":900,\"HostName\":\"h\"}]}}}");
  }

  @Test
  void aScoreThatJsonCannotSayIsRefused() {
    DerpMap map =
        new DerpMap(
            DerpMap.of().regions(),
            false,
            Optional.of(HomeParams.of(Map.of(1L, Double.POSITIVE_INFINITY))));

    assertThatIllegalArgumentException().isThrownBy(map::toJson);
  }
}
