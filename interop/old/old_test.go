package old

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"tailscale.com/derp"
	"tailscale.com/derp/derphttp"
	"tailscale.com/types/key"
)

func TestPacketsOfEverySizeArriveBothWays(t *testing.T) {
	sizes := []int{1300, 4096, 16384, 65535, 65536}
	for size := 0; size <= 1280; size += 16 {
		sizes = append(sizes, size, size+1)
	}
	overAll(t, func(t *testing.T, connect func(...option) *peer) {
		a, b := connect(), connect()
		for _, size := range sizes {
			a.send(b, pattern(size))
			b.expectPacket(a.key, pattern(size))
			b.send(a, pattern(size))
			a.expectPacket(b.key, pattern(size))
		}
	})
}

func TestPacketsKeepTheirOrder(t *testing.T) {
	// Fewer at once than a queue holds: none may be lost.
	const rounds, burst = 50, 16
	overAll(t, func(t *testing.T, connect func(...option) *peer) {
		a, b := connect(), connect()
		for range rounds {
			for i := range burst {
				a.send(b, pattern(1000+i))
				b.send(a, pattern(900+i))
			}
			for i := range burst {
				b.expectPacket(a.key, pattern(1000+i))
				a.expectPacket(b.key, pattern(900+i))
			}
		}
	})
}

func TestPingIsAnswered(t *testing.T) {
	overAll(t, func(t *testing.T, connect func(...option) *peer) {
		p := connect()
		p.ping()
		p.ping()
	})
}

func TestLastOfTwoDuplicatesToSpeakGetsThePackets(t *testing.T) {
	overAll(t, func(t *testing.T, connect func(...option) *peer) {
		sender, older := connect(), connect()
		newer := connect(as(older))
		sender.send(newer, []byte("to the newer"))
		newer.expectPacket(sender.key, []byte("to the newer"))
		older.ping()
		sender.send(older, []byte("to the older"))
		older.expectPacket(sender.key, []byte("to the older"))
	})
}

func TestWhoIsLeftOfTwoDuplicatesGetsThePackets(t *testing.T) {
	tr := transports[0]
	r := quietRelay(t, tr.mode)
	sender, older := tr.connect(t, r), tr.connect(t, r)
	newer := tr.connect(t, r, as(older))
	r.WaitMetric(t, 2, "derp_current_dup_client_conns")
	newer.client.Close()
	r.WaitMetric(t, 0, "derp_current_dup_client_conns")
	sender.send(older, []byte("still here"))
	older.expectPacket(sender.key, []byte("still here"))
}

func TestDepartureAndAbsenceAreTold(t *testing.T) {
	overAll(t, func(t *testing.T, connect func(...option) *peer) {
		a, b := connect(), connect()
		a.send(b, []byte("hello"))
		b.expectPacket(a.key, []byte("hello"))
		a.client.Close()
		b.expectGone(a.key, derp.PeerGoneReasonDisconnected)
		disco := append([]byte("TS💬"), bytes.Repeat([]byte{1}, 70)...)
		b.send(a, disco)
		b.expectGone(a.key, derp.PeerGoneReasonNotHere)
	})
}

func TestWatcherOfTheMeshLearnsWhoIsThere(t *testing.T) {
	for _, tr := range transports {
		t.Run(tr.name, func(t *testing.T) {
			r := quietRelay(t, tr.mode)
			before := tr.connect(t, r)
			watcher := tr.connect(t, r, meshed, watching)
			want := map[key.NodePublic]derp.PeerPresentFlags{before.key: derp.PeerPresentIsRegular, watcher.key: derp.PeerPresentIsMeshPeer}
			for range 2 {
				watcher.expectPresent(want)
			}
			late := tr.connect(t, r)
			watcher.expectPresent(map[key.NodePublic]derp.PeerPresentFlags{late.key: derp.PeerPresentIsRegular})
			late.client.Close()
			watcher.expectGone(late.key, derp.PeerGoneReasonDisconnected)
		})
	}
}

// expectPresent takes who is there now out of those who are to come.
func (p *peer) expectPresent(want map[key.NodePublic]derp.PeerPresentFlags) {
	p.t.Helper()
	m := p.next()
	present, isPresent := m.(derp.PeerPresentMessage)
	flags, expected := want[present.Key]
	if !isPresent || !expected {
		p.t.Fatalf("got %T %+v", m, m)
	}
	if present.Flags != flags || !present.IPPort.Addr().IsLoopback() || present.IPPort.Port() == 0 {
		p.t.Errorf("got %+v, want flags %d", present, flags)
	}
	delete(want, present.Key)
}

func TestNeighbourOfTheMeshForwardsAndCloses(t *testing.T) {
	overAll(t, func(t *testing.T, connect func(...option) *peer) {
		neighbour, local := connect(meshed), connect()
		elsewhere := key.NewNode().Public()
		if err := neighbour.client.ForwardPacket(elsewhere, local.key, pattern(1280)); err != nil {
			t.Fatal(err)
		}
		local.expectPacket(elsewhere, pattern(1280))
		if err := neighbour.client.ClosePeer(local.key); err != nil {
			t.Fatal(err)
		}
		local.expectEnd()
	})
}

func TestWatchingWithoutTheMeshKeyEndsTheConnection(t *testing.T) {
	overAll(t, func(t *testing.T, connect func(...option) *peer) {
		connect(watching).expectEnd()
	})
}

func TestClientsComeBackByThemselvesWhenTheRelayRestarts(t *testing.T) {
	r := relay.Start(t, relay.Options{Mode: relay.Plain})
	a, b := transports[0].connect(t, r), transports[0].connect(t, r)
	if err := r.Restart(); err != nil {
		t.Fatal(err)
	}
	a.expectEnd()
	b.expectEnd()
	// Their next use connects them again.
	received := make(chan []byte, 100)
	go func() {
		for {
			m, err := b.client.Recv()
			if errors.Is(err, derphttp.ErrClientClosed) {
				return
			}
			if packet, isPacket := m.(derp.ReceivedPacket); isPacket && packet.Source == a.key {
				received <- bytes.Clone(packet.Data)
			}
		}
	}()
	if !relay.Await(patience, func() bool {
		a.client.Send(b.key, []byte("again"))
		select {
		case packet := <-received:
			return string(packet) == "again"
		case <-time.After(100 * time.Millisecond):
			return false
		}
	}) {
		t.Fatal("the packet does not arrive")
	}
}
