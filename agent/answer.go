package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

// protocol is counted up when an older gctune could not understand what is said.
const protocol = 1

// longestRequest bounds what is kept of a line: arguments and environment of a program fit in it (ARG_MAX is 2 MiB).
const longestRequest = 4 << 20

// request is what is asked, a line of JSON each. The first on a connection is `look` or `start`, those after a start are `signal`.
type request struct {
	Do        string            `json:"do"`
	Argv      []string          `json:"argv,omitempty"`
	Env       map[string]string `json:"env,omitempty"`
	Directory string            `json:"directory,omitempty"`
	Cpus      []int             `json:"cpus,omitempty"`
	Signal    string            `json:"signal,omitempty"`
}

// message is what is answered, a line of JSON each; one of the fields is set.
type message struct {
	Looked  *looked  `json:"looked,omitempty"`
	Started *started `json:"started,omitempty"`
	Stdout  []byte   `json:"stdout,omitempty"`
	Stderr  []byte   `json:"stderr,omitempty"`
	Exited  *exited  `json:"exited,omitempty"`
	Error   *refusal `json:"error,omitempty"`
}

type looked struct {
	Protocol int `json:"protocol"`
	// As the agent's own pid namespace, of this inode, numbers it.
	Pid          int    `json:"pid"`
	PidNamespace string `json:"pidNamespace"`
	// Of the image, unless the pod says otherwise.
	Path      string `json:"path"`
	Directory string `json:"directory"`
	Busy      bool   `json:"busy"`
}

type started struct {
	Pid int `json:"pid"`
}

type exited struct {
	Code   *int    `json:"code"`
	Signal *string `json:"signal"`
	// Of the program and of those of its children that it waited for.
	CPUSeconds float64 `json:"cpuSeconds"`
}

// refusal is why something was not done.
type refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (r *refusal) Error() string { return r.Message }

func refuse(code, format string, values ...any) *refusal {
	return &refusal{code, fmt.Sprintf(format, values...)}
}

// peer is who asked, and may be told things by several goroutines.
type peer struct {
	mutex sync.Mutex
	out   io.Writer
}

func (p *peer) tell(m message) {
	line, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	// One that has gone is noticed by who reads from it.
	_, _ = p.out.Write(append(line, '\n'))
}

func (p *peer) refuse(err error) {
	var r *refusal
	if !errors.As(err, &r) {
		r = refuse("failed", "%s", err)
	}
	p.tell(message{Error: r})
}

func answer(connection net.Conn) {
	defer connection.Close()
	p := &peer{out: connection}
	lines := bufio.NewReaderSize(connection, 64<<10)
	asked, err := nextRequest(lines)
	if err == io.EOF {
		return
	}
	if err == nil {
		switch asked.Do {
		case "look":
			p.tell(message{Looked: look()})
			return
		case "start":
			err = runProgram(asked, p, lines)
		case "signal":
			err = refuse("not-started", "nothing was started on this connection")
		default:
			err = refuse("unknown-request", "%q is neither look nor start nor signal", asked.Do)
		}
	}
	if err != nil {
		p.refuse(err)
	}
}

func look() *looked {
	namespace, _ := os.Readlink("/proc/self/ns/pid")
	directory, _ := os.Getwd()
	return &looked{protocol, os.Getpid(), namespace, os.Getenv("PATH"), directory, running.isHeld()}
}

// nextRequest reads a line. io.EOF: there is none; a refusal: it cannot be understood.
func nextRequest(lines *bufio.Reader) (request, error) {
	var line []byte
	for {
		part, err := lines.ReadSlice('\n')
		// Read to its end, so that what follows is understood and the answer is not lost with what was not read.
		if len(line) <= longestRequest {
			line = append(line, part...)
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		// A line without its end was cut off, and says nothing.
		if err != nil {
			return request{}, io.EOF
		}
		break
	}
	if len(line) > longestRequest {
		return request{}, refuse("request-too-long", "a request has more than %d bytes", longestRequest)
	}
	var asked request
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&asked); err != nil {
		return request{}, refuse("bad-request", "a request is no JSON that is understood: %s", err)
	}
	if decoder.More() {
		return request{}, refuse("bad-request", "there is more than one request on a line")
	}
	return asked, nil
}

var signals = map[string]syscall.Signal{
	"SIGTERM": syscall.SIGTERM,
	"SIGINT":  syscall.SIGINT,
	"SIGQUIT": syscall.SIGQUIT,
	"SIGKILL": syscall.SIGKILL,
}
