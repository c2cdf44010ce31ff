package dev.derp4j.map;

import dev.derp4j.json.GoJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/// Reads one document, streaming: unknown values are skipped without being built. One instance
/// collects the fields of the map itself.
final class DerpMapReader {
  private static final JsonFactory FACTORY =
      GoJson.reader(DerpMap.MAX_DOCUMENT)
          .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
          .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
          .build();

  private final SortedMap<Long, DerpRegion> regions = new TreeMap<>();
  private final SortedMap<Long, Double> scores = new TreeMap<>();
  private boolean omitDefaultRegions;
  private boolean hasHomeParams;

  private DerpMapReader() {}

  static DerpMap read(byte[] json) throws DerpMapException {
    if (json.length > DerpMap.MAX_DOCUMENT) {
      throw tooLong();
    }
    return read(new String(json, StandardCharsets.UTF_8));
  }

  static DerpMap read(String json) throws DerpMapException {
    if (json.length() > DerpMap.MAX_DOCUMENT) {
      throw tooLong();
    }
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      return new DerpMapReader().document(new FieldReader(parser));
    } catch (JacksonException malformed) {
      throw FieldReader.malformed(malformed);
    }
  }

  private static DerpMapException tooLong() {
    return new DerpMapException(
        1, 1, "", "the document is longer than " + DerpMap.MAX_DOCUMENT + " bytes");
  }

  private DerpMap document(FieldReader in) throws DerpMapException {
    if (in.next() == null) {
      throw in.wrong("the document is empty");
    }
    in.object(this::field);
    if (in.next() != null) {
      throw in.wrong("there is something behind the map");
    }
    return new DerpMap(
        regions,
        omitDefaultRegions,
        hasHomeParams ? Optional.of(new HomeParams(scores)) : Optional.empty());
  }

  private void field(String name, FieldReader in) throws DerpMapException {
    switch (name) {
      case "homeparams" -> homeParams(in);
      case "regions" -> in.table(this::region);
      case "omitdefaultregions" -> omitDefaultRegions = in.flag();
      default -> in.skip();
    }
  }

  private void homeParams(FieldReader in) throws DerpMapException {
    hasHomeParams = true;
    in.object(
        (name, value) -> {
          if (name.equals("regionscore")) {
            value.table((id, score) -> scores.put(id, score.decimal()));
          } else {
            value.skip();
          }
        });
  }

  private void region(long id, FieldReader in) throws DerpMapException {
    Region region = new Region();
    in.object(region::field);
    regions.put(id, region.build());
  }

  /// The fields of one region.
  private static final class Region {
    private long regionId;
    private String regionCode = "";
    private String regionName = "";
    private double latitude;
    private double longitude;
    private boolean avoid;
    private boolean noMeasureNoHome;
    private final List<DerpNode> nodes = new ArrayList<>();

    void field(String name, FieldReader in) throws DerpMapException {
      switch (name) {
        case "regionid" -> regionId = in.wholeNumber();
        case "regioncode" -> regionCode = in.text();
        case "regionname" -> regionName = in.text();
        case "latitude" -> latitude = in.decimal();
        case "longitude" -> longitude = in.decimal();
        case "avoid" -> avoid = in.flag();
        case "nomeasurenohome" -> noMeasureNoHome = in.flag();
        case "nodes" -> {
          nodes.clear();
          in.list(value -> nodes.add(node(value)));
        }
        default -> in.skip();
      }
    }

    DerpRegion build() {
      return new DerpRegion(
          regionId, regionCode, regionName, latitude, longitude, avoid, noMeasureNoHome, nodes);
    }
  }

  private static DerpNode node(FieldReader in) throws DerpMapException {
    DerpNode.Builder node = new DerpNode.Builder();
    in.object((name, value) -> nodeField(node, name, value));
    return node.build();
  }

  private static void nodeField(DerpNode.Builder node, String name, FieldReader in)
      throws DerpMapException {
    switch (name) {
      case "name" -> node.name(in.text());
      case "regionid" -> node.regionId(in.wholeNumber());
      case "hostname" -> node.hostName(in.text());
      case "certname" -> node.certName(in.text());
      case "ipv4" -> node.ipv4(in.text());
      case "ipv6" -> node.ipv6(in.text());
      case "stunport" -> node.stunPort(in.port());
      case "stunonly" -> node.stunOnly(in.flag());
      case "derpport" -> node.derpPort(in.port());
      case "insecurefortests" -> node.insecureForTests(in.flag());
      case "stuntestip" -> node.stunTestIp(in.text());
      case "canport80" -> node.canPort80(in.flag());
      default -> in.skip();
    }
  }
}
