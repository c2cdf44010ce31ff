// Package relay starts a DERP relay as a child process for the interop tests, watches over it and stops it.
//
// It knows the relay by its command line and its network ports alone, so that any derper can be judged:
// ours, and the Go original that ours must not differ from. It depends on the standard library only, so that
// test modules with different releases of the original's client packages can share it.
package relay

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Mode says how clients reach the relay.
type Mode int

const (
	// Plain is HTTP without TLS; the debug pages are on the DERP port.
	Plain Mode = iota
	// TLS serves a certificate for its hostname that was signed by [Relay.RootCAs].
	TLS
	// TLSIP has the relay make its own self-signed certificate for 127.0.0.1, see [Relay.CertPin].
	TLSIP
	// Dev is the -dev flag: plain HTTP on the fixed port 3340 of all addresses, a new key at each start.
	Dev
	// Issued serves a certificate for [Hostname] that an authority issues: ExtraArgs say which. It is ready before it
	// has one. Only our relay serves TLS on a port of the test's choice in this mode.
	Issued
)

// String names the mode as test names do.
func (m Mode) String() string {
	return [...]string{"Plain", "TLS", "TLSIP", "Dev", "Issued"}[m]
}

// Hostname is the usual name on the certificate in mode TLS. It resolves nowhere: dial [Relay.Addr] and keep the name for TLS.
const Hostname = "derp.test"

const (
	// devPort is fixed by the -dev flag.
	devPort = 3340
	// A launcher that builds the relay first takes its time; a built relay is there in about a second.
	startTimeout = 2 * time.Minute
	// A relay may stagger the close of its connections.
	stopTimeout = 30 * time.Second
	// Ports are chosen free and then released, so another process can take one before the relay does.
	startAttempts = 5
)

// Options choose the relay to start. The zero value is a plain relay without a mesh key.
type Options struct {
	Mode Mode
	// MeshKey, 64 hex digits, makes the relay accept mesh peers.
	MeshKey string
	// Hostname is the name on the certificate in mode TLS; the default is the constant [Hostname].
	Hostname string
	// Authority signs the certificate in mode TLS; without one the relay gets an authority of its own.
	Authority *Authority
	// Command is the program to start; the default is the relay under test.
	Command string
	// Wildcard listens on all addresses of both families instead of 127.0.0.1 alone.
	Wildcard bool
	// ExtraArgs come behind the arguments that the mode needs.
	ExtraArgs []string
	// ExtraEnv, "NAME=value" each, is added to this process' environment without its TS_ and TAILSCALE_ variables.
	ExtraEnv []string
}

// Relay is a running relay. Its fields are set by [Launch] and stay as they are over [Relay.Restart],
// except for PublicKey in mode Dev. Its methods may be called from any goroutine, Restart and Stop from one at a time.
type Relay struct {
	// Mode is what the relay was started with.
	Mode Mode
	// Addr is where DERP is served, as 127.0.0.1:port.
	Addr string
	// Port is the port of Addr.
	Port int
	// URL is the base address, http://127.0.0.1:port or https://name:port, without a path.
	URL string
	// STUNAddr is where STUN is answered, as 127.0.0.1:port.
	STUNAddr string
	// STUNPort is the port of STUNAddr.
	STUNPort int
	// HTTPPort is the plain HTTP port: beside HTTPS with TLS, the DERP port without.
	HTTPPort int
	// PublicKey is the relay's key as it stood in its first DERP frame.
	PublicKey [32]byte
	// RootCAs trusts the certificate of mode TLS; nil in the other modes.
	RootCAs *x509.CertPool
	// CAFile holds the same as PEM; empty in the other modes.
	CAFile string
	// CertPin is the CertName for a DERP map node in modes TLS and TLSIP: "sha256-raw:" and 64 hex digits.
	CertPin string
	// Dir is the relay's own folder with its key file, certificates and mesh key.
	Dir string

	command string
	options Options
	log     logBuffer

	mu      sync.Mutex
	process *process
}

// Start launches a relay for one test and stops it when the test ends. If the test failed by then, it prints the
// relay's log.
func Start(t testing.TB, options Options) *Relay {
	t.Helper()
	r, err := Launch(options)
	if errors.Is(err, errDevPortTaken) {
		t.Skipf("SKIPPED: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	r.LogOnFailure(t)
	t.Cleanup(r.Close)
	return r
}

// Launch starts a relay that outlives single tests; the caller ends it with [Relay.Close].
func Launch(options Options) (*Relay, error) {
	command := options.Command
	if command == "" {
		var err error
		if command, err = findCommand(); err != nil {
			return nil, err
		}
	}
	dir, err := os.MkdirTemp("", "derp4j-interop-")
	if err != nil {
		return nil, err
	}
	r := &Relay{Mode: options.Mode, Dir: dir, command: command, options: options}
	if err := r.launch(); err != nil {
		r.Close()
		return nil, fmt.Errorf("%w\nlog of the relay:\n%s", err, r.Log())
	}
	return r, nil
}

// Close stops the relay and removes its folder.
func (r *Relay) Close() {
	if p := r.current(); p != nil {
		p.stop(stopTimeout)
	}
	os.RemoveAll(r.Dir)
}

// LogOnFailure prints what the relay logs from now on if the test fails. Start has already called it for its test.
func (r *Relay) LogOnFailure(t testing.TB) {
	from := r.log.len()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of the %v relay during this test:\n%s", r.Mode, r.log.from(from))
		}
	})
}

