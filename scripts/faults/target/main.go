// Command faulty is the target of the fault harness: a small HTTP server that misbehaves as its flags say.
package main

import (
	_ "expvar"
	"flag"
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

var (
	listen = flag.String("listen", "127.0.0.1:8080", "`host:port` to serve on")
	mark   = flag.String("mark", "", "`text` by which its processes are found")
	fault  = flag.String("fault", "", "how it misbehaves")
	only   = flag.String("only", "", "it does so with this `GOGC` only")
	after  = flag.Duration("after", 400*time.Millisecond, "how long after it was first asked whether it is ready it does so")
)

var sink [][]byte

func main() {
	flag.Parse()
	bad := *fault
	if *only != "" && os.Getenv("GOGC") != *only {
		bad = ""
	}
	switch bad {
	case "asleep": // the child of "orphan"
		signal.Ignore(syscall.SIGTERM, syscall.SIGHUP)
		time.Sleep(10 * time.Minute)
		return
	case "ignore-term":
		signal.Ignore(syscall.SIGTERM)
	case "daemonise":
		start("asleep", []string{})
		return
	case "orphan", "child":
		env := os.Environ()
		if bad == "orphan" {
			env = []string{}
		}
		start("asleep", env)
	}
	http.HandleFunc("/work", func(w http.ResponseWriter, r *http.Request) {
		piece := make([]byte, 64<<10)
		fmt.Fprint(w, len(piece))
	})
	var asked sync.Once
	http.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) {
		asked.Do(func() { go misbehave(bad) })
		if bad == "not-ready" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	http.Serve(listener, answers(bad))
}

// answers is the server of everything, but that profiles drip or never come where the fault says so.
func answers(bad string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		profile := strings.HasPrefix(r.URL.Path, "/debug/pprof/") && r.URL.Query().Get("debug") != "1"
		for profile && (bad == "drip" || bad == "silent") {
			if bad == "drip" {
				w.Write([]byte{0})
				w.(http.Flusher).Flush()
			}
			select {
			case <-r.Context().Done():
				return
			case <-time.After(time.Second):
			}
		}
		http.DefaultServeMux.ServeHTTP(w, r)
	})
}

// misbehave does what comes over a target in the midst of its life.
func misbehave(bad string) {
	time.Sleep(*after)
	switch bad {
	case "exit-0":
		os.Exit(0)
	case "exit-7":
		fmt.Fprintln(os.Stderr, "giving up")
		os.Exit(7)
	case "panic":
		panic("out of luck")
	case "stop-itself":
		syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case "leak":
		for {
			block := make([]byte, 8<<20)
			for i := 0; i < len(block); i += 4096 {
				block[i] = 1
			}
			sink = append(sink, block)
		}
	case "flood":
		line := strings.Repeat("flood ", 20)
		for {
			fmt.Fprintln(os.Stderr, line)
		}
	}
}

// start runs this program again, in a session of its own.
func start(fault string, env []string) {
	self, err := os.Executable()
	if err == nil {
		_, err = os.StartProcess(self, []string{self, "-fault", fault, "-mark", *mark}, &os.ProcAttr{
			Env: env, Sys: &syscall.SysProcAttr{Setsid: true},
		})
	}
	if err != nil {
		panic(err)
	}
}
