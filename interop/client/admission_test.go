package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"tailscale.com/tailcfg"
	"tailscale.com/types/key"
)

// expectRejected connects as this client and sees the relay close the connection, with the reason in the log.
func expectRejected(t *testing.T, r *relay.Relay, id identity, why string) {
	t.Helper()
	id.complete()
	mark := r.LogMark()
	client := newURLClient(t, r, id, 0, nil)
	client.AppName = id.appName
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := client.Connect(ctx)
	if err == nil {
		_, err = client.Recv()
	}
	if err == nil {
		t.Fatal("the client is served")
	}
	r.WaitLog(t, mark, fmt.Sprintf("client %v rejected: %s", id.private.Public(), why))
}

// controller is an admission controller that the test commands.
type controller struct {
	*httptest.Server
	answer atomic.Value // func(tailcfg.DERPAdmitClientRequest, http.ResponseWriter)
	asked  atomic.Int64
}

func newController(t *testing.T) *controller {
	c := new(controller)
	c.allow(true)
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		c.asked.Add(1)
		var question tailcfg.DERPAdmitClientRequest
		body, _ := io.ReadAll(request.Body)
		if err := json.Unmarshal(body, &question); err != nil || request.Method != http.MethodPost {
			t.Errorf("%s %q: %v", request.Method, body, err)
		}
		if question.NodePublic.IsZero() || !question.Source.IsLoopback() {
			t.Errorf("asked about %v from %v", question.NodePublic, question.Source)
		}
		c.answer.Load().(func(tailcfg.DERPAdmitClientRequest, http.ResponseWriter))(question, w)
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *controller) allow(allow bool) {
	c.answer.Store(func(_ tailcfg.DERPAdmitClientRequest, w http.ResponseWriter) {
		json.NewEncoder(w).Encode(tailcfg.DERPAdmitClientResponse{Allow: allow})
	})
}

func (c *controller) say(status int, body string) {
	c.answer.Store(func(_ tailcfg.DERPAdmitClientRequest, w http.ResponseWriter) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	})
}

func TestAdmissionControllerDecides(t *testing.T) {
	for _, mode := range []relay.Mode{relay.Plain, relay.TLS} {
		t.Run(mode.String(), func(t *testing.T) {
			c := newController(t)
			r := relay.Start(t, relay.Options{Mode: mode, ExtraArgs: []string{"-verify-client-url", c.URL + "/admit"}})
			start := c.asked.Load() // the relay's readiness is tried by a client, too
			admitted := newLasting(t, r)
			admitted.exchange(admitted)
			if c.asked.Load() == start {
				t.Error("the controller was not asked")
			}
			c.allow(false)
			expectRejected(t, r, identity{}, "admission controller")
			c.say(http.StatusInternalServerError, `{"Allow":true}`)
			expectRejected(t, r, identity{}, "admission controller: ")
			c.say(http.StatusOK, "garbage")
			expectRejected(t, r, identity{}, "")
			admitted.exchange(admitted)
		})
	}
}

func TestUnreachableAdmissionControllerFailsOpenOrClosed(t *testing.T) {
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + nobody.Addr().String()
	nobody.Close()
	open := relay.Start(t, relay.Options{ExtraArgs: []string{"-verify-client-url", url}})
	mark := open.LogMark()
	peer := newLasting(t, open)
	peer.exchange(peer)
	open.WaitLog(t, mark, fmt.Sprintf("admission controller unreachable; allowing client %v", peer.client.SelfPublicKey()))

	closed := relay.Start(t, relay.Options{ExtraArgs: []string{"-verify-client-url", url, "-verify-client-url-fail-open=false"}})
	expectRejected(t, closed, identity{}, "")
}

func TestConnectedClientsAreVerifiedAgain(t *testing.T) {
	skipOn(t, "it verifies once", target102, target104)
	c := newController(t)
	r := relay.Start(t, relay.Options{ExtraArgs: []string{
		"-verify-client-url", c.URL, "-verify-client-url-fail-open=false", "-verify-client-recheck", "50ms"}})
	peer := connectPlain(t, r, identity{})
	c.allow(false)
	peer.expectEnd()
	r.WaitLog(t, 0, fmt.Sprintf("client %v disconnected: admission controller: not allowed", peer.key))
}

func TestRestartOfTheControllerCutsNobodyOff(t *testing.T) {
	skipOn(t, "it remembers no answer", target102, target104)
	c := newController(t)
	r := relay.Start(t, relay.Options{ExtraArgs: []string{
		"-verify-client-url", c.URL, "-verify-client-url-fail-open=false", "-verify-client-cache", "1h"}})
	id := identity{private: key.NewNode()}
	connectPlain(t, r, id).close()
	c.Close()
	connectPlain(t, r, id).echo()
	expectRejected(t, r, identity{}, "admission controller unreachable")
}

