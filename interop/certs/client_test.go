package certs

import (
	"crypto/tls"
	"crypto/x509"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"tailscale.com/derp"
	"tailscale.com/derp/derphttp"
	"tailscale.com/net/netmon"
	"tailscale.com/tailcfg"
	"tailscale.com/types/key"
)

// patience is spent only by a test that fails. An order takes some seconds.
const patience = 60 * time.Second

// peer is a stock client.
type peer struct {
	t      testing.TB
	key    key.NodePublic
	client *derphttp.Client
	inbox  chan derp.ReceivedMessage
}

// nodeOf is the relay's entry in a DERP map, under a name or an address.
func nodeOf(r *relay.Relay, host string) *tailcfg.DERPNode {
	return &tailcfg.DERPNode{Name: "900a", RegionID: 900, HostName: host, IPv4: "127.0.0.1", IPv6: "none", DERPPort: r.Port, STUNPort: r.STUNPort}
}

// newClient verifies the relay against the roots alone, as clients do with those of the system.
func newClient(private key.NodePrivate, node *tailcfg.DERPNode, roots *x509.CertPool, logf func(string, ...any)) *derphttp.Client {
	region := &tailcfg.DERPRegion{RegionID: 900, RegionCode: "test", Nodes: []*tailcfg.DERPNode{node}}
	client := derphttp.NewRegionClient(private, logf, netmon.NewStatic(), func() *tailcfg.DERPRegion { return region })
	client.TLSConfig = &tls.Config{RootCAs: roots}
	return client
}

// connect is connected when it returns.
func connect(t testing.TB, node *tailcfg.DERPNode, roots *x509.CertPool) *peer {
	t.Helper()
	private := key.NewNode()
	p := &peer{t: t, key: private.Public(), client: newClient(private, node, roots, t.Logf), inbox: make(chan derp.ReceivedMessage, 100)}
	t.Cleanup(func() { p.client.Close() })
	// The client gives up after ten seconds, and comes again as in real life: on a busy machine an order takes longer.
	var err error
	if !relay.Await(patience, func() bool {
		err = p.client.Connect(t.Context())
		return err == nil
	}) {
		t.Fatalf("connecting: %v", err)
	}
	go func() {
		for {
			m, err := p.client.Recv()
			if err != nil {
				close(p.inbox)
				return
			}
			if packet, isPacket := m.(derp.ReceivedPacket); isPacket {
				packet.Data = append([]byte(nil), packet.Data...)
				m = packet
			}
			p.inbox <- m
		}
	}()
	return p
}

// talk sends a packet to the other, again and again, until one has arrived there: both are still connected.
func (p *peer) talk(to *peer, text string) {
	p.t.Helper()
	if !relay.Await(patience, func() bool {
		if err := p.client.Send(to.key, []byte(text)); err != nil {
			p.t.Fatalf("sending: %v", err)
		}
		select {
		case m, open := <-to.inbox:
			if !open {
				p.t.Fatal("the receiver lost its connection")
			}
			packet, isPacket := m.(derp.ReceivedPacket)
			return isPacket && string(packet.Data) == text
		default:
			return false
		}
	}) {
		p.t.Fatalf("%q did not arrive", text)
	}
}

// leaf is what the relay presents, whoever has signed it.
func leaf(r *relay.Relay, name string) (*x509.Certificate, error) {
	conn, err := tls.Dial("tcp", r.Addr, &tls.Config{ServerName: name, InsecureSkipVerify: true})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0], nil
}
