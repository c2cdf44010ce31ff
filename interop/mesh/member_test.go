package mesh

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"sync"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"tailscale.com/derp"
	"tailscale.com/derp/derphttp"
	"tailscale.com/net/netmon"
	"tailscale.com/types/key"
)

// member is one connection of the original's client to a node. It does not come back by itself when it is lost.
type member struct {
	t       testing.TB
	private key.NodePrivate
	key     key.NodePublic
	at      *node
	client  *derphttp.Client
	ledger  *ledger
	// packets are those that the ledger does not know, as many as there is room for.
	packets chan derp.ReceivedPacket
	pongs   chan derp.PongMessage
	ended   chan struct{}

	mu   sync.Mutex
	gone []derp.PeerGoneMessage
}

// dialMember connects with a key of its own, or with the mesh key.
func dialMember(t testing.TB, at *node, private key.NodePrivate, mesh key.DERPMesh, l *ledger) (*member, error) {
	client, err := derphttp.NewClient(private, at.relay.DERPURL(), logf(t), netmon.NewStatic())
	if err != nil {
		return nil, err
	}
	client.TLSConfig = &tls.Config{RootCAs: at.relay.RootCAs}
	client.MeshKey = mesh
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := client.Connect(ctx); err != nil {
		client.Close()
		return nil, err
	}
	m := &member{t: t, private: private, key: private.Public(), at: at, client: client, ledger: l,
		packets: make(chan derp.ReceivedPacket, 1<<10), pongs: make(chan derp.PongMessage, 16), ended: make(chan struct{})}
	first := make(chan error, 1)
	go m.read(first)
	// ServerInfo comes when the node has registered the client.
	if err := <-first; err != nil {
		client.Close()
		return nil, err
	}
	return m, nil
}

// String is the key's short form and the node.
func (m *member) String() string {
	return fmt.Sprintf("%v at node %v", m.key.ShortString(), m.at)
}

func (m *member) read(first chan<- error) {
	defer close(m.ended)
	// A client that was not closed would connect again when it is used.
	defer m.client.Close()
	registered := false
	for {
		message, err := m.client.Recv()
		if !registered {
			registered = true
			first <- err
		}
		if err != nil {
			return
		}
		switch message := message.(type) {
		case derp.ReceivedPacket:
			if !m.ledger.receive(m, message.Source, message.Data) {
				message.Data = bytes.Clone(message.Data)
				select {
				case m.packets <- message:
				default: // more than a test that looks at them lets come together
				}
			}
		case derp.PongMessage:
			m.pongs <- message
		case derp.PeerGoneMessage:
			m.mu.Lock()
			m.gone = append(m.gone, message)
			m.mu.Unlock()
		}
	}
}

func (m *member) connected() bool {
	select {
	case <-m.ended:
		return false
	default:
		return true
	}
}

func (m *member) send(to key.NodePublic, packet []byte) {
	m.t.Helper()
	if err := m.client.Send(to, packet); err != nil {
		m.t.Fatalf("%v: send: %v", m, err)
	}
}

// expectPacket is for packets that the ledger does not know.
func (m *member) expectPacket(from key.NodePublic, want []byte) {
	m.t.Helper()
	select {
	case packet := <-m.packets:
		if packet.Source != from || !bytes.Equal(packet.Data, want) {
			m.t.Fatalf("%v got %d bytes from %v, want %d from %v", m, len(packet.Data), packet.Source.ShortString(), len(want), from.ShortString())
		}
	case <-time.After(patience):
		m.t.Fatalf("%v gets no packet of %d bytes from %v", m, len(want), from.ShortString())
	}
}

// ping returns when the node has handled all that was sent before, and all that it sent before is here.
func (m *member) ping() {
	m.t.Helper()
	if err := m.client.SendPing([8]byte{1}); err != nil {
		m.t.Fatalf("%v: ping: %v", m, err)
	}
	select {
	case <-m.pongs:
	case <-time.After(patience):
		m.t.Fatalf("%v gets no pong", m)
	}
}

// toldGone is how many times the node said so of the peer.
func (m *member) toldGone(peer key.NodePublic, reason derp.PeerGoneReasonType) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	count := 0
	for _, message := range m.gone {
		if message.Peer == peer && message.Reason == reason {
			count++
		}
	}
	return count
}

func (m *member) awaitToldGone(peer key.NodePublic, reason derp.PeerGoneReasonType) {
	m.t.Helper()
	if !relay.Await(settling, func() bool { return m.toldGone(peer, reason) > 0 }) {
		m.t.Errorf("%v is not told that %v is gone (reason %d)", m, peer.ShortString(), reason)
	}
}

// notToldGone is for a peer that left a node but not the region, after the node has noticed.
func (m *member) notToldGone(peer key.NodePublic) {
	m.t.Helper()
	m.ping()
	if count := m.toldGone(peer, derp.PeerGoneReasonDisconnected); count > 0 {
		m.t.Errorf("%v is told that %v is gone, which is still in the region", m, peer.ShortString())
	}
}

func (m *member) expectEnd() {
	m.t.Helper()
	select {
	case <-m.ended:
	case <-time.After(patience):
		m.t.Fatalf("the connection of %v does not end", m)
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
func discoPacket(length int) []byte {
	return append([]byte("TS💬"), pattern(length-6)...)
}
