package old

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
)

const patience = 15 * time.Second

var meshKey = strings.Repeat("0123456789abcdef", 4)

// One relay per mode, started before the tests.
var relays = map[relay.Mode]*relay.Relay{}

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	for _, mode := range []relay.Mode{relay.Plain, relay.TLS, relay.TLSIP} {
		r, err := relay.Launch(relay.Options{Mode: mode, MeshKey: meshKey})
		if err != nil {
			fmt.Println(err)
			return 1
		}
		defer r.Close()
		relays[mode] = r
	}
	// Clients of that age trust nothing but the system's roots, which are read once, at the first handshake.
	os.Setenv("SSL_CERT_FILE", relays[relay.TLS].CAFile)
	return m.Run()
}

func relayOf(t *testing.T, mode relay.Mode) *relay.Relay {
	t.Helper()
	relays[mode].LogOnFailure(t)
	return relays[mode]
}

// quietRelay is the relay of a mode at a moment when nobody is connected to it.
func quietRelay(t *testing.T, mode relay.Mode) *relay.Relay {
	t.Helper()
	r := relayOf(t, mode)
	r.WaitMetric(t, 0, "derp_current_connections")
	return r
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
