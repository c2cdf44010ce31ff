package client

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"tailscale.com/derp"
	"tailscale.com/derp/derphttp"
	"tailscale.com/net/netmon"
	"tailscale.com/tailcfg"
)

// transport is one way for a client to reach a relay and to start speaking DERP with it.
type transport struct {
	name    string
	mode    relay.Mode
	connect func(t testing.TB, r *relay.Relay, id identity) *peer
}

// transports are all that real clients of the last years use.
var transports = []transport{
	{"Plain", relay.Plain, connectURL(0)},
	{"PlainFastStart", relay.Plain, connectByHand(0, http.Header{"Derp-Fast-Start": {"1"}})},
	{"PlainOldWebSocketUpgrade", relay.Plain, connectByHand(0, http.Header{"Upgrade": {"websocket"}})},
	{"TLS12", relay.TLS, connectURL(tls.VersionTLS12)},
	{"TLS13FastStart", relay.TLS, connectURL(tls.VersionTLS13)},
	{"TLS13Upgrade", relay.TLS, connectByHand(tls.VersionTLS13, nil)},
	{"PinnedIP", relay.TLSIP, connectRegion},
	{"WebSocket", relay.Plain, connectWebSocket},
	{"WebSocketTLS", relay.TLS, connectWebSocket},
}

// overAll runs a scenario over every transport.
func overAll(t *testing.T, scenario func(t *testing.T, r *relay.Relay, connect func(identity) *peer)) {
	for _, transport := range transports {
		t.Run(transport.name, func(t *testing.T) {
			r := sharedRelay(t, transport.mode)
			scenario(t, r, func(id identity) *peer {
				t.Helper()
				return transport.connect(t, r, id)
			})
		})
	}
}

// connectPlain is the connection of all tests that are not about connecting.
func connectPlain(t testing.TB, r *relay.Relay, id identity) *peer {
	t.Helper()
	return connectURL(0)(t, r, id)
}

// connectURL is the original's client as meshed relays and probers use it, told a URL. A TLS version other than zero is
// the only one that it offers.
func connectURL(version uint16) func(testing.TB, *relay.Relay, identity) *peer {
	return func(t testing.TB, r *relay.Relay, id identity) *peer {
		t.Helper()
		id.complete()
		return startHTTPClient(t, newURLClient(t, r, id, version, nil), id)
	}
}

// newURLClient makes a client that is not connected yet. The wrapper, if any, sees its network connection.
func newURLClient(t testing.TB, r *relay.Relay, id identity, version uint16, wrap func(net.Conn) net.Conn) *derphttp.Client {
	t.Helper()
	client, err := derphttp.NewClient(id.private, r.DERPURL(), logf(t), netmon.NewStatic())
	if err != nil {
		t.Fatal(err)
	}
	client.TLSConfig = &tls.Config{RootCAs: r.RootCAs, MinVersion: version, MaxVersion: version}
	// The name on the certificate does not resolve.
	client.SetURLDialer(func(ctx context.Context, network, _ string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, r.Addr)
		if err == nil && wrap != nil {
			conn = wrap(conn)
		}
		return conn, err
	})
	return client
}

// connectRegion is the original's client as tailscaled uses it: it is told a region of the DERP map.
func connectRegion(t testing.TB, r *relay.Relay, id identity) *peer {
	t.Helper()
	id.complete()
	return startHTTPClient(t, newRegionClient(t, id, node(r, "the-node")), id)
}

func newRegionClient(t testing.TB, id identity, nodes ...*tailcfg.DERPNode) *derphttp.Client {
	region := &tailcfg.DERPRegion{RegionID: 900, RegionCode: "test", Nodes: nodes}
	return derphttp.NewRegionClient(id.private, logf(t), netmon.NewStatic(), func() *tailcfg.DERPRegion { return region })
}

// node is the relay's entry in a DERP map.
func node(r *relay.Relay, name string) *tailcfg.DERPNode {
	return &tailcfg.DERPNode{
		Name:     name,
		RegionID: 900,
		HostName: "127.0.0.1",
		IPv4:     "127.0.0.1",
		IPv6:     "none",
		DERPPort: r.Port,
		STUNPort: r.STUNPort,
		CertName: r.CertPin,
	}
}

func startHTTPClient(t testing.TB, client *derphttp.Client, id identity) *peer {
	t.Helper()
	client.MeshKey = id.mesh
	client.IsProber = id.prober
	client.AppName = id.appName
	t.Cleanup(func() { client.Close() })
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := client.Connect(ctx); err != nil {
		t.Fatal(err)
	}
	return newPeer(t, id, client, func() { client.Close() })
}

// connectByHand upgrades with headers that the original's client does not send, then hands over to it.
func connectByHand(version uint16, header http.Header) func(testing.TB, *relay.Relay, identity) *peer {
	return func(t testing.TB, r *relay.Relay, id identity) *peer {
		t.Helper()
		id.complete()
		conn := dialTo(t, r, version)
		conn.SetDeadline(time.Now().Add(patience))
		stream := bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn))
		upgrade(t, r, stream, header)
		client, err := derp.NewClient(id.private, conn, stream, logf(t),
			derp.MeshKey(id.mesh), derp.IsProber(id.prober), derp.AppName(id.appName))
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Time{})
		return newPeer(t, id, client, func() { conn.Close() })
	}
}

func upgrade(t testing.TB, r *relay.Relay, stream *bufio.ReadWriter, header http.Header) {
	t.Helper()
	request, err := http.NewRequest("GET", r.DERPURL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = http.Header{"Upgrade": {"DERP"}, "Connection": {"Upgrade"}}
	for name, values := range header {
		request.Header[name] = values
	}
	if err := request.Write(stream); err != nil {
		t.Fatal(err)
	}
	if err := stream.Flush(); err != nil {
		t.Fatal(err)
	}
	if request.Header.Get("Derp-Fast-Start") == "1" {
		return
	}
	response, err := http.ReadResponse(stream.Reader, request)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("the upgrade is answered with %s", response.Status)
	}
}

// dialTo opens a connection as the relay's mode needs it; TLS is of the version only, if it is not zero.
func dialTo(t testing.TB, r *relay.Relay, version uint16) net.Conn {
	t.Helper()
	conn, err := net.DialTimeout("tcp", r.Addr, patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return secured(t, r, conn, version)
}

// secured is the connection itself where the relay's mode has no TLS.
func secured(t testing.TB, r *relay.Relay, conn net.Conn, version uint16) net.Conn {
	t.Helper()
	if r.RootCAs == nil && r.CertPin == "" {
		return conn
	}
	secure := tls.Client(conn, tlsConfig(r, version))
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		t.Fatal(err)
	}
	return secure
}

func tlsConfig(r *relay.Relay, version uint16) *tls.Config {
	config := &tls.Config{MinVersion: version, MaxVersion: version, ServerName: relay.Hostname, RootCAs: r.RootCAs}
	if r.Mode == relay.TLSIP {
		config.InsecureSkipVerify = true
	}
	return config
}
