package client

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"tailscale.com/derp"
)

// Addresses of the loopback network, so that who is who can be told: the proxy's, which the relay trusts, and that of a
// client. What comes from 127.0.0.1 comes without a proxy.
const (
	proxyIP  = "127.0.0.2"
	clientIP = "127.0.0.9"
)

// The recipes of docs/behind-a-proxy.md, with the programs of the distribution.
func TestBehindProxies(t *testing.T) {
	skipOn(t, "it knows nothing of proxies", target102, target104)
	proxies := []struct {
		name  string
		mode  relay.Mode
		flag  string
		start func(t *testing.T, front, back string)
	}{
		{"HAProxyVersion1", relay.TLS, "-proxy-protocol-from", haproxy("send-proxy")},
		{"HAProxyVersion2", relay.TLS, "-proxy-protocol-from", haproxy("send-proxy-v2")},
		{"HAProxyPlain", relay.Plain, "-proxy-protocol-from", haproxy("send-proxy-v2")},
		{"NginxStream", relay.TLS, "-proxy-protocol-from", nginxStream},
		{"NginxHTTP", relay.Plain, "-trust-forwarded-for-from", nginxHTTP},
	}
	for _, proxy := range proxies {
		t.Run(proxy.name, func(t *testing.T) {
			front := freeAddress(t)
			r := relay.Start(t, relay.Options{Mode: proxy.mode, ExtraArgs: []string{proxy.flag, proxyIP}})
			proxy.start(t, front, r.Addr)

			through := connectThrough(t, r, front)
			direct := connectURL(0)(t, r, identity{})
			packet := []byte("through " + proxy.name)
			through.send(direct, packet)
			direct.expectPacket(through.key, packet)
			direct.send(through, packet)
			through.expectPacket(direct.key, packet)

			mark := r.LogMark()
			conn := dialFront(t, r, front)
			stream := bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn))
			upgrade(t, r, stream, nil)
			fmt.Fprint(conn, "no ClientInfo at all")
			r.WaitLog(t, mark, "derp: "+clientIP+":")
		})
	}
}

func connectThrough(t *testing.T, r *relay.Relay, front string) *peer {
	t.Helper()
	var id identity
	id.complete()
	conn := dialFront(t, r, front)
	stream := bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn))
	upgrade(t, r, stream, nil)
	client, err := derp.NewClient(id.private, conn, stream, logf(t))
	if err != nil {
		t.Fatal(err)
	}
	return newPeer(t, id, client, func() { conn.Close() })
}

// dialFront connects to the proxy as a client with an address of its own, with TLS where the relay has it.
func dialFront(t *testing.T, r *relay.Relay, front string) net.Conn {
	t.Helper()
	dialer := net.Dialer{Timeout: patience, LocalAddr: &net.TCPAddr{IP: net.ParseIP(clientIP)}}
	conn, err := dialer.Dial("tcp", front)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return secured(t, r, conn, 0)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func haproxy(header string) func(*testing.T, string, string) {
	return func(t *testing.T, front, back string) {
		config := fmt.Sprintf(`
defaults
    mode tcp
    timeout connect 5s
    timeout client 2h
    timeout server 2h
frontend derp
    bind %s
    default_backend derp
backend derp
    source %s
    server relay %s %s
`, front, proxyIP, back, header)
		startProxy(t, front, "haproxy", "haproxy", config, "-db", "-f")
	}
}

func nginxStream(t *testing.T, front, back string) {
	const module = "/usr/lib/nginx/modules/ngx_stream_module.so"
	if _, err := os.Stat(module); err != nil {
		t.Skip("SKIPPED: there is no stream module of nginx (package libnginx-mod-stream)")
	}
	startNginx(t, front, "load_module "+module+";", fmt.Sprintf(`
stream {
    server {
        listen %s;
        proxy_pass %s;
        proxy_bind %s;
        proxy_protocol on;
        proxy_timeout 2h;
    }
}
`, front, back, proxyIP))
}

func nginxHTTP(t *testing.T, front, back string) {
	startNginx(t, front, "", fmt.Sprintf(`
http {
    access_log off;
    map $http_upgrade $derp_connection { default upgrade; "" close; }
    server {
        listen %s;
        location / {
            proxy_pass http://%s;
            proxy_bind %s;
            proxy_http_version 1.1;
            proxy_set_header Host $host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $derp_connection;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_buffering off;
            proxy_read_timeout 2h;
            proxy_send_timeout 2h;
        }
    }
}
`, front, back, proxyIP))
}

func startNginx(t *testing.T, front, modules, servers string) {
	t.Helper()
	dir := t.TempDir()
	config := modules + `
daemon off;
master_process off;
pid ` + dir + `/pid;
error_log stderr;
events {}
` + strings.Replace(servers, "http {", `http {
    client_body_temp_path `+dir+`/body;
    proxy_temp_path `+dir+`/proxy;
    fastcgi_temp_path `+dir+`/fastcgi;
    uwsgi_temp_path `+dir+`/uwsgi;
    scgi_temp_path `+dir+`/scgi;`, 1)
	startProxy(t, front, "nginx", "nginx-light", config, "-p", dir, "-e", "stderr", "-c")
}

// startProxy runs a proxy in the foreground until the test ends. The arguments end with the one before the configuration
// file.
func startProxy(t *testing.T, front, program, debianPackage, config string, arguments ...string) {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("SKIPPED: there is no %s (package %s)", program, debianPackage)
	}
	file := filepath.Join(t.TempDir(), "proxy.conf")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, path, append(arguments, file)...)
	var output strings.Builder
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		command.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", program, output.String())
		}
	})
	if !relay.Await(10*time.Second, func() bool {
		conn, err := net.Dial("tcp", front)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}) {
		t.Fatalf("%s does not listen on %s", program, front)
	}
}

// The header that a client writes itself opens nothing and hides nobody.
func TestForwardedForIsBelievedFromProxiesOnly(t *testing.T) {
	skipOn(t, "it knows nothing of proxies", target102, target104)
	r := relay.Start(t, relay.Options{Mode: relay.Plain, ExtraArgs: []string{"-trust-forwarded-for-from", proxyIP}})
	for _, path := range []string{"/debug/", "/debug/varz"} {
		request, err := http.NewRequest("GET", r.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Forwarded-For", "127.0.0.1")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusForbidden {
			t.Errorf("%s is answered with %s, want 403", path, response.Status)
		}
	}
}
