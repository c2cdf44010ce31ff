package client

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"tailscale.com/derp"
	"tailscale.com/types/key"
)

// derpClient is what the original's two client types have in common.
type derpClient interface {
	Send(key.NodePublic, []byte) error
	Recv() (derp.ReceivedMessage, error)
	SendPing([8]byte) error
	ForwardPacket(from, to key.NodePublic, packet []byte) error
	ClosePeer(key.NodePublic) error
	ServerPublicKey() key.NodePublic
}

// identity is what a client tells the relay about itself.
type identity struct {
	// private is made up if it is zero.
	private key.NodePrivate
	mesh    key.DERPMesh
	prober  bool
	appName string
}

func (id *identity) complete() {
	if id.private.IsZero() {
		id.private = key.NewNode()
	}
}

// peer is a connected client whose messages a goroutine reads all the time, so that the relay never waits for the test.
type peer struct {
	t      testing.TB
	id     identity
	key    key.NodePublic
	client derpClient
	// info is the relay's first message.
	info  derp.ServerInfoMessage
	inbox chan derp.ReceivedMessage
	// err says why reading ended; it is set when done is closed.
	err   error
	done  chan struct{}
	close func()
}

// newPeer takes over a connected client. The inbox holds more than any test leaves unread.
func newPeer(t testing.TB, id identity, client derpClient, closeClient func()) *peer {
	t.Helper()
	p := &peer{t: t, id: id, key: id.private.Public(), client: client, inbox: make(chan derp.ReceivedMessage, 1<<14), done: make(chan struct{}), close: closeClient}
	t.Cleanup(closeClient)
	go p.read()
	select {
	case m, open := <-p.inbox:
		info, isInfo := m.(derp.ServerInfoMessage)
		if !open || !isInfo {
			t.Fatalf("the relay's first message is %T, want ServerInfo; reading ended with: %v", m, p.ended())
		}
		p.info = info
	case <-time.After(patience):
		t.Fatal("no ServerInfo came")
	}
	return p
}

func (p *peer) read() {
	defer close(p.inbox)
	defer close(p.done)
	for {
		m, err := p.client.Recv()
		if err != nil {
			p.err = err
			return
		}
		if packet, isPacket := m.(derp.ReceivedPacket); isPacket {
			// The client reuses its buffer.
			packet.Data = bytes.Clone(packet.Data)
			m = packet
		}
		p.inbox <- m
	}
}

// next is the next message, which must come.
func (p *peer) next() derp.ReceivedMessage {
	p.t.Helper()
	m, open := awaitMessage(p)
	if !open {
		p.t.Fatalf("nothing came; reading ended with: %v", p.ended())
	}
	return m
}

// ended is why reading ended, or nil if it goes on.
func (p *peer) ended() error {
	select {
	case <-p.done:
		return p.err
	default:
		return nil
	}
}

func (p *peer) send(to *peer, packet []byte) {
	p.t.Helper()
	p.sendKey(to.key, packet)
}

func (p *peer) sendKey(to key.NodePublic, packet []byte) {
	p.t.Helper()
	if err := p.client.Send(to, packet); err != nil {
		p.t.Fatalf("send: %v", err)
	}
}

func (p *peer) expectPacket(from key.NodePublic, want []byte) {
	p.t.Helper()
	packet := p.expectAnyPacket()
	if packet.Source != from {
		p.t.Fatalf("the packet comes from %v, want %v", packet.Source, from)
	}
	if !bytes.Equal(packet.Data, want) {
		p.t.Fatalf("the packet has %s, want %s", brief(packet.Data), brief(want))
	}
}

func (p *peer) expectAnyPacket() derp.ReceivedPacket {
	p.t.Helper()
	m := p.next()
	packet, isPacket := m.(derp.ReceivedPacket)
	if !isPacket {
		p.t.Fatalf("got %T %+v, want a packet", m, m)
	}
	return packet
}

func (p *peer) expectGone(who key.NodePublic, reason derp.PeerGoneReasonType) {
	p.t.Helper()
	want := derp.PeerGoneMessage{Peer: who, Reason: reason}
	if m := p.next(); m != want {
		p.t.Fatalf("got %T %+v, want %+v", m, m, want)
	}
}

func (p *peer) expectPresent(who key.NodePublic) derp.PeerPresentMessage {
	p.t.Helper()
	m := p.next()
	present, isPresent := m.(derp.PeerPresentMessage)
	if !isPresent || present.Key != who {
		p.t.Fatalf("got %T %+v, want that %v is present", m, m, who)
	}
	return present
}

// ping goes to the relay and back, with nothing else coming in between. All that the peer sent before is handled then.
func (p *peer) ping() {
	p.t.Helper()
	var data [8]byte
	rand.Read(data[:])
	if err := p.client.SendPing(data); err != nil {
		p.t.Fatalf("ping: %v", err)
	}
	if m := p.next(); m != derp.PongMessage(data) {
		p.t.Fatalf("got %T %v, want the pong %v", m, m, data)
	}
}

// echo sends a packet to itself through the relay: what the relay queued for the peer before must come before.
func (p *peer) echo() {
	p.t.Helper()
	data := make([]byte, 16)
	rand.Read(data)
	p.send(p, data)
	p.expectPacket(p.key, data)
}

// expectEnd waits until the relay has closed the connection; what it wrote before does not matter.
func (p *peer) expectEnd() {
	p.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case _, open := <-p.inbox:
			if !open {
				return
			}
		case <-timeout:
			p.t.Fatal("the relay does not close the connection")
		}
	}
}

// pattern is a packet whose every byte depends on its length and place.
func pattern(length int) []byte {
	packet := make([]byte, length)
	for i := range packet {
		packet[i] = byte(i*7 + length)
	}
	return packet
}

// discoPacket looks like what peers search paths with; only such packets are answered with PeerGone "not here".
func discoPacket(seed byte) []byte {
	packet := append([]byte("TS💬"), bytes.Repeat([]byte{seed}, 70)...)
	return packet
}

func brief(packet []byte) string {
	if len(packet) <= 24 {
		return fmt.Sprintf("%d bytes %x", len(packet), packet)
	}
	return fmt.Sprintf("%d bytes %x…", len(packet), packet[:24])
}

// awaitMessage is the next message that a test can care about: a relay may send keep-alives, and health texts to
// duplicates, at any time. False means that nothing came. Any goroutine may call it.
func awaitMessage(p *peer) (derp.ReceivedMessage, bool) {
	timeout := time.After(patience)
	for {
		select {
		case m, open := <-p.inbox:
			switch m.(type) {
			case derp.KeepAliveMessage, derp.HealthMessage:
				continue
			}
			return m, open
		case <-timeout:
			return nil, false
		}
	}
}
