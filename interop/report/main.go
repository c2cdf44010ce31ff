// Command report reads what `go test -json` prints, shows failures with their output and skipped tests with their reason,
// and counts. Its exit status is 1 if anything failed.
//
//	go test -json ./... | report
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// event is one line of `go test -json`.
type event struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Output     string
}

type testName struct {
	pkg, test string
}

type tally struct {
	passed, failed, skipped int
}

func (t *tally) add(other tally) {
	t.passed += other.passed
	t.failed += other.failed
	t.skipped += other.skipped
}

func (t tally) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", t.passed, t.failed, t.skipped)
}

// report gathers events. A test that ran others is not counted itself, unless it alone failed.
type report struct {
	out       io.Writer
	output    map[testName][]string
	parents   map[testName]bool
	finished  map[testName]string
	packages  []string
	byPackage map[string]*tally
}

func newReport(out io.Writer) *report {
	return &report{
		out:       out,
		output:    map[testName][]string{},
		parents:   map[testName]bool{},
		finished:  map[testName]string{},
		byPackage: map[string]*tally{},
	}
}

func main() {
	r := newReport(os.Stdout)
	if err := r.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if total := r.finish(); total.failed > 0 {
		os.Exit(1)
	}
}

func (r *report) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			r.line(line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *report) line(line []byte) {
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		// Not from the tests: a message of the go command.
		fmt.Fprintf(r.out, "%s", line)
		return
	}
	name := testName{e.Package, e.Test}
	switch e.Action {
	case "start":
		r.tallyOf(e.Package)
	case "run":
		for i, c := range e.Test {
			if c == '/' {
				r.parents[testName{e.Package, e.Test[:i]}] = true
			}
		}
	case "output":
		r.output[name] = append(r.output[name], e.Output)
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "pass", "fail", "skip":
		r.end(name, e.Action)
	}
}

func (r *report) tallyOf(pkg string) *tally {
	if r.byPackage[pkg] == nil {
		r.byPackage[pkg] = &tally{}
		r.packages = append(r.packages, pkg)
	}
	return r.byPackage[pkg]
}

func (r *report) end(name testName, action string) {
	if name.test == "" {
		r.endPackage(name, action)
		return
	}
	r.finished[name] = action
	if action == "fail" {
		fmt.Fprintf(r.out, "FAILED %s %s\n%s", name.pkg, name.test, strings.Join(r.output[name], ""))
	}
	counts := r.tallyOf(name.pkg)
	switch {
	case action == "fail" && (!r.parents[name] || !r.hasFailedChild(name)):
		counts.failed++
	case r.parents[name]:
	case action == "pass":
		counts.passed++
	case action == "skip":
		counts.skipped++
		fmt.Fprintf(r.out, "skipped %s %s: %s\n", name.pkg, name.test, reason(r.output[name]))
	}
	delete(r.output, name)
}

// endPackage notices what ended without the failure of a test: a panic, a timeout, a package that does not build.
func (r *report) endPackage(name testName, action string) {
	counts := r.tallyOf(name.pkg)
	if action == "fail" && counts.failed == 0 {
		counts.failed++
		fmt.Fprintf(r.out, "FAILED %s\n%s", name.pkg, strings.Join(r.output[name], ""))
		for test, output := range r.output {
			if test.pkg == name.pkg && test.test != "" {
				fmt.Fprintf(r.out, "unfinished: %s\n%s", test.test, strings.Join(output, ""))
			}
		}
	}
	if tests := *counts; tests != (tally{}) {
		fmt.Fprintf(r.out, "%s: %v\n", name.pkg, tests)
	}
}

func (r *report) hasFailedChild(parent testName) bool {
	for name, action := range r.finished {
		if action == "fail" && name.pkg == parent.pkg && strings.HasPrefix(name.test, parent.test+"/") {
			return true
		}
	}
	return false
}

func (r *report) finish() tally {
	var total tally
	for _, pkg := range slices.Sorted(slices.Values(r.packages)) {
		total.add(*r.byPackage[pkg])
	}
	fmt.Fprintln(r.out, total)
	return total
}

// reason is what a test said when it was skipped.
func reason(output []string) string {
	for _, line := range output {
		if _, said, found := strings.Cut(line, "SKIPPED"); found {
			return "SKIPPED" + strings.TrimRight(said, "\n")
		}
	}
	return "no reason given"
}
