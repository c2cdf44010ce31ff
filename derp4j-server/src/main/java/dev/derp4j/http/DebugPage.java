package dev.derp4j.http;

import java.util.List;
import java.util.Map;

/// A page below `/debug/` that another room makes. Access rules and headers are this room's.
///
/// @param name what follows `/debug/`
/// @param title what the list of pages says
/// @param maker makes it; called on a thread that may take its time
public record DebugPage(String name, String title, Maker maker) {
  /// Makes a page.
  @FunctionalInterface
  public interface Maker {
    /// @param query the parameters of the request, each with its values in their order
    Content make(Map<String, List<String>> query);
  }

  /// A page.
  ///
  /// @param status the HTTP status, 200 or an error
  /// @param type its content type
  public record Content(int status, String type, String body) {
    /// Text for people.
    public static Content html(String body) {
      return new Content(200, Response.HTML, body);
    }

    /// For programs.
    public static Content json(String body) {
      return new Content(200, "application/json", body);
    }

    /// One line for both.
    public static Content text(int status, String line) {
      return new Content(status, Response.PLAIN, line);
    }
  }

  String path() {
    return "/debug/" + name;
  }
}
