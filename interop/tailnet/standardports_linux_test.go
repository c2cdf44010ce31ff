package tailnet

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/netip"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"tailscale.com/net/captivedetection"
	"tailscale.com/net/netcheck"
	"tailscale.com/tailcfg"
)

// A relay as it is on the Internet: all addresses of both families, HTTPS on 443, HTTP on 80, STUN on 3478. Package
// relay chooses free ports, so this one is started by hand.
func TestNetcheckSeesARelayOnStandardPortsAndNoCaptivePortal(t *testing.T) {
	needNamespace(t)
	pin := startOnStandardPorts(t)
	derpMap := mapWith(tailcfg.DERPNode{
		HostName:  "127.0.0.1",
		IPv4:      "127.0.0.1",
		IPv6:      "::1",
		CertName:  pin,
		CanPort80: true,
	})

	t.Run("over UDP of both families", func(t *testing.T) {
		report := netcheckReport(t, derpMap, nil)
		wantHome(t, report)
		if !report.UDP || report.GlobalV4.Addr() != loopback {
			t.Errorf("UDP %v with the IPv4 address %v, want true with %v", report.UDP, report.GlobalV4, loopback)
		}
		if !report.IPv6 || report.GlobalV6.Addr() != netip.IPv6Loopback() {
			t.Errorf("IPv6 %v with the address %v, want true with %v", report.IPv6, report.GlobalV6, netip.IPv6Loopback())
		}
	})
	t.Run("over HTTPS with the captive-portal check", func(t *testing.T) {
		checked := checkForCaptivePortals(t)
		report := netcheckReport(t, derpMap, &netcheck.GetReportOpts{OnlyTCP443: true})
		wantHome(t, report)
		if !report.CaptivePortal.EqualBool(false) {
			t.Errorf("captive portal: %q, want false", report.CaptivePortal)
		}
		// An endpoint that cannot be reached counts as no portal too; only the log tells.
		if log := checked.String(); strings.Contains(log, "127.0.0.1") {
			t.Errorf("the check did not get its answer from the relay:\n%s", log)
		}
	})
	t.Run("with the challenge answered on port 80", func(t *testing.T) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1/generate_204", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Tailscale-Challenge", "ts_127.0.0.1")
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if got := response.Header.Get("X-Tailscale-Response"); response.StatusCode != http.StatusNoContent || got != "response ts_127.0.0.1" {
			t.Errorf("%s with the response %q", response.Status, got)
		}
	})
}

// checkForCaptivePortals has netcheck look for captive portals with the original's detector, at once and whatever it
// found out by then, and returns what the detector logs.
func checkForCaptivePortals(t *testing.T) *logBuffer {
	log := new(logBuffer)
	start := func(ctx context.Context, c *netcheck.Client, derpMap *tailcfg.DERPMap, preferred int, set func(bool)) (<-chan struct{}, func()) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			detector := captivedetection.NewDetector(func(format string, args ...any) { fmt.Fprintf(log, format+"\n", args...) })
			set(detector.Detect(ctx, c.NetMon, derpMap, preferred))
		}()
		return done, func() {}
	}
	t.Cleanup(netcheck.HookStartCaptivePortalDetection.SetForTest(start))
	return log
}

// startOnStandardPorts returns the CertName of the relay, which makes its certificate itself.
func startOnStandardPorts(t *testing.T) string {
	command, err := relayCommand()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	log := new(logBuffer)
	log.printOnFailure(t, "the relay on standard ports")
	cmd := exec.Command(command, "-a", ":443", "-http-port", "80", "-stun-port", "3478", "-c", filepath.Join(dir, "derper.key"),
		"-certmode", "manual", "-certdir", dir, "-hostname", "127.0.0.1")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.WaitDelay = time.Second
	// A group of its own, for what a launcher starts. Its end comes with that of this goroutine's thread at the latest,
	// so that no relay is left over when the tests are killed.
	runtime.LockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
	})

	var pin string
	if !relay.Await(time.Minute, func() bool {
		pin, err = certificatePin("127.0.0.1:443")
		return err == nil
	}) {
		t.Fatal(err)
	}
	return pin
}

func certificatePin(address string) (string, error) {
	// Whatever certificate this is, the clients under test verify that they see the same.
	conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		return "", err
	}
	defer conn.Close()
	return fmt.Sprintf("sha256-raw:%x", sha256.Sum256(conn.ConnectionState().PeerCertificates[0].Raw)), nil
}
