package dev.derp4j.admission;

import dev.derp4j.json.GoJson;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// The fields of a small JSON object that others wrote, names in any letter case as Go programs
/// read them. Objects within it are kept, arrays are stepped over. Immutable.
final class JsonFields {
  /// More than any answer that is asked for has.
  private static final int MAX_CHARACTERS = LocalHttp.MAX_ANSWER;

  private static final JsonFactory FACTORY = GoJson.reader(MAX_CHARACTERS).build();
  private static final int MAX_NESTING = 32;

  private final Map<String, Object> values;

  /// The text is no JSON object, or a field is of another type than it should be.
  static final class BadJsonException extends Exception {
    private static final long serialVersionUID = 1;

    BadJsonException(String message) {
      super(message);
    }
  }

  private JsonFields(Map<String, Object> values) {
    this.values = values;
  }

  /// Reads the object at the start of a text; what stands behind it does not matter.
  static JsonFields parse(String text) throws BadJsonException {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new BadJsonException("no JSON object");
      }
      return new JsonFields(object(parser, 0));
    } catch (JacksonException malformed) {
      throw new BadJsonException("no valid JSON");
    }
  }

  private static Map<String, Object> object(JsonParser parser, int depth) throws BadJsonException {
    if (depth > MAX_NESTING) {
      throw new BadJsonException("JSON nested too deep");
    }
    Map<String, Object> values = new HashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = GoJson.foldName(parser.currentName());
      switch (parser.nextToken()) {
        case START_OBJECT -> values.put(name, object(parser, depth + 1));
        case VALUE_STRING -> values.put(name, parser.getString());
        case VALUE_TRUE -> values.put(name, true);
        case VALUE_FALSE -> values.put(name, false);
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
            values.put(name, new Digits(parser.getString()));
        default -> parser.skipChildren();
      }
    }
    return values;
  }

  private record Digits(String digits) {}

  /// False where it is missing.
  boolean flag(String name) throws BadJsonException {
    return switch (values.get(name)) {
      case null -> false;
      case Boolean value -> value;
      default -> throw new BadJsonException(name + " is neither true nor false");
    };
  }

  /// Empty where it is missing.
  OptionalLong number(String name) throws BadJsonException {
    return switch (values.get(name)) {
      case null -> OptionalLong.empty();
      case Digits found -> OptionalLong.of(number(name, found.digits()));
      default -> throw new BadJsonException(name + " is no number");
    };
  }

  private static long number(String name, String digits) throws BadJsonException {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw new BadJsonException(name + " is no whole number of 64 bits");
    }
  }

  /// Empty where it is missing.
  String text(String name) throws BadJsonException {
    return switch (values.get(name)) {
      case null -> "";
      case String text -> text;
      default -> throw new BadJsonException(name + " is no text");
    };
  }

  /// An object within this one; an empty one where it is missing.
  @SuppressWarnings("unchecked")
  JsonFields nested(String name) throws BadJsonException {
    return switch (values.get(name)) {
      case null -> new JsonFields(Map.of());
      case Map<?, ?> object -> new JsonFields((Map<String, Object>) object);
      default -> throw new BadJsonException(name + " is no object");
    };
  }
}
