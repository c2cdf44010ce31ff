package tailnet

import (
	"os"
	"os/exec"
	"testing"

	"derp4j.dev/interop/original"
)

const (
	// A tailscaled whose relay does not answer looks for captive portals at addresses on the Internet; tests shall not.
	// All else is in.
	buildTags = "ts_omit_captiveportal"
	// programsVariable hands the folder of the built programs, or what kept them from being built, to the copy of the
	// test binary in the namespace.
	programsVariable = "DERP4J_TAILNET_PROGRAMS"
	problemVariable  = "DERP4J_TAILNET_PROBLEM"
)

// programs is the folder with tailscale and tailscaled. Empty: there are none, for the reason in programsProblem.
var (
	programs        string
	programsProblem string
)

// buildPrograms puts tailscale and tailscaled into a folder in the user's cache that is kept for the next run.
func buildPrograms() {
	dir, err := original.Build(buildTags, "tailscale", "tailscaled")
	os.Setenv(programsVariable, dir)
	if err != nil {
		os.Setenv(problemVariable, err.Error())
	}
}

// adoptPrograms takes over what buildPrograms left in the environment, and takes it out of there.
func adoptPrograms() error {
	programs, programsProblem = os.Getenv(programsVariable), os.Getenv(problemVariable)
	os.Unsetenv(problemVariable)
	return os.Unsetenv(programsVariable)
}

// needPrograms skips the test where there is no Go to build them with; that they do not build is a failure.
func needPrograms(t *testing.T) {
	t.Helper()
	if programs != "" {
		return
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("SKIPPED: needs Go to build tailscaled")
	}
	t.Fatal(programsProblem)
}
