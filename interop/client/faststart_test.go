package client

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
)

func TestClientSendsRequestAndIdentityInOneFlightOverTLS13Only(t *testing.T) {
	for _, c := range []struct {
		name    string
		mode    relay.Mode
		version uint16
		turns   string
	}{
		// A letter is a turn: the client Writes or Reads. Reading stops where connecting is done.
		{"Plain: request, response, identity", relay.Plain, 0, "WRW"},
		{"TLS 1.2: two round trips of handshake, request, response, identity", relay.TLS, tls.VersionTLS12, "WRWRWRW"},
		{"TLS 1.3: hello, certificates, request with identity", relay.TLS, tls.VersionTLS13, "WRW"},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := identity{}
			id.complete()
			var conn *turnsConn
			client := newURLClient(t, sharedRelay(t, c.mode), id, c.version, func(inner net.Conn) net.Conn {
				conn = &turnsConn{Conn: inner}
				return conn
			})
			defer client.Close()
			if err := client.Connect(context.Background()); err != nil {
				t.Fatal(err)
			}
			turns := conn.taken()
			p := newPeer(t, id, client, func() { client.Close() })
			if turns != c.turns {
				t.Errorf("connecting took the turns %s, want %s", turns, c.turns)
			}
			p.echo()
		})
	}
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

func TestFastStartIsAnsweredWithTheFirstFrameAlone(t *testing.T) {
	for _, mode := range []relay.Mode{relay.Plain, relay.TLS, relay.TLSIP} {
		t.Run(mode.String(), func(t *testing.T) {
			r := sharedRelay(t, mode)
			c := dialRaw(t, r)
			c.write([]byte(fastStartRequest))
			c.readServerKey()
			if c.server.Raw32() != r.PublicKey {
				t.Errorf("the key in the first frame is %v", c.server)
			}
		})
	}
}

func TestFastStartHeaderOfAnotherValueIsAnOrdinaryUpgrade(t *testing.T) {
	c := dialRaw(t, sharedRelay(t, relay.Plain))
	c.write([]byte(strings.Replace(fastStartRequest, "Derp-Fast-Start: 1", "Derp-Fast-Start: true", 1)))
	if response := c.readResponse(); response.StatusCode != 101 {
		t.Errorf("got %s", response.Status)
	}
	c.readServerKey()
}

func TestPipelinedIdentityAndPacketsAreNotLost(t *testing.T) {
	for _, mode := range []relay.Mode{relay.Plain, relay.TLS} {
		for _, request := range []string{upgradeRequest, fastStartRequest} {
			t.Run(fmt.Sprintf("%v fast start %v", mode, request == fastStartRequest), func(t *testing.T) {
				r := sharedRelay(t, mode)
				receiver := connectURL(0)(t, r, identity{})
				c := dialRaw(t, r)
				// The relay's key is known beforehand, so everything can go in one write.
				c.server = receiver.client.ServerPublicKey()
				flight := append([]byte(request), c.clientInfo(`{"version":2}`).bytes()...)
				for i := range 10 {
					flight = append(flight, frame{4, append(receiver.key.AppendTo(nil), numbered(i)...)}.bytes()...)
				}
				c.write(flight)
				for i := range 10 {
					receiver.expectPacket(c.key, numbered(i))
				}
				if request == upgradeRequest {
					c.readResponse()
				}
				c.readServerKey()
				c.expectFrame(3)
				c.ping()
			})
		}
	}
}

func TestMetaCertificateFollowsTheChainAtEveryHandshake(t *testing.T) {
	for _, mode := range []relay.Mode{relay.TLS, relay.TLSIP} {
		t.Run(mode.String(), func(t *testing.T) {
			r := sharedRelay(t, mode)
			// A chain that grows from handshake to handshake shows at the second one.
			for range 3 {
				chain := peerCertificates(t, r)
				if len(chain) != 2 {
					t.Fatalf("the chain has %d certificates, want the relay's own and the meta certificate", len(chain))
				}
				checkMetaCertificate(t, r, chain[1])
			}
		})
	}
}

func peerCertificates(t *testing.T, r *relay.Relay) []*x509.Certificate {
	t.Helper()
	conn := dialTo(t, r, 0).(*tls.Conn)
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates
}

func checkMetaCertificate(t *testing.T, r *relay.Relay, meta *x509.Certificate) {
	t.Helper()
	if want := "derpkey" + r.PublicKeyHex(); meta.Subject.CommonName != want || meta.Issuer.CommonName != want {
		t.Errorf("subject %q, issuer %q, want %q", meta.Subject.CommonName, meta.Issuer.CommonName, want)
	}
	if meta.SerialNumber.Int64() != 2 {
		t.Errorf("serial number %v, want the protocol version 2", meta.SerialNumber)
	}
	if !meta.BasicConstraintsValid {
		t.Error("no basic constraints, which macOS wants")
	}
	if _, isEd25519 := meta.PublicKey.(ed25519.PublicKey); !isEd25519 {
		t.Errorf("the key is a %T", meta.PublicKey)
	}
	if err := meta.CheckSignature(meta.SignatureAlgorithm, meta.RawTBSCertificate, meta.Signature); err != nil {
		t.Errorf("the self-signature: %v", err)
	}
	const day = 24 * time.Hour
	if since := time.Since(meta.NotBefore); since < 29*day || since > 31*day {
		t.Errorf("not before %v", meta.NotBefore)
	}
	if left := time.Until(meta.NotAfter); left < 10*day || left > 31*day {
		t.Errorf("not after %v", meta.NotAfter)
	}
}
