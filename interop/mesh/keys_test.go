package mesh

import (
	"strings"
	"testing"

	"derp4j.dev/interop/relay"
	"tailscale.com/derp"
)

const refused = "insufficient permissions"

func TestNodeWithAnotherMeshKeyIsNoNeighbour(t *testing.T) {
	t.Parallel()
	for _, mix := range mixes() {
		if len(mix) > 2 {
			continue
		}
		t.Run(mix, func(t *testing.T) {
			t.Parallel()
			r := startRegionWith(t, mix, func(i int, options *relay.Options) {
				if i == 1 {
					options.MeshKey = otherMeshKey
				}
			})
			r.isolate(r.nodes[1], true)
			clients := r.joinEach(1)
			// Each sees the other once more 5 s later.
			for i, n := range r.nodes {
				n.relay.LogOnFailure(t)
				way := r.ways[1-i][i]
				if !relay.Await(patience, func() bool { return way.Accepted() > 1 && refusals(n) > 1 }) {
					t.Errorf("node %v: after %d dials it says %d times %q", n, way.Accepted(), refusals(n), refused)
				}
				if lines, dials := refusals(n), way.Accepted(); lines > dials {
					t.Errorf("node %v says %d times %q about %d dials", n, lines, refused, dials)
				}
			}
			r.awaitConsistent()
			for i, n := range r.nodes {
				sender, receiver := clients[i][0], clients[1-i][0]
				sender.send(receiver.key, discoPacket(100))
				sender.awaitToldGone(receiver.key, derp.PeerGoneReasonNotHere)
				if value, found := n.relay.Metric("derp_packets_forwarded_out"); !found || value != 0 {
					t.Errorf("node %v forwarded %v packets (found: %v)", n, value, found)
				}
			}
		})
	}
}

// refusals is how often a node said that someone has not the mesh key.
func refusals(n *node) int {
	return strings.Count(n.relay.Log(), refused)
}
