package tailnet

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// namespaceVariable tells a copy of the test binary what it was started for, see enterNamespace.
const namespaceVariable = "DERP4J_TAILNET_NAMESPACE"

// noNamespace is why the tests run among the machine's own interfaces; nil inside the namespace.
var noNamespace error

// TestMain prepares everything that may need the network, then runs the tests where there is none but their own.
func TestMain(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.list").Value.String() != "" {
		os.Exit(m.Run())
	}
	switch os.Getenv(namespaceVariable) {
	case "probe":
		exitOn(furnishNamespace())
		os.Exit(0)
	case "inside":
		exitOn(errors.Join(furnishNamespace(), adoptPrograms()))
		os.Exit(m.Run())
	}
	buildPrograms()
	wakeRelay()
	cleanEnvironment()
	status, err := enterNamespace()
	if err == nil {
		os.Exit(status)
	}
	noNamespace = err
	fmt.Fprintln(os.Stderr, "tailnet: no network namespace:", err)
	exitOn(adoptPrograms())
	os.Exit(m.Run())
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// needNamespace skips what would use fixed ports or reach out of the machine.
func needNamespace(t *testing.T) {
	t.Helper()
	if noNamespace != nil {
		t.Skipf("SKIPPED: needs a network namespace: %v", noNamespace)
	}
}

// cleanEnvironment takes away what would lead the programs elsewhere, or make them behave unlike a user's.
func cleanEnvironment() {
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		upper := strings.ToUpper(name)
		if strings.HasSuffix(upper, "_PROXY") || strings.HasPrefix(upper, "TS_") || strings.HasPrefix(upper, "SSL_CERT_") {
			os.Unsetenv(name)
		}
	}
}

// wakeRelay gives a launcher the occasion to build the relay while it can still fetch what that needs.
func wakeRelay() {
	command, err := relayCommand()
	if err != nil {
		return // relay.Start will say so
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	wake := exec.CommandContext(ctx, command, "-version")
	if output, err := wake.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "tailnet: %s -version: %v\n%s", filepath.Base(command), err, output)
	}
}

// relayCommand finds the relay as package relay does: DERP4J_DERPER, or the launcher of this checkout.
func relayCommand() (string, error) {
	if command := os.Getenv("DERP4J_DERPER"); command != "" {
		return filepath.Abs(command)
	}
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		launcher := filepath.Join(dir, "derper")
		if _, missing := os.Stat(filepath.Join(dir, "pom.xml")); missing == nil {
			return launcher, nil
		}
		dir = filepath.Dir(dir)
	}
	return "", errors.Join(err, errors.New("no relay to test; set DERP4J_DERPER"))
}
