package old

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"tailscale.com/derp"
	"tailscale.com/derp/derphttp"
	"tailscale.com/net/netmon"
	"tailscale.com/tailcfg"
	"tailscale.com/types/key"
)

// transport is one way in which clients of that age reach a relay.
type transport struct {
	name       string
	mode       relay.Mode
	tlsVersion uint16
	// turns are who writes and who reads while connecting, up to the point where the client is content.
	turns string
}

var transports = []transport{
	{"Plain", relay.Plain, 0, "WRW"},
	{"TLS12", relay.TLS, tls.VersionTLS12, "WRWRWRW"},
	{"TLS13FastStart", relay.TLS, tls.VersionTLS13, "WRW"},
	// It knows no pins, so people who ran a relay without a name had to skip verification.
	{"UnverifiedIP", relay.TLSIP, 0, ""},
}

func overAll(t *testing.T, scenario func(t *testing.T, connect func(...option) *peer)) {
	for _, transport := range transports {
		t.Run(transport.name, func(t *testing.T) {
			r := relayOf(t, transport.mode)
			scenario(t, func(options ...option) *peer {
				t.Helper()
				return transport.connect(t, r, options...)
			})
		})
	}
}

type option func(*peer)

// as gives the key of another peer.
func as(other *peer) option { return func(p *peer) { p.private = other.private } }

func meshed(p *peer) { p.mesh = meshKey }

func watching(p *peer) { p.watch = true }

// peer is a connected client whose messages a goroutine reads all the time.
type peer struct {
	t       testing.TB
	private key.NodePrivate
	mesh    string
	watch   bool
	key     key.NodePublic
	client  *derphttp.Client
	inbox   chan derp.ReceivedMessage
	turns   *turnsConn
}

func (tr transport) connect(t *testing.T, r *relay.Relay, options ...option) *peer {
	t.Helper()
	p := &peer{t: t, private: key.NewNode(), inbox: make(chan derp.ReceivedMessage, 1<<14)}
	for _, option := range options {
		option(p)
	}
	p.key = p.private.Public()
	p.client = p.newClient(r, tr.tlsVersion)
	p.client.MeshKey = p.mesh
	p.client.WatchConnectionChanges = p.watch
	t.Cleanup(func() { p.client.Close() })
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.client.Connect(ctx); err != nil {
		t.Fatal(err)
	}
	if p.turns != nil && tr.turns != "" && !p.watch {
		if got := p.turns.taken(); got != tr.turns {
			t.Errorf("connecting took the turns %s, want %s", got, tr.turns)
		}
	}
	go p.read()
	if m, isInfo := p.next().(derp.ServerInfoMessage); !isInfo {
		t.Fatalf("the relay's first message is %T", m)
	}
	if got := p.client.ServerPublicKey().UntypedHexString(); got != r.PublicKeyHex() {
		t.Errorf("the client knows the relay by the key %s, want %s", got, r.PublicKeyHex())
	}
	return p
}

func (p *peer) newClient(r *relay.Relay, tlsVersion uint16) *derphttp.Client {
	p.t.Helper()
	if r.Mode == relay.TLSIP {
		region := &tailcfg.DERPRegion{RegionID: 900, Nodes: []*tailcfg.DERPNode{{
			Name: "the-node", RegionID: 900, HostName: "127.0.0.1", IPv4: "127.0.0.1", IPv6: "none", DERPPort: r.Port, InsecureForTests: true,
		}}}
		return derphttp.NewRegionClient(p.private, logf(p.t), netmon.NewStatic(), func() *tailcfg.DERPRegion { return region })
	}
	client, err := derphttp.NewClient(p.private, r.DERPURL(), logf(p.t), netmon.NewStatic())
	if err != nil {
		p.t.Fatal(err)
	}
	client.TLSConfig = &tls.Config{MinVersion: tlsVersion, MaxVersion: tlsVersion}
	client.SetURLDialer(func(ctx context.Context, network, _ string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, r.Addr)
		if err != nil {
			return nil, err
		}
		p.turns = &turnsConn{Conn: conn}
		return p.turns, nil
	})
	return client
}

func (p *peer) read() {
	defer close(p.inbox)
	for {
		m, err := p.client.Recv()
		if err != nil {
			return
		}
		if packet, isPacket := m.(derp.ReceivedPacket); isPacket {
			packet.Data = bytes.Clone(packet.Data)
			m = packet
		}
		p.inbox <- m
	}
}

func (p *peer) next() derp.ReceivedMessage {
	p.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case m, open := <-p.inbox:
			switch m.(type) {
			case derp.KeepAliveMessage, derp.HealthMessage:
				continue
			}
			if !open {
				p.t.Fatal("the connection ended")
			}
			return m
		case <-timeout:
			p.t.Fatal("nothing came")
		}
	}
}

func (p *peer) send(to *peer, packet []byte) {
	p.t.Helper()
	if err := p.client.Send(to.key, packet); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) expectPacket(from key.NodePublic, want []byte) {
	p.t.Helper()
	m := p.next()
	packet, isPacket := m.(derp.ReceivedPacket)
	if !isPacket || packet.Source != from || !bytes.Equal(packet.Data, want) {
		p.t.Fatalf("got %T of %d bytes from %v, want a packet of %d bytes from %v", m, len(packet.Data), packet.Source, len(want), from)
	}
}

func (p *peer) expectGone(who key.NodePublic, reason derp.PeerGoneReasonType) {
	p.t.Helper()
	want := derp.PeerGoneMessage{Peer: who, Reason: reason}
	if m := p.next(); m != want {
		p.t.Fatalf("got %T %+v, want %+v", m, m, want)
	}
}

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

func (p *peer) ping() {
	p.t.Helper()
	var data [8]byte
	rand.Read(data[:])
	if err := p.client.SendPing(data); err != nil {
		p.t.Fatal(err)
	}
	if m := p.next(); m != derp.PongMessage(data) {
		p.t.Fatalf("got %T %v, want the pong %v", m, m, data)
	}
}

func pattern(length int) []byte {
	packet := make([]byte, length)
	for i := range packet {
		packet[i] = byte(i*7 + length)
	}
	return packet
}

// turnsConn notes who was at turn.
type turnsConn struct {
	net.Conn
	mu    sync.Mutex
	turns string
}

func (c *turnsConn) note(turn string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !strings.HasSuffix(c.turns, turn) {
		c.turns += turn
	}
}

func (c *turnsConn) taken() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.turns
}

func (c *turnsConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.note("R")
	return n, err
}

func (c *turnsConn) Write(b []byte) (int, error) {
	c.note("W")
	return c.Conn.Write(b)
}
