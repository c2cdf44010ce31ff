package dev.derp4j.cli;

import dev.derp4j.key.NodePrivateKey;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/// The file that keeps the relay's identity from one start to the next, in the original's format:
///
/// ```json
/// {
/// 	"PrivateKey": "privkey:<64 hexadecimal digits>"
/// }
/// ```
///
/// A file that is there stays as it is: whatever is wrong with it, the key in it may be the only
/// copy. Fields of other names are left to whoever put them there.
final class KeyFile {
  private static final Logger log = LoggerFactory.getLogger(KeyFile.class);
  private static final String FIELD = "PrivateKey";

  private final Path path;

  KeyFile(Path path) {
    this.path = path;
  }

  /// The key in the file; empty if there is no such file.
  ///
  /// @throws StartException if the file cannot be used
  Optional<NodePrivateKey> read() throws StartException {
    String json;
    try {
      json = SecretFile.read(path);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new StartException("cannot read key file " + path + ": " + IoReason.of(e));
    }
    NodePrivateKey key = parse(json);
    if (SecretFile.isOpenToOthers(path)) {
      log.warn("derper: key file {} is open to other users of this machine: chmod 600 it", path);
    }
    return Optional.of(key);
  }

  /// Makes the file, and its directories.
  ///
  /// @throws StartException if that fails
  void write(NodePrivateKey key) throws StartException {
    try {
      SecretFile.write(path, "{\n\t\"" + FIELD + "\": \"" + key.secretText() + "\"\n}");
    } catch (IOException e) {
      throw new StartException("cannot make key file " + path + ": " + IoReason.of(e));
    }
  }

  private NodePrivateKey parse(String json) throws StartException {
    String text = privateKeyText(json);
    if (text == null) {
      throw unusable("it has no text field \"" + FIELD + "\"");
    }
    try {
      return NodePrivateKey.parse(text);
    } catch (IllegalArgumentException e) {
      throw unusable(String.valueOf(e.getMessage()));
    }
  }

  /// Takes the field's name in any letter case and the last of several, as the original does.
  private @Nullable String privateKeyText(String json) throws StartException {
    JsonFactory factory =
        JsonFactory.builder().disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION).build();
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), json)) {
      String found = null;
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw unusable("it is no JSON object");
      }
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (FIELD.equalsIgnoreCase(name)) {
          found = value == JsonToken.VALUE_STRING ? parser.getString() : null;
        }
        parser.skipChildren();
      }
      if (parser.nextToken() != null) {
        throw unusable("something follows the JSON object");
      }
      return found;
    } catch (JacksonException e) {
      // The parser's own words may quote the text around the mistake, and with it the key.
      throw unusable("malformed JSON in line " + e.getLocation().getLineNr());
    }
  }

  private StartException unusable(String why) {
    return new StartException("key file " + path + ": " + why);
  }
}
