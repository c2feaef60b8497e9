package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// One program at a time: what else runs in the container would be measured with it.
var running slot

type slot struct {
	mutex sync.Mutex
	held  bool
}

func (s *slot) take() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.held {
		return false
	}
	s.held = true
	return true
}

func (s *slot) release() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.held = false
}

func (s *slot) isHeld() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.held
}

const (
	// How long the rest of the output of an ended program is waited for, which one that could not be killed may hold open.
	outputTime = 2 * time.Second
	// How long killed processes may take to leave: the kernel keeps one that waits for a device.
	leaveTime = 10 * time.Second
)

// runProgram starts a program, passes on what it writes, and tells how it ended; it returns when nothing of it is left. The program
// lives as long as the connection.
func runProgram(asked request, p *peer, lines *bufio.Reader) error {
	if !running.take() {
		return refuse("busy", "a program runs already")
	}
	var once sync.Once
	release := func() { once.Do(running.release) }
	defer release()
	// Pdeathsig counts the end of the thread that started the child, and the affinity of that thread is inherited. It ends with the goroutine.
	ended := make(chan error, 1)
	begun := make(chan int, 1)
	var output sync.WaitGroup
	var result exited
	go func() {
		runtime.LockOSThread()
		pid, err := startProgram(asked, p, &output)
		if err != nil {
			ended <- err
			return
		}
		p.tell(message{Started: &started{pid}})
		begun <- pid
		result, err = awaitEnd(pid)
		ended <- err
	}()
	var pid int
	select {
	case err := <-ended:
		if err != nil {
			return err
		}
		pid = <-begun
		ended <- nil
	case pid = <-begun:
	}
	own := &group{pid: pid}
	go func() {
		// Whoever asked for it is gone, or has nothing more to say of it.
		defer own.signal(syscall.SIGKILL)
		for {
			next, err := nextRequest(lines)
			if err == io.EOF {
				return
			}
			if err == nil {
				err = deliver(next, own)
			}
			if err != nil {
				p.refuse(err)
			}
		}
	}()
	err := <-ended
	own.forget()
	if err != nil {
		return err
	}
	within(&output, outputTime)
	// Whoever hears of the end may start the next one at once.
	release()
	p.tell(message{Exited: &result})
	return nil
}

// group is a program with what it has started, until its number may be another's.
type group struct {
	mutex sync.Mutex
	pid   int
}

func (g *group) signal(which syscall.Signal) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.pid > 0 {
		// That it has ended meanwhile is told by its end.
		_ = syscall.Kill(-g.pid, which)
	}
}

func (g *group) forget() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.pid = 0
}

// deliver signals the program.
func deliver(asked request, own *group) error {
	if asked.Do != "signal" {
		return refuse("busy", "a program was started on this connection, which can only be signalled: %q", asked.Do)
	}
	which, known := signals[asked.Signal]
	if !known {
		return refuse("unknown-signal", "%q is no signal that is sent to a program", asked.Signal)
	}
	own.signal(which)
	return nil
}

