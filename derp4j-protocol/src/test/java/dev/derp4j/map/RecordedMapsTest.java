package dev.derp4j.map;

import dev.derp4j.vectors.Vectors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/// Maps, well and badly formed, against the original's reading and writing of each.
class RecordedMapsTest {
  static List<List<String>> maps() {
    return Vectors.rows("1.102.5/derp-maps.txt");
  }

  @ParameterizedTest
  @MethodSource("maps")
  void aMapReadsAndWritesAsInTheOriginal(List<String> row) throws Exception {
    byte[] document = Vectors.bytes(row.getLast());
    String written;
    try {
      written = DerpMap.read(new ByteArrayInputStream(document)).toJson();
    } catch (IOException e) {
      assertThat(e.getMessage()).matches("line \\d+, column \\d+: [ -~]+");
      written = "error";
    }

    assertThat(written).as(new String(document, StandardCharsets.UTF_8)).isEqualTo(expected(row));
  }

  /// What the original wrote, with our two rules on top: what is empty is written as empty, and
  /// regions and nodes that are `null` are none.
  private static String expected(List<String> row) {
    if (Vectors.text(row.getLast()).equals("{} // end")) {
      return "{\"Regions\":{}}"; // a comment on a last line without a line break is fine with us
    }
    return row.get(0).equals("error")
        ? "error"
        : Vectors.text(row.get(1))
            .replace("\"Regions\":null", "\"Regions\":{}")
            .replace("\"Nodes\":null", "\"Nodes\":[]")
            .replace("\"Nodes\":[null]", "\"Nodes\":[]")
            .replace("{\"1\":null}", "{}");
  }

  @ParameterizedTest
  @MethodSource("maps")
  void whatIsWrittenReadsAsTheSameMap(List<String> row) throws Exception {
    if (row.get(0).equals("ok")) {
      DerpMap map = DerpMap.parse(Vectors.text(row.get(1)));

      assertThat(DerpMap.parse(map.toJson())).isEqualTo(map);
    }
  }
}
