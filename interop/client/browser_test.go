package client

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"tailscale.com/derp"
)

// A page in Chromium and the original's client exchange packets. The page's box is TweetNaCl's, in testdata.
func TestBrowser(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("SKIPPED: there is no chromium (package chromium) for the page that speaks DERP")
	}
	r := sharedRelay(t, relay.Plain)
	p := connectPlain(t, r, identity{})

	results := make(chan string, 10)
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir("testdata/browser")))
	mux.HandleFunc("POST /result", func(_ http.ResponseWriter, request *http.Request) {
		result, _ := io.ReadAll(request.Body)
		results <- string(result)
	})
	pages := httptest.NewServer(mux)
	defer pages.Close()

	query := url.Values{
		"relay": {strings.Replace(r.DERPURL(), "http", "ws", 1)},
		"peer":  {p.key.UntypedHexString()},
	}
	openPage(t, chromium, pages.URL+"/?"+query.Encode())

	select {
	case result := <-results:
		t.Fatalf("the page says %q before it has sent anything", result)
	case m, open := <-p.inbox:
		if !open {
			t.Fatalf("the connection ended: %v", p.ended())
		}
		packet, isPacket := m.(derp.ReceivedPacket)
		if !isPacket || string(packet.Data) != "from the browser" {
			t.Fatalf("got %T %+v from the browser", m, m)
		}
		source := packet.Source
		p.sendKey(source, []byte("to the browser"))
		want := source.UntypedHexString() + " " + p.key.UntypedHexString() + " to the browser"
		select {
		case got := <-results:
			if got != want {
				t.Errorf("the page says %q, want %q", got, want)
			}
		case <-time.After(browserPatience):
			t.Error("the page has received nothing")
		}
	case <-time.After(browserPatience):
		t.Fatal("no packet came from the page")
	}
}

// browserPatience is for machines on which a browser takes its time to start.
const browserPatience = 2 * time.Minute

// openPage opens a page in a browser with a fresh profile, which the test's end closes.
func openPage(t *testing.T, chromium, address string) {
	t.Helper()
	profile, err := os.MkdirTemp("", "browser")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--user-data-dir="+profile, "--remote-debugging-port=0", address)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 10 * time.Second
	if err := command.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		command.Wait()
		os.RemoveAll(profile)
	})
}
