package certs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
	"tailscale.com/types/key"
)

func TestHostCertificateIsIssuedOverEitherWayAndServesStockClients(t *testing.T) {
	for name, ports := range map[string]func(*relay.Relay) (http, tls int){
		"tls-alpn-01": func(r *relay.Relay) (int, int) { return closedPort, r.Port },
		"http-01":     func(r *relay.Relay) (int, int) { return r.HTTPPort, closedPort },
	} {
		t.Run(name, func(t *testing.T) {
			ca := newAuthority(t)
			r := relay.Start(t, ca.relayOptions("-acme-email", "ops@derp.test"))
			http, tls := ports(r)
			ca.start(http, tls, nil)
			node := nodeOf(r, relay.Hostname)

			alice, bob := connect(t, node, ca.roots()), connect(t, node, ca.roots())
			alice.talk(bob, "hello")

			r.WaitMetric(t, 1, "derp4j_cert_renewals", "hostname", relay.Hostname)
			r.WaitMetric(t, 0, "derp4j_cert_failures", "hostname", relay.Hostname)
			r.WaitMetricFunc(t, func(end float64) bool { return end > float64(time.Now().Unix()) }, "the future",
				"derp4j_cert_expiry_seconds", "hostname", relay.Hostname)
			if _, err := leaf(r, "elsewhere.test"); err == nil {
				t.Error("another name is served")
			}
			if _, err := leaf(r, ""); err == nil {
				t.Error("a client that names nobody is served")
			}
		})
	}
}

func TestCertificateAndAccountOutliveARestart(t *testing.T) {
	ca := newAuthority(t)
	r := relay.Start(t, ca.relayOptions())
	ca.start(closedPort, r.Port, nil)
	connect(t, nodeOf(r, relay.Hostname), ca.roots())
	first, err := leaf(r, relay.Hostname)
	if err != nil {
		t.Fatal(err)
	}

	if err := r.Restart(); err != nil {
		t.Fatal(err)
	}
	if again, err := leaf(r, relay.Hostname); err != nil || !again.Equal(first) {
		t.Errorf("after a restart: another certificate (%v)", err)
	}

	r.Stop()
	if err := os.Remove(filepath.Join(r.CertDir(), relay.Hostname)); err != nil {
		t.Fatal(err)
	}
	if err := r.Restart(); err != nil {
		t.Fatal(err)
	}
	if second, err := leaf(r, relay.Hostname); err != nil || second.Equal(first) {
		t.Errorf("without its file: the same certificate (%v)", err)
	}
	if strings.Contains(ca.output.String(), "There are now 2 accounts") {
		t.Error("the relay made a second account")
	}
}

func TestAddressGetsACertificateThatNeedsNoPin(t *testing.T) {
	ca := newAuthority(t)
	r := relay.Start(t, ca.relayOptions("-acme-ip-certs"))
	ca.start(r.HTTPPort, r.Port, nil)
	byAddress, byName := nodeOf(r, "127.0.0.1"), nodeOf(r, relay.Hostname)

	alice, bob := connect(t, byAddress, ca.roots()), connect(t, byName, ca.roots())
	alice.talk(bob, "from an address to a name")

	r.WaitMetric(t, 1, "derp4j_cert_renewals", "hostname", "127.0.0.1")
	for _, file := range []string{"127.0.0.1.crt", "127.0.0.1.key", "acme-account.key", "acme_account+key", relay.Hostname} {
		if _, err := os.Stat(filepath.Join(r.CertDir(), file)); err != nil {
			t.Error(err)
		}
	}
	if !strings.Contains(r.Log(), `{"Name":"custom","RegionID":900,"HostName":"127.0.0.1"}`) {
		t.Error("the log does not have the node for the DERP map")
	}
}

func TestAuthorityThatWantsAnExternalAccountGetsIt(t *testing.T) {
	// One of either alphabet of base64: the second has what the other writes as - and _.
	keys := map[string]string{"kid-1": "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"}
	ca := newAuthority(t)
	without := relay.Start(t, ca.relayOptions())
	with := relay.Start(t, ca.relayOptions("-acme-eab-kid", "kid-1", "-acme-eab-key", keys["kid-1"]))
	ca.start(closedPort, with.Port, keys)

	if _, err := leaf(without, relay.Hostname); err == nil {
		t.Error("a certificate without an external account")
	}
	without.WaitLog(t, 0, "tls: no certificate for derp.test: externalAccountRequired")
	connect(t, nodeOf(with, relay.Hostname), ca.roots())
	if strings.Contains(with.Log(), keys["kid-1"]) {
		t.Error("the log has the key")
	}
}

func TestNoncesThatTheAuthorityRejectsAreNoFailure(t *testing.T) {
	ca := newAuthority(t)
	r := relay.Start(t, ca.relayOptions())
	ca.start(closedPort, r.Port, nil, "PEBBLE_WFE_NONCEREJECT=40")
	connect(t, nodeOf(r, relay.Hostname), ca.roots())
	r.WaitMetric(t, 0, "derp4j_cert_failures", "hostname", relay.Hostname)
}

func TestFailedValidationIsToldAndPutOffAndDoesNotKeepClientsWaiting(t *testing.T) {
	ca := newAuthority(t)
	r := relay.Start(t, ca.relayOptions())
	ca.start(closedPort, closedPort, nil)

	if _, err := leaf(r, relay.Hostname); err == nil {
		t.Fatal("a certificate that nobody can have issued")
	}
	r.WaitLog(t, 0, "tls: no certificate for derp.test: http-01: ")
	r.WaitLog(t, 0, "next attempt not before")
	r.WaitMetric(t, 1, "derp4j_cert_failures", "hostname", relay.Hostname)

	client := newClient(key.NewNode(), nodeOf(r, relay.Hostname), ca.roots(), t.Logf)
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := client.Connect(ctx); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("connecting meanwhile: %v, want a refusal at once", err)
	}
	if got := strings.Count(r.Log(), "no certificate for"); got != 1 {
		t.Errorf("the log tells it %d times", got)
	}
}

