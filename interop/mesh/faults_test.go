package mesh

import (
	"sync/atomic"
	"testing"
	"time"

	"derp4j.dev/interop/fault"
	"derp4j.dev/interop/relay"
)

// survive is what must not disturb a region for longer than [settling].
func (r *region) survive(t *testing.T) {
	r.scenario(t, "connections that are cut come back", r.connectionsCut)
	r.scenario(t, "a node without network is forgotten until it is back", r.nodeCutOff)
	r.scenario(t, "a slow network delays and breaks nothing", r.slowNetwork)
	r.scenario(t, "half-open connections", r.halfOpen)
	r.scenario(t, "one way of the network swallows everything", r.oneWayHalfOpen)
	r.scenario(t, "a killed node is forgotten until it is back", r.nodeKilled)
	r.scenario(t, "a restarted node comes back", r.nodeRestarted)
	r.scenario(t, "a neighbour that does not read stops nobody else", r.neighbourDoesNotRead)
}

// turnover replaces a client on each node that runs, so that presence changes while something is broken.
func (r *region) turnover() {
	r.t.Helper()
	leaving := map[*node]*member{}
	for m := range r.connected() {
		leaving[m.at] = m
	}
	for n, m := range leaving {
		r.leave(m)
		if !n.down {
			r.join(n)
		}
	}
}

func (r *region) connectionsCut(*testing.T) {
	r.joinEach(2)
	r.awaitConsistent()
	r.eachWay(r.nodes[0], (*fault.Proxy).Cut)
	r.turnover()
	r.awaitConsistent()
}

func (r *region) nodeCutOff(*testing.T) {
	r.joinEach(2)
	r.awaitConsistent()
	first := r.nodes[0]
	r.isolate(first, true)
	r.eachWay(first, (*fault.Proxy).Refuse)
	r.eachWay(first, (*fault.Proxy).Cut)
	r.turnover()
	r.awaitConsistent()
	r.turnover()
	r.isolate(first, false)
	r.eachWay(first, (*fault.Proxy).Heal)
	r.awaitConsistent()
}

func (r *region) slowNetwork(*testing.T) {
	r.joinEach(2)
	r.awaitConsistent()
	r.eachWay(r.nodes[0], func(way *fault.Proxy) { way.Delay(300 * time.Millisecond) })
	r.turnover()
	r.awaitConsistent()
	r.eachWay(r.nodes[0], (*fault.Proxy).Heal)
	r.awaitConsistent()
}

// halfOpen cannot be noticed at once by anyone. It must not disturb what has nothing to do with it; when the network is
// back, the connections turn out to be dead.
func (r *region) halfOpen(*testing.T) {
	r.halfOpenBy(func(way *fault.Proxy) { way.Swallow() })
}

func (r *region) oneWayHalfOpen(*testing.T) {
	r.halfOpenBy(func(way *fault.Proxy) { way.Swallow(fault.ToServer) })
}

func (r *region) halfOpenBy(swallow func(*fault.Proxy)) {
	r.t.Helper()
	clients := r.joinEach(2)
	r.awaitConsistent()
	r.eachWay(r.nodes[0], swallow)
	for range 3 {
		for _, here := range clients {
			r.crossLocally(here[0], here[1])
			// Whatever becomes of these.
			here[0].send(clients[0][0].key, pattern(500))
			clients[0][1].send(here[0].key, pattern(500))
		}
	}
	r.turnover()
	r.eachWay(r.nodes[0], (*fault.Proxy).Heal)
	r.awaitConsistent()
}

// crossLocally shows that two clients of one node reach each other.
func (r *region) crossLocally(a, b *member) {
	r.t.Helper()
	number, packet := r.ledger.pack(a.key, b.key, labelLength)
	a.send(b.key, packet)
	if !relay.Await(patience, func() bool { return r.ledger.receiver(number) != nil }) {
		r.t.Fatalf("nothing gets from %v to %v", a, b)
	}
}

func (r *region) nodeKilled(t *testing.T) {
	r.joinEach(2)
	r.awaitConsistent()
	first := r.nodes[0]
	first.relay.Kill()
	first.down = true
	r.awaitClientsLost(first)
	r.awaitConsistent()
	r.turnover()
	if err := first.relay.Restart(); err != nil {
		t.Fatal(err)
	}
	first.down = false
	r.join(first)
	r.awaitConsistent()
}

func (r *region) nodeRestarted(t *testing.T) {
	r.joinEach(2)
	r.awaitConsistent()
	first := r.nodes[0]
	if err := first.relay.Restart(); err != nil {
		t.Fatal(err)
	}
	r.awaitClientsLost(first)
	r.join(first)
	r.turnover()
	r.awaitConsistent()
}

// awaitClientsLost waits until the clients of a node that ended have noticed.
func (r *region) awaitClientsLost(n *node) {
	r.t.Helper()
	if !relay.Await(patience, func() bool {
		for m := range r.connected() {
			if m.at == n {
				return false
			}
		}
		return true
	}) {
		r.t.Fatalf("clients of node %v are still connected", n)
	}
}

// neighbourDoesNotRead floods the second node, whose connection does not move, over the first. The first has to close
// that connection after 5 s, which shows in what it knows, or in its dialling again, which the original does at once
// while there is more to forward. All the time its own clients reach each other.
func (r *region) neighbourDoesNotRead(t *testing.T) {
	first, second := r.nodes[0], r.nodes[1]
	flooder, target := r.join(first), r.join(second)
	a, b := r.join(first), r.join(first)
	r.awaitConsistent()
	way := r.ways[0][1]
	dialled := way.Accepted()
	way.Hold(fault.ToServer)
	var over atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		for packet := pattern(32 << 10); !over.Load(); {
			// Where the relay stops reading, this blocks until the client is closed.
			if flooder.client.Send(target.key, packet) != nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	r.broken[[2]int{0, 1}] = true // as soon as the first node has given up
	closed := false
	for deadline := time.Now().Add(patience); !closed && time.Now().Before(deadline); {
		r.crossLocally(a, b)
		time.Sleep(20 * time.Millisecond)
		closed = way.Accepted() > dialled || r.nodeDisagreement(first) == ""
	}
	over.Store(true)
	r.leave(flooder)
	<-done
	if !closed {
		t.Errorf("node %v keeps a connection to %v that does not move", first, second)
	}
	r.broken[[2]int{0, 1}] = false
	way.Heal()
	r.drain(target)
	r.awaitConsistent()
}

// drain forgets what a client got that nobody asked for.
func (r *region) drain(m *member) {
	for {
		select {
		case <-m.packets:
		default:
			return
		}
	}
}
