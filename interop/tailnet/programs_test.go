package tailnet

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const (
	originalModule = "tailscale.com"
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
	dir, err := cachedPrograms()
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

func cachedPrograms() (string, error) {
	version, err := run("go", "list", "-m", "-f", "{{.Version}}", originalModule)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	parent := filepath.Join(cache, "derp4j-interop")
	dir := filepath.Join(parent, strings.Join([]string{version, runtime.Version(), runtime.GOOS, runtime.GOARCH, buildTags}, "-"))
	if isProgram(dir, "tailscale") && isProgram(dir, "tailscaled") {
		return dir, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	// Built aside and moved in whole, so that two runs at a time cannot spoil each other's.
	work, err := os.MkdirTemp(parent, "build-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	fmt.Fprintf(os.Stderr, "tailnet: building tailscale and tailscaled %s, once\n", version)
	if _, err := run("go", "build", "-tags", buildTags, "-o", work+string(filepath.Separator),
		originalModule+"/cmd/tailscale", originalModule+"/cmd/tailscaled"); err != nil {
		return "", err
	}
	for _, name := range []string{"tailscale", "tailscaled"} {
		if err := os.Rename(filepath.Join(work, name), filepath.Join(dir, name)); err != nil {
			return "", err
		}
	}
	return dir, nil
}

func isProgram(dir, name string) bool {
	info, err := os.Stat(filepath.Join(dir, name))
	return err == nil && info.Mode().IsRegular()
}

func run(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	output, err := cmd.CombinedOutput()
	text := strings.TrimSpace(string(output))
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, text)
	}
	return text, nil
}
