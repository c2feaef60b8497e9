package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// start returns a ready server of these flags.
func start(t *testing.T, args ...string) *server {
	t.Helper()
	c, err := parseConfig(args, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(c, time.Now())
	s.fill()
	return s
}

func heapAlloc() float64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc)
}

func totalAlloc() float64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.TotalAlloc)
}

func within(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance*want {
		t.Errorf("%s is %.0f, want %.0f ± %.1f %%", what, got, want, tolerance*100)
	}
}

func TestLiveHeapIsAsIntended(t *testing.T) {
	for _, flags := range [][]string{
		{"--live=6MiB", "--pointers=0.2"},
		{"--live=16MiB", "--pointers=0"},
		{"--live=16MiB", "--pointers=0.8", "--object=256B"},
		{"--live=16MiB", "--object=1000B"},
		{"--live=32MiB", "--object=40KiB"},
	} {
		before := heapAlloc()
		s := start(t, flags...)
		filled := heapAlloc() - before
		within(t, fmt.Sprint("live heap with ", flags), filled, float64(s.config.live), 0.05)
		within(t, fmt.Sprint("computed live heap with ", flags), filled, float64(s.describe().LiveBytes), 0.02)

		service := s.service.Load()
		for i := int64(0); i < 2*service.sessions; i++ {
			service.work(workRequest{Session: i, Garbage: service.sessionCost(i % service.sessions)})
		}
		within(t, fmt.Sprint("live heap after requests with ", flags), heapAlloc()-before, filled, 0.02)
		runtime.KeepAlive(s)
	}
}

func TestPointerShare(t *testing.T) {
	for _, share := range []float64{0.1, 0.2, 0.5, 0.9} {
		got := start(t, "--live=8MiB", "--pointers", fmt.Sprint(share)).describe()
		if math.Abs(got.PointerShare-share) > 0.005 {
			t.Errorf("pointer share is %v, want %v", got.PointerShare, share)
		}
	}
}

func TestRequestsAllocateWhatTheySay(t *testing.T) {
	s := start(t, "--live=1MiB")
	for _, garbage := range []int64{0, 100, 2 << 10, 64 << 10, 480 << 10} {
		const requests = 500
		before := totalAlloc()
		for i := int64(0); i < requests; i++ {
			s.service.Load().work(workRequest{Session: i, Garbage: garbage})
		}
		got := (totalAlloc() - before) / requests
		// The slack is that of size classes and, for no garbage at all, of the test itself.
		if math.Abs(got-float64(garbage)) > 0.01*float64(garbage)+64 {
			t.Errorf("a request with %d bytes of garbage allocates %.0f", garbage, got)
		}
	}
}

func TestHandlingCostIsSmall(t *testing.T) {
	s := start(t, "--live=1MiB")
	server := httptest.NewServer(s.handler())
	defer server.Close()
	get(t, server.URL+"/work?session=1&garbage=0", 200)
	const requests = 200
	before := totalAlloc()
	for i := 0; i < requests; i++ {
		get(t, server.URL+"/work?session=1&garbage=0", 200)
	}
	if got := (totalAlloc() - before) / requests; got > 16<<10 {
		t.Errorf("a request and its client allocate %.0f bytes beside the garbage", got)
	}
}

func get(t *testing.T, url string, status int) string {
	t.Helper()
	response, err := http.Get(url)
	return read(t, response, err, status)
}

func post(t *testing.T, url, body string, status int) string {
	t.Helper()
	response, err := http.Post(url, "application/json", strings.NewReader(body))
	return read(t, response, err, status)
}

func read(t *testing.T, response *http.Response, err error, status int) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != status {
		t.Errorf("%s answers %d %q, want %d", response.Request.URL, response.StatusCode, body, status)
	}
	return string(body)
}

