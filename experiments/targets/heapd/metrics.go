package main

import (
	"net/http"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync"
	"time"
)

// exposition writes runtime/metrics as Prometheus text. It keeps its samples and its buffer, so that
// a scrape allocates next to nothing and does not disturb what it measures.
type exposition struct {
	started time.Time

	mu      sync.Mutex
	samples []metrics.Sample
	series  []series // one per sample
	index   map[string]int
	gcStats debug.GCStats
	buffer  []byte
}

// series is the name, type and help of one runtime metric under the naming rule of client_golang.
type series struct{ name, kind, help string }

// newExposition finds all scalar metrics this Go version has. Histograms are left out, and so are the counters of
// compatibility switches (/godebug/…), which say nothing of the heap.
func newExposition(started time.Time) *exposition {
	e := &exposition{started: started, index: map[string]int{}, buffer: make([]byte, 0, 64<<10)}
	for _, d := range metrics.All() {
		if d.Kind != metrics.KindUint64 && d.Kind != metrics.KindFloat64 || strings.HasPrefix(d.Name, "/godebug/") {
			continue
		}
		e.index[d.Name] = len(e.samples)
		e.samples = append(e.samples, metrics.Sample{Name: d.Name})
		kind := "gauge"
		if d.Cumulative {
			kind = "counter"
		}
		e.series = append(e.series, series{prometheusName(d.Name, d.Cumulative), kind, helpText(d.Description)})
	}
	e.gcStats.PauseQuantiles = make([]time.Duration, 5)
	return e
}

// prometheusName turns "/cpu/classes/gc/mark/idle:cpu-seconds" into "go_cpu_classes_gc_mark_idle_cpu_seconds_total".
func prometheusName(name string, cumulative bool) string {
	path, unit, _ := strings.Cut(strings.TrimPrefix(name, "/"), ":")
	result := "go_" + strings.NewReplacer("/", "_", "-", "_").Replace(path) +
		"_" + strings.NewReplacer("-", "_", "*", "_", "/", "_per_").Replace(unit)
	if cumulative {
		result += "_total"
	}
	return result
}

func helpText(text string) string {
	return strings.NewReplacer("\\", `\\`, "\n", " ").Replace(text)
}

// memStats are the go_memstats_… series and the runtime metrics they are the sum of.
var memStats = []struct {
	name, kind, help string
	parts            []string
}{
	{"alloc_bytes", "gauge", "Bytes allocated on the heap and not yet swept.", []string{"/memory/classes/heap/objects:bytes"}},
	{"alloc_bytes_total", "counter", "Bytes ever allocated on the heap.", []string{"/gc/heap/allocs:bytes"}},
	{"sys_bytes", "gauge", "Bytes obtained from the system.", []string{"/memory/classes/total:bytes"}},
	{"mallocs_total", "counter", "Heap objects ever allocated.", []string{"/gc/heap/allocs:objects", "/gc/heap/tiny/allocs:objects"}},
	{"frees_total", "counter", "Heap objects ever freed.", []string{"/gc/heap/frees:objects", "/gc/heap/tiny/allocs:objects"}},
	{"heap_alloc_bytes", "gauge", "Bytes allocated on the heap and not yet swept.", []string{"/memory/classes/heap/objects:bytes"}},
	{"heap_sys_bytes", "gauge", "Heap bytes obtained from the system.", []string{"/memory/classes/heap/objects:bytes", "/memory/classes/heap/unused:bytes", "/memory/classes/heap/released:bytes", "/memory/classes/heap/free:bytes"}},
	{"heap_idle_bytes", "gauge", "Heap bytes in spans without objects.", []string{"/memory/classes/heap/released:bytes", "/memory/classes/heap/free:bytes"}},
	{"heap_inuse_bytes", "gauge", "Heap bytes in spans with objects.", []string{"/memory/classes/heap/objects:bytes", "/memory/classes/heap/unused:bytes"}},
	{"heap_released_bytes", "gauge", "Heap bytes given back to the system.", []string{"/memory/classes/heap/released:bytes"}},
	{"heap_objects", "gauge", "Heap objects not yet swept.", []string{"/gc/heap/objects:objects"}},
	{"stack_inuse_bytes", "gauge", "Bytes of goroutine stacks.", []string{"/memory/classes/heap/stacks:bytes"}},
	{"stack_sys_bytes", "gauge", "Stack bytes obtained from the system.", []string{"/memory/classes/heap/stacks:bytes", "/memory/classes/os-stacks:bytes"}},
	{"mspan_inuse_bytes", "gauge", "Bytes of span structures in use.", []string{"/memory/classes/metadata/mspan/inuse:bytes"}},
	{"mspan_sys_bytes", "gauge", "Bytes of span structures.", []string{"/memory/classes/metadata/mspan/inuse:bytes", "/memory/classes/metadata/mspan/free:bytes"}},
	{"mcache_inuse_bytes", "gauge", "Bytes of allocation caches in use.", []string{"/memory/classes/metadata/mcache/inuse:bytes"}},
	{"mcache_sys_bytes", "gauge", "Bytes of allocation caches.", []string{"/memory/classes/metadata/mcache/inuse:bytes", "/memory/classes/metadata/mcache/free:bytes"}},
	{"buck_hash_sys_bytes", "gauge", "Bytes of profiling tables.", []string{"/memory/classes/profiling/buckets:bytes"}},
	{"gc_sys_bytes", "gauge", "Bytes of collector metadata.", []string{"/memory/classes/metadata/other:bytes"}},
	{"other_sys_bytes", "gauge", "Other bytes of the runtime.", []string{"/memory/classes/other:bytes"}},
	{"next_gc_bytes", "gauge", "Heap size at which the next collection ends.", []string{"/gc/heap/goal:bytes"}},
}

