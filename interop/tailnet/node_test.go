package tailnet

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"tailscale.com/client/local"
	"tailscale.com/ipn/ipnstate"
	"tailscale.com/tailcfg"
)

// commandTimeout bounds a single call of the tailscale command.
const commandTimeout = 45 * time.Second

// node is a tailscaled with a state of its own and without a network device: what shall enter the tailnet goes to its
// SOCKS5 proxy, what leaves the tailnet there is handed to the same port of 127.0.0.1.
type node struct {
	name   string
	dir    string
	client *local.Client
	log    *logBuffer
	cmd    *exec.Cmd
	done   chan struct{}
	proxy  string
	ip     netip.Addr
}

var proxyLine = regexp.MustCompile(`SOCKS5 listening on (\S+)`)

// startNode starts a tailscaled that is not logged in yet. The environment is what makes the node different from others.
func startNode(t *testing.T, name string, environment ...string) *node {
	t.Helper()
	// Not t.TempDir: its paths can be too long for a socket.
	dir, err := os.MkdirTemp("", "tailnet-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	n := &node{name: name, dir: dir, log: new(logBuffer), done: make(chan struct{})}
	n.client = &local.Client{Socket: n.socket(), UseSocketOnly: true}
	n.log.printOnFailure(t, name)

	n.cmd = exec.Command(filepath.Join(programs, "tailscaled"), "--tun=userspace-networking", "--statedir="+dir,
		"--socket="+n.socket(), "--port=0", "--socks5-server=127.0.0.1:0", "--no-logs-no-support")
	n.cmd.Env = append(n.environment(), environment...)
	n.cmd.Stdout, n.cmd.Stderr = n.log, n.log
	n.dieWithThisProcess(t)
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		n.cmd.Wait()
		close(n.done)
	}()
	t.Cleanup(func() { n.stop(t) })

	if !relay.Await(commandTimeout, func() bool {
		if match := proxyLine.FindStringSubmatch(n.log.String()); match != nil {
			n.proxy = match[1]
		}
		_, err = n.status()
		return n.exited() || n.proxy != "" && err == nil
	}) || n.exited() {
		t.Fatalf("tailscaled of %s did not start: %v", name, err)
	}
	return n
}

func (n *node) environment() []string {
	return append(os.Environ(),
		"HOME="+n.dir,
		"TS_LOGS_DIR="+n.dir,
		"TS_NO_LOGS_NO_SUPPORT=true",
		"TS_PANIC_IF_HIT_MAIN_CONTROL=1",
		"TS_DISABLE_PORTMAPPER=1",
		// Without a route out of the machine it would wait for the network to come.
		"TS_ASSUME_NETWORK_UP_FOR_TEST=1",
		"TS_DEBUG_LOG_RATE=all",
	)
}

// dieWithThisProcess gives tailscaled the reading end of a pipe that closes when this process ends in whatever way.
func (n *node) dieWithThisProcess(t *testing.T) {
	reading, writing, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		writing.Close()
		reading.Close()
	})
	n.cmd.ExtraFiles = []*os.File{reading}
	n.cmd.Env = append(n.cmd.Env, "TS_PARENT_DEATH_FD=3")
}

func (n *node) stop(t *testing.T) {
	if n.exited() {
		t.Errorf("tailscaled of %s has ended by itself: %v", n.name, n.cmd.ProcessState)
		return
	}
	n.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-n.done:
	case <-time.After(10 * time.Second):
		n.cmd.Process.Kill()
		<-n.done
	}
}

func (n *node) exited() bool {
	select {
	case <-n.done:
		return true
	default:
		return false
	}
}

func (n *node) socket() string {
	return filepath.Join(n.dir, "socket")
}

// tailscale runs the command as a user of this node would, and returns what it printed.
func (n *node) tailscale(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(programs, "tailscale"), append([]string{"--socket=" + n.socket()}, args...)...)
	cmd.Env = n.environment()
	output, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: tailscale %s: %w\n%s", n.name, strings.Join(args, " "), err, output)
	}
	return string(output), nil
}

// up joins the tailnet of the control server.
func (n *node) up(controlURL string) error {
	if _, err := n.tailscale("up", "--login-server="+controlURL, "--hostname="+n.name, "--accept-dns=false", "--timeout=40s"); err != nil {
		return err
	}
	status, err := n.status()
	if err != nil {
		return err
	}
	for _, ip := range status.TailscaleIPs {
		if ip.Is4() {
			n.ip = ip
			return nil
		}
	}
	return fmt.Errorf("%s is up without an IPv4 address: %v", n.name, status.TailscaleIPs)
}

func (n *node) status() (*ipnstate.Status, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return n.client.Status(ctx)
}

// peer is what this node knows of the other.
func (n *node) peer(other *node) (*ipnstate.PeerStatus, error) {
	status, err := n.status()
	if err != nil {
		return nil, err
	}
	for _, peer := range status.Peer {
		for _, ip := range peer.TailscaleIPs {
			if ip == other.ip {
				return peer, nil
			}
		}
	}
	return nil, fmt.Errorf("%s does not know %s", n.name, other.name)
}

// ping asks the other's magicsock (disco) or its WireGuard (TSMP) for an answer.
func (n *node) ping(other *node, kind tailcfg.PingType, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	result, err := n.client.Ping(ctx, other.ip, kind)
	if err != nil {
		return err
	}
	if result.Err != "" {
		return fmt.Errorf("%s", result.Err)
	}
	if kind == tailcfg.PingDisco && result.DERPRegionCode != regionCode {
		return fmt.Errorf("the answer came from %q, region %q", result.Endpoint, result.DERPRegionCode)
	}
	return nil
}
