package mesh

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"derp4j.dev/interop/fault"
	"derp4j.dev/interop/relay"
	"go4.org/mem"
	"tailscale.com/types/key"
)

// hostname is on every node's certificate. It resolves by itself, which derpprobe needs.
const hostname = "localhost"

// node is one relay of a region.
type node struct {
	index int
	kind  byte
	relay *relay.Relay
	// down: it does not run.
	down bool
	// mayKeepSelf: after it has found itself in its mesh list, it stays connected to itself for a while, as the original
	// does until it collects garbage.
	mayKeepSelf bool
}

// String is its index and kind, such as 0J.
func (n *node) String() string {
	return fmt.Sprintf("%d%c", n.index, n.kind)
}

func (n *node) key() key.NodePublic {
	return key.NodePublicFromRaw32(mem.B(n.relay.PublicKey[:]))
}

// region is a set of meshed nodes and the clients that are connected to them.
type region struct {
	mix string
	// t is the test that runs now: scenarios of one test share a region.
	t     testing.TB
	nodes []*node
	// ways[i][j] is the network from node i to node j, which is i itself for i = j.
	ways      [][]*fault.Proxy
	broken    map[[2]int]bool
	authority *relay.Authority
	caFile    string
	ledger    *ledger

	mu      sync.Mutex
	members map[*member]bool
}

// startRegion starts a node for each letter of the mix, all in each other's mesh list and in their own, and gives them
// time to find each other.
func startRegion(t testing.TB, mix string) *region {
	t.Helper()
	return startRegionWith(t, mix, func(int, *relay.Options) {})
}

// startRegionWith lets the caller change each node's options.
func startRegionWith(t testing.TB, mix string, adapt func(index int, options *relay.Options)) *region {
	t.Helper()
	r := newRegion(t, mix)
	var starting sync.WaitGroup
	for i := range mix {
		options := relay.Options{
			Mode:      relay.TLS,
			Hostname:  hostname,
			Authority: r.authority,
			MeshKey:   meshKey,
			ExtraArgs: []string{"-mesh-with", r.meshList(i)},
			ExtraEnv:  []string{"SSL_CERT_FILE=" + r.caFile, "SSL_CERT_DIR=" + filepath.Dir(r.caFile)},
		}
		if mix[i] == 'G' {
			options.Command = originalDerper
		}
		adapt(i, &options)
		starting.Go(func() { r.launch(i, options) })
	}
	starting.Wait()
	for i, n := range r.nodes {
		if n == nil {
			t.Fatalf("node %d of %s did not start", i, mix)
		}
	}
	// Whoever dialled a node that took its time to start dials again; that is no fault, so it is not timed.
	relay.Await(meeting, func() bool { return r.disagreement() == "" })
	return r
}

func newRegion(t testing.TB, mix string) *region {
	t.Helper()
	authority, err := relay.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	r := &region{mix: mix, t: t, nodes: make([]*node, len(mix)), broken: map[[2]int]bool{}, authority: authority,
		caFile: filepath.Join(t.TempDir(), "authority.pem"), ledger: newLedger(), members: map[*member]bool{}}
	if err := authority.WriteFile(r.caFile); err != nil {
		t.Fatal(err)
	}
	for range mix {
		var ways []*fault.Proxy
		for range mix {
			way, err := fault.New()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(way.Close)
			ways = append(ways, way)
		}
		r.ways = append(r.ways, ways)
	}
	return r
}

// meshList uses both forms of an entry.
func (r *region) meshList(i int) string {
	var list []string
	for j, way := range r.ways[i] {
		entry := fmt.Sprintf("%s:%d", hostname, way.Port())
		if j%2 == 1 {
			entry += "/127.0.0.1"
		}
		list = append(list, entry)
	}
	return strings.Join(list, ",")
}

func (r *region) launch(i int, options relay.Options) {
	launched, err := relay.Launch(options)
	if err != nil {
		r.t.Errorf("node %d of %s: %v", i, r.mix, err)
		return
	}
	r.t.Cleanup(func() {
		launched.Close()
		checkLog(r.t, launched.Log())
	})
	n := &node{index: i, kind: r.mix[i], relay: launched}
	n.mayKeepSelf = n.kind == 'G' || originalAlone()
	r.nodes[i] = n
	for j := range r.ways {
		r.ways[j][i].Target(launched.Addr)
	}
}

