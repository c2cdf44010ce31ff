package dev.derp4j.admission;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which rules there are for who may come in, and who is asked. Immutable; each `with…` gives a
/// copy.
///
/// @param disallowedAppNames clients that give one of these names are turned away
/// @param denyKeysFile names the keys that are turned away
/// @param allowKeysFile names the keys that are admitted without asking anybody
/// @param tailscaledSocket where the tailscaled listens that is asked about clients
/// @param controllers the admission controllers that are asked, in order; none if empty
/// @param environment which proxies lead to them and which roots are trusted: `HTTPS_PROXY`,
///     `SSL_CERT_FILE` and their kin
public record AdmissionConfig(
    Set<String> disallowedAppNames,
    Optional<Path> denyKeysFile,
    Optional<Path> allowKeysFile,
    Optional<Path> tailscaledSocket,
    Controllers controllers,
    Map<String, String> environment) {
  /// Everybody may come in.
  public static final AdmissionConfig NONE =
      new AdmissionConfig(
          Set.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Controllers.NONE,
          Map.of());

  /// What is said of admission controllers, and of asking in general.
  ///
  /// @param urls each `http` or `https`
  /// @param failOpen whether clients are admitted while none answers
  /// @param cacheTime how long an answer counts while none answers; zero for not at all
  /// @param recheckTime how often connected clients are asked about again, tailscaled included;
  ///     zero for never
  public record Controllers(
      List<URI> urls, boolean failOpen, Duration cacheTime, Duration recheckTime) {
    /// Nobody is asked.
    public static final Controllers NONE =
        new Controllers(List.of(), true, Duration.ZERO, Duration.ZERO);

    public Controllers {
      urls = List.copyOf(urls);
      urls.forEach(Controllers::requireHttp);
      if (cacheTime.isNegative() || recheckTime.isNegative()) {
        throw new IllegalArgumentException("times of client verification must not be negative");
      }
    }

    private static void requireHttp(URI url) {
      String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
      boolean known = scheme.equals("http") || scheme.equals("https");
      if (!known || url.getHost() == null) {
        throw new IllegalArgumentException(
            "the URL for verifying clients, "
                + LogText.of(url.toString())
                + ", is no http or https URL");
      }
    }
  }

  public AdmissionConfig {
    disallowedAppNames = Set.copyOf(disallowedAppNames);
    environment = Map.copyOf(environment);
    if (disallowedAppNames.contains("")) {
      throw new IllegalArgumentException("an empty app name would ban nearly everybody");
    }
  }

  /// Whether anything keeps strangers out. Bans alone do not.
  public boolean keepsStrangersOut() {
    return allowKeysFile.isPresent()
        || tailscaledSocket.isPresent()
        || !controllers.urls().isEmpty();
  }

  /// Whether limits of single clients can come from here.
  public boolean givesLimits() {
    return allowKeysFile.isPresent() || !controllers.urls().isEmpty();
  }

  public AdmissionConfig withDisallowedAppNames(Set<String> names) {
    return new AdmissionConfig(
        names, denyKeysFile, allowKeysFile, tailscaledSocket, controllers, environment);
  }

  public AdmissionConfig withDenyKeysFile(Path file) {
    return new AdmissionConfig(
        disallowedAppNames,
        Optional.of(file),
        allowKeysFile,
        tailscaledSocket,
        controllers,
        environment);
  }

  public AdmissionConfig withAllowKeysFile(Path file) {
    return new AdmissionConfig(
        disallowedAppNames,
        denyKeysFile,
        Optional.of(file),
        tailscaledSocket,
        controllers,
        environment);
  }

  public AdmissionConfig withTailscaled(Path socket) {
    return new AdmissionConfig(
        disallowedAppNames,
        denyKeysFile,
        allowKeysFile,
        Optional.of(socket),
        controllers,
        environment);
  }

  public AdmissionConfig withControllers(Controllers asked, Map<String, String> variables) {
    return new AdmissionConfig(
        disallowedAppNames, denyKeysFile, allowKeysFile, tailscaledSocket, asked, variables);
  }

  /// Does not show the environment.
  @Override
  public String toString() {
    return "AdmissionConfig[" + keepsStrangersOut() + "]";
  }
}