// ServeHTTP answers a scrape.
func (e *exposition) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	metrics.Read(e.samples)
	debug.ReadGCStats(&e.gcStats)

	e.buffer = e.buffer[:0]
	for i, s := range e.series {
		e.add(s.name, s.kind, s.help, sampleValue(e.samples[i]))
	}
	for _, m := range memStats {
		sum := 0.0
		for _, part := range m.parts {
			if i, ok := e.index[part]; ok {
				sum += sampleValue(e.samples[i])
			}
		}
		e.add("go_memstats_"+m.name, m.kind, m.help, sum)
	}
	lastGC := 0.0
	if !e.gcStats.LastGC.IsZero() {
		lastGC = float64(e.gcStats.LastGC.UnixNano()) / 1e9
	}
	e.add("go_memstats_last_gc_time_seconds", "gauge", "End of the last collection, Unix time.", lastGC)

	e.head("go_gc_duration_seconds", "summary", "Stop-the-world pauses of collections.")
	for i, quantile := range [...]string{"0", "0.25", "0.5", "0.75", "1"} {
		e.line(`go_gc_duration_seconds{quantile="`+quantile+`"}`, e.gcStats.PauseQuantiles[i].Seconds())
	}
	e.line("go_gc_duration_seconds_sum", e.gcStats.PauseTotal.Seconds())
	e.line("go_gc_duration_seconds_count", float64(e.gcStats.NumGC))

	e.head("go_info", "gauge", "Version of Go.")
	e.line("go_info{version="+strconv.Quote(runtime.Version())+"}", 1)
	e.add("go_goroutines", "gauge", "Goroutines that exist.", float64(runtime.NumGoroutine()))
	e.add("process_start_time_seconds", "gauge", "Start of the process, Unix time.", float64(e.started.UnixNano())/1e9)
	if cpu, ok := processCPUSeconds(); ok {
		e.add("process_cpu_seconds_total", "counter", "User and system CPU time of the process.", cpu)
	}

	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(e.buffer) // The client has gone: there is nobody to tell.
}

func sampleValue(s metrics.Sample) float64 {
	if s.Value.Kind() == metrics.KindFloat64 {
		return s.Value.Float64()
	}
	return float64(s.Value.Uint64())
}

func (e *exposition) add(name, kind, help string, value float64) {
	e.head(name, kind, help)
	e.line(name, value)
}

func (e *exposition) head(name, kind, help string) {
	e.buffer = append(e.buffer, "# HELP "...)
	e.buffer = append(e.buffer, name...)
	e.buffer = append(e.buffer, ' ')
	e.buffer = append(e.buffer, help...)
	e.buffer = append(e.buffer, "\n# TYPE "...)
	e.buffer = append(e.buffer, name...)
	e.buffer = append(e.buffer, ' ')
	e.buffer = append(e.buffer, kind...)
	e.buffer = append(e.buffer, '\n')
}

func (e *exposition) line(name string, value float64) {
	e.buffer = append(e.buffer, name...)
	e.buffer = append(e.buffer, ' ')
	e.buffer = strconv.AppendFloat(e.buffer, value, 'g', -1, 64)
	e.buffer = append(e.buffer, '\n')
}
