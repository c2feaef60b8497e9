// Heapd is a small service whose heap is known in advance: an in-memory session store that holds a set number of live
// bytes and allocates a set number of bytes for every request. gctune measures it to find out whether gctune measures right.
//
// It runs on Go 1.19 and newer and uses the standard library only. See heapd -help for the flags.
package main

import (
	"context"
	"errors"
	"expvar"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stderr))
}

// run serves until it is told to stop and returns the exit code: 0 after SIGTERM or SIGINT, 2 for bad flags.
func run(args []string, stderr io.Writer) int {
	started := time.Now()
	config, err := parseConfig(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if config.crashAtStart {
		panic("heapd: crash asked for with --crash-at-start")
	}
	if config.gogcOverride.value != nil {
		debug.SetGCPercent(*config.gogcOverride.value)
	}

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)

	listener, err := net.Listen("tcp", config.listen)
	if err != nil {
		fmt.Fprintf(stderr, "heapd: %v\n", err)
		return 1
	}
	s := newServer(config, started)
	expvar.Publish("heapd", expvar.Func(func() any { return s.describe() }))
	httpServer := &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      5 * time.Minute, // CPU profiles take as long as they are asked to.
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(stderr, "heapd: ", 0),
	}
	failed := make(chan error, 2)
	go func() { failed <- httpServer.Serve(listener) }()
	if config.admin != "" {
		adminListener, err := net.Listen("tcp", config.admin)
		if err != nil {
			fmt.Fprintf(stderr, "heapd: %v\n", err)
			return 1
		}
		mux := http.NewServeMux()
		s.addDebug(mux)
		admin := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
		defer admin.Close()
		go func() { failed <- admin.Serve(adminListener) }()
	}

	ready := make(chan struct{})
	if !config.neverReady {
		go func() {
			s.fill()
			close(ready)
		}()
	}
	var exit, leak, fragment <-chan time.Time
	for {
		select {
		case <-ready:
			ready = nil
			fmt.Fprintf(stderr, "heapd ready on %s\n", listener.Addr())
			if config.exitAfter > 0 {
				exit = time.After(config.exitAfter)
			}
			if config.leak > 0 {
				ticker := time.NewTicker(leakInterval)
				defer ticker.Stop()
				leak = ticker.C
			}
			if config.fragment > 0 {
				ticker := time.NewTicker(fragmentInterval)
				defer ticker.Stop()
				fragment = ticker.C
			}
		case <-leak:
			s.leakOnce()
		case <-fragment:
			fragmentOnce(int64(config.fragment) * int64(fragmentInterval/time.Second))
		case <-exit:
			fmt.Fprintln(stderr, "heapd: exit asked for with --exit-after")
			return 3
		case err := <-failed:
			fmt.Fprintf(stderr, "heapd: %v\n", err)
			return 1
		case <-signals:
			if config.ignoreSIGTERM {
				continue
			}
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			if httpServer.Shutdown(ctx) != nil {
				_ = httpServer.Close()
			}
			return 0
		}
	}
}

func newServer(c config, started time.Time) *server {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return &server{config: c, started: started, baseBytes: stats.HeapAlloc}
}

// fill allocates the live heap, burns start-up time if asked to, and lets requests in.
func (s *server) fill() {
	service := &service{
		store:        newStore(s.config.layout()),
		defaults:     workRequest{Garbage: int64(s.config.garbage), CPU: s.config.cpuIterations},
		garbageChunk: int64(s.config.garbageChunk),
	}
	if s.config.startupBurn > 0 {
		service.burn(s.config.startupBurn)
	}
	if s.config.returned > 0 {
		holdAndDrop(int64(s.config.returned))
		debug.FreeOSMemory()
	}
	s.service.Store(service)
}

// burn replaces sessions as fast as it can at a GOGC of 10, so that far more of the start-up than of the service goes to
// the collector. The GOGC that was set before is set again afterwards.
func (s *service) burn(duration time.Duration) {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	end := time.Now().Add(duration)
	for i := int64(0); time.Now().Before(end); i++ {
		s.touch(i%s.sessions, true)
	}
}

const leakInterval = 50 * time.Millisecond

// leaked memory is kept here, where the collector finds it.
var leakedMemory [][]byte

// leakOnce loses what is due for one interval. Every page is written to, so that it is resident.
func (s *server) leakOnce() {
	size := int64(s.config.leak) * int64(leakInterval) / int64(time.Second)
	piece := make([]byte, size)
	for i := 0; i < len(piece); i += 4096 {
		piece[i] = 1
	}
	leakedMemory = append(leakedMemory, piece)
	s.leaked.Add(size)
}
