package mesh

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"derp4j.dev/interop/fault"
	"derp4j.dev/interop/original"
	"tailscale.com/tailcfg"
)

// probers is what the original's derpprobe says of the region.
func (r *region) probers(t *testing.T) {
	r.scenario(t, "the prober of the original is content", r.proberIsContent)
	r.scenario(t, "the prober of the original notices a broken mesh", r.proberNotices)
}

func (r *region) proberIsContent(t *testing.T) {
	r.awaitConsistent()
	nodes := len(r.nodes)
	// The map; of each node TLS and UDP; of each pair, a node with itself included, mesh and bandwidth.
	want := 1 + 2*nodes + 2*nodes*nodes
	// A probe gives presence 100 ms to get to the other node, which a busy machine may not keep up with.
	for try := 1; ; try++ {
		output, err := r.probe()
		good, bad := results(output)
		if err == nil && len(bad) == 0 && len(good) == want {
			return
		}
		if try == 3 {
			t.Fatalf("derpprobe: %v, %d good, want %d\n%s", err, len(good), want, output)
		}
	}
}

func (r *region) proberNotices(t *testing.T) {
	first := r.nodes[0]
	r.isolate(first, true)
	r.eachWay(first, (*fault.Proxy).Refuse)
	r.eachWay(first, (*fault.Proxy).Cut)
	r.awaitConsistent()
	output, err := r.probe()
	_, bad := results(output)
	// From and to the first node, mesh and bandwidth.
	if want := 4 * (len(r.nodes) - 1); err == nil || len(bad) < want {
		t.Errorf("derpprobe: %v, %d bad, want %d\n%s", err, len(bad), want, output)
	}
	r.isolate(first, false)
	r.eachWay(first, (*fault.Proxy).Heal)
	r.awaitConsistent()
}

// probe runs derpprobe once over all nodes.
func (r *region) probe() (string, error) {
	r.t.Helper()
	program, err := original.Derpprobe()
	if err != nil {
		r.t.Fatal(err)
	}
	file := filepath.Join(r.t.TempDir(), "derpmap.json")
	text, err := json.Marshal(r.derpMap())
	if err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	// A probe may take 80 % of its interval.
	cmd := exec.CommandContext(ctx, program, "-once", "-spread=false", "-derp-map", "file://"+file,
		"-mesh-interval", "5s", "-bw-interval", "5s", "-bw-probe-size-bytes", "200000")
	cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return strings.HasPrefix(name, "TS_") || strings.HasSuffix(strings.ToUpper(name), "_PROXY")
	})
	cmd.Env = append(cmd.Env, "SSL_CERT_FILE="+r.caFile, "SSL_CERT_DIR="+filepath.Dir(r.caFile))
	output, err := cmd.CombinedOutput()
	return string(output), err
}

func (r *region) derpMap() *tailcfg.DERPMap {
	region := &tailcfg.DERPRegion{RegionID: 900, RegionCode: "lab", RegionName: "Laboratory"}
	for _, n := range r.nodes {
		region.Nodes = append(region.Nodes, &tailcfg.DERPNode{
			Name:     fmt.Sprintf("%d%c", n.index, n.kind),
			RegionID: region.RegionID,
			HostName: hostname,
			IPv4:     "127.0.0.1",
			DERPPort: n.relay.Port,
			STUNPort: n.relay.STUNPort,
		})
	}
	return &tailcfg.DERPMap{OmitDefaultRegions: true, Regions: map[int]*tailcfg.DERPRegion{region.RegionID: region}}
}

// results are the lines for probes that succeeded, and for those that did not.
func results(output string) (good, bad []string) {
	for line := range strings.Lines(output) {
		if strings.Contains(line, " good: ") {
			good = append(good, line)
		}
		if strings.Contains(line, " bad: ") {
			bad = append(bad, line)
		}
	}
	return good, bad
}
