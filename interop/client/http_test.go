package client

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"derp4j.dev/interop/relay"
)

// page is an answer to an HTTP request.
type page struct {
	status int
	header http.Header
	body   string
}

// fetch asks the DERP port. Redirects are answers like others.
func fetch(t *testing.T, r *relay.Relay, method, path string, header http.Header) page {
	t.Helper()
	return fetchURL(t, r, method, r.URL+path, header)
}

func fetchURL(t *testing.T, r *relay.Relay, method, url string, header http.Header) page {
	t.Helper()
	request, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	transport := &http.Transport{TLSClientConfig: tlsConfig(r, 0), DisableKeepAlives: true}
	if request.URL.Hostname() == relay.Hostname {
		transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, r.Addr)
		}
	}
	client := http.Client{
		Timeout:       patience,
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return page{response.StatusCode, response.Header, string(body)}
}

func (p page) expect(t *testing.T, status int, header map[string]string) {
	t.Helper()
	if p.status != status {
		t.Errorf("status %d, want %d; body %q", p.status, status, p.body)
	}
	for name, want := range header {
		if got := p.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// browserHeaders come with every page that is made for people.
var browserHeaders = map[string]string{
	"Strict-Transport-Security": "max-age=63072000; includeSubDomains",
	"X-Frame-Options":           "DENY",
	"X-Content-Type-Options":    "nosniff",
}

// overHTTP runs a test against the DERP port without and with TLS.
func overHTTP(t *testing.T, test func(t *testing.T, r *relay.Relay)) {
	for _, mode := range []relay.Mode{relay.Plain, relay.TLS, relay.TLSIP} {
		t.Run(mode.String(), func(t *testing.T) { test(t, sharedRelay(t, mode)) })
	}
}

func TestLatencyProbesAreAnsweredForAnyOrigin(t *testing.T) {
	overHTTP(t, func(t *testing.T, r *relay.Relay) {
		for _, path := range []string{"/derp/probe", "/derp/latency-check"} {
			for _, method := range []string{"GET", "HEAD"} {
				p := fetch(t, r, method, path, nil)
				p.expect(t, 200, map[string]string{"Access-Control-Allow-Origin": "*", "Strict-Transport-Security": ""})
				if p.body != "" {
					t.Errorf("%s %s: body %q", method, path, p.body)
				}
			}
			p := fetch(t, r, "POST", path, nil)
			p.expect(t, 405, map[string]string{"Access-Control-Allow-Origin": ""})
			if strings.TrimSpace(p.body) != "bogus probe method" {
				t.Errorf("POST %s: body %q", path, p.body)
			}
		}
	})
}

func TestCaptivePortalCheckIsAnsweredOnBothPorts(t *testing.T) {
	overHTTP(t, func(t *testing.T, r *relay.Relay) {
		for _, base := range []string{r.URL, r.HTTPURL()} {
			for challenge, response := range map[string]string{
				"":                      "",
				"ts_127.0.0.1-a:B9":     "response ts_127.0.0.1-a:B9",
				strings.Repeat("a", 64): "response " + strings.Repeat("a", 64),
				strings.Repeat("a", 65): "",
				"a b":                   "",
				"a/b":                   "",
				"<a>":                   "",
			} {
				header := http.Header{}
				if challenge != "" {
					header.Set("X-Tailscale-Challenge", challenge)
				}
				p := fetchURL(t, r, "GET", base+"/generate_204", header)
				p.expect(t, 204, map[string]string{
					"X-Tailscale-Response":      response,
					"Cache-Control":             "no-cache, no-store, must-revalidate, no-transform, max-age=0",
					"Strict-Transport-Security": "",
				})
			}
		}
	})
}

func TestHomePageIsServedAtEveryPathThatIsNothingElse(t *testing.T) {
	overHTTP(t, func(t *testing.T, r *relay.Relay) {
		for _, path := range []string{"/", "/no/such/page", "/derper", "/derp/other"} {
			p := fetch(t, r, "GET", path, nil)
			p.expect(t, 200, browserHeaders)
			p.expect(t, 200, map[string]string{"Content-Type": "text/html; charset=utf-8"})
			if policy := p.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'self'") || !strings.Contains(policy, "frame-ancestors 'none'") {
				t.Errorf("%s: Content-Security-Policy: %q", path, policy)
			}
			if !strings.Contains(p.body, "DERP") || !strings.Contains(p.body, "/debug/") {
				t.Errorf("%s: the page does not say what it is, or has no link to /debug/: %q", path, p.body)
			}
		}
		stranger := fetch(t, r, "GET", "/", http.Header{"X-Forwarded-For": {"192.0.2.1"}})
		if strings.Contains(stranger.body, "/debug/") {
			t.Error("the page links to /debug/ for someone who may not go there")
		}
	})
}

func TestRobotsAreKeptOut(t *testing.T) {
	overHTTP(t, func(t *testing.T, r *relay.Relay) {
		p := fetch(t, r, "GET", "/robots.txt", nil)
		p.expect(t, 200, browserHeaders)
		if p.body != "User-agent: *\nDisallow: /\n" {
			t.Errorf("body %q", p.body)
		}
	})
}

func TestPlainPortBesideTLSRedirects(t *testing.T) {
	r := sharedRelay(t, relay.TLS)
	host := "127.0.0.1:" + strconv.Itoa(r.HTTPPort)
	for path, want := range map[string]string{"/some/page?q=1": "/some/page?q=1", "/": "/debug/", "/derp": "/derp"} {
		for _, method := range []string{"GET", "HEAD"} {
			fetchURL(t, r, method, r.HTTPURL()+path, nil).expect(t, 302, map[string]string{"Location": "https://" + host + want})
		}
	}
	fetchURL(t, r, "GET", r.HTTPURL()+"/", http.Header{"X-Forwarded-For": {"192.0.2.1"}}).
		expect(t, 302, map[string]string{"Location": "https://" + host + "/"})
	p := fetchURL(t, r, "POST", r.HTTPURL()+"/", nil)
	if p.status != 400 || strings.TrimSpace(p.body) != "Use HTTPS" {
		t.Errorf("POST: %d %q", p.status, p.body)
	}
}

func TestDebugPagesAreForLoopbackAndNotForProxies(t *testing.T) {
	overHTTP(t, func(t *testing.T, r *relay.Relay) {
		for _, base := range []string{r.URL, r.HTTPURL()} {
			fetchURL(t, r, "GET", base+"/debug/varz", nil).expect(t, 200, map[string]string{"Content-Type": "text/plain; charset=utf-8"})
			refused := fetchURL(t, r, "GET", base+"/debug/varz", http.Header{"X-Forwarded-For": {"127.0.0.1"}})
			if refused.status != 403 || !strings.HasPrefix(refused.body, "debug access denied") {
				t.Errorf("through a proxy: %d %q", refused.status, refused.body)
			}
		}
	})
}

func TestDebugPagesWantTheirKeyFromElsewhere(t *testing.T) {
	address := otherAddress(t)
	keyFile := filepath.Join(t.TempDir(), "debug.key")
	if err := os.WriteFile(keyFile, []byte("  open-sesame\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := relay.Start(t, relay.Options{Mode: relay.Plain, Wildcard: true, ExtraEnv: []string{"TS_DEBUG_KEY_PATH=" + keyFile}})
	url := "http://" + net.JoinHostPort(address, strconv.Itoa(r.Port)) + "/debug/varz"
	fetchURL(t, r, "GET", url, nil).expect(t, 403, nil)
	fetchURL(t, r, "GET", url+"?debugkey=wrong", nil).expect(t, 403, nil)
	fetchURL(t, r, "GET", url+"?debugkey=open-sesame", nil).expect(t, 200, nil)
	fetchURL(t, r, "POST", url+"?debugkey=open-sesame", nil).expect(t, 403, nil)
	fetchURL(t, r, "GET", url+"?debugkey=open-sesame", http.Header{"X-Forwarded-For": {"192.0.2.1"}}).expect(t, 200, nil)

	admitting := relay.Start(t, relay.Options{Mode: relay.Plain, Wildcard: true, ExtraEnv: []string{"TS_ALLOW_DEBUG_IP=" + address}})
	fetchURL(t, admitting, "GET", "http://"+net.JoinHostPort(address, strconv.Itoa(admitting.Port))+"/debug/varz", nil).expect(t, 200, nil)
}

// otherAddress is an IPv4 address of this machine that debug access does not admit by itself. A connection to it comes
// from it.
func otherAddress(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	_, tailscale, _ := net.ParseCIDR("100.64.0.0/10")
	for _, address := range addresses {
		network, isNetwork := address.(*net.IPNet)
		if isNetwork && network.IP.To4() != nil && !network.IP.IsLoopback() && !tailscale.Contains(network.IP) {
			return network.IP.String()
		}
	}
	t.Skip("SKIPPED: this machine has no IPv4 address beside the loopback")
	return ""
}