func startProgram(asked request, p *peer, output *sync.WaitGroup) (int, error) {
	if len(asked.Argv) == 0 || asked.Argv[0] == "" {
		return 0, refuse("bad-request", "there is no program in argv")
	}
	env := environment(asked.Env)
	directory := asked.Directory
	if directory == "" {
		directory, _ = os.Getwd()
	}
	path, err := findProgram(asked.Argv[0], directory, env)
	if err != nil {
		return 0, refuse("cannot-start", "%s: %s", asked.Argv[0], err)
	}
	for _, folder := range emptied {
		if err := empty(folder); err != nil {
			return 0, refuse("cannot-empty", "what an earlier program left could not be removed: %s", err)
		}
	}
	if err := setAffinity(asked.Cpus); err != nil {
		return 0, err
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	outRead, outWrite, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer outWrite.Close()
	errRead, errWrite, err := os.Pipe()
	if err != nil {
		outRead.Close()
		return 0, err
	}
	defer errWrite.Close()
	pid, err := syscall.ForkExec(path, asked.Argv, &syscall.ProcAttr{
		Dir:   directory,
		Env:   env,
		Files: []uintptr{null.Fd(), outWrite.Fd(), errWrite.Fd()},
		Sys:   &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	if err != nil {
		outRead.Close()
		errRead.Close()
		return 0, refuse("cannot-start", "%s: %s", path, err)
	}
	output.Add(2)
	go pass(outRead, output, func(b []byte) { p.tell(message{Stdout: b}) })
	go pass(errRead, output, func(b []byte) { p.tell(message{Stderr: b}) })
	return pid, nil
}

// environment is that of the container with what is asked for in the place of its own.
func environment(asked map[string]string) []string {
	var env []string
	for _, each := range os.Environ() {
		name, _, _ := strings.Cut(each, "=")
		if _, replaced := asked[name]; !replaced {
			env = append(env, each)
		}
	}
	for name, value := range asked {
		env = append(env, name+"="+value)
	}
	return env
}

// findProgram looks where a shell in that directory with that environment would.
func findProgram(name, directory string, env []string) (string, error) {
	if strings.Contains(name, "/") {
		if !filepath.IsAbs(name) {
			name = filepath.Join(directory, name)
		}
		return name, nil
	}
	for _, each := range env {
		if !strings.HasPrefix(each, "PATH=") {
			continue
		}
		for _, folder := range filepath.SplitList(each[len("PATH="):]) {
			if found, err := exec.LookPath(filepath.Join("/", folder, name)); err == nil {
				return found, nil
			}
		}
	}
	return "", syscall.ENOENT
}

// setAffinity puts this thread, and so what it starts, on CPUs; none: where it is.
func setAffinity(cpus []int) error {
	if len(cpus) == 0 {
		return nil
	}
	var mask [1024 / 64]uint64
	for _, cpu := range cpus {
		if cpu < 0 || cpu >= 1024 {
			return refuse("bad-request", "%d is not the number of a CPU", cpu)
		}
		mask[cpu/64] |= 1 << (cpu % 64)
	}
	_, _, errno := syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, 0, unsafe.Sizeof(mask), uintptr(unsafe.Pointer(&mask)))
	if errno != 0 {
		return refuse("cannot-pin", "the container may not run on CPUs %v: %s", cpus, errno)
	}
	return nil
}

// pass hands on what is written until all that hold the pipe open have ended.
func pass(from *os.File, output *sync.WaitGroup, tell func([]byte)) {
	defer output.Done()
	defer from.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			tell(buffer[:n])
		}
		if err != nil {
			return
		}
	}
}

// awaitEnd waits for the program, ends all that it has started, and reaps all of it.
func awaitEnd(pid int) (exited, error) {
	var result exited
	for {
		var status syscall.WaitStatus
		var usage syscall.Rusage
		// Of any child: orphans have become ours.
		who, err := syscall.Wait4(-1, &status, 0, &usage)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return result, err
		}
		if who != pid {
			continue
		}
		result.CPUSeconds = seconds(usage.Utime) + seconds(usage.Stime)
		if status.Signaled() {
			name := signalName(status.Signal())
			result.Signal = &name
		} else {
			code := status.ExitStatus()
			result.Code = &code
		}
		break
	}
	for end := time.Now().Add(leaveTime); ; time.Sleep(2 * time.Millisecond) {
		killDescendants()
		for {
			who, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
			if err == syscall.ECHILD {
				return result, nil
			}
			if err != syscall.EINTR && who <= 0 {
				break
			}
		}
		if time.Now().After(end) {
			return result, refuse("not-killable", "something that the program has started does not end although it was killed")
		}
	}
}

func seconds(t syscall.Timeval) float64 { return float64(t.Nano()) / 1e9 }

// within waits for all of a group, at most so long.
func within(group *sync.WaitGroup, most time.Duration) {
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(most):
	}
}
