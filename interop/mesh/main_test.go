package mesh

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"derp4j.dev/interop/original"
	"tailscale.com/types/key"
)

const (
	// patience is how long to wait for what must come. It is spent only by a test that fails.
	patience = 15 * time.Second
	// settling is how long a region may take to be consistent again: redialling alone takes 5 s.
	settling = 10 * time.Second
	// meeting is how long the nodes of a new region may take to find each other.
	meeting = 30 * time.Second
)

var (
	meshKey       = strings.Repeat("0123456789abcdef", 4)
	otherMeshKey  = strings.Repeat("fedcba9876543210", 4)
	parsedMeshKey = mustParseMesh(meshKey)
)

// originalDerper is the command of the nodes that are the original's.
var originalDerper string

func TestMain(m *testing.M) {
	flag.Parse()
	// Regions wait for redials most of the time, so they can share few processor cores.
	if flag.Lookup("test.parallel").DefValue == flag.Lookup("test.parallel").Value.String() {
		flag.Set("test.parallel", "4")
	}
	var err error
	if originalDerper, err = original.Derper(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// originalAlone says that the relay under test is the Go original too.
func originalAlone() bool {
	return strings.HasPrefix(os.Getenv("INTEROP_TARGET"), "original")
}

// mixes are the regions to test: a letter for each node. The first node is the one that faults happen to.
func mixes() []string {
	if originalAlone() {
		return []string{"GG", "GGG"}
	}
	return []string{"JJ", "JG", "GJ", "GJJ"}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	for _, mix := range mixes() {
		t.Run(mix, func(t *testing.T) {
			t.Parallel()
			// One region for all, because a start costs time.
			r := startRegion(t, mix)
			r.talk(t)
			r.probers(t)
			r.survive(t)
			r.scenario(t, "nothing is misdelivered while the network breaks at random", r.soak)
		})
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
