package mesh

import (
	"testing"
	"time"

	"derp4j.dev/interop/fault"
	"derp4j.dev/interop/relay"
	"tailscale.com/types/key"
)

func TestMeshKeyIsChangedWhileTheRegionWorks(t *testing.T) {
	if originalAlone() {
		t.Skip("SKIPPED on the Go original: it has one mesh key, for life")
	}
	t.Parallel()
	r := startRegion(t, "JJ")
	r.joinEach(1)
	r.awaitConsistent()
	oldKey, newKey := parsedMeshKey, mustParseMesh(otherMeshKey)
	for _, step := range []struct {
		lines                  []string
		acceptsOld, acceptsNew bool
	}{
		{[]string{meshKey, otherMeshKey}, true, true},
		{[]string{otherMeshKey, meshKey}, true, true},
		{[]string{otherMeshKey}, false, true},
	} {
		for _, n := range r.nodes {
			n.relay.LogOnFailure(t)
			if err := n.relay.ChangeMeshKeys(step.lines...); err != nil {
				t.Fatal(err)
			}
			if !relay.Await(patience, func() bool {
				return r.trusts(n, oldKey) == step.acceptsOld && r.trusts(n, newKey) == step.acceptsNew
			}) {
				t.Fatalf("node %v does not go by its new key file of %d lines", n, len(step.lines))
			}
			// What is connected stays so.
			r.awaitConsistent()
		}
		// What is dialled anew finds together as well.
		r.eachWay(r.nodes[0], (*fault.Proxy).Cut)
		r.awaitConsistent()
	}
}

// trusts is whether a client with the mesh key may do what only neighbours may.
func (r *region) trusts(n *node, mesh key.DERPMesh) bool {
	r.t.Helper()
	m, err := dialMember(r.t, n, key.NewNode(), mesh, r.ledger)
	if err != nil {
		r.t.Fatal(err)
	}
	defer m.client.Close()
	if m.client.ClosePeer(key.NewNode().Public()) != nil || m.client.SendPing([8]byte{1}) != nil {
		return false
	}
	select {
	case <-m.pongs:
		return true
	case <-m.ended:
		return false
	case <-time.After(patience):
		r.t.Fatalf("node %v neither answers nor ends a connection", n)
		return false
	}
}
