package dev.derp4j.json;

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
public final class JsonFields {
  /// A bound on each name, text and number; that of the whole is the caller's.
  private static final int MAX_CHARACTERS = 1 << 20;

  private static final JsonFactory FACTORY = GoJson.reader(MAX_CHARACTERS).build();
  private static final int MAX_NESTING = 32;

  private final Map<String, Object> values;

  /// The text is no JSON object, or a field is of another type than it should be.
  public static final class BadJsonException extends Exception {
    private static final long serialVersionUID = 1;

    public BadJsonException(String message) {
      super(message);
    }
  }

  private JsonFields(Map<String, Object> values) {
    this.values = values;
  }

  /// Reads the object at the start of a text; what stands behind it does not matter.
  public static JsonFields parse(String text) throws BadJsonException {
    return parse(text, false);
  }

  /// Reads a text that is one object and nothing else.
  public static JsonFields parseWhole(String text) throws BadJsonException {
    return parse(text, true);
  }

  private static JsonFields parse(String text, boolean whole) throws BadJsonException {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new BadJsonException("no JSON object");
      }
      JsonFields fields = new JsonFields(object(parser, 0));
      if (whole && parser.nextToken() != null) {
        throw new BadJsonException("something stands behind the JSON object");
      }
      return fields;
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
  public boolean flag(String name) throws BadJsonException {
    return switch (values.get(GoJson.foldName(name))) {
      case null -> false;
      case Boolean value -> value;
      default -> throw new BadJsonException(name + " is neither true nor false");
    };
  }

  /// Empty where it is missing.
  public OptionalLong number(String name) throws BadJsonException {
    return switch (values.get(GoJson.foldName(name))) {
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
  public String text(String name) throws BadJsonException {
    return switch (values.get(GoJson.foldName(name))) {
      case null -> "";
      case String text -> text;
      default -> throw new BadJsonException(name + " is no text");
    };
  }

  /// An object within this one; an empty one where it is missing.
  @SuppressWarnings("unchecked")
  public JsonFields nested(String name) throws BadJsonException {
    return switch (values.get(GoJson.foldName(name))) {
      case null -> new JsonFields(Map.of());
      case Map<?, ?> object -> new JsonFields((Map<String, Object>) object);
      default -> throw new BadJsonException(name + " is no object");
    };
  }
}
