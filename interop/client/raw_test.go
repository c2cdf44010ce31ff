package client

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"go4.org/mem"
	"tailscale.com/derp"
	"tailscale.com/types/key"
)

// frame is one DERP frame as it is on the wire.
type frame struct {
	kind    derp.FrameType
	payload []byte
}

func (f frame) bytes() []byte {
	head := append([]byte{byte(f.kind)}, binary.BigEndian.AppendUint32(nil, uint32(len(f.payload)))...)
	return append(head, f.payload...)
}

// rawClient writes and reads bytes with nothing in between.
type rawClient struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
	id   identity
	key  key.NodePublic
	// server is known after readServerKey.
	server key.NodePublic
}

const (
	upgradeRequest   = "GET /derp HTTP/1.1\r\nHost: relay\r\nUpgrade: DERP\r\nConnection: Upgrade\r\n\r\n"
	fastStartRequest = "GET /derp HTTP/1.1\r\nHost: relay\r\nUpgrade: DERP\r\nConnection: Upgrade\r\nDerp-Fast-Start: 1\r\n\r\n"
)

// dialRaw only connects, with TLS where the relay wants it.
func dialRaw(t testing.TB, r *relay.Relay) *rawClient {
	t.Helper()
	return overConn(t, dialTo(t, r, 0))
}

func overConn(t testing.TB, conn net.Conn) *rawClient {
	id := identity{}
	id.complete()
	conn.SetReadDeadline(time.Now().Add(patience))
	return &rawClient{t: t, conn: conn, in: bufio.NewReader(conn), id: id, key: id.private.Public()}
}

// connectRaw goes as far as a registered client.
func connectRaw(t testing.TB, r *relay.Relay, clientInfo string) *rawClient {
	t.Helper()
	c := dialRaw(t, r)
	c.handshake(clientInfo)
	return c
}

func (c *rawClient) handshake(clientInfo string) {
	c.t.Helper()
	c.write([]byte(fastStartRequest))
	c.readServerKey()
	c.write(c.clientInfo(clientInfo).bytes())
	c.expectFrame(derp.FrameServerInfo)
}

func (c *rawClient) write(b []byte) {
	c.t.Helper()
	if _, err := c.conn.Write(b); err != nil {
		c.t.Fatalf("write: %v", err)
	}
}

func (c *rawClient) writeFrame(kind derp.FrameType, payload []byte) {
	c.t.Helper()
	c.write(frame{kind, payload}.bytes())
}

func (c *rawClient) writeHeader(kind derp.FrameType, length uint32) {
	c.t.Helper()
	c.write(frame{kind, nil}.bytes()[:1])
	c.write(binary.BigEndian.AppendUint32(nil, length))
}

func (c *rawClient) sendPacket(to key.NodePublic, packet []byte) {
	c.t.Helper()
	c.writeFrame(derp.FrameSendPacket, append(to.AppendTo(nil), packet...))
}

// clientInfo seals the JSON for the relay, whose key must be known.
func (c *rawClient) clientInfo(json string) frame {
	return sealedInfo(c.id.private, c.server, json)
}

func sealedInfo(private key.NodePrivate, server key.NodePublic, json string) frame {
	return frame{derp.FrameClientInfo, append(private.Public().AppendTo(nil), private.SealTo(server, []byte(json))...)}
}

func (c *rawClient) read() (frame, error) {
	var head [5]byte
	if _, err := io.ReadFull(c.in, head[:]); err != nil {
		return frame{}, err
	}
	length := binary.BigEndian.Uint32(head[1:])
	if length > 1<<20 {
		return frame{}, fmt.Errorf("frame of type %d and %d bytes", head[0], length)
	}
	payload := make([]byte, length)
	_, err := io.ReadFull(c.in, payload)
	return frame{derp.FrameType(head[0]), payload}, err
}

// expectFrame reads the next frame, keep-alives and health texts aside, and returns its payload.
func (c *rawClient) expectFrame(kind derp.FrameType) []byte {
	c.t.Helper()
	for {
		f, err := c.read()
		if err != nil {
			c.t.Fatalf("reading a frame of type %d: %v", kind, err)
		}
		if f.kind != kind && (f.kind == derp.FrameKeepAlive || f.kind == derp.FrameHealth) {
			continue
		}
		if f.kind != kind {
			c.t.Fatalf("got a frame of type %d, %s, want type %d", f.kind, brief(f.payload), kind)
		}
		return f.payload
	}
}

func (c *rawClient) readServerKey() {
	c.t.Helper()
	payload := c.expectFrame(derp.FrameServerKey)
	if len(payload) < 40 || string(payload[:8]) != "DERP🔑" {
		c.t.Fatalf("the ServerKey frame has %s", brief(payload))
	}
	c.server = key.NodePublicFromRaw32(mem.B(payload[8:40]))
}

func (c *rawClient) readResponse() *http.Response {
	c.t.Helper()
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		c.t.Fatalf("reading the response: %v", err)
	}
	return response
}

// ping is answered when everything before it was handled.
func (c *rawClient) ping() {
	c.t.Helper()
	c.writeFrame(derp.FramePing, []byte("12345678"))
	if payload := c.expectFrame(derp.FramePong); string(payload) != "12345678" {
		c.t.Fatalf("the pong has %q", payload)
	}
}

// expectEnd waits until the relay has closed the connection; what it wrote before does not matter.
func (c *rawClient) expectEnd() {
	c.t.Helper()
	_, err := io.Copy(io.Discard, c.in)
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		c.t.Fatal("the relay does not close the connection")
	}
}

// address is the client's own, as the relay sees and logs it.
func (c *rawClient) address() string {
	return c.conn.LocalAddr().String()
}
