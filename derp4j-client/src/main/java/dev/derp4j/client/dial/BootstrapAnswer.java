package dev.derp4j.client.dial;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/// The answer of `/bootstrap-dns`: a JSON object of names, each with a list of addresses.
///
/// ```text
/// {"derp1.example.com":["192.0.2.1","2001:db8::1"],"derp2.example.com":[]}
/// ```
///
/// Read strictly: anything else in it makes all of it unusable. A list may be `null`, as the
/// original writes an empty one.
final class BootstrapAnswer {
  private static final int MOST_ADDRESSES = 64;
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
          .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
          .build();

  private BootstrapAnswer() {}

  /// The addresses of one name, in the answer's order; empty if it does not know the name.
  static List<InetAddress> addresses(byte[] json, String host) throws StepFailure {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      expect(parser.nextToken(), JsonToken.START_OBJECT);
      List<InetAddress> found = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        boolean wanted = name.toLowerCase(Locale.ROOT).equals(host.toLowerCase(Locale.ROOT));
        for (InetAddress address : list(parser)) {
          if (wanted && found.size() < MOST_ADDRESSES) {
            found.add(address);
          }
        }
      }
      expect(parser.nextToken(), null);
      return found;
    } catch (JacksonException malformed) {
      throw wrong();
    }
  }

  private static List<InetAddress> list(JsonParser parser) throws StepFailure {
    JsonToken first = parser.nextToken();
    if (first == JsonToken.VALUE_NULL) {
      return List.of();
    }
    expect(first, JsonToken.START_ARRAY);
    List<InetAddress> all = new ArrayList<>();
    for (JsonToken next = parser.nextToken();
        next != JsonToken.END_ARRAY;
        next = parser.nextToken()) {
      expect(next, JsonToken.VALUE_STRING);
      InetAddress address = Literals.address(parser.getString());
      if (address == null) {
        throw wrong();
      }
      all.add(address);
    }
    return all;
  }

  private static void expect(@Nullable JsonToken token, @Nullable JsonToken wanted)
      throws StepFailure {
    if (token != wanted) {
      throw wrong();
    }
  }

  private static StepFailure wrong() {
    return new StepFailure("the answer is no list of addresses");
  }
}
