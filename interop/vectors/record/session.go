package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"tailscale.com/derp"
	"tailscale.com/derp/derpserver"
	"tailscale.com/types/key"
)

const patience = 10 * time.Second

func newServer() *derpserver.Server {
	server := derpserver.New(privateKey(serverKeyText), func(string, ...any) {})
	check(server.SetMeshKey(meshKeyText))
	return server
}

// recordedConn is the server's end of a pipe, writing down what passes.
type recordedConn struct {
	net.Conn
	mu                     sync.Mutex
	fromClient, fromServer []byte
}

func (c *recordedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fromClient = append(c.fromClient, b[:n]...)
	return n, err
}

func (c *recordedConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fromServer = append(c.fromServer, b[:n]...)
	return n, err
}

// participant is one client with everything that it did and saw.
type participant struct {
	name, settings string
	private        key.NodePrivate
	client         *derp.Client
	conn           net.Conn
	recorded       *recordedConn
	mu             sync.Mutex
	sent, got      []string
}

func connect(server *derpserver.Server, name string, private key.NodePrivate, address, ideal, settings string, options ...derp.ClientOpt) *participant {
	ours, theirs := net.Pipe()
	p := &participant{name: name, settings: settings, private: private, conn: ours, recorded: &recordedConn{Conn: theirs}}
	ctx := derpserver.IdealNodeContextKey.WithValue(context.Background(), ideal)
	go server.Accept(ctx, p.recorded, bufio.NewReadWriter(bufio.NewReader(p.recorded), bufio.NewWriter(p.recorded)), address)
	client, err := derp.NewClient(private, ours, bufio.NewReadWriter(bufio.NewReader(ours), bufio.NewWriter(ours)), func(string, ...any) {}, options...)
	check(err)
	p.client = client
	go p.receive()
	p.await("ServerInfo")
	return p
}

func (p *participant) receive() {
	for {
		message, err := p.client.Recv()
		if err != nil {
			p.note(&p.got, "closed")
			return
		}
		p.note(&p.got, describe(message))
	}
}

func (p *participant) note(list *[]string, line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*list = append(*list, line)
}

// await returns when the client has seen a message that begins so.
func (p *participant) await(beginning string) {
	p.awaitFor(beginning, patience)
}

func (p *participant) awaitFor(beginning string, limit time.Duration) {
	for deadline := time.Now().Add(limit); ; time.Sleep(5 * time.Millisecond) {
		p.mu.Lock()
		for _, line := range p.got {
			if strings.HasPrefix(line, beginning) {
				p.mu.Unlock()
				return
			}
		}
		p.mu.Unlock()
		if time.Now().After(deadline) {
			panic(p.name + " waited in vain for " + beginning)
		}
	}
}

func (p *participant) send(to *participant, packet []byte) {
	p.sendTo(to.private.Public(), packet)
	to.await(fmt.Sprintf("RecvPacket %s %s", text(p.private.Public()), hexOf(packet)))
}

func (p *participant) sendTo(to key.NodePublic, packet []byte) {
	check(p.client.Send(to, packet))
	p.note(&p.sent, fmt.Sprintf("SendPacket %s %s", text(to), hexOf(packet)))
}

func (p *participant) lines() []string {
	p.recorded.mu.Lock()
	defer p.recorded.mu.Unlock()
	lines := []string{
		fmt.Sprintf("connection %s %s %s", p.name, text(p.private), p.settings),
		"> " + hexOf(p.recorded.fromClient), "< " + hexOf(p.recorded.fromServer),
	}
	for _, line := range p.sent {
		lines = append(lines, "sent "+line)
	}
	for _, line := range p.got {
		if line != "closed" {
			lines = append(lines, "got "+line)
		}
	}
	return lines
}

func pattern(length int) []byte {
	b := make([]byte, length)
	for i := range b {
		b[i] = byte(3*i + length)
	}
	return b
}

// sessions lets clients of every kind do everything that the protocol has, at one server. The settings behind a
// connection's key are what its introduction must say: can ack pings, prober, app name, mesh key.
func sessions() []string {
	server := newServer()
	mesh, err := key.ParseDERPMesh(meshKeyText)
	check(err)
	watcher := connect(server, "watcher", numberedKey(0x10), "192.0.2.1:4001", "", "false false - "+meshKeyText, derp.MeshKey(mesh))
	check(watcher.client.WatchConnectionChanges())
	watcher.note(&watcher.sent, "WatchConns")
	watcher.await("PeerPresent " + text(watcher.private.Public()))

	alice := connect(server, "alice", numberedKey(0x21), "203.0.113.7:1234", "", "true false - -", derp.CanAckPings(true))
	bob := connect(server, "bob", numberedKey(0x32), "[2001:db8::7]:51820", "", "true true - -", derp.CanAckPings(true), derp.IsProber(true))
	carol := connect(server, "carol", numberedKey(0x43), "198.51.100.9:65535", "elsewhere", "false false 612074657374 -", derp.AppName("a test"))
	for _, p := range []*participant{alice, bob, carol} {
		watcher.await("PeerPresent " + text(p.private.Public()))
	}

	for _, length := range []int{0, 1, 31, 32, 200} {
		alice.send(bob, pattern(length))
		bob.send(alice, pattern(length+1))
	}
	for _, preferred := range []bool{true, false} {
		check(alice.client.NotePreferred(preferred))
		alice.note(&alice.sent, fmt.Sprintf("NotePreferred %t", preferred))
	}
	ping := [8]byte{1, 2, 3, 4, 0xfd, 0xfe, 0xff, 0}
	check(alice.client.SendPing(ping))
	alice.note(&alice.sent, "Ping "+hexOf(ping[:]))
	alice.await("Pong " + hexOf(ping[:]))
	check(alice.client.SendPong(ping))
	alice.note(&alice.sent, "Unknown 19 "+hexOf(ping[:])) // a server knows no pong

	disco := append([]byte("TS\xf0\x9f\x92\xac"), pattern(100)...)
	nobody := numberedKey(0x70).Public()
	alice.sendTo(nobody, disco)
	alice.await(fmt.Sprintf("PeerGone %s 1", text(nobody)))

	forwarded := pattern(77)
	forwardPacket(watcher.client, nobody, alice.private.Public(), forwarded)
	watcher.note(&watcher.sent, fmt.Sprintf("ForwardPacket %s %s %s", text(nobody), text(alice.private.Public()), hexOf(forwarded)))
	alice.await(fmt.Sprintf("RecvPacket %s %s", text(nobody), hexOf(forwarded)))

	check(watcher.client.ClosePeer(carol.private.Public()))
	watcher.note(&watcher.sent, "ClosePeer "+text(carol.private.Public()))
	carol.await("closed")
	watcher.await(fmt.Sprintf("PeerGone %s 0", text(carol.private.Public())))
	check(bob.conn.Close())
	alice.await(fmt.Sprintf("PeerGone %s 0", text(bob.private.Public())))
	watcher.await(fmt.Sprintf("PeerGone %s 0", text(bob.private.Public())))

	alice.awaitFor("KeepAlive", 80*time.Second)
	check(server.Close())
	var lines []string
	for _, p := range []*participant{watcher, alice, bob, carol} {
		p.await("closed")
		lines = append(lines, p.lines()...)
	}
	return lines
}
