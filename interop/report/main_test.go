package main

import (
	"strings"
	"testing"
)

func TestTestsAreCountedAndTheirParentsAreNot(t *testing.T) {
	for _, c := range []struct{ name, events, last string }{
		{"nothing", ``, "0 passed, 0 failed, 0 skipped"},
		{"one of each", `
{"Action":"run","Package":"p","Test":"A"}
{"Action":"pass","Package":"p","Test":"A"}
{"Action":"run","Package":"p","Test":"B"}
{"Action":"fail","Package":"p","Test":"B"}
{"Action":"run","Package":"p","Test":"C"}
{"Action":"output","Package":"p","Test":"C","Output":"    x.go:1: SKIPPED: no reason\n"}
{"Action":"skip","Package":"p","Test":"C"}
{"Action":"fail","Package":"p"}`, "1 passed, 1 failed, 1 skipped"},
		{"parent with slashes in the names", `
{"Action":"run","Package":"p","Test":"A"}
{"Action":"run","Package":"p","Test":"A/b/c"}
{"Action":"pass","Package":"p","Test":"A/b/c"}
{"Action":"run","Package":"p","Test":"A/d"}
{"Action":"fail","Package":"p","Test":"A/d"}
{"Action":"fail","Package":"p","Test":"A"}
{"Action":"fail","Package":"p"}`, "1 passed, 1 failed, 0 skipped"},
		{"parent that failed by itself", `
{"Action":"run","Package":"p","Test":"A"}
{"Action":"run","Package":"p","Test":"A/b"}
{"Action":"pass","Package":"p","Test":"A/b"}
{"Action":"fail","Package":"p","Test":"A"}
{"Action":"fail","Package":"p"}`, "1 passed, 1 failed, 0 skipped"},
		{"package that does not build", `
{"ImportPath":"p","Action":"build-output","Output":"x.go:1: what?\n"}
{"ImportPath":"p","Action":"build-fail"}
{"Action":"start","Package":"p"}
{"Action":"fail","Package":"p","FailedBuild":"p"}`, "0 passed, 1 failed, 0 skipped"},
		{"timeout in a test", `
{"Action":"run","Package":"p","Test":"A"}
{"Action":"output","Package":"p","Test":"A","Output":"panic: test timed out\n"}
{"Action":"fail","Package":"p"}`, "0 passed, 1 failed, 0 skipped"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			r := newReport(&out)
			if err := r.read(strings.NewReader(strings.TrimSpace(c.events))); err != nil {
				t.Fatal(err)
			}
			r.finish()
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			if got := lines[len(lines)-1]; got != c.last {
				t.Errorf("%q, want %q", got, c.last)
			}
			if strings.Contains(c.events, "panic") && !strings.Contains(out.String(), "test timed out") {
				t.Errorf("the panic is not shown:\n%s", &out)
			}
		})
	}
}
