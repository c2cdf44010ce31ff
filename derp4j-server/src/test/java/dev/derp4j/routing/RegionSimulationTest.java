package dev.derp4j.routing;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A region of ten nodes without a network: clients join, leave and move, mesh connections break
/// and come back, nodes are killed, all at random from a seed.
///
/// After every step what it touched is compared with plain arrays of what happened; now and then,
/// and at the end, everything is delivered that is under way, and then every node's every key: it
/// must lead where the key is, and nobody may remember one that is nowhere.
///
/// ```text
/// mvn test -pl derp4j-server -am -Dtest=RegionSimulationTest \
///     -Dsurefire.failIfNoSpecifiedTests=false \
///     -Dtest.jvm.args="-Xmx14g -XX:+UseSerialGC -XX:+UseCompactObjectHeaders \
///         -Dderp4j.simulation.keys=1000000 -Dderp4j.simulation.steps=1000000"
/// ```
class RegionSimulationTest {
  private static final int NODES = 10;
  private static final int KEYS = Integer.getInteger("derp4j.simulation.keys", 2_000);
  private static final int STEPS = Integer.getInteger("derp4j.simulation.steps", 40_000);
  private static final int SWEEPS = 4;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyNodeKnowsWhereEveryKeyIsOnceAllWasTold(long seed) {
    RegionSimulation region = new RegionSimulation(seed, NODES, KEYS);
    region.fill();
    region.settle();
    region.sweep();
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      for (int step = 0; step < STEPS / SWEEPS; step++) {
        region.step();
      }
      region.checkUnsettled();
      region.settle();
      region.sweep();
    }
    System.out.println("seed " + seed + ": " + region.report());
    region.empty();
  }
}