// CertDir is where mode Issued keeps certificates.
func (r *Relay) CertDir() string {
	return filepath.Join(r.Dir, "certs")
}

// Log is all that the relay has written to stdout and stderr, over all restarts.
func (r *Relay) Log() string {
	return r.log.from(0)
}

// LogMark is a position for [Relay.LogSince].
func (r *Relay) LogMark() int {
	return r.log.len()
}

// LogSince is what the relay has written since the mark was taken.
func (r *Relay) LogSince(mark int) string {
	return r.log.from(mark)
}

// WaitLog waits up to ten seconds until the log behind the mark contains the text.
func (r *Relay) WaitLog(t testing.TB, mark int, text string) {
	t.Helper()
	if !Await(10*time.Second, func() bool { return strings.Contains(r.LogSince(mark), text) }) {
		t.Errorf("the log does not say %q; since then it said:\n%s", text, r.LogSince(mark))
	}
}

// PublicKeyHex is the public key as 64 hex digits.
func (r *Relay) PublicKeyHex() string {
	return fmt.Sprintf("%x", r.PublicKey)
}

// DERPURL is what a client connects to.
func (r *Relay) DERPURL() string {
	return r.URL + "/derp"
}

// HTTPURL is the base address of the plain HTTP port, without a path.
func (r *Relay) HTTPURL() string {
	return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(r.HTTPPort))
}

func (r *Relay) hostname() string {
	if r.options.Hostname == "" {
		return Hostname
	}
	return r.options.Hostname
}

// Stop ends the relay with SIGTERM, waits for it and returns its exit status. A relay that has not ended after 30 s
// is killed and reported as -1.
func (r *Relay) Stop() int {
	return r.current().stop(stopTimeout)
}

// Signal sends a signal to the relay.
func (r *Relay) Signal(signal syscall.Signal) {
	r.current().cmd.Process.Signal(signal)
}

// Kill ends the relay at once with SIGKILL and waits until it is gone.
func (r *Relay) Kill() {
	r.current().kill()
}

// ChangeMeshKeys writes another mesh key file, a key a line, and has the relay read it with SIGHUP.
func (r *Relay) ChangeMeshKeys(keys ...string) error {
	text := strings.Join(keys, "\n") + "\n"
	if err := os.WriteFile(r.meshKeyFile(), []byte(text), 0o600); err != nil {
		return err
	}
	r.Signal(syscall.SIGHUP)
	return nil
}

// Restart starts the relay again with the same ports and files, after stopping it if it runs.
func (r *Relay) Restart() error {
	r.Stop()
	// The ports are ours by agreement only; a stranger's short-lived connection can hold one for a moment.
	var err error
	for range startAttempts {
		if err = r.startOnce(); err == nil || !errors.Is(err, errPortTaken) {
			return err
		}
	}
	return err
}

func (r *Relay) current() *process {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.process
}

func (r *Relay) launch() error {
	if err := r.writeFiles(); err != nil {
		return err
	}
	var err error
	for range startAttempts {
		if err = r.choosePorts(); err != nil {
			return err
		}
		if err = r.startOnce(); err == nil || !errors.Is(err, errPortTaken) {
			return err
		}
	}
	return err
}

func (r *Relay) startOnce() error {
	mark := r.LogMark()
	p, err := startProcess(exec.Command(r.command, r.arguments()...), r.environment(), &r.log)
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.process = p
	r.mu.Unlock()
	if err := r.awaitReady(p); err != nil {
		p.kill()
		if strings.Contains(strings.ToLower(r.LogSince(mark)), "in use") {
			return fmt.Errorf("%w: %w", errPortTaken, err)
		}
		return err
	}
	return nil
}

// findCommand is the relay under test: DERP4J_DERPER, or the launcher of the checkout that the test runs in.
func findCommand() (string, error) {
	if command := os.Getenv("DERP4J_DERPER"); command != "" {
		return filepath.Abs(command)
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		launcher := filepath.Join(dir, "derper")
		if isFile(launcher) && isFile(filepath.Join(dir, "pom.xml")) {
			return launcher, nil
		}
		if filepath.Dir(dir) == dir {
			return "", errors.New("no folder above this one has both derper and pom.xml; set DERP4J_DERPER to the relay to test")
		}
		dir = filepath.Dir(dir)
	}
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