func TestAutocertsDirectoryIsServedAndRenewedUnderLivingConnections(t *testing.T) {
	ca := newAuthority(t)
	r := relay.Start(t, ca.relayOptions())
	r.Stop()
	old := selfSigned(t, 24*time.Hour, relay.Hostname)
	key, chain := pemOf(t, old)
	if err := autocert.DirCache(r.CertDir()).Put(t.Context(), relay.Hostname, append(key, chain...)); err != nil {
		t.Fatal(err)
	}
	if err := r.Restart(); err != nil {
		t.Fatal(err)
	}
	trustOld := x509.NewCertPool()
	trustOld.AddCert(old.Leaf)
	node := nodeOf(r, relay.Hostname)
	alice, bob := connect(t, node, trustOld), connect(t, node, trustOld)

	// The first attempt, at the start, found no authority. The next comes after a minute or a little more.
	r.WaitLog(t, 0, "tls: no new certificate for derp.test: cannot reach")
	ca.start(closedPort, r.Port, nil)
	renewed := relay.Await(2*time.Minute, func() bool {
		present, err := leaf(r, relay.Hostname)
		return err == nil && !present.Equal(old.Leaf)
	})
	if !renewed {
		t.Fatal("the certificate is not renewed")
	}
	alice.talk(bob, "still here")
	connect(t, node, ca.roots()).talk(bob, "newly here")
}

func TestAutocertTakesOverWhatTheRelayWasIssued(t *testing.T) {
	ca := newAuthority(t)
	r := relay.Start(t, ca.relayOptions())
	ca.start(closedPort, r.Port, nil)
	connect(t, nodeOf(r, relay.Hostname), ca.roots())
	ours, err := leaf(r, relay.Hostname)
	if err != nil {
		t.Fatal(err)
	}
	r.Stop()

	manager := &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		HostPolicy: autocert.HostWhitelist(relay.Hostname),
		Cache:      autocert.DirCache(r.CertDir()),
		Client:     &acme.Client{DirectoryURL: "https://127.0.0.1:1/nobody"},
	}
	theirs, err := manager.GetCertificate(&tls.ClientHelloInfo{
		ServerName:       relay.Hostname,
		CipherSuites:     []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
		SupportedCurves:  []tls.CurveID{tls.CurveP256},
		SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256},
	})
	if err != nil || !theirs.Leaf.Equal(ours) {
		t.Fatalf("autocert does not serve our certificate: %v", err)
	}
}

func TestRelayTakesOverWhatAutocertWasIssuedWithItsAccount(t *testing.T) {
	ca := newAuthority(t)
	r := relay.Start(t, ca.relayOptions())
	r.Stop()
	ca.start(closedPort, r.Port, nil)
	theirs := issueWithAutocert(t, ca, r)

	if err := r.Restart(); err != nil {
		t.Fatal(err)
	}
	connect(t, nodeOf(r, relay.Hostname), ca.roots())
	if ours, err := leaf(r, relay.Hostname); err != nil || !ours.Equal(theirs) {
		t.Errorf("the relay serves another certificate than autocert's (%v)", err)
	}

	r.Stop()
	if err := os.Remove(filepath.Join(r.CertDir(), relay.Hostname)); err != nil {
		t.Fatal(err)
	}
	if err := r.Restart(); err != nil {
		t.Fatal(err)
	}
	connect(t, nodeOf(r, relay.Hostname), ca.roots())
	if strings.Contains(ca.output.String(), "There are now 2 accounts") {
		t.Error("the relay did not use autocert's account")
	}
}

// issueWithAutocert does in the relay's place what the Go original does, and leaves its files in the relay's directory.
func issueWithAutocert(t *testing.T, ca *authority, r *relay.Relay) *x509.Certificate {
	t.Helper()
	pool := x509.NewCertPool()
	trusted, err := os.ReadFile(ca.file("cert.pem"))
	if err != nil || !pool.AppendCertsFromPEM(trusted) {
		t.Fatal("pebble's own certificate")
	}
	manager := &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		HostPolicy: autocert.HostWhitelist(relay.Hostname),
		Cache:      autocert.DirCache(r.CertDir()),
		Client:     &acme.Client{DirectoryURL: ca.directory(), HTTPClient: httpTrusting(pool)},
	}
	listener, err := tls.Listen("tcp", r.Addr, manager.TLSConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				conn.(*tls.Conn).Handshake()
				conn.Read(make([]byte, 1))
			}()
		}
	}()
	var got *x509.Certificate
	if !relay.Await(patience, func() bool {
		dialer := &net.Dialer{Timeout: patience}
		conn, err := tls.DialWithDialer(dialer, "tcp", r.Addr, &tls.Config{ServerName: relay.Hostname, InsecureSkipVerify: true})
		if err != nil {
			return false
		}
		defer conn.Close()
		got = conn.ConnectionState().PeerCertificates[0]
		return true
	}) {
		t.Fatal("autocert gets no certificate")
	}
	if !relay.Await(patience, func() bool {
		_, err := os.Stat(filepath.Join(r.CertDir(), relay.Hostname))
		return err == nil
	}) {
		t.Fatal("autocert does not keep its certificate")
	}
	return got
}
