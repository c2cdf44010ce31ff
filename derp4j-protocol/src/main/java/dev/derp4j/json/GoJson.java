package dev.derp4j.json;

import java.util.Locale;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonFactoryBuilder;

/// What Go's `encoding/json` does by itself and Jackson has to be told.
public final class GoJson {
  /// Deeper nesting is refused, as in Go.
  private static final int MAX_NESTING = 10_000;

  private GoJson() {}

  /// A streaming reader of documents of at most `longest` characters in all, which its caller has
  /// to see to; no name, text or number is too long in itself.
  ///
  /// Names are not interned: a table of strangers' strings would only ever grow.
  public static JsonFactoryBuilder reader(int longest) {
    return JsonFactory.builder()
        .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
        .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(MAX_NESTING)
                .maxNumberLength(longest)
                .maxNameLength(longest)
                .maxStringLength(longest)
                .build());
  }

  /// A field's name in lower case, for comparison: ASCII letters, and the two other characters that
  /// Unicode folds to one, the long s and the Kelvin sign.
  public static String foldName(String name) {
    return name.toLowerCase(Locale.ROOT).replace('\u017f', 's').replace('\u212a', 'k');
  }
}
