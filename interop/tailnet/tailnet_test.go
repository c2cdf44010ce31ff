package tailnet

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"tailscale.com/tailcfg"
)

const (
	megabyte     = 1_000_000
	transferSize = 50 * megabyte
)

func TestTailnetLivesOnTheRelayAndOutlivesItsRestarts(t *testing.T) {
	needPrograms(t)
	r := relay.Start(t, relay.Options{Mode: relay.TLSIP})
	network := startTailnet(t, r)
	alpha, beta := network.alpha, network.beta
	conversation := openEcho(t, alpha, beta)

	step(t, "both nodes have the relay as their home", func(t *testing.T) {
		network.wantHome(t)
		network.wantReported(t)
	})
	step(t, "the nodes find nothing wrong with the relay", func(t *testing.T) {
		wantGoodReport(t, alpha)
	})
	step(t, "pings go through the relay both ways", func(t *testing.T) {
		wantPing(t, alpha, beta)
		wantPing(t, beta, alpha)
	})
	step(t, "50 MB go through the relay", func(t *testing.T) {
		wantTransfer(t, r, alpha, beta, transferSize)
		wantTransfer(t, r, beta, alpha, transferSize)
	})
	step(t, "the nodes come back after a restart", func(t *testing.T) {
		network.wantComeBack(t, r, conversation, func() {
			if status := r.Stop(); status != 0 {
				t.Errorf("exit status %d after SIGTERM, want 0", status)
			}
		})
	})
	step(t, "the nodes come back after a crash", func(t *testing.T) {
		network.wantComeBack(t, r, conversation, r.Kill)
	})
	step(t, "bytes go through the restarted relay", func(t *testing.T) {
		wantTransfer(t, r, alpha, beta, transferSize/10)
	})
}

func TestTailnetTrustsTheRelayByItsAuthority(t *testing.T) {
	needPrograms(t)
	r := relay.Start(t, relay.Options{Mode: relay.TLS})
	network := startTailnet(t, r, "SSL_CERT_FILE="+r.CAFile)

	network.wantHome(t)
	wantPing(t, network.alpha, network.beta)
	wantTransfer(t, r, network.beta, network.alpha, transferSize/10)
}

func TestTailnetLivesOnADevelopmentRelay(t *testing.T) {
	// It has a fixed port.
	needNamespace(t)
	needPrograms(t)
	r := relay.Start(t, relay.Options{Mode: relay.Dev})
	network := startTailnet(t, r, "TS_DEBUG_USE_DERP_HTTP=1")

	network.wantHome(t)
	wantPing(t, network.beta, network.alpha)
	wantTransfer(t, r, network.alpha, network.beta, transferSize/10)
}

// step ends the whole test when it fails: what comes behind it would only fail for the same reason.
func step(t *testing.T, name string, body func(t *testing.T)) {
	t.Helper()
	if !t.Run(name, body) {
		t.FailNow()
	}
}

// wantGoodReport has the original's own diagnosis look at the relay, as `tailscale debug derp` does.
func wantGoodReport(t *testing.T, n *node) {
	t.Helper()
	report, err := n.client.DebugDERPRegion(t.Context(), regionCode)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range report.Errors {
		// The map says that there is none.
		if !strings.Contains(problem, "over IPv6") {
			t.Errorf("debug derp: %s", problem)
		}
	}
	var connected, answered bool
	for _, line := range report.Info {
		connected = connected || strings.Contains(line, "established a DERP connection")
		answered = answered || strings.Contains(line, "STUN response")
	}
	if !connected || !answered {
		t.Errorf("debug derp: connected %v, STUN answered %v; it says %q and warns %q", connected, answered, report.Info, report.Warnings)
	}
}

// wantPing runs `tailscale ping`, and a ping that only the peer's WireGuard can answer.
func wantPing(t *testing.T, from, to *node) {
	t.Helper()
	output, err := from.tailscale("ping", "--c=1", "--until-direct=false", "--timeout=10s", to.ip.String())
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("via DERP(%s)", regionCode); !strings.Contains(output, want) {
		t.Errorf("ping from %s says %q, want %q in it", from.name, output, want)
	}
	t.Logf("%s: %s", from.name, strings.TrimSpace(output))
	if err := from.ping(to, tailcfg.PingTSMP, 10*time.Second); err != nil {
		t.Errorf("TSMP ping from %s to %s: %v", from.name, to.name, err)
	}
}

// wantTransfer sends the bytes and makes sure that it was the relay that carried them.
func wantTransfer(t *testing.T, r *relay.Relay, from, to *node, size int64) {
	t.Helper()
	before := readCounters(t, r)
	took := transfer(t, from, to, size)
	after := readCounters(t, r)

	if carried := after.bytes - before.bytes; carried < float64(size) {
		t.Errorf("the relay has sent %.0f bytes, want %d at least", carried, size)
	}
	peer, err := from.peer(to)
	if err != nil {
		t.Fatal(err)
	}
	if peer.CurAddr != "" || peer.PeerRelay != "" || peer.Relay != regionCode {
		t.Errorf("%s reaches %s at %q, by peer relay %q, by DERP %q; want DERP %q alone", from.name, to.name, peer.CurAddr, peer.PeerRelay, peer.Relay, regionCode)
	}
	t.Logf("%d MB from %s to %s in %v: %.1f MB/s; the relay sent %.0f packets and dropped %.0f", size/megabyte, from.name, to.name,
		took.Round(time.Millisecond), float64(size)/megabyte/took.Seconds(), after.packets-before.packets, after.drops-before.drops)
}

type counters struct {
	bytes, packets, drops float64
}

func readCounters(t *testing.T, r *relay.Relay) counters {
	t.Helper()
	metrics, err := r.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	var c counters
	for name, value := range map[string]*float64{"derp_bytes_sent": &c.bytes, "derp_packets_sent": &c.packets, "derp_packets_dropped": &c.drops} {
		var found bool
		if *value, found = metrics.Get(name); !found {
			t.Errorf("the relay has no metric %s", name)
		}
	}
	return c
}
