package dev.derp4j.map;

import dev.derp4j.json.GoJson;
import dev.derp4j.json.Quoted;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamContext;
import tools.jackson.core.TokenStreamLocation;

/// The value that the parser stands on, as the type that its field wants. A value of another type
/// is an error that tells its place.
///
/// `null` never gets this far as a field's value: objects, lists and tables pass over it, so that
/// it leaves a field as it was.
final class FieldReader {
  private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9_-]{1,40}");
  private static final Pattern DECIMAL = Pattern.compile("[+-]?[0-9]+");
  private static final int SHOWN_DEPTH = 8;

  /// Takes the value of one field, list item or table entry, all of it: [FieldReader#skip] if it is
  /// of no use.
  @FunctionalInterface
  interface FieldVisitor {
    /// @param name the field's name in lower case
    void field(String name, FieldReader value) throws DerpMapException;
  }

  /// The same for an item of a list.
  @FunctionalInterface
  interface ItemVisitor {
    void item(FieldReader value) throws DerpMapException;
  }

  /// The same for an entry of a table by number.
  @FunctionalInterface
  interface EntryVisitor {
    void entry(long key, FieldReader value) throws DerpMapException;
  }

  private final JsonParser parser;

  FieldReader(JsonParser parser) {
    this.parser = parser;
  }

  @Nullable JsonToken next() {
    return parser.nextToken();
  }

  void object(FieldVisitor visitor) throws DerpMapException {
    fields((name, value) -> visitor.field(GoJson.foldName(name), value));
  }

  /// An object whose names are whole numbers.
  void table(EntryVisitor visitor) throws DerpMapException {
    fields((name, value) -> visitor.entry(number(name), value));
  }

  private void fields(FieldVisitor visitor) throws DerpMapException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw wrong("an object {...} is due");
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_NULL) {
        visitor.field(name, this);
      }
    }
  }

  void list(ItemVisitor visitor) throws DerpMapException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw wrong("a list [...] is due");
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_NULL) {
        visitor.item(this);
      }
    }
  }

  void skip() {
    parser.skipChildren();
  }

  boolean flag() throws DerpMapException {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> throw wrong("true or false is due");
    };
  }

  String text() throws DerpMapException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw wrong("a text in quotes is due");
    }
    return wellFormed(parser.getString());
  }

  /// An escape can name half of a character, which is none; Go reads the replacement character.
  private static String wellFormed(String text) {
    if (text.chars().noneMatch(unit -> Character.isSurrogate((char) unit))) {
      return text;
    }
    StringBuilder whole = new StringBuilder();
    text.codePoints()
        .map(point -> point >= 0xd800 && point <= 0xdfff ? 0xfffd : point)
        .forEach(whole::appendCodePoint);
    return whole.toString();
  }

  long wholeNumber() throws DerpMapException {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw wrong("a whole number is due");
    }
    return number(parser.getString());
  }

  /// Any `int`, since it is the dialler who judges ports.
  int port() throws DerpMapException {
    long port = wholeNumber();
    if (port != (int) port) {
      throw wrong("a port number is due");
    }
    return (int) port;
  }

  double decimal() throws DerpMapException {
    JsonToken token = parser.currentToken();
    if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
      throw wrong("a number is due");
    }
    double value = Double.parseDouble(parser.getString());
    if (Double.isInfinite(value)) {
      throw wrong("the number is too large");
    }
    return value;
  }

  private long number(String digits) throws DerpMapException {
    if (!DECIMAL.matcher(digits).matches()) {
      throw wrong("a whole number is due");
    }
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException tooLarge) {
      throw wrong("the number is too large");
    }
  }

  /// The mistake at the current token.
  DerpMapException wrong(String reason) {
    TokenStreamLocation at = parser.currentTokenLocation();
    StringBuilder path = new StringBuilder();
    appendPath(path, parser.streamReadContext());
    return new DerpMapException(
        Math.max(1, at.getLineNr()), Math.max(1, at.getColumnNr()), path.toString(), reason);
  }

  /// The names on the way to the current token; at the beginning of an object or list, the parser's
  /// context is already the new one, which has no name yet.
  private static void appendPath(StringBuilder path, @Nullable TokenStreamContext context) {
    if (context == null || context.inRoot() || context.getNestingDepth() > SHOWN_DEPTH) {
      return;
    }
    appendPath(path, context.getParent());
    if (context.inArray() && context.hasCurrentIndex()) {
      path.append('[').append(context.getCurrentIndex()).append(']');
    } else if (context.inObject() && context.hasCurrentName()) {
      String name = context.currentName();
      path.append(path.isEmpty() ? "" : ".")
          .append(PLAIN_NAME.matcher(name).matches() ? name : Quoted.text(name));
    }
  }

  /// The parser's own words, which are of one line but quote the document.
  static DerpMapException malformed(JacksonException malformed) {
    TokenStreamLocation at = malformed.getLocation();
    int line = at == null ? 1 : Math.max(1, at.getLineNr());
    int column = at == null ? 1 : Math.max(1, at.getColumnNr());
    return new DerpMapException(line, column, "", "no valid JSON: " + oneLine(malformed));
  }

  private static String oneLine(JacksonException malformed) {
    String text = malformed.getOriginalMessage();
    if (text == null) {
      return "cannot be read";
    }
    String printable = text.replaceAll("[^ -~]+", " ");
    return printable.length() > 200 ? printable.substring(0, 200) + "..." : printable;
  }
}
