package tailnet

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

// outsideAddress is an address of the namespace that is not a loopback one (from the range for documentation).
const outsideAddress = "192.0.2.1"

// enterNamespace runs this test binary again in a new network namespace and returns its exit status. The namespace is
// nameless and ends with the last process in it. An error means that there can be no namespace and nothing was run.
func enterNamespace() (int, error) {
	if output, err := namespaced("probe").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w: %s", err, strings.TrimSpace(string(output)))
	}
	// The system kills the copy when the thread that started it ends, and that shall not be before this process does.
	runtime.LockOSThread()
	tests := namespaced("inside")
	tests.Stdin, tests.Stdout, tests.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := tests.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil
	}
	return 0, err
}

func namespaced(purpose string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), namespaceVariable+"="+purpose)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	return cmd
}

// furnishNamespace brings up the loopback, and one interface beside it: a machine that has the loopback alone counts as
// offline with Tailscale's clients, and captive portals are looked for on other interfaces only.
func furnishNamespace() error {
	for _, line := range []string{
		"link set lo up",
		"link add outside0 type veth peer name outside1",
		"addr add " + outsideAddress + "/32 dev outside0",
		"link set outside0 up",
		"link set outside1 up",
	} {
		if output, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", line, err, strings.TrimSpace(string(output)))
		}
	}
	return nil
}
