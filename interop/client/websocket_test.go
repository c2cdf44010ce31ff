package client

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"testing"

	"derp4j.dev/interop/relay"
	"github.com/coder/websocket"
	"tailscale.com/derp"
	"tailscale.com/net/wsconn"
)

// messageLimit is the length that the original takes no WebSocket message beyond.
const messageLimit = 32768

// connectWebSocket is what the original's client does in a browser, with the library that it does it with.
func connectWebSocket(t testing.TB, r *relay.Relay, id identity) *peer {
	t.Helper()
	return webSocketPeer(t, r, dialWebSocket(t, r), id)
}

func webSocketPeer(t testing.TB, r *relay.Relay, conn *websocket.Conn, id identity) *peer {
	t.Helper()
	id.complete()
	conn.SetReadLimit(-1) // the original's server writes what it has, however long
	stream := wsconn.NetConn(context.Background(), conn, websocket.MessageBinary, r.Addr)
	t.Cleanup(func() { stream.Close() })
	client, err := derp.NewClient(id.private, stream,
		bufio.NewReadWriter(bufio.NewReader(stream), bufio.NewWriter(shortMessages{stream})), logf(t),
		derp.MeshKey(id.mesh), derp.IsProber(id.prober), derp.AppName(id.appName))
	if err != nil {
		t.Fatal(err)
	}
	return newPeer(t, id, client, func() { stream.Close() })
}

// shortMessages cuts what is written into messages that the other side takes.
type shortMessages struct{ net.Conn }

func (s shortMessages) Write(p []byte) (n int, err error) {
	for len(p) > 0 && err == nil {
		var written int
		written, err = s.Conn.Write(p[:min(len(p), messageLimit)])
		n, p = n+written, p[written:]
	}
	return n, err
}

func dialWebSocket(t testing.TB, r *relay.Relay) *websocket.Conn {
	t.Helper()
	conn, response, err := openWebSocket(t, r, "derp")
	if err != nil {
		t.Fatalf("%v: %+v", err, response)
	}
	if conn.Subprotocol() != "derp" {
		t.Fatalf("the relay chose the subprotocol %q", conn.Subprotocol())
	}
	return conn
}

func openWebSocket(t testing.TB, r *relay.Relay, subprotocols ...string) (*websocket.Conn, *http.Response, error) {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, r.Addr)
		},
		TLSClientConfig: &tls.Config{RootCAs: r.RootCAs, ServerName: relay.Hostname},
	}
	t.Cleanup(transport.CloseIdleConnections)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return websocket.Dial(ctx, strings.Replace(r.DERPURL(), "http", "ws", 1), &websocket.DialOptions{
		HTTPClient:      &http.Client{Transport: transport},
		HTTPHeader:      http.Header{"Origin": {"https://elsewhere.example"}},
		Subprotocols:    subprotocols,
		CompressionMode: websocket.CompressionContextTakeover,
	})
}

// readCloseStatus reads until the relay says goodbye.
func readCloseStatus(t testing.TB, conn *websocket.Conn) websocket.StatusCode {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		if _, _, err := conn.Read(ctx); err != nil {
			status := websocket.CloseStatus(err)
			if status == -1 {
				t.Errorf("reading ended without a goodbye: %v", err)
			}
			return status
		}
	}
}

func TestWebSocketRefusals(t *testing.T) {
	tests := []struct {
		name    string
		kind    websocket.MessageType
		message []byte
		want    websocket.StatusCode
	}{
		{"Text", websocket.MessageText, []byte("DERP"), websocket.StatusUnsupportedData},
		// The start of a ClientInfo that may be as long as this, so that DERP itself has nothing against it.
		{"TooLong", websocket.MessageBinary, append([]byte{2, 0, 3, 0, 0}, make([]byte, messageLimit)...), websocket.StatusMessageTooBig},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			conn := dialWebSocket(t, sharedRelay(t, relay.Plain))
			defer conn.CloseNow()
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			if err := conn.Write(ctx, test.kind, test.message); err != nil {
				t.Fatal(err)
			}
			if got := readCloseStatus(t, conn); got != test.want {
				t.Errorf("closed with %v, want %v", got, test.want)
			}
		})
	}
}

func TestWebSocketForAnotherWord(t *testing.T) {
	conn, _, err := openWebSocket(t, sharedRelay(t, relay.Plain), "derper")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	if got := readCloseStatus(t, conn); got != websocket.StatusPolicyViolation {
		t.Errorf("closed with %v, want %v", got, websocket.StatusPolicyViolation)
	}
}

func TestWebSocketRequestsThatAreNone(t *testing.T) {
	complete := http.Header{
		"Upgrade":                {"websocket"},
		"Connection":             {"Upgrade"},
		"Sec-Websocket-Protocol": {"derp"},
		"Sec-Websocket-Version":  {"13"},
		"Sec-Websocket-Key":      {"dGhlIHNhbXBsZSBub25jZQ=="},
	}
	tests := []struct {
		name, method, header, value string
		want                        int
	}{
		{"NoConnectionHeader", "GET", "Connection", "keep-alive", http.StatusUpgradeRequired},
		{"Post", "POST", "Upgrade", "websocket", http.StatusMethodNotAllowed},
		{"OldVersion", "GET", "Sec-Websocket-Version", "8", http.StatusBadRequest},
		{"ShortKey", "GET", "Sec-Websocket-Key", "dGhl", http.StatusBadRequest},
		{"NoKey", "GET", "Sec-Websocket-Key", "", http.StatusBadRequest},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := sharedRelay(t, relay.Plain)
			request, err := http.NewRequest(test.method, r.DERPURL(), nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header = complete.Clone()
			request.Header.Set(test.header, test.value)
			response, err := http.DefaultTransport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != test.want {
				t.Errorf("answered with %s, want %d", response.Status, test.want)
			}
		})
	}
}

func TestWebSocketPing(t *testing.T) {
	conn := dialWebSocket(t, sharedRelay(t, relay.Plain))
	defer conn.CloseNow()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	// Somebody has to read for the answer to be seen, and the greeting comes first.
	if _, _, err := conn.Read(ctx); err != nil {
		t.Fatal(err)
	}
	conn.CloseRead(ctx)
	if err := conn.Ping(ctx); err != nil {
		t.Error(err)
	}
}

func TestWebSocketIsCounted(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	before, _ := r.Metric("derp_websocket_accepts")
	connectWebSocket(t, r, identity{})
	r.WaitMetric(t, before+1, "derp_websocket_accepts")
}