// checkLog looks for what no relay may ever write.
func checkLog(t testing.TB, log string) {
	for _, never := range []string{meshKey, otherMeshKey, "privkey:", "\tat ", "goroutine ", "panic"} {
		if strings.Contains(log, never) {
			t.Errorf("a node's log has %q:\n%s", never, log)
		}
	}
}

// scenario runs a part of a test in the region, which has no clients before.
func (r *region) scenario(t *testing.T, name string, run func(t *testing.T)) {
	t.Run(name, func(t *testing.T) {
		outer := r.t
		r.t = t
		defer func() { r.t = outer }()
		for _, n := range r.nodes {
			n.relay.LogOnFailure(t)
		}
		run(t)
		r.checkLedger()
		for m := range r.connected() {
			r.leave(m)
		}
	})
}

func (r *region) checkLedger() {
	r.t.Helper()
	for _, wrong := range r.ledger.takeWrong() {
		r.t.Error(wrong)
	}
}

// join connects a new client to a node.
func (r *region) join(n *node) *member {
	r.t.Helper()
	return r.joinAs(n, key.NewNode())
}

// joinAs connects a client that has the key already.
func (r *region) joinAs(n *node, private key.NodePrivate) *member {
	r.t.Helper()
	m, err := r.tryJoin(n, private)
	if err != nil {
		r.t.Fatal(err)
	}
	return m
}

// tryJoin may be called from any goroutine.
func (r *region) tryJoin(n *node, private key.NodePrivate) (*member, error) {
	m, err := dialMember(r.t, n, private, key.DERPMesh{}, r.ledger)
	if err != nil {
		return nil, fmt.Errorf("a client at node %v: %w", n, err)
	}
	r.mu.Lock()
	r.members[m] = true
	r.mu.Unlock()
	r.t.Cleanup(func() { r.leave(m) })
	return m, nil
}

// leave disconnects a client.
func (r *region) leave(m *member) {
	m.client.Close()
	r.mu.Lock()
	delete(r.members, m)
	r.mu.Unlock()
}

// joinEach connects so many clients to each node that runs and returns them by node.
func (r *region) joinEach(count int) [][]*member {
	r.t.Helper()
	joined := make([][]*member, len(r.nodes))
	for i, n := range r.nodes {
		for range count {
			if !n.down {
				joined[i] = append(joined[i], r.join(n))
			}
		}
	}
	return joined
}

// connected forgets clients whose connection was lost and returns the others.
func (r *region) connected() map[*member]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	connected := map[*member]bool{}
	for m := range r.members {
		if m.connected() {
			connected[m] = true
		} else {
			delete(r.members, m)
		}
	}
	return connected
}

// eachWay calls for the network both ways between the node and each other.
func (r *region) eachWay(n *node, call func(*fault.Proxy)) {
	for _, other := range r.nodes {
		if other != n {
			call(r.ways[n.index][other.index])
			call(r.ways[other.index][n.index])
		}
	}
}

// isolate marks a node as cut off from all others, or as reachable again.
func (r *region) isolate(n *node, isolated bool) {
	for _, other := range r.nodes {
		r.broken[[2]int{n.index, other.index}] = isolated
		r.broken[[2]int{other.index, n.index}] = isolated
	}
}

func (r *region) open(from, to *node) bool {
	return from != to && !from.down && !to.down && !r.broken[[2]int{from.index, to.index}]
}

// local is the keys that are connected to a node: clients and neighbours.
func (r *region) local(n *node) map[key.NodePublic]bool {
	keys := map[key.NodePublic]bool{}
	for m := range r.connected() {
		if m.at == n {
			keys[m.key] = true
		}
	}
	for _, other := range r.nodes {
		if r.open(other, n) {
			keys[other.key()] = true
		}
	}
	return keys
}

// known is the keys that a node can reach: its own and its neighbours'.
func (r *region) known(n *node) map[key.NodePublic]bool {
	keys := r.local(n)
	for _, other := range r.nodes {
		if r.open(n, other) {
			for k := range r.local(other) {
				keys[k] = true
			}
		}
	}
	return keys
}
