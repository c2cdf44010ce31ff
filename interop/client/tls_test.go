package client

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"

	"derp4j.dev/interop/relay"
)

func TestBothTLSVersionsInUseAreSpokenAndOlderOnesAreNot(t *testing.T) {
	r := sharedRelay(t, relay.TLS)
	for version, want := range map[uint16]bool{
		tls.VersionTLS10: false,
		tls.VersionTLS11: false,
		tls.VersionTLS12: true,
		tls.VersionTLS13: true,
	} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			conn, err := tls.Dial("tcp", r.Addr, tlsConfig(r, version))
			if err == nil {
				conn.Close()
			}
			if (err == nil) != want {
				t.Errorf("handshake: %v, want success: %v", err, want)
			}
		})
	}
}

func TestClientWithoutALPNAndOneThatPrefersHTTP2SpeakHTTP1(t *testing.T) {
	r := sharedRelay(t, relay.TLS)
	for _, offer := range [][]string{nil, {"http/1.1"}, {"h2", "http/1.1"}} {
		t.Run(fmt.Sprint(offer), func(t *testing.T) {
			config := tlsConfig(r, 0)
			config.NextProtos = offer
			conn, err := tls.Dial("tcp", r.Addr, config)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if chosen := conn.ConnectionState().NegotiatedProtocol; chosen == "h2" || offer == nil && chosen != "" {
				t.Errorf("the relay chose %q", chosen)
			}
			c := overConn(t, conn)
			c.handshake(`{}`)
			c.ping()
		})
	}
}

func TestAnotherNameThanTheCertificatesIsRefused(t *testing.T) {
	r := sharedRelay(t, relay.TLS)
	config := tlsConfig(r, 0)
	config.ServerName = "elsewhere.test"
	config.InsecureSkipVerify = true
	if conn, err := tls.Dial("tcp", r.Addr, config); err == nil {
		conn.Close()
		t.Error("the relay answers for a name that is not its own")
	}
}

func TestCertificateForAnAddressIsServedWithAnyNameAndWithNone(t *testing.T) {
	r := sharedRelay(t, relay.TLSIP)
	for _, name := range []string{"127.0.0.1", "elsewhere.test"} {
		conn, err := tls.Dial("tcp", r.Addr, &tls.Config{ServerName: name, InsecureSkipVerify: true})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		leaf := conn.ConnectionState().PeerCertificates[0]
		conn.Close()
		if pin := fmt.Sprintf("sha256-raw:%x", sha256.Sum256(leaf.Raw)); pin != r.CertPin {
			t.Errorf("%s: another certificate", name)
		}
		if len(leaf.IPAddresses) != 1 || !leaf.IPAddresses[0].Equal(net.IPv4(127, 0, 0, 1)) {
			t.Errorf("%s: the certificate is for %v", name, leaf.IPAddresses)
		}
	}
}

func TestLogShowsTheMapEntryForASelfSignedCertificate(t *testing.T) {
	r := sharedRelay(t, relay.TLSIP)
	if entry := fmt.Sprintf(`"CertName":"%s"`, r.CertPin); !strings.Contains(r.Log(), entry) {
		t.Errorf("the log does not have %s", entry)
	}
}

func TestClientRefusesARelayWithAnotherPin(t *testing.T) {
	r := sharedRelay(t, relay.TLSIP)
	id := identity{}
	id.complete()
	wrong := node(r, "the-node")
	wrong.CertName = "sha256-raw:" + strings.Repeat("00", 32)
	client := newRegionClient(t, id, wrong)
	defer client.Close()
	if err := client.Connect(context.Background()); err == nil || !strings.Contains(err.Error(), "cert") {
		t.Errorf("connecting: %v, want an error about the certificate", err)
	}
}
