package dev.derp4j.handshake;

import dev.derp4j.frame.FrameLimits;
import dev.derp4j.json.GoJson;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;

/// Walks over the fields of one small JSON object from a stranger, with the leniency of the
/// original's reader: UTF-8 only, damaged characters replaced, names in any letter case.
///
/// Streaming: unknown values are skipped without being built, whatever they hold.
final class InfoReader {
  /// Nothing in a document that fits its frame is too long in itself.
  private static final JsonFactory FACTORY = GoJson.reader(FrameLimits.MAX_SERVER_INFO).build();

  /// Takes one field's value; the parser stands on its first token.
  @FunctionalInterface
  interface FieldVisitor {
    /// @param name the field's name in lower case; values of other names must be left untouched
    void field(String name, InfoReader value) throws HandshakeException;
  }

  private final String document;
  private final JsonParser parser;

  private InfoReader(String document, JsonParser parser) {
    this.document = document;
    this.parser = parser;
  }

  /// Calls `visitor` for every field of the object. `document` names it in errors.
  static void read(String document, byte[] json, FieldVisitor visitor) throws HandshakeException {
    String text = new String(json, StandardCharsets.UTF_8);
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      new InfoReader(document, parser).readDocument(visitor);
    } catch (StreamReadException malformed) {
      throw new HandshakeException(
          document + " is no valid JSON at character " + position(malformed));
    } catch (JacksonException malformed) {
      throw new HandshakeException(document + " is no valid JSON");
    }
  }

  private static long position(JacksonException malformed) {
    return malformed.getLocation() == null ? 0 : malformed.getLocation().getCharOffset();
  }

  private void readDocument(FieldVisitor visitor) throws HandshakeException {
    JsonToken first = parser.nextToken();
    if (first == JsonToken.START_OBJECT) {
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = GoJson.foldName(parser.currentName());
        parser.nextToken();
        visitor.field(name, this);
        parser.skipChildren();
      }
    } else if (first != JsonToken.VALUE_NULL) {
      throw new HandshakeException(document + " is no JSON object");
    }
    if (parser.nextToken() != null) {
      throw new HandshakeException(document + " has something behind its JSON object");
    }
  }

  boolean isNull() {
    return parser.currentToken() == JsonToken.VALUE_NULL;
  }

  boolean booleanOf(String field) throws HandshakeException {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> throw wrong(field, "neither true nor false");
    };
  }

  String textOf(String field) throws HandshakeException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw wrong(field, "no text");
    }
    return parser.getString();
  }

  long integerOf(String field) throws HandshakeException {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw wrong(field, "no integer");
    }
    try {
      return Long.parseLong(parser.getString());
    } catch (NumberFormatException tooLarge) {
      throw wrong(field, "no 64-bit integer");
    }
  }

  HandshakeException wrong(String field, String how) {
    return new HandshakeException(document + " field " + field + " is " + how);
  }
}
