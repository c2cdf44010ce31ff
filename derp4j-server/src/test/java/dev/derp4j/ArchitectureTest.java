package dev.derp4j;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

/// The house has rooms, and calls go one way through them.
class ArchitectureTest {
  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("/testkit/"))
          .importPackages("dev.derp4j");

  /// What is spoken, in the module `derp4j-protocol`.
  private static final String[] PROTOCOL = {
    "dev.derp4j.codec..",
    "dev.derp4j.frame..",
    "dev.derp4j.handshake..",
    "dev.derp4j.json..",
    "dev.derp4j.key..",
    "dev.derp4j.map..",
    "dev.derp4j.stun..",
  };

  @Test
  void allRoomsAreThere() {
    Set<String> rooms = new TreeSet<>();
    OURS.forEach(type -> rooms.add(type.getPackageName()));
    assertThat(rooms)
        .contains(
            "dev.derp4j.admission",
            "dev.derp4j.frame",
            "dev.derp4j.http",
            "dev.derp4j.limits",
            "dev.derp4j.mesh",
            "dev.derp4j.metrics",
            "dev.derp4j.reload",
            "dev.derp4j.routing",
            "dev.derp4j.server",
            "dev.derp4j.session",
            "dev.derp4j.stunserver",
            "dev.derp4j.tls",
            "dev.derp4j.transport");
  }

  @Test
  void callsGoOneWay() {
    Architectures.layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("dev.derp4j..")
        .layer("server")
        .definedBy("dev.derp4j.server..")
        .layer("http")
        .definedBy("dev.derp4j.http..")
        .layer("mesh")
        .definedBy("dev.derp4j.mesh..")
        .layer("session")
        .definedBy("dev.derp4j.session..")
        .layer("tls")
        .definedBy("dev.derp4j.tls..")
        .layer("stunserver")
        .definedBy("dev.derp4j.stunserver..")
        .layer("transport")
        .definedBy("dev.derp4j.transport..")
        .layer("admission")
        .definedBy("dev.derp4j.admission..")
        .layer("limits")
        .definedBy("dev.derp4j.limits..")
        .layer("debug")
        .definedBy("dev.derp4j.debug..")
        .layer("reload")
        .definedBy("dev.derp4j.reload..")
        .layer("routing")
        .definedBy("dev.derp4j.routing..")
        .layer("metrics")
        .definedBy("dev.derp4j.metrics..")
        .layer("client")
        .definedBy("dev.derp4j.client..")
        .layer("protocol")
        .definedBy(PROTOCOL)
        .whereLayer("server")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("http")
        .mayOnlyBeAccessedByLayers("server")
        .whereLayer("mesh")
        .mayOnlyBeAccessedByLayers("server")
        .whereLayer("session")
        .mayOnlyBeAccessedByLayers("server", "mesh")
        .whereLayer("admission")
        .mayOnlyBeAccessedByLayers("server", "session")
        .whereLayer("limits")
        .mayOnlyBeAccessedByLayers("server", "session", "admission")
        .whereLayer("tls")
        .mayOnlyBeAccessedByLayers("server")
        .whereLayer("stunserver")
        .mayOnlyBeAccessedByLayers("server")
        .whereLayer("transport")
        .mayOnlyBeAccessedByLayers("server", "http", "tls")
        .whereLayer("debug")
        .mayOnlyBeAccessedByLayers("server", "http")
        .whereLayer("routing")
        .mayOnlyBeAccessedByLayers("server", "session", "mesh", "debug")
        .whereLayer("reload")
        .mayOnlyBeAccessedByLayers("server", "mesh", "tls", "admission", "limits")
        .whereLayer("metrics")
        .mayOnlyBeAccessedByLayers(
            "server", "http", "session", "mesh", "tls", "stunserver", "transport", "debug")
        .ensureAllClassesAreContainedInArchitectureIgnoring("dev.derp4j")
        .check(OURS);
  }

  @Test
  void whatIsSpokenKnowsNothingOfWhoSpeaks() {
    noClasses()
        .that()
        .resideInAnyPackage(PROTOCOL)
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.derp4j..")
                .and(DescribedPredicate.not(resideInAnyPackage(PROTOCOL))))
        .orShould()
        .dependOnClassesThat(resideInAPackage("io.netty.channel.."))
        .check(OURS);
  }

  @Test
  void routingKnowsNoNetwork() {
    DescribedPredicate<JavaClass> value =
        DescribedPredicate.describe(
            "a socket address as a value",
            type ->
                type.isEquivalentTo(InetSocketAddress.class)
                    || type.isEquivalentTo(InetAddress.class));
    noClasses()
        .that()
        .resideInAPackage("dev.derp4j.routing..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                "dev.derp4j.http..",
                "dev.derp4j.tls..",
                "dev.derp4j.session..",
                "dev.derp4j.transport..",
                "dev.derp4j.server..",
                "io.netty.channel..",
                "io.netty.handler..",
                "io.netty.bootstrap..",
                "java.nio.channels..",
                "javax.net.."))
        .orShould()
        .dependOnClassesThat(resideInAPackage("java.net..").and(DescribedPredicate.not(value)))
        .check(OURS);
  }

  /// Those classes, and the HTTP client behind them, are loaded where certificates are ordered, and
  /// cost memory.
  @Test
  void acmeIsSpokenInOnePlace() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.derp4j.tls.acme..")
        .should()
        .dependOnClassesThat(resideInAnyPackage("org.shredzone.."))
        .check(OURS);
  }

  @Test
  void packagesFormNoCycles() {
    slices().matching("dev.derp4j.(**)").should().beFreeOfCycles().check(OURS);
  }

  @Test
  void sessionsDoNotCareHowTheirConnectionCameToBe() {
    noClasses()
        .that()
        .resideInAPackage("dev.derp4j.session..")
        .should()
        .dependOnClassesThat(resideInAPackage("io.netty.handler.codec.http.."))
        .check(OURS);
  }

  @Test
  void everyPackageIsNullMarked() {
    Set<JavaPackage> packages = new HashSet<>();
    OURS.forEach(type -> packages.add(type.getPackage()));
    assertThat(packages)
        .isNotEmpty()
        .allSatisfy(
            found ->
                assertThat(found.isAnnotatedWith(NullMarked.class))
                    .as(found.getName() + " is @NullMarked")
                    .isTrue());
  }
}
