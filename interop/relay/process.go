package relay

import (
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// process is one run of the relay. It leads a process group of its own, so that what a launcher script started can be
// ended with it.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
}

func startProcess(cmd *exec.Cmd, env []string, log *logBuffer) (*process, error) {
	cmd.Env = env
	cmd.Stdout = log
	cmd.Stderr = log
	// A launcher's leftover child that holds the pipe open shall not keep Wait from returning.
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = childAttributes()
	if err := onParentThread(cmd.Start); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

func (p *process) exited() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// stop returns the exit status, or -1 if the process had to be killed.
func (p *process) stop(timeout time.Duration) int {
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(timeout):
		p.kill()
		return -1
	}
}

func (p *process) kill() {
	// Not after the process was waited for: its id may belong to another by then.
	if !p.exited() {
		syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	}
	<-p.done
}

// The system ends a child when the *thread* that started it ends. All are started from one thread that never does, so
// that relays end with this test process, however it ends, and not before.
var parentThread = sync.OnceValue(func() chan func() {
	calls := make(chan func())
	go func() {
		runtime.LockOSThread()
		for call := range calls {
			call()
		}
	}()
	return calls
})

func onParentThread(call func() error) error {
	result := make(chan error)
	parentThread() <- func() { result <- call() }
	return <-result
}