func TestWorkEndpoint(t *testing.T) {
	s := start(t, "--live=64KiB", "--garbage=16KiB")
	server := httptest.NewServer(s.handler())
	defer server.Close()

	var first, second struct {
		Session, Version int64
		Checksum         string
	}
	if err := json.Unmarshal([]byte(get(t, server.URL+"/work?session=3&garbage=4KiB&cpu=10", 200)), &first); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(post(t, server.URL+"/work", `{"session":3,"garbage":4096,"cpu":10}`, 200)), &second); err != nil {
		t.Fatal(err)
	}
	if first.Session != 3 || first.Version != 1 || second.Version != 2 {
		t.Errorf("answers are %+v, %+v", first, second)
	}
	get(t, server.URL+"/work?session=-1000000007", 200)
	post(t, server.URL+"/work", "", 200)
	if d := s.describe(); d.Requests != 4 || d.GarbageBytes != 2*4096+2*16384 {
		t.Errorf("counted %d requests and %d bytes", d.Requests, d.GarbageBytes)
	}

	get(t, server.URL+"/work?garbage=lots", 400)
	get(t, server.URL+"/work?garbage=99GiB", 400)
	get(t, server.URL+"/work?cpu=-1", 400)
	get(t, server.URL+"/work?session=x", 400)
	post(t, server.URL+"/work", "{", 400)
	post(t, server.URL+"/work", `{"garbage":-1}`, 400)
	post(t, server.URL+"/work", `{"session":`+strings.Repeat(" ", 70<<10)+`1}`, 400)
}

func TestNotReady(t *testing.T) {
	c, err := parseConfig(nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(newServer(c, time.Now()).handler())
	defer server.Close()
	get(t, server.URL+"/healthz", 503)
	get(t, server.URL+"/work", 503)
	if body := get(t, server.URL+"/debug/heapd", 200); !strings.Contains(body, `"ready":false`) {
		t.Error(body)
	}
}

func TestOnlyTheWantedEndpointsAreServed(t *testing.T) {
	all := []string{"/debug/heapd", "/debug/vars", "/metrics", "/debug/pprof/", "/debug/pprof/heap", "/debug/heapdump"}
	for flag, served := range map[string][]string{
		"--endpoints=heapd,vars,metrics,pprof": all[:5],
		"--endpoints=none":                     nil,
		"--endpoints=pprof":                    {"/debug/pprof/", "/debug/pprof/heap"},
		"--heapdump":                           all,
	} {
		server := httptest.NewServer(start(t, "--live=64KiB", flag).handler())
		for _, path := range all {
			status := 404
			for _, s := range served {
				if s == path {
					status = 200
				}
			}
			get(t, server.URL+path, status)
		}
		server.Close()
	}
}

func TestHeapDump(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()+"/made/when/needed")
	server := httptest.NewServer(start(t, "--live=64KiB", "--heapdump").handler())
	defer server.Close()
	dump := get(t, server.URL+"/debug/heapdump", 200)
	if !strings.HasPrefix(dump, "go1.7 heap dump\n") || len(dump) < 64<<10 {
		t.Errorf("the dump of %d bytes starts with %.20q", len(dump), dump)
	}
	if left, _ := os.ReadDir(os.TempDir()); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	planted := get(t, server.URL+"/debug/heapdump?gc=1&leak=100&garbage=400", 200)
	if least := 100*1152 + 400*288; len(planted) < least {
		t.Errorf("a dump with %d planted bytes has %d", least, len(planted))
	}
	length := 0
	for node := plantedLeak; node != nil; node = node.next {
		length++
	}
	if length != 100 {
		t.Errorf("the planted leak has %d nodes instead of 100", length)
	}
	get(t, server.URL+"/debug/heapdump?leak=-1", 400)
	get(t, server.URL+"/debug/heapdump?gc=x", 400)
}

