package dev.derp4j.map;

import dev.derp4j.json.GoEscapes;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/// Writes a map as Go's `encoding/json` does: the original's order of fields, tables by number
/// sorted as text, numbers in their shortest form, `<`, `>` and `&` as escapes.
final class DerpMapWriter {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
          .characterEscapes(GoEscapes.INSTANCE)
          .build();

  private final JsonGenerator out;

  private DerpMapWriter(JsonGenerator out) {
    this.out = out;
  }

  static String write(DerpMap map) {
    StringWriter json = new StringWriter();
    try (JsonGenerator out = FACTORY.createGenerator(ObjectWriteContext.empty(), json)) {
      new DerpMapWriter(out).map(map);
    }
    return json.toString();
  }

  private void map(DerpMap map) {
    out.writeStartObject();
    map.homeParams().ifPresent(this::homeParams);
    out.writeName("Regions");
    table(map.regions(), (id, region) -> region(region));
    unlessFalse("omitDefaultRegions", map.omitDefaultRegions());
    out.writeEndObject();
  }

  private void homeParams(HomeParams params) {
    out.writeName("HomeParams");
    out.writeStartObject();
    if (!params.regionScore().isEmpty()) {
      out.writeName("RegionScore");
      table(params.regionScore(), (id, score) -> decimal(score));
    }
    out.writeEndObject();
  }

  private <T> void table(SortedMap<Long, T> entries, BiConsumer<Long, T> value) {
    Map<String, Long> byText = new TreeMap<>();
    entries.keySet().forEach(id -> byText.put(id.toString(), id));
    out.writeStartObject();
    byText.forEach(
        (text, id) -> {
          out.writeName(text);
          T entry = entries.get(id);
          if (entry != null) {
            value.accept(id, entry);
          }
        });
    out.writeEndObject();
  }

  private void region(DerpRegion region) {
    out.writeStartObject();
    out.writeNumberProperty("RegionID", region.regionId());
    out.writeStringProperty("RegionCode", region.regionCode());
    out.writeStringProperty("RegionName", region.regionName());
    unlessZero("Latitude", region.latitude());
    unlessZero("Longitude", region.longitude());
    unlessFalse("Avoid", region.avoid());
    unlessFalse("NoMeasureNoHome", region.noMeasureNoHome());
    out.writeArrayPropertyStart("Nodes");
    region.nodes().forEach(this::node);
    out.writeEndArray();
    out.writeEndObject();
  }

  private void node(DerpNode node) {
    out.writeStartObject();
    out.writeStringProperty("Name", node.name());
    out.writeNumberProperty("RegionID", node.regionId());
    out.writeStringProperty("HostName", node.hostName());
    unlessEmpty("CertName", node.certName());
    unlessEmpty("IPv4", node.ipv4());
    unlessEmpty("IPv6", node.ipv6());
    unlessZero("STUNPort", node.stunPort());
    unlessFalse("STUNOnly", node.stunOnly());
    unlessZero("DERPPort", node.derpPort());
    unlessFalse("InsecureForTests", node.insecureForTests());
    unlessEmpty("STUNTestIP", node.stunTestIp());
    unlessFalse("CanPort80", node.canPort80());
    out.writeEndObject();
  }

  private void unlessFalse(String name, boolean value) {
    if (value) {
      out.writeBooleanProperty(name, true);
    }
  }

  private void unlessEmpty(String name, String value) {
    if (!value.isEmpty()) {
      out.writeStringProperty(name, value);
    }
  }

  private void unlessZero(String name, int value) {
    if (value != 0) {
      out.writeNumberProperty(name, value);
    }
  }

  private void unlessZero(String name, double value) {
    if (value != 0) {
      out.writeName(name);
      decimal(value);
    }
  }

  /// Go's form of a number: plain from 1e-6 to 1e21, with an exponent outside. What is no number in
  /// JSON cannot have been read, and is refused.
  private void decimal(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("JSON has no number " + value);
    }
    double size = Math.abs(value);
    if (size != 0 && (size < 1e-6 || size >= 1e21)) {
      String text = Double.toString(value).replace(".0E", "e").replace('E', 'e');
      out.writeNumber(size < 1 ? text : text.replace("e", "e+"));
    } else {
      String text = new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
      out.writeNumber(value == 0 && 1 / value < 0 ? "-0" : text);
    }
  }
}
