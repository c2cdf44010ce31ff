package tailnet

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"tailscale.com/derp/derphttp"
	"tailscale.com/net/netmon"
	"tailscale.com/tailcfg"
	"tailscale.com/types/key"
)

// The relay asks a real tailscaled. Until that is there it turns everybody away; then the tailnet's nodes come in by
// themselves, and strangers do not.
func TestOnlyNodesOfTheTailnetAreAdmitted(t *testing.T) {
	needPrograms(t)
	dir, err := os.MkdirTemp("", "verify-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	r := relay.Start(t, relay.Options{Mode: relay.TLSIP, ExtraArgs: []string{"-verify-clients", "-socket", socket}})
	wantRejected(t, r, "")

	network := startTailnet(t, r)
	if err := os.Symlink(network.alpha.socket(), socket); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	for _, way := range network.ways() {
		var err error
		if !relay.Await(time.Until(start.Add(comeBackTimeout)), func() bool {
			err = way[0].ping(way[1], tailcfg.PingDisco, time.Second)
			return err == nil
		}) {
			t.Fatalf("no ping from %s to %s over the relay: %v", way[0].name, way[1].name, err)
		}
	}
	why := ""
	if os.Getenv("INTEROP_TARGET") == "" {
		why = "unknown to the local tailscaled"
	}
	wantRejected(t, r, why)
}

// wantRejected connects as a stranger.
func wantRejected(t *testing.T, r *relay.Relay, why string) {
	t.Helper()
	mark := r.LogMark()
	stranger := key.NewNode()
	client := derphttp.NewRegionClient(stranger, t.Logf, netmon.NewStatic(), func() *tailcfg.DERPRegion {
		return mapOf(r).Regions[region]
	})
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	err := client.Connect(ctx)
	if err == nil {
		_, err = client.Recv()
	}
	if err == nil {
		t.Fatal("a stranger is served")
	}
	r.WaitLog(t, mark, fmt.Sprintf("client %v rejected: %s", stranger.Public(), why))
}