func TestKeyFilesAreReadAgain(t *testing.T) {
	skipOn(t, "it has none", target102, target104)
	alice, bob := identity{private: key.NewNode()}, identity{private: key.NewNode()}
	file := filepath.Join(t.TempDir(), "keys")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// Before it serves anybody else, the relay is tried by a client with a key of its own.
	write(alice.private.Public().String() + " # Alice\n")
	r := relay.Start(t, relay.Options{ExtraArgs: []string{"-allow-keys-file", file}})
	first := connectPlain(t, r, alice)
	expectRejected(t, r, bob, "not in "+file)

	write(bob.private.Public().String() + "\n")
	first.expectEnd()
	connectPlain(t, r, bob).echo()
	r.WaitLog(t, 0, "derper: allowed keys: 1 added, 1 removed, 1 in all; clients disconnected: 1")

	mark := r.LogMark()
	write("# one\nnodekey:bad\n")
	r.WaitLog(t, mark, file+":2: ")
	connectPlain(t, r, bob).echo()

	// A signal reads what did not change as well, and says again what is wrong with it.
	mark = r.LogMark()
	r.Signal(syscall.SIGHUP)
	r.WaitLog(t, mark, "derper: allowed keys not reloaded: "+file+":2: ")
	write(bob.private.Public().String() + "\n")
	mark = r.LogMark()
	r.Signal(syscall.SIGHUP)
	r.WaitLog(t, mark, "derper: nothing to change")
	connectPlain(t, r, bob).echo()
}

func TestBannedAppNames(t *testing.T) {
	skipOn(t, "it has no app names", target102)
	r := relay.Start(t, relay.Options{ExtraArgs: []string{"-disallow-app-names", "bad,worse"}})
	expectRejected(t, r, identity{appName: "worse"}, `disallowed app name "worse"`)
	connectPlain(t, r, identity{appName: "good"}).echo()
	connectPlain(t, r, identity{}).echo()
}

func TestAcceptLimitClosesWhatComesBeyondIt(t *testing.T) {
	skipOn(t, "it ends as a whole", target102, target104)
	r := relay.Start(t, relay.Options{Mode: relay.TLS, ExtraArgs: []string{
		"-accept-connection-limit", "0.001", "-accept-connection-burst", "20"}})
	peer := newLasting(t, r)
	if !relay.Await(patience, func() bool {
		conn, err := net.Dial("tcp", r.Addr)
		if err != nil {
			return false
		}
		defer conn.Close()
		conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		_, err = conn.Read(make([]byte, 1))
		timeout, isNet := err.(net.Error)
		return err != nil && !(isNet && timeout.Timeout())
	}) {
		t.Error("every connection is taken")
	}
	peer.exchange(peer)
}

func TestRateFileHoldsAndIsReadAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rates.json")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"PerClientRateLimitBytesPerSec":200000,"PerClientRateBurstBytes":1}`)
	r := relay.Start(t, relay.Options{ExtraArgs: []string{"-rate-config", file}})
	r.WaitLog(t, 0, "rate config applied: client-rate=200000 bytes/sec, client-burst=65568 bytes")
	if value, _ := r.Metric("derp_rate_limit_per_client_burst_bytes"); value != 65568 {
		t.Errorf("burst %v", value)
	}
	peer := connectPlain(t, r, identity{})
	start := time.Now()
	for range 10 {
		peer.send(peer, pattern(60000))
	}
	for range 10 {
		peer.expectPacket(peer.key, pattern(60000))
	}
	// 600,320 bytes less the burst at 200,000 a second; a read of 64 KiB may be on credit.
	if took := time.Since(start); took < 2*time.Second {
		t.Errorf("ten packets took %v", took)
	}
	if value, _ := r.Metric("derp_rate_limit_per_client_waited"); value == 0 {
		t.Error("nobody waited")
	}

	mark := r.LogMark()
	write(`{"PerClientRateLimitBytesPerSec":-1}`)
	r.Signal(syscall.SIGHUP)
	r.WaitLog(t, mark, "derper: received SIGHUP, reloading rate config from "+file)
	r.WaitLog(t, mark, "derper: rate config reload failed: ")
	mark = r.LogMark()
	write(`{}`)
	r.Signal(syscall.SIGHUP)
	r.WaitLog(t, mark, "rate config applied: client-rate=0 bytes/sec, client-burst=0 bytes")
	r.WaitLog(t, mark, "derper: rate config reloaded successfully")
	for range 100 {
		peer.send(peer, pattern(60000))
	}
	for range 100 {
		peer.expectPacket(peer.key, pattern(60000))
	}
	if strings.Contains(r.Log(), "panic") {
		t.Error(r.Log())
	}
}
