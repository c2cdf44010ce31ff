package certs

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"golang.org/x/net/dns/dnsmessage"
)

// closedPort is one where nothing listens: tcpmux, which nobody has run for decades.
const closedPort = 1

// authority is a pebble that a test has to itself. Its addresses are chosen before it runs, so that a relay can be
// told of it first.
type authority struct {
	t      testing.TB
	dir    string
	acme   int
	manage int
	output lockedBuffer
}

type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// newAuthority skips the test where there is no pebble.
func newAuthority(t testing.TB) *authority {
	t.Helper()
	if os.Getenv("INTEROP_TARGET") != "" {
		t.Skip("SKIPPED: the original serves issued certificates on port 443 alone, from public authorities alone")
	}
	if _, err := exec.LookPath("pebble"); err != nil {
		t.Skip("SKIPPED: no pebble on the PATH (Debian's package pebble)")
	}
	a := &authority{t: t, dir: t.TempDir(), acme: freePort(t), manage: freePort(t)}
	writePair(t, a.file("cert.pem"), a.file("key.pem"), selfSigned(t, time.Hour, "127.0.0.1"))
	return a
}

func (a *authority) file(name string) string {
	return filepath.Join(a.dir, name)
}

func (a *authority) directory() string {
	return fmt.Sprintf("https://127.0.0.1:%d/dir", a.acme)
}

// relayOptions have a relay order its certificates here.
func (a *authority) relayOptions(extra ...string) relay.Options {
	return relay.Options{
		Mode:      relay.Issued,
		ExtraArgs: append([]string{"-acme-directory", a.directory()}, extra...),
		ExtraEnv:  []string{"SSL_CERT_FILE=" + a.file("cert.pem")},
	}
}

// start runs pebble, which looks for challenges on these ports, until the test ends.
func (a *authority) start(httpPort, tlsPort int, macKeys map[string]string, env ...string) {
	a.t.Helper()
	settings := map[string]any{
		"listenAddress":                  net.JoinHostPort("127.0.0.1", strconv.Itoa(a.acme)),
		"managementListenAddress":        net.JoinHostPort("127.0.0.1", strconv.Itoa(a.manage)),
		"certificate":                    a.file("cert.pem"),
		"privateKey":                     a.file("key.pem"),
		"httpPort":                       httpPort,
		"tlsPort":                        tlsPort,
		"externalAccountBindingRequired": macKeys != nil,
		"externalAccountMACKeys":         macKeys,
	}
	config, err := json.Marshal(map[string]any{"pebble": settings})
	if err != nil {
		a.t.Fatal(err)
	}
	if err := os.WriteFile(a.file("config.json"), config, 0o600); err != nil {
		a.t.Fatal(err)
	}
	command := exec.Command("pebble", "-config", a.file("config.json"), "-dnsserver", startDNS(a.t))
	command.Env = append(append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_AUTHZREUSE=0"), env...)
	command.Stdout, command.Stderr = &a.output, &a.output
	if err := command.Start(); err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() {
		command.Process.Kill()
		command.Wait()
		if a.t.Failed() {
			a.t.Logf("pebble said:\n%s", a.output.String())
		}
	})
	if !relay.Await(30*time.Second, func() bool { _, err := a.fetch("roots/0"); return err == nil }) {
		a.t.Fatal("pebble does not start")
	}
}

func (a *authority) fetch(path string) ([]byte, error) {
	client := httpWith(&tls.Config{InsecureSkipVerify: true})
	response, err := client.Get(fmt.Sprintf("https://127.0.0.1:%d/%s", a.manage, path))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}

func httpTrusting(roots *x509.CertPool) *http.Client {
	return httpWith(&tls.Config{RootCAs: roots})
}

func httpWith(config *tls.Config) *http.Client {
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: config}}
}

// roots trust what this authority issues, and nothing else.
func (a *authority) roots() *x509.CertPool {
	a.t.Helper()
	root, err := a.fetch("roots/0")
	if err != nil {
		a.t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(root) {
		a.t.Fatalf("pebble's root: %q", root)
	}
	return pool
}

// startDNS answers that every name is at 127.0.0.1, until the test ends.
func startDNS(t testing.TB) string {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	go func() {
		var query [1500]byte
		for {
			n, from, err := socket.ReadFrom(query[:])
			if err != nil {
				return
			}
			if answer, err := resolve(query[:n]); err == nil {
				socket.WriteTo(answer, from)
			}
		}
	}()
	return socket.LocalAddr().String()
}

func resolve(query []byte) ([]byte, error) {
	var message dnsmessage.Message
	if err := message.Unpack(query); err != nil || len(message.Questions) != 1 {
		return nil, fmt.Errorf("no question: %w", err)
	}
	question := message.Questions[0]
	message.Response, message.Authoritative, message.Additionals = true, true, nil
	if question.Type == dnsmessage.TypeA {
		message.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: question.Name, Class: question.Class, TTL: 1},
			Body:   &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
		}}
	}
	return message.Pack()
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// selfSigned is a certificate for a name or address, of which a tenth of its life is left.
func selfSigned(t testing.TB, left time.Duration, name string) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(time.Now().UnixNano()),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             time.Now().Add(-9 * left),
		NotAfter:              time.Now().Add(left),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// pemOf is the key in the form of Go's autocert, and the certificate.
func pemOf(t testing.TB, certificate *tls.Certificate) (key, chain []byte) {
	t.Helper()
	der, err := x509.MarshalECPrivateKey(certificate.PrivateKey.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	key = pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
	for _, each := range certificate.Certificate {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: each})...)
	}
	return key, chain
}

func writePair(t testing.TB, certFile, keyFile string, certificate *tls.Certificate) {
	t.Helper()
	key, chain := pemOf(t, certificate)
	for file, content := range map[string][]byte{certFile: chain, keyFile: key} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
