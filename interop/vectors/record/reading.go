package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"time"

	"tailscale.com/derp"
	"tailscale.com/types/key"
)

// sample is a frame by hand: the length that its header states, and the beginning of its payload; zeros follow.
type sample struct {
	kind   byte
	length int
	start  []byte
}

func (s sample) head() []byte {
	return append(binary.BigEndian.AppendUint32([]byte{s.kind}, uint32(s.length)), s.start[:min(len(s.start), s.length)]...)
}

func (s sample) bytes() []byte {
	return append(s.head(), make([]byte, s.length-min(len(s.start), s.length))...)
}

func samples(kinds []byte, lengths []int, start []byte) []sample {
	var all []sample
	for _, kind := range kinds {
		for _, length := range lengths {
			all = append(all, sample{kind, length, start})
		}
	}
	return all
}

// readByClient shows frames to the original's client: what it makes of them ("read" if
// that is long), "skipped", or "error".
func readByClient() []string {
	present := append(pattern(32), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 33, 0xc0, 0x01, 0x0d)
	named := func(length byte, name string) []byte {
		return append(append(bytes.Clone(present), length), name...)
	}
	all := samples([]byte{2, 4, 5, 6, 7, 8, 9, 0x0a, 0x0b, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0xff},
		[]int{0, 1, 7, 8, 9, 31, 32, 33, 34, 47, 48, 49, 50, 51, 63, 64, 65}, present)
	all = append(all, samples([]byte{4, 5, 8, 9, 0x12, 0x13, 0x15, 0x16}, []int{1000, 1001, 32 + 65536, 32 + 65537, 1 << 20, 1<<20 + 1}, pattern(60))...)
	for length := 40; length < 62; length++ {
		all = append(all, sample{9, length, named(5, "names")})
	}
	for _, name := range []string{"", "a b~", "\x1f", "\x7f", "é", "12345678901234567890123456789012", "123456789012345678901234567890123"} {
		payload := named(byte(len(name)), name)
		all = append(all, sample{9, len(payload), payload}, sample{9, len(payload) + 3, payload})
	}
	all = append(all, sample{9, 60, named(255, "beyond")})
	ipv6 := append(pattern(32), 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 80, 3)
	all = append(all, sample{9, 51, ipv6}, sample{9, 51, make([]byte, 51)})
	all = append(all, sample{0x14, 7, []byte("problem")}, sample{0x14, 7, []byte("gr\xc3\xbc\xc3\x9fe")})

	var lines []string
	for _, s := range all {
		lines = append(lines, hexOf(s.head())+" "+verdictOfClient(s.bytes()))
	}
	return append(lines, greetings()...)
}

func verdictOfClient(frame []byte) string {
	private := numberedKey(0x55)
	end := append(frame, sample{0x14, 7, []byte("the end")}.bytes()...)
	stream := bufio.NewReadWriter(bufio.NewReader(bytes.NewReader(end)), bufio.NewWriter(io.Discard))
	client, err := derp.NewClient(private, idleConn{}, stream, func(string, ...any) {}, derp.ServerPublicKey(privateKey(serverKeyText).Public()))
	check(err)
	message, err := client.Recv()
	if err != nil {
		return "error"
	}
	switch verdict := describe(message); {
	case verdict == endMark:
		return "skipped"
	case len(verdict) > 1000:
		return "read"
	default:
		return verdict
	}
}

// greetings are first frames: "greeting accepted" or "greeting refused".
func greetings() []string {
	good := append([]byte(derp.Magic), pattern(32)...)
	wrong := append([]byte("DERP\xf0\x9f\x94\x92"), pattern(32)...)
	all := []sample{{1, 0, good}, {1, 8, good}, {1, 39, good}, {1, 40, good}, {1, 41, good}, {1, 1024, good}, {1, 1025, good}, {1, 40, wrong}, {2, 40, good}}
	var lines []string
	for _, s := range all {
		stream := bufio.NewReadWriter(bufio.NewReader(bytes.NewReader(s.bytes())), bufio.NewWriter(io.Discard))
		verdict := "greeting accepted"
		if _, err := derp.NewClient(numberedKey(0x55), idleConn{}, stream, func(string, ...any) {}); err != nil {
			verdict = "greeting refused"
		}
		lines = append(lines, hexOf(s.head())+" "+verdict)
	}
	return lines
}

// readByServer shows frames from a mesh peer to the original's server, and whether the connection survives them.
func readByServer() []string {
	server := newServer()
	defer server.Close()
	lengths := []int{0, 1, 2, 7, 8, 9, 31, 32, 33, 63, 64, 65, 999, 1000, 1001, 32 + 65536, 32 + 65537, 64 + 65536, 64 + 65537}
	var lines []string
	for _, s := range samples([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 0x0a, 0x0b, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x77}, lengths, pattern(64)) {
		ours, theirs := net.Pipe()
		go server.Accept(context.Background(), theirs, bufio.NewReadWriter(bufio.NewReader(theirs), bufio.NewWriter(theirs)), "192.0.2.1:1")
		lines = append(lines, hexOf(s.head())+" "+verdictOfServer(ours, s.bytes()))
		ours.Close()
	}
	return lines
}

func verdictOfServer(conn net.Conn, frame []byte) string {
	mesh, err := key.ParseDERPMesh(meshKeyText)
	check(err)
	client, err := derp.NewClient(numberedKey(0x66), conn, bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn)), func(string, ...any) {}, derp.MeshKey(mesh))
	check(err)
	closed, alive := make(chan bool, 1), make(chan bool, 1)
	mark := [8]byte{'s', 't', 'i', 'l', 'l', 'h', 'e', 'r'}
	go func() {
		for {
			message, err := client.Recv()
			if err != nil {
				closed <- true
				return
			}
			if pong, ok := message.(derp.PongMessage); ok && pong == derp.PongMessage(mark) {
				alive <- true
				return
			}
		}
	}()
	if _, err := conn.Write(frame); err != nil {
		return "closed"
	}
	for {
		if client.SendPing(mark) != nil {
			return "closed"
		}
		select {
		case <-closed:
			return "closed"
		case <-alive:
			return "kept"
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// idleConn is a connection of which only the deadlines are ever used.
type idleConn struct{ net.Conn }

func (idleConn) SetReadDeadline(time.Time) error { return nil }

var endMark = fmt.Sprintf("Health %s", hexOf([]byte("the end")))
