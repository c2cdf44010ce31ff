package mesh

import (
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"derp4j.dev/interop/fault"
)

// soakVariable is how long the soak test lasts, such as 60s; the default is only long enough to keep it alive.
const soakVariable = "DERP4J_SOAK"

const (
	soakClients = 4
	// soakPause is between two packets of a client.
	soakPause = 5 * time.Millisecond
	// memoryLimit is for a node's process, whatever happens around it. A relay with an empty heap has a third of it.
	memoryLimit = 400 << 20
)

// soak: the ledger notices packets that come twice or to the wrong client; the network between all nodes breaks at
// random all the time; clients move.
func (r *region) soak(t *testing.T) {
	duration := 8 * time.Second
	if text := os.Getenv(soakVariable); text != "" {
		var err error
		if duration, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	r.joinEach(soakClients)
	r.awaitConsistent()
	sentBefore, deliveredBefore := r.ledger.counts()
	end := time.Now().Add(duration)
	var running sync.WaitGroup
	for m := range r.connected() {
		running.Go(func() { r.chatter(m, end) })
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	running.Go(func() { r.breakWays(random, end) })
	running.Wait()
	sent, delivered := r.ledger.counts()
	sent, delivered = sent-sentBefore, delivered-deliveredBefore
	t.Logf("%s: %d packets sent, %d delivered", r.mix, sent, delivered)
	if delivered < sent/10 {
		t.Error("hardly anything was delivered, so little was shown")
	}
	r.awaitConsistent()
	for _, n := range r.nodes {
		if resident, found := n.relay.Metric("process_resident_memory_bytes"); found {
			t.Logf("node %v has %.0f MiB", n, resident/(1<<20))
			if resident > memoryLimit {
				t.Errorf("node %v has %.0f bytes of memory", n, resident)
			}
		}
	}
}

// chatter sends to clients anywhere in the region, itself included; now and then it starts again on another node.
func (r *region) chatter(m *member, end time.Time) {
	for time.Now().Before(end) {
		to := r.someone()
		_, packet := r.ledger.pack(m.key, to.key, labelLength+rand.IntN(1300))
		if err := m.client.Send(to.key, packet); err != nil {
			r.t.Errorf("%v: send: %v", m, err)
			return
		}
		if rand.IntN(400) == 0 {
			moved, err := r.tryJoin(r.nodes[rand.IntN(len(r.nodes))], m.private)
			if err != nil {
				r.t.Error(err)
				return
			}
			r.leave(m)
			m = moved
		}
		time.Sleep(soakPause)
	}
}

func (r *region) someone() *member {
	r.mu.Lock()
	defer r.mu.Unlock()
	for m := range r.members { // which begins anywhere
		return m
	}
	return nil
}

// breakWays has one fault at a time, between any two nodes, and leaves the network whole.
func (r *region) breakWays(random *rand.Rand, end time.Time) {
	for time.Now().Before(end) {
		i := random.IntN(len(r.nodes))
		j := (i + 1 + random.IntN(len(r.nodes)-1)) % len(r.nodes)
		way := r.ways[i][j]
		switch random.IntN(6) {
		case 0:
			way.Cut()
		case 1:
			way.Refuse()
			way.Cut()
		case 2:
			way.Swallow()
		case 3:
			way.Swallow(fault.Direction(random.IntN(2)))
		case 4:
			way.Hold(fault.Direction(random.IntN(2)))
		case 5:
			way.Delay(time.Duration(random.IntN(500)) * time.Millisecond)
		}
		time.Sleep(time.Duration(200+random.IntN(1500)) * time.Millisecond)
		way.Heal()
		time.Sleep(time.Duration(random.IntN(3000)) * time.Millisecond)
	}
}
