package fault

import (
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	patience = 10 * time.Second
	moment   = 50 * time.Millisecond
)

// pair is a connection through a proxy, seen from both ends.
type pair struct {
	t              *testing.T
	listener       net.Listener
	proxy          *Proxy
	client, server net.Conn
}

func connected(t *testing.T) *pair {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close(); proxy.Close() })
	p := &pair{t: t, listener: listener, proxy: proxy}
	p.client = p.dial()
	proxy.Target(listener.Addr().String())
	p.server = p.accept()
	return p
}

func (p *pair) dial() net.Conn {
	p.t.Helper()
	conn, err := net.DialTimeout("tcp", p.proxy.listener.Addr().String(), patience)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return conn
}

func (p *pair) accept() net.Conn {
	p.t.Helper()
	p.listener.(*net.TCPListener).SetDeadline(time.Now().Add(patience))
	conn, err := p.listener.Accept()
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return conn
}

func (p *pair) say(conn net.Conn, text string) {
	p.t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pair) hear(conn net.Conn, want string) {
	p.t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != want {
		p.t.Fatalf("heard %q, %v; want %q", got, err, want)
	}
}

func (p *pair) silent(conn net.Conn) {
	p.t.Helper()
	conn.SetReadDeadline(time.Now().Add(moment))
	var timeout net.Error
	if n, err := conn.Read(make([]byte, 1)); !errors.As(err, &timeout) || !timeout.Timeout() {
		p.t.Fatalf("heard %d bytes, %v; want silence", n, err)
	}
	conn.SetReadDeadline(time.Now().Add(patience))
}

func (p *pair) wasReset(conn net.Conn) {
	p.t.Helper()
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		p.t.Fatalf("reading ends with %v, want a reset", err)
	}
}

func TestBytesAndEndsPassBothWays(t *testing.T) {
	p := connected(t)
	long := strings.Repeat("0123456789abcdef", 1<<16)
	go io.WriteString(p.client, long)
	p.hear(p.server, long)
	p.say(p.server, "answer")
	p.hear(p.client, "answer")
	p.client.(*net.TCPConn).CloseWrite()
	if rest, err := io.ReadAll(p.server); err != nil || len(rest) > 0 {
		t.Errorf("%q, %v", rest, err)
	}
	p.say(p.server, "rest")
	p.server.Close()
	p.hear(p.client, "rest")
	if _, err := p.client.Read(make([]byte, 1)); err != io.EOF {
		t.Error(err)
	}
}

func TestCutResetsWhatIsOpenAndRefuseWhatComes(t *testing.T) {
	p := connected(t)
	p.proxy.Refuse()
	p.wasReset(p.dial())
	p.say(p.client, "x")
	p.hear(p.server, "x")
	p.proxy.Cut()
	p.wasReset(p.client)
	p.wasReset(p.server)
	p.proxy.Heal()
	next := p.dial()
	p.say(next, "y")
	p.hear(p.accept(), "y")
}

func TestSwallowedBytesAndEndsVanishUntilHealed(t *testing.T) {
	p := connected(t)
	p.proxy.Swallow(ToServer)
	p.say(p.client, "lost")
	p.say(p.server, "heard")
	p.hear(p.client, "heard")
	newcomer := p.dial()
	p.say(newcomer, "lost")
	p.client.Close()
	p.silent(p.server)
	if open := p.proxy.Open(); open != 2 {
		t.Errorf("%d open, want 2", open)
	}
	p.proxy.Heal()
	p.wasReset(p.server)
	p.wasReset(newcomer)
}

func TestHealLeavesAloneWhatLostNothing(t *testing.T) {
	p := connected(t)
	p.proxy.Swallow()
	p.proxy.Heal()
	p.say(p.client, "x")
	p.hear(p.server, "x")
}

func TestHeldAndDelayedBytesArriveWhole(t *testing.T) {
	p := connected(t)
	p.proxy.Hold(ToServer)
	p.say(p.client, "held")
	p.silent(p.server)
	p.proxy.Heal()
	p.hear(p.server, "held")

	start := time.Now()
	p.proxy.Delay(4*moment, ToServer)
	p.say(p.client, "delayed")
	p.hear(p.server, "delayed")
	if took := time.Since(start); took < 4*moment {
		t.Errorf("it took %v", took)
	}
	p.proxy.Delay(time.Hour)
	p.say(p.client, "late")
	p.silent(p.server)
	p.proxy.Heal()
	p.hear(p.server, "late")
}

func TestWhoeverSendsToOneThatDoesNotReadIsBlocked(t *testing.T) {
	p := connected(t)
	p.proxy.Hold(ToServer)
	p.client.SetWriteDeadline(time.Now().Add(10 * moment))
	if n, err := p.client.Write(make([]byte, 64<<20)); err == nil {
		t.Errorf("%d bytes were taken", n)
	}
}
