package dev.derp4j.bench.load.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class ServerProcessTest {
  @TempDir Path directory;

  @Test
  void readsProcessorTimeWhateverTheProgramIsCalled() throws IOException {
    Files.writeString(
        directory.resolve("stat"),
        "4711 (a ) R 1 (b) S 1 4711 4711 0 -1 4194560 1 2 3 4 1234 566 7 8 20 0 9 0 100 200\n");

    assertThat(new ServerProcess(directory).cpuSeconds()).isEqualTo(18.0);
  }

  @Test
  void sumsPrivatePages() throws IOException {
    Files.writeString(
        directory.resolve("smaps_rollup"),
        """
        00400000-7ffd00000000 ---p 00000000 00:00 0    [rollup]
        Rss:               22496 kB
        Pss:               15042 kB
        Pss_Dirty:         14000 kB
        Shared_Clean:      10000 kB
        Private_Clean:        68 kB
        Private_Dirty:      7528 kB
        Private_Hugetlb:       0 kB
        """);

    assertThat(new ServerProcess(directory).memory()).isEqualTo(new Memory(22496, 15042, 7596));
  }

  @Test
  void countsTheProcessorsOfAnAffinityMask() throws IOException {
    Files.writeString(
        directory.resolve("status"), "Name:\tderper\nCpus_allowed:\tff,00000003\nThreads:\t1\n");

    assertThat(new ServerProcess(directory).allowed().cardinality()).isEqualTo(10);
  }

  @Test
  void readsHowManyFilesMayBeOpen() throws IOException {
    Files.writeString(
        directory.resolve("limits"),
        """
        Limit                     Soft Limit           Hard Limit           Units
        Max processes             95288                95288                processes
        Max open files            20000                524288               files
        """);

    assertThat(new ServerProcess(directory).openFileLimit()).isEqualTo(20_000);
  }

  @Test
  void busyTimeLeavesOutIdlingAndWaiting() {
    assertThat(Machine.busySeconds("cpu  100 20 30 99999 88888 5 5 40 100 0")).isEqualTo(2.0);
  }
}
