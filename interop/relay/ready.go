package relay

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"strconv"
	"time"
)

const probeTimeout = 5 * time.Second

// Await tries the condition until it holds or the time is up, and returns whether it held.
func Await(timeout time.Duration, condition func() bool) bool {
	deadline := time.Now().Add(timeout)
	for pause := time.Millisecond; !condition(); pause = min(2*pause, 50*time.Millisecond) {
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(pause)
	}
	return true
}

// awaitReady returns once the relay has greeted a DERP client and answered a STUN request. The two count in its metrics:
// tests compare metrics with what they were, not with zero.
func (r *Relay) awaitReady(p *process) error {
	var last error
	ready := Await(startTimeout, func() bool {
		last = nil
		if r.Mode != Issued { // Its first client would have a certificate ordered.
			last = r.greet()
		}
		if last == nil {
			last = r.askSTUN()
		}
		if last == nil {
			last = r.knock()
		}
		return last == nil || p.exited()
	})
	switch {
	case p.exited():
		return fmt.Errorf("the relay ended at its start with status %d", p.cmd.ProcessState.ExitCode())
	case !ready:
		return fmt.Errorf("the relay is not ready: %w", last)
	}
	return nil
}

// greet reads the first DERP frame, for the relay's public key, and the certificate's fingerprint on the way.
func (r *Relay) greet() error {
	conn, err := r.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(probeTimeout))
	if _, err := fmt.Fprintf(conn, "GET /derp HTTP/1.1\r\nHost: %s\r\nUpgrade: DERP\r\nConnection: Upgrade\r\nDerp-Fast-Start: 1\r\n\r\n", r.Addr); err != nil {
		return err
	}
	// type 1, length 40 or more, eight magic bytes, key
	var frame [5 + 8 + 32]byte
	if _, err := io.ReadFull(conn, frame[:]); err != nil {
		return err
	}
	if frame[0] != 1 || !bytes.Equal(frame[5:13], []byte("DERP🔑")) {
		return fmt.Errorf("the first bytes are no ServerKey frame: %q", frame)
	}
	r.PublicKey = [32]byte(frame[13:])
	return nil
}

func (r *Relay) dial() (net.Conn, error) {
	dialer := &net.Dialer{Timeout: probeTimeout}
	if r.Mode != TLS && r.Mode != TLSIP {
		return dialer.Dial("tcp", r.Addr)
	}
	config := &tls.Config{ServerName: r.hostname(), RootCAs: r.RootCAs}
	if r.Mode == TLSIP {
		// The pin that is taken here is what the clients of the test verify.
		config = &tls.Config{InsecureSkipVerify: true}
	}
	conn, err := tls.DialWithDialer(dialer, "tcp", r.Addr, config)
	if err != nil {
		return nil, err
	}
	leaf := conn.ConnectionState().PeerCertificates[0]
	r.CertPin = fmt.Sprintf("sha256-raw:%x", sha256.Sum256(leaf.Raw))
	return conn, nil
}

// knock finds out whether the plain HTTP port is open.
func (r *Relay) knock() error {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(r.HTTPPort)), probeTimeout)
	if err == nil {
		conn.Close()
	}
	return err
}

func (r *Relay) askSTUN() error {
	conn, err := net.Dial("udp", r.STUNAddr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write(stunRequest()); err != nil {
		return err
	}
	conn.SetReadDeadline(time.Now().Add(time.Second))
	var answer [128]byte
	n, err := conn.Read(answer[:])
	if err != nil {
		return err
	}
	if n < 20 || binary.BigEndian.Uint16(answer[:]) != 0x0101 {
		return errors.New("the STUN port answers something else")
	}
	return nil
}

// stunRequest is a binding request with the two attributes that DERP relays ask for.
func stunRequest() []byte {
	request := binary.BigEndian.AppendUint16(nil, 0x0001)
	request = binary.BigEndian.AppendUint16(request, 20)
	request = binary.BigEndian.AppendUint32(request, 0x2112A442)
	transaction := make([]byte, 12)
	rand.Read(transaction)
	request = append(request, transaction...)
	request = append(request, "\x80\x22\x00\x08tailnode"...)
	sum := crc32.ChecksumIEEE(request) ^ 0x5354554E
	request = append(request, "\x80\x28\x00\x04"...)
	return binary.BigEndian.AppendUint32(request, sum)
}
