package client

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"tailscale.com/types/key"
)

// patience is how long to wait for what must come. It is spent only by a test that fails.
const patience = 15 * time.Second

// meshKey is what the shared relays accept as the key of their mesh.
var meshKey = strings.Repeat("0123456789abcdef", 4)

// parsedMeshKey is meshKey as the client packages take it.
var parsedMeshKey = mustParseMesh(meshKey)

var (
	sharedMu sync.Mutex
	shared   = map[relay.Mode]launch{}
)

// launch remembers a failure too: a relay that does not start costs its time once, not for each test.
type launch struct {
	relay *relay.Relay
	err   error
}

func TestMain(m *testing.M) {
	status := m.Run()
	for _, l := range shared {
		if l.relay != nil {
			l.relay.Close()
		}
	}
	os.Exit(status)
}

// sharedRelay is the relay of a mode that all tests use which neither stop it nor start it in a way of their own.
func sharedRelay(t testing.TB, mode relay.Mode) *relay.Relay {
	t.Helper()
	sharedMu.Lock()
	defer sharedMu.Unlock()
	l, launched := shared[mode]
	if !launched {
		l.relay, l.err = relay.Launch(relay.Options{Mode: mode, MeshKey: meshKey})
		shared[mode] = l
	}
	if l.err != nil {
		t.Fatal(l.err)
	}
	l.relay.LogOnFailure(t)
	return l.relay
}

// quietRelay is the shared relay at a moment when nobody is connected to it.
func quietRelay(t testing.TB, mode relay.Mode) *relay.Relay {
	t.Helper()
	r := sharedRelay(t, mode)
	r.WaitMetric(t, 0, "derp_current_connections")
	return r
}

// INTEROP_TARGET says what is under test, so that the suite can prove itself against the Go original without asking for
// what that release does otherwise. Our own relay is asked for everything.
const (
	target102 = "original"
	target104 = "original-1.104.5"
)

// skipOn skips a test for a Go original that behaves otherwise.
func skipOn(t testing.TB, reason string, targets ...string) {
	t.Helper()
	if slices.Contains(targets, os.Getenv("INTEROP_TARGET")) {
		t.Skip("SKIPPED on the Go original: " + reason)
	}
}

func mustParseMesh(text string) key.DERPMesh {
	k, err := key.ParseDERPMesh(text)
	if err != nil {
		panic(err)
	}
	return k
}

// logf is for clients, some of which still log when their test is over.
func logf(t testing.TB) func(string, ...any) {
	var mu sync.Mutex
	over := false
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		over = true
	})
	return func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		if !over {
			t.Logf(format, args...)
		}
	}
}

// counter remembers a metric's value, to be compared with a later one.
type counter struct {
	t      testing.TB
	r      *relay.Relay
	name   string
	labels []string
	start  float64
}

// count starts watching a metric, which must be there.
func count(t testing.TB, r *relay.Relay, name string, labels ...string) counter {
	t.Helper()
	value, found := r.Metric(name, labels...)
	if !found {
		t.Errorf("there is no metric %s %v", name, labels)
	}
	return counter{t, r, name, labels, value}
}

// waitGrown waits until the metric has grown by exactly this much.
func (c counter) waitGrown(by float64) {
	c.t.Helper()
	c.r.WaitMetricFunc(c.t, func(v float64) bool { return v == c.start+by },
		fmt.Sprintf("%v, which is %v more than before", c.start+by, by), c.name, c.labels...)
}

// grown is how much the metric has grown so far.
func (c counter) grown() float64 {
	c.t.Helper()
	value, _ := c.r.Metric(c.name, c.labels...)
	return value - c.start
}