func TestMetricsText(t *testing.T) {
	server := httptest.NewServer(start(t, "--live=1MiB").handler())
	defer server.Close()
	runtime.GC()
	values := parseMetrics(t, get(t, server.URL+"/metrics", 200))

	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	within(t, "go_memstats_heap_sys_bytes", values["go_memstats_heap_sys_bytes"], float64(stats.HeapSys), 0.02)
	within(t, "go_memstats_sys_bytes", values["go_memstats_sys_bytes"], float64(stats.Sys), 0.02)
	within(t, "go_memstats_mallocs_total", values["go_memstats_mallocs_total"], float64(stats.Mallocs), 0.05)
	within(t, "go_memstats_last_gc_time_seconds", values["go_memstats_last_gc_time_seconds"], float64(stats.LastGC)/1e9, 1e-6)
	if got := values["go_gc_cycles_total_gc_cycles_total"]; got < 1 || got > float64(stats.NumGC) {
		t.Errorf("go_gc_cycles_total_gc_cycles_total is %v, NumGC is %v", got, stats.NumGC)
	}
	for _, name := range []string{"go_gc_heap_goal_bytes", "go_sched_gomaxprocs_threads", "process_start_time_seconds",
		"go_gc_duration_seconds_count", `go_gc_duration_seconds{quantile="0.5"}`, `go_info{version="` + runtime.Version() + `"}`} {
		if _, ok := values[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
}

// parseMetrics checks the text line by line: help, then type, then samples, and no name twice.
func parseMetrics(t *testing.T, text string) map[string]float64 {
	t.Helper()
	line := regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[a-z]+="[^"]*"\})? (\S+)$`)
	values, typed := map[string]float64{}, map[string]bool{}
	for scanner := bufio.NewScanner(strings.NewReader(text)); scanner.Scan(); {
		fields := strings.Fields(scanner.Text())
		if fields[0] == "#" {
			if fields[1] == "TYPE" {
				if typed[fields[2]] {
					t.Errorf("%s is announced twice", fields[2])
				}
				typed[fields[2]] = true
			}
			continue
		}
		match := line.FindStringSubmatch(scanner.Text())
		if match == nil {
			t.Errorf("%q is not a sample", scanner.Text())
			continue
		}
		value, err := strconv.ParseFloat(match[3], 64)
		if err != nil {
			t.Error(err)
		}
		base := strings.TrimSuffix(strings.TrimSuffix(match[1], "_sum"), "_count")
		if !typed[match[1]] && !typed[base] {
			t.Errorf("%s comes before its type", match[1])
		}
		values[match[1]+match[2]] = value
	}
	return values
}

func TestPrometheusName(t *testing.T) {
	// The names are those client_golang gives, see its go_collector_metrics_go126_test.go.
	for _, c := range []struct {
		name       string
		cumulative bool
		want       string
	}{
		{"/cpu/classes/gc/mark/idle:cpu-seconds", true, "go_cpu_classes_gc_mark_idle_cpu_seconds_total"},
		{"/gc/cycles/total:gc-cycles", true, "go_gc_cycles_total_gc_cycles_total"},
		{"/gc/heap/live:bytes", false, "go_gc_heap_live_bytes"},
		{"/memory/classes/os-stacks:bytes", false, "go_memory_classes_os_stacks_bytes"},
		{"/gc/limiter/last-enabled:gc-cycle", false, "go_gc_limiter_last_enabled_gc_cycle"},
	} {
		if got := prometheusName(c.name, c.cumulative); got != c.want {
			t.Errorf("%s is %s, want %s", c.name, got, c.want)
		}
	}
}

func TestScrapeAllocatesLittle(t *testing.T) {
	e := newExposition(time.Now())
	w := httptest.NewRecorder()
	w.Body = nil
	e.ServeHTTP(w, nil)
	before := totalAlloc()
	for i := 0; i < 100; i++ {
		e.ServeHTTP(w, nil)
	}
	if got := (totalAlloc() - before) / 100; got > 16<<10 {
		t.Errorf("a scrape allocates %.0f bytes", got)
	}
}

func TestParseByteSize(t *testing.T) {
	for text, want := range map[string]byteSize{
		"0": 0, "17": 17, "17B": 17, "1KiB": 1024, "1.5KiB": 1536, "8MiB": 8 << 20, "2GiB": 2 << 30, "3kB": 3000, "1 MB": 1e6,
	} {
		if got, err := parseByteSize(text); err != nil || got != want {
			t.Errorf("%q is %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "B", "-1", "1 mib", "1Mi", "NaN", "1e99", "0x", "Inf"} {
		if got, err := parseByteSize(text); err == nil {
			t.Errorf("%q is %d", text, got)
		}
	}
}

func TestBadFlags(t *testing.T) {
	for _, args := range [][]string{
		{"--live=0"}, {"--object=1"}, {"--pointers=1"}, {"--pointers=NaN"}, {"--endpoints=all"}, {"--garbage=9GiB"},
		{"--garbage-chunk=0"}, {"--cpu-iterations=-1"}, {"--gogc-override=x"}, {"extra"},
	} {
		if _, err := parseConfig(args, io.Discard); err == nil {
			t.Errorf("%v is accepted", args)
		}
		if code := run(args, io.Discard); code != 2 {
			t.Errorf("%v exits with %d", args, code)
		}
	}
}
