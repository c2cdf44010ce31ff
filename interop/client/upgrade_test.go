package client

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"derp4j.dev/interop/relay"
)

func TestUpgradeResponseTellsVersionAndKey(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	c := dialRaw(t, r)
	c.write([]byte(upgradeRequest))
	// Byte for byte: clients of other makers may not parse HTTP at all.
	want := "HTTP/1.1 101 Switching Protocols\r\n" +
		"Upgrade: DERP\r\n" +
		"Connection: Upgrade\r\n" +
		"Derp-Version: 2\r\n" +
		"Derp-Public-Key: " + r.PublicKeyHex() + "\r\n" +
		"\r\n"
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c.in, got); err != nil {
		t.Fatalf("%v after %q", err, got)
	}
	if string(got) != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	c.readServerKey()
	c.write(c.clientInfo(`{"version":2}`).bytes())
	c.expectFrame(3)
}

func TestUpgradeIsKnownInAnyLetterCaseMethodAndConnectionHeader(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	for _, request := range []string{
		"GET /derp HTTP/1.1\r\nHost: relay\r\nupgrade: derp\r\nconnection: upgrade\r\n\r\n",
		"GET /derp HTTP/1.1\r\nHost: relay\r\nUPGRADE: dErP\r\nConnection: Upgrade\r\n\r\n",
		"GET /derp HTTP/1.1\r\nHost: relay\r\nUpgrade: DERP\r\nConnection: keep-alive, Upgrade\r\n\r\n",
		"GET /derp HTTP/1.1\r\nHost: relay\r\nUpgrade: DERP\r\n\r\n",
		"POST /derp HTTP/1.1\r\nHost: relay\r\nUpgrade: DERP\r\nContent-Length: 0\r\n\r\n",
		"GET /derp HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\n\r\n",
		"GET /derp HTTP/1.1\r\nHost: relay\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n",
		"GET /derp HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: other\r\n\r\n",
	} {
		t.Run(request, func(t *testing.T) {
			c := dialRaw(t, r)
			c.write([]byte(request))
			response := c.readResponse()
			if response.StatusCode != 101 || response.Header.Get("Upgrade") != "DERP" {
				t.Fatalf("got %s, Upgrade: %s", response.Status, response.Header.Get("Upgrade"))
			}
			c.readServerKey()
			c.write(c.clientInfo(`{"version":2}`).bytes())
			c.expectFrame(3)
			c.sendPacket(c.key, []byte("to myself"))
			if got := c.expectFrame(5); string(got[32:]) != "to myself" {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestRequestWithoutUpgradeIsToldSo(t *testing.T) {
	for _, mode := range []relay.Mode{relay.Plain, relay.TLS} {
		for _, header := range []string{"", "Upgrade: h2c\r\n", "Upgrade: derp2\r\n", "Upgrade:\r\n"} {
			t.Run(fmt.Sprintf("%v %q", mode, header), func(t *testing.T) {
				r := sharedRelay(t, mode)
				mark := r.LogMark()
				c := dialRaw(t, r)
				c.write([]byte("GET /derp HTTP/1.1\r\nHost: relay\r\nConnection: Upgrade\r\n" + header + "\r\n"))
				response := c.readResponse()
				body, err := io.ReadAll(response.Body)
				if err != nil {
					t.Fatal(err)
				}
				if response.StatusCode != 426 || strings.TrimSpace(string(body)) != "DERP requires connection upgrade" {
					t.Errorf("got %s %q", response.Status, body)
				}
				if value := strings.TrimSpace(strings.TrimPrefix(header, "Upgrade:")); value != "" {
					r.WaitLog(t, mark, fmt.Sprintf("Weird upgrade: %q", value))
				} else if strings.Contains(r.LogSince(mark), "Weird upgrade") {
					t.Error("a missing upgrade is logged as a weird one")
				}
			})
		}
	}
}

func TestRequestAndFramesMayComeOneByteAtATime(t *testing.T) {
	for _, mode := range []relay.Mode{relay.Plain, relay.TLS} {
		t.Run(mode.String(), func(t *testing.T) {
			r := sharedRelay(t, mode)
			receiver := connectURL(0)(t, r, identity{})
			c := dialRaw(t, r)
			c.dribble([]byte(fastStartRequest))
			c.readServerKey()
			c.dribble(c.clientInfo(`{"version":2}`).bytes())
			c.expectFrame(3)
			c.dribble(frame{4, append(receiver.key.AppendTo(nil), pattern(80)...)}.bytes())
			receiver.expectPacket(c.key, pattern(80))
			c.dribble(frame{0x12, []byte("abcdefgh")}.bytes())
			if got := c.expectFrame(0x13); string(got) != "abcdefgh" {
				t.Errorf("pong %q", got)
			}
		})
	}
}

func TestFramesMayBeCutAtAnyPlace(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	receiver := connectPlain(t, r, identity{})
	c := connectRaw(t, r, `{}`)
	// Three frames of different types: each cut leaves part of one behind the rest of another.
	var sequence []byte
	for _, f := range []frame{
		{4, append(receiver.key.AppendTo(nil), pattern(70)...)},
		{0x77, pattern(11)},
		{4, append(receiver.key.AppendTo(nil), pattern(1)...)},
		{0x12, []byte("12345678")},
	} {
		sequence = append(sequence, f.bytes()...)
	}
	for cut := 1; cut < len(sequence); cut++ {
		c.write(sequence[:cut])
		c.write(sequence[cut:])
		receiver.expectPacket(c.key, pattern(70))
		receiver.expectPacket(c.key, pattern(1))
		if got := c.expectFrame(0x13); string(got) != "12345678" {
			t.Fatalf("cut at %d: pong %q", cut, got)
		}
	}
}

func (c *rawClient) dribble(b []byte) {
	c.t.Helper()
	for i := range b {
		c.write(b[i : i+1])
	}
}
