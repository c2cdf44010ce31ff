package tailnet

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/proxy"
)

const transferTimeout = 60 * time.Second

// transfer sends bytes from one node to the other and compares what came out there. It returns the time from the first
// byte to the receiver's word that it has the last.
func transfer(t *testing.T, from, to *node, size int64) time.Duration {
	t.Helper()
	service := listen(t, func(conn net.Conn) error {
		hash := sha256.New()
		if _, err := io.CopyN(hash, conn, size); err != nil {
			return err
		}
		_, err := conn.Write(hash.Sum(nil))
		return err
	})
	conn := dial(t, from, to, service)
	conn.SetDeadline(time.Now().Add(transferTimeout))

	start := time.Now()
	sent := sha256.New()
	noise := rand.NewChaCha8(sha256.Sum256([]byte(t.Name())))
	if _, err := io.CopyN(io.MultiWriter(conn, sent), noise, size); err != nil {
		t.Fatalf("sending to %s: %v", to.name, err)
	}
	received := make([]byte, sha256.Size)
	if _, err := io.ReadFull(conn, received); err != nil {
		t.Fatalf("waiting for %s to have it all: %v", to.name, err)
	}
	took := time.Since(start)
	if !bytes.Equal(received, sent.Sum(nil)) {
		t.Errorf("%s received other bytes than %s sent", to.name, from.name)
	}
	return took
}

// echo is a connection through the tailnet that stays open.
type echo struct {
	conn net.Conn
}

func openEcho(t *testing.T, from, to *node) *echo {
	t.Helper()
	return &echo{dial(t, from, to, listen(t, func(conn net.Conn) error {
		_, err := io.Copy(conn, conn)
		return err
	}))}
}

// say sends a text and waits for it to come back.
func (e *echo) say(text string, timeout time.Duration) error {
	e.conn.SetDeadline(time.Now().Add(timeout))
	if _, err := io.WriteString(e.conn, text); err != nil {
		return err
	}
	answer := make([]byte, len(text))
	if _, err := io.ReadFull(e.conn, answer); err != nil {
		return err
	}
	if string(answer) != text {
		return fmt.Errorf("said %q, heard %q", text, answer)
	}
	return nil
}

// listen serves one connection on 127.0.0.1 and returns the port.
func listen(t *testing.T, serve func(net.Conn) error) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		// Where the tailnet is broken, nobody tells this end that the other is gone.
		stop := context.AfterFunc(t.Context(), func() { conn.Close() })
		defer stop()
		defer conn.Close()
		if err := serve(conn); err != nil && t.Context().Err() == nil {
			t.Logf("receiving end: %v", err)
		}
	})
	t.Cleanup(func() {
		listener.Close()
		served.Wait()
	})
	return listener.Addr().(*net.TCPAddr).Port
}

// dial connects to a port of the other node, through the proxy of the first.
func dial(t *testing.T, from, to *node, port int) net.Conn {
	t.Helper()
	dialer, err := proxy.SOCKS5("tcp", from.proxy, nil, &net.Dialer{Timeout: transferTimeout})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := dialer.Dial("tcp", net.JoinHostPort(to.ip.String(), strconv.Itoa(port)))
	if err != nil {
		t.Fatalf("connecting from %s to %s: %v", from.name, to.name, err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}
