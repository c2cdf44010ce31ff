package dev.derp4j.http;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.net.InetAddress;

/// Which request gets which answer. Immutable, for any thread; knows no channel.
///
/// Every detail that a client, a script or a browser can see is as the Go relay has it, methods
/// that make no sense included; it was compared answer by answer.
final class Routes {
  private static final String ACME_CHALLENGE = "/.well-known/acme-challenge/";

  private final HttpSite site;
  private final DerpRoute derp;

  Routes(HttpSite site) {
    this.site = site;
    this.derp = new DerpRoute(site.derpEnabled());
  }

  Answer answer(Request request) {
    if (request.expectsTheImpossible()) {
      return Response.of(HttpResponseStatus.EXPECTATION_FAILED).closing();
    }
    RequestTarget target = request.target();
    boolean isConnect = request.method().equals("CONNECT");
    if (isConnect && site.mode() == HttpSite.Mode.DERP_TLS) {
      return connect(request);
    }
    if (target.form() == RequestTarget.Form.ASTERISK) {
      return request.method().equals("OPTIONS")
          ? Response.ok()
          : Response.of(HttpResponseStatus.BAD_REQUEST).closing();
    }
    if (target.form() == RequestTarget.Form.AUTHORITY) {
      return notFound();
    }
    String path = isConnect ? target.path() : target.cleanPath();
    if (path.equals("/debug")) {
      path = "/debug/";
    }
    if (!path.equals(target.path())) {
      return Response.redirect(
          HttpResponseStatus.TEMPORARY_REDIRECT, path + target.query(), request.method());
    }
    return site.mode() == HttpSite.Mode.PORT80 ? port80(request) : main(request);
  }

  /// Whether what follows this head is DERP, and no body.
  boolean isUpgrade(HttpRequest head) {
    return switch (site.mode()) {
      case PORT80 -> false;
      case DERP_PLAIN -> derp.isUpgrade(head);
      case DERP_TLS -> derp.isUpgrade(head) || isTunnel(head);
    };
  }

  private boolean isTunnel(HttpRequest head) {
    return site.ace()
        && head.method().name().equals("CONNECT")
        && ConnectTarget.parse(head.uri()).isPresent();
  }

  private Answer main(Request request) {
    String path = request.target().decodedPath();
    return switch (path) {
      case "/derp" -> derp.answer(request);
      case "/derp/probe", "/derp/latency-check" -> probe(request);
      case "/generate_204" -> NoContent.answer(request);
      case "/bootstrap-dns" -> bootstrapDns(request);
      case "/robots.txt" ->
          BrowserHeaders.strict(Response.ok())
              .sniffed(Response.PLAIN, "User-agent: *\nDisallow: /\n");
      default -> path.startsWith("/debug/") ? debug(request, path) : home(request);
    };
  }

  /// Nothing but ways to the TLS port, what a captive portal check needs, and the debug pages.
  private Answer port80(Request request) {
    String target = request.target().path() + request.target().query();
    if (request.target().decodedPath().equals("/generate_204")) {
      return NoContent.answer(request);
    }
    AcmeChallenges challenges = site.acmeChallenges();
    if (challenges != null && request.target().path().startsWith(ACME_CHALLENGE)) {
      return acmeChallenge(request, challenges);
    }
    if (target.startsWith("/debug")) {
      return main(request);
    }
    if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      return Response.error(HttpResponseStatus.BAD_REQUEST, "Use HTTPS");
    }
    if (target.equals("/") && isDebugAllowed(request)) {
      target = "/debug/";
    }
    String host = request.host().isEmpty() ? site.hostname() : request.host();
    return Response.redirect(
        HttpResponseStatus.FOUND, "https://" + host + target, request.method());
  }

  /// RFC 8555 §8.3: the authority asks for what we told it would be here.
  private static Response acmeChallenge(Request request, AcmeChallenges challenges) {
    String token = request.target().path().substring(ACME_CHALLENGE.length());
    String text = challenges.text(token);
    return text == null ? notFound() : Response.ok().sniffed(Response.PLAIN, text);
  }

  private static Response probe(Request request) {
    return switch (request.method()) {
      case "GET", "HEAD" -> Response.ok().with("Access-Control-Allow-Origin", "*");
      default -> Response.error(HttpResponseStatus.METHOD_NOT_ALLOWED, "bogus probe method");
    };
  }

  private Answer connect(Request request) {
    if (!site.ace()) {
      return Response.error(HttpResponseStatus.FORBIDDEN, "CONNECT not enabled");
    }
    return ConnectTarget.parse(request.target().host())
        .<Answer>map(target -> target)
        .orElseGet(() -> Response.error(HttpResponseStatus.FORBIDDEN, "Invalid CONNECT target"));
  }

  private Response bootstrapDns(Request request) {
    String name = request.target().parameter("q");
    // Clients ask relays in several regions, each once: a connection kept open would be kept for
    // nothing.
    return BrowserHeaders.strict(Response.ok())
        .typed("application/json", site.bootstrapDns().answer(name, request.remoteIp()))
        .closing();
  }

  private Response home(Request request) {
    return switch (site.home()) {
      case "" ->
          BrowserHeaders.strict(Response.ok())
              .typed(Response.HTML, Pages.home(site, isDebugAllowed(request)));
      case "blank" -> BrowserHeaders.strict(Response.ok()).typed(Response.HTML, "");
      default ->
          BrowserHeaders.strict(
              Response.redirect(HttpResponseStatus.FOUND, site.home(), request.method()));
    };
  }

  private Answer debug(Request request, String path) {
    boolean isVarz = path.equals("/debug/varz");
    if (!isDebugAllowed(request)) {
      return Response.error(
          HttpResponseStatus.FORBIDDEN, "debug access denied" + (isVarz ? hint(request) : ""));
    }
    if (isVarz) {
      return new Answer.Slow(
          () ->
              BrowserHeaders.withInlineStyles(Response.ok())
                  .sniffed(Response.PLAIN, site.metrics().expose()));
    }
    for (DebugPage page : site.debugPages()) {
      if (page.path().equals(path)) {
        return new Answer.Slow(() -> made(page, request));
      }
    }
    return path.equals("/debug/")
        ? BrowserHeaders.strict(Response.ok())
            .sniffed(Response.HTML, Pages.debugIndex(site, site.metrics()))
        : notFound();
  }

  private static Response made(DebugPage page, Request request) {
    String query = request.target().query();
    DebugPage.Content content = page.maker().make(new QueryStringDecoder(query).parameters());
    return content.status() == HttpResponseStatus.OK.code()
        ? BrowserHeaders.withInlineStyles(Response.ok()).typed(content.type(), content.body())
        : Response.error(HttpResponseStatus.valueOf(content.status()), content.body());
  }

  private String hint(Request request) {
    InetAddress remote = request.remoteIp();
    return site.dev() && remote != null
        ? "; to permit access, set TS_ALLOW_DEBUG_IP=" + remote.getHostAddress()
        : "";
  }

  private boolean isDebugAllowed(Request request) {
    return site.debugAccess().allows(request.asker());
  }

  private static Response notFound() {
    return Response.error(HttpResponseStatus.NOT_FOUND, "404 page not found");
  }
}
