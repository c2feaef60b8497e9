package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
	"time"
)

// config is what the command line says.
type config struct {
	listen        string
	admin         string
	live          byteSize
	object        byteSize
	pointers      float64
	garbage       byteSize
	garbageChunk  byteSize
	cpuIterations int64
	startupBurn   time.Duration
	endpoints     endpointSet
	heapdump      bool
	gogcOverride  optionalInt

	// Test aids: faults on demand.
	crashAtStart  bool
	neverReady    bool
	exitAfter     time.Duration
	ignoreSIGTERM bool
	leak          byteSize
	fragment      byteSize
	returned      byteSize
}

const usage = `heapd: an in-memory session store whose heap is known in advance.

Live heap, allocation per request and so the heap goal are set by flags, which makes it a target whose
figures can be checked: GET /debug/heapd tells what it computed.

  GET  /healthz                                200 when ready, 503 before
  GET  /work?session=N&garbage=BYTES&cpu=N     reads and replaces a session, makes garbage, uses CPU
  POST /work   {"session":N,"garbage":BYTES,"cpu":N}
  GET  /debug/heapd /debug/vars /debug/pprof/ /metrics /debug/heapdump?gc=1&leak=N&garbage=N

`

// parseConfig reads the arguments. Problems and help go to output; the error is flag.ErrHelp when help was asked for.
func parseConfig(args []string, output io.Writer) (config, error) {
	c := config{
		live:         8 << 20,
		object:       1 << 10,
		garbage:      64 << 10,
		garbageChunk: 4 << 10,
		endpoints:    endpointSet{"heapd": true, "vars": true, "metrics": true, "pprof": true},
	}
	flags := flag.NewFlagSet("heapd", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.Usage = func() {
		fmt.Fprint(output, usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&c.listen, "listen", "127.0.0.1:8080", "`host:port` to serve on; port 0 takes a free one")
	flags.StringVar(&c.admin, "admin", "", "`host:port` for the debug endpoints, which are then served there alone")
	flags.Var(&c.live, "live", "live heap held by the store, as a `size`")
	flags.Var(&c.object, "object", "`size` of a session's payload")
	flags.Float64Var(&c.pointers, "pointers", 0.2, "`share` of the live heap that holds pointers, 0 to 0.9")
	flags.Var(&c.garbage, "garbage", "`size` of what a request allocates in all, where it does not say itself")
	flags.Var(&c.garbageChunk, "garbage-chunk", "`size` of one piece of garbage")
	flags.Int64Var(&c.cpuIterations, "cpu-iterations", 0, "`hashes` of 64 bytes a request computes, where it does not say itself")
	flags.DurationVar(&c.startupBurn, "startup-burn", 0, "collect garbage hard for this long before being ready, which biases GCCPUFraction over the lifetime")
	flags.Var(&c.endpoints, "endpoints", "debug endpoints to serve, a comma `list` of heapd, vars, metrics, pprof, or none")
	flags.BoolVar(&c.heapdump, "heapdump", false, "serve /debug/heapdump, which stops the world and writes the whole heap")
	flags.Var(&c.gogcOverride, "gogc-override", "call debug.SetGCPercent with this `percentage`, whatever GOGC says; -1 is off")
	flags.BoolVar(&c.crashAtStart, "crash-at-start", false, "test aid: panic before listening (exit code 2)")
	flags.BoolVar(&c.neverReady, "never-ready", false, "test aid: answer 503 for ever")
	flags.DurationVar(&c.exitAfter, "exit-after", 0, "test aid: exit with code 3 this long after being ready")
	flags.BoolVar(&c.ignoreSIGTERM, "ignore-sigterm", false, "test aid: have to be killed")
	flags.Var(&c.leak, "leak", "test aid: `size` that is lost every second once ready")
	flags.Var(&c.fragment, "fragment", "test aid: `size` of room in spans that is lost every second once ready, for two minutes")
	flags.Var(&c.returned, "return", "test aid: `size` that is allocated, dropped and returned to the system before being ready")

	if err := flags.Parse(args); err != nil {
		return c, err
	}
	if err := c.check(flags.Args()); err != nil {
		fmt.Fprintf(output, "heapd: %v\n", err)
		return c, err
	}
	return c, nil
}

func (c *config) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q", rest[0])
	case c.object < 16:
		return errors.New("--object must be at least 16 bytes")
	case c.live < c.object || c.live > 1<<40:
		return errors.New("--live must hold at least one object")
	case !(c.pointers >= 0 && c.pointers <= 0.9):
		return errors.New("--pointers must be within 0 and 0.9")
	case c.garbage > maxGarbage:
		return fmt.Errorf("--garbage must be at most %d bytes", int64(maxGarbage))
	case c.garbageChunk < 16:
		return errors.New("--garbage-chunk must be at least 16 bytes")
	case c.cpuIterations < 0 || c.cpuIterations > maxCPU:
		return fmt.Errorf("--cpu-iterations must be within 0 and %d", int64(maxCPU))
	}
	return nil
}

func (c *config) layout() layout { return newLayout(c.live, c.object, c.pointers) }

// endpointSet is a comma list of known names as a flag.
type endpointSet map[string]bool

// Set implements flag.Value.
func (e *endpointSet) Set(text string) error {
	set := endpointSet{}
	for _, name := range strings.Split(text, ",") {
		switch name {
		case "none":
		case "heapd", "vars", "metrics", "pprof":
			set[name] = true
		default:
			return fmt.Errorf("%q is none of heapd, vars, metrics, pprof, none", name)
		}
	}
	*e = set
	return nil
}

// String implements flag.Value.
func (e *endpointSet) String() string {
	names := []string{}
	for name := range *e {
		names = append(names, name)
	}
	sort.Strings(names)
	return strings.Join(names, ",")
}

// optionalInt is a number as a flag that may be absent.
type optionalInt struct{ value *int }

// Set implements flag.Value.
func (o *optionalInt) Set(text string) error {
	value, err := strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("%q is not a whole number", text)
	}
	o.value = &value
	return nil
}

// String implements flag.Value.
func (o *optionalInt) String() string {
	if o.value == nil {
		return ""
	}
	return strconv.Itoa(*o.value)
}
