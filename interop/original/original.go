// Package original builds programs of the Go original, of the release that go.mod names.
package original

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

const module = "tailscale.com"

// derperVariable names a derper that is built already.
const derperVariable = "DERP4J_ORIGINAL_DERPER"

// Derper is the original's relay: the one that DERP4J_ORIGINAL_DERPER names, or one that is built now.
func Derper() (string, error) {
	if path := os.Getenv(derperVariable); path != "" {
		return filepath.Abs(path)
	}
	return single("derper")
}

// Derpprobe is the original's prober.
func Derpprobe() (string, error) {
	return single("derpprobe")
}

func single(name string) (string, error) {
	dir, err := Build("", name)
	return filepath.Join(dir, name), err
}

var building sync.Mutex

// Build returns a folder in the user's cache with these programs of cmd/, built with these tags if they are not there
// yet. It is kept for the next run.
func Build(tags string, names ...string) (string, error) {
	building.Lock()
	defer building.Unlock()
	version, err := run("go", "list", "-m", "-f", "{{.Version}}", module)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	parent := filepath.Join(cache, "derp4j-interop")
	key := []string{version, runtime.Version(), runtime.GOOS, runtime.GOARCH}
	if tags != "" {
		key = append(key, tags)
	}
	dir := filepath.Join(parent, strings.Join(key, "-"))
	var missing []string
	for _, name := range names {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || !info.Mode().IsRegular() {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
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
	fmt.Fprintf(os.Stderr, "building %s %s of the Go original, once\n", strings.Join(missing, " and "), version)
	args := []string{"build", "-tags", tags, "-o", work + string(filepath.Separator)}
	for _, name := range missing {
		args = append(args, module+"/cmd/"+name)
	}
	if _, err := run("go", args...); err != nil {
		return "", err
	}
	for _, name := range missing {
		if err := os.Rename(filepath.Join(work, name), filepath.Join(dir, name)); err != nil {
			return "", err
		}
	}
	return dir, nil
}

func run(name string, args ...string) (string, error) {
	output, err := exec.Command(name, args...).CombinedOutput()
	text := strings.TrimSpace(string(output))
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, text)
	}
	return text, nil
}
