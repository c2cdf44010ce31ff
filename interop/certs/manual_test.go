package certs

import (
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
)

func TestChangedFilesAreServedToNewClientsWhileOldOnesStay(t *testing.T) {
	if os.Getenv("INTEROP_TARGET") != "" {
		t.Skip("SKIPPED: the original reads its certificate once")
	}
	r := relay.Start(t, relay.Options{Mode: relay.TLS})
	node := nodeOf(r, relay.Hostname)
	alice, bob := connect(t, node, r.RootCAs), connect(t, node, r.RootCAs)
	certFile, keyFile := filepath.Join(r.Dir, relay.Hostname+".crt"), filepath.Join(r.Dir, relay.Hostname+".key")

	if err := os.WriteFile(certFile, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.WaitLog(t, 0, "holds no certificate in PEM form; the old one stays")
	connect(t, node, r.RootCAs).talk(alice, "the old certificate serves on")

	next := selfSigned(t, 24*time.Hour, relay.Hostname)
	writePair(t, certFile, keyFile, next)
	r.WaitLog(t, 0, "certificate: took the new one, valid until")
	trustNext := x509.NewCertPool()
	trustNext.AddCert(next.Leaf)
	connect(t, node, trustNext).talk(alice, "the new one serves")
	alice.talk(bob, "still here")
}

func TestSelfSignedCertificateOfAnAddressIsAcceptedByItsPin(t *testing.T) {
	r := relay.Start(t, relay.Options{Mode: relay.TLSIP})
	node := nodeOf(r, "127.0.0.1")
	node.CertName = r.CertPin
	alice, bob := connect(t, node, nil), connect(t, node, nil)
	alice.talk(bob, "pinned")
}

func TestSelfSignedCertificateAboutToEndAnnouncesItsSuccessorAndServesOn(t *testing.T) {
	if os.Getenv("INTEROP_TARGET") != "" {
		t.Skip("SKIPPED: the original lets its certificate end")
	}
	r := relay.Start(t, relay.Options{Mode: relay.TLSIP})
	r.Stop()
	old := selfSigned(t, 10*24*time.Hour, "127.0.0.1")
	writePair(t, filepath.Join(r.Dir, "127.0.0.1.crt"), filepath.Join(r.Dir, "127.0.0.1.key"), old)
	mark := r.LogMark()
	if err := r.Restart(); err != nil {
		t.Fatal(err)
	}
	r.WaitLog(t, mark, `"Name":"custom-next"`)
	node := nodeOf(r, "127.0.0.1")
	node.CertName = fmt.Sprintf("sha256-raw:%x", sha256.Sum256(old.Certificate[0]))
	if !strings.Contains(r.LogSince(mark), node.CertName) {
		t.Errorf("the log does not have the present pin %s", node.CertName)
	}
	connect(t, node, nil)
}
