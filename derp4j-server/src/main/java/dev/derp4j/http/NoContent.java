package dev.derp4j.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.regex.Pattern;

/// `/generate_204`: how a client finds out that no captive portal sits between it and the world.
///
/// Portals answer such requests with a 204 of their own, or with one they have cached. So the
/// answer repeats what the client made up for this very request, and forbids keeping it.
final class NoContent {
  /// What may be repeated; the limits keep others from writing headers of their choice into our
  /// answers.
  private static final Pattern CHALLENGE = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

  private NoContent() {}

  static Response answer(Request request) {
    Response response =
        Response.of(HttpResponseStatus.NO_CONTENT)
            .with("Cache-Control", "no-cache, no-store, must-revalidate, no-transform, max-age=0");
    String challenge = request.header("X-Tailscale-Challenge");
    if (CHALLENGE.matcher(challenge).matches()) {
      response.with("X-Tailscale-Response", "response " + challenge);
    }
    return response;
  }
}
