package client

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"tailscale.com/derp"
	"tailscale.com/derp/derphttp"
)

func TestClientsComeBackByThemselvesWhenTheRelayRestarts(t *testing.T) {
	for _, mode := range []relay.Mode{relay.Plain, relay.TLS, relay.TLSIP} {
		for _, way := range []string{"stopped", "killed"} {
			t.Run(mode.String()+" "+way, func(t *testing.T) {
				r := relay.Start(t, relay.Options{Mode: mode})
				a, b := newLasting(t, r), newLasting(t, r)
				a.exchange(b)
				generation := a.generation()
				if way == "killed" {
					r.Kill()
				} else if status := r.Stop(); status != 0 {
					t.Errorf("the relay ends with status %d", status)
				}
				// Without a relay a send fails; it must not hang or succeed for ever.
				if !relay.Await(patience, func() bool { return a.client.Send(b.client.SelfPublicKey(), []byte("lost")) != nil }) {
					t.Error("sending still succeeds when the relay is gone")
				}
				if err := r.Restart(); err != nil {
					t.Fatal(err)
				}
				a.exchange(b)
				b.exchange(a)
				if a.generation() == generation {
					t.Error("the client did not notice that it lost its connection")
				}
			})
		}
	}
}

func TestRelayTellsItsClientsThatItEnds(t *testing.T) {
	skipOn(t, "it cuts its connections", target102, target104)
	r := relay.Start(t, relay.Options{Mode: relay.Plain})
	a, b := connectPlain(t, r, identity{}), connectPlain(t, r, identity{})
	status := make(chan int, 1)
	go func() { status <- r.Stop() }()
	for _, p := range []*peer{a, b} {
		if m, isRestarting := p.next().(derp.ServerRestartingMessage); !isRestarting {
			t.Errorf("got %T %+v", m, m)
		}
		p.expectEnd()
	}
	if got := <-status; got != 0 {
		t.Errorf("exit status %d", got)
	}
}

func TestRelayKeepsItsKeyAndCertificateOverARestart(t *testing.T) {
	r := relay.Start(t, relay.Options{Mode: relay.TLSIP})
	key, pin := r.PublicKey, r.CertPin
	if err := r.Restart(); err != nil {
		t.Fatal(err)
	}
	if r.PublicKey != key || r.CertPin != pin {
		t.Error("the key or the certificate is another one")
	}
}

// lasting is a client that reads on and on over all its connections, as real ones do.
type lasting struct {
	t       testing.TB
	client  *derphttp.Client
	packets chan derp.ReceivedPacket
	mu      sync.Mutex
	current int
}

func newLasting(t *testing.T, r *relay.Relay) *lasting {
	t.Helper()
	id := identity{}
	id.complete()
	client := newURLClient(t, r, id, 0, nil)
	if r.Mode == relay.TLSIP {
		client = newRegionClient(t, id, node(r, "the-node"))
	}
	l := &lasting{t: t, client: client, packets: make(chan derp.ReceivedPacket, 1<<14)}
	t.Cleanup(func() { client.Close() })
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := client.Connect(ctx); err != nil {
		t.Fatal(err)
	}
	go l.read()
	return l
}

func (l *lasting) read() {
	for {
		m, generation, err := l.client.RecvDetail()
		if errors.Is(err, derphttp.ErrClientClosed) {
			return
		}
		if err != nil {
			// The relay is away; a real client waits a little too.
			time.Sleep(10 * time.Millisecond)
			continue
		}
		l.mu.Lock()
		l.current = generation
		l.mu.Unlock()
		if packet, isPacket := m.(derp.ReceivedPacket); isPacket {
			packet.Data = append([]byte(nil), packet.Data...)
			l.packets <- packet
		}
	}
}

func (l *lasting) generation() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.current
}

// exchange sends until a packet has arrived: at first the other one may not be back yet.
func (l *lasting) exchange(to *lasting) {
	l.t.Helper()
	text := time.Now().String()
	if !relay.Await(patience, func() bool {
		l.client.Send(to.client.SelfPublicKey(), []byte(text))
		for {
			select {
			case packet := <-to.packets:
				if packet.Source == l.client.SelfPublicKey() && string(packet.Data) == text {
					return true
				}
			case <-time.After(100 * time.Millisecond):
				return false
			}
		}
	}) {
		l.t.Fatal("the packet does not arrive")
	}
}
