package main

import (
	"encoding/json"
	"expvar"
	"fmt"
	"io"
	"net/http"
	"net/http/pprof"
	"net/url"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"
)

// server is heapd's HTTP side. The service appears when the daemon is ready; until then requests get 503.
type server struct {
	config    config
	started   time.Time
	baseBytes uint64 // HeapAlloc before the store was filled
	service   atomic.Pointer[service]
	leaked    atomic.Int64
}

// description is what heapd says of itself at /debug/heapd and as the expvar "heapd".
type description struct {
	GoVersion              string  `json:"go_version"`
	GOMAXPROCS             int     `json:"gomaxprocs"`
	Ready                  bool    `json:"ready"`
	LiveBytes              int64   `json:"live_bytes"`
	BaseBytes              uint64  `json:"base_bytes"`
	PointerBytes           int64   `json:"pointer_bytes"`
	PointerShare           float64 `json:"pointer_share"`
	Sessions               int64   `json:"sessions"`
	ObjectBytes            int64   `json:"object_bytes"`
	Links                  int64   `json:"links"`
	LinkBytes              int64   `json:"link_bytes"`
	Objects                int64   `json:"objects"`
	GarbageBytesPerRequest int64   `json:"garbage_bytes_per_request"`
	GarbageChunkBytes      int64   `json:"garbage_chunk_bytes"`
	CPUIterations          int64   `json:"cpu_iterations"`
	GOGCOverride           *int    `json:"gogc_override"`
	Requests               int64   `json:"requests"`
	GarbageBytes           int64   `json:"garbage_bytes"`
	LeakedBytes            int64   `json:"leaked_bytes"`
}

func (s *server) describe() description {
	l := s.config.layout()
	d := description{
		GoVersion:              runtime.Version(),
		GOMAXPROCS:             runtime.GOMAXPROCS(0),
		LiveBytes:              l.liveBytes(),
		BaseBytes:              s.baseBytes,
		PointerBytes:           l.pointerBytes(),
		PointerShare:           float64(l.pointerBytes()) / float64(l.liveBytes()),
		Sessions:               l.sessions,
		ObjectBytes:            l.payloadBytes,
		Links:                  l.links,
		LinkBytes:              linkBytes,
		Objects:                l.sessions + l.links + 1,
		GarbageBytesPerRequest: int64(s.config.garbage),
		GarbageChunkBytes:      int64(s.config.garbageChunk),
		CPUIterations:          s.config.cpuIterations,
		GOGCOverride:           s.config.gogcOverride.value,
		LeakedBytes:            s.leaked.Load(),
	}
	if service := s.service.Load(); service != nil {
		d.Ready = true
		d.Requests = service.requests.Load()
		d.GarbageBytes = service.garbageBytes.Load()
	}
	return d
}

// handler routes requests by a mux of its own: the default mux, where imports register themselves, is never served.
func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", s.health)
	mux.HandleFunc("/work", s.work)
	if s.config.admin == "" {
		s.addDebug(mux)
	}
	return mux
}

// addDebug routes the debug endpoints.
func (s *server) addDebug(mux *http.ServeMux) {
	if s.config.endpoints["heapd"] {
		mux.HandleFunc("/debug/heapd", s.debugHeapd)
	}
	if s.config.endpoints["vars"] {
		mux.Handle("/debug/vars", expvar.Handler())
	}
	if s.config.endpoints["metrics"] {
		mux.Handle("/metrics", newExposition(s.started))
	}
	if s.config.endpoints["pprof"] {
		mux.HandleFunc("/debug/pprof/", pprof.Index)
		mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	}
	if s.config.heapdump {
		mux.HandleFunc("/debug/heapdump", heapDump)
	}
}

func (s *server) health(w http.ResponseWriter, _ *http.Request) {
	if s.service.Load() == nil {
		http.Error(w, "starting", http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(w, "ok\n")
}

func (s *server) debugHeapd(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s.describe())
}

func (s *server) work(w http.ResponseWriter, r *http.Request) {
	service := s.service.Load()
	if service == nil {
		http.Error(w, "starting", http.StatusServiceUnavailable)
		return
	}
	request, err := readWorkRequest(w, r, service.defaults)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer := service.work(request)
	body := make([]byte, 0, 96)
	body = append(body, `{"session":`...)
	body = strconv.AppendInt(body, answer.Session, 10)
	body = append(body, `,"version":`...)
	body = strconv.AppendUint(body, answer.Version, 10)
	// A string, because readers of JSON may keep only 53 bits of a number.
	body = append(body, `,"checksum":"`...)
	body = strconv.AppendUint(body, answer.Checksum, 16)
	body = append(body, "\"}\n"...)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
}

// readWorkRequest takes the request from the query, and for POST from a JSON body over it.
func readWorkRequest(w http.ResponseWriter, r *http.Request, request workRequest) (workRequest, error) {
	switch r.Method {
	case http.MethodGet, http.MethodPost:
	default:
		return request, fmt.Errorf("method %s: use GET or POST", r.Method)
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return request, err
	}
	if err := queryInt(query, "session", &request.Session); err != nil {
		return request, err
	}
	if err := queryInt(query, "cpu", &request.CPU); err != nil {
		return request, err
	}
	if text := query.Get("garbage"); text != "" {
		size, err := parseByteSize(text)
		if err != nil {
			return request, fmt.Errorf("garbage: %v", err)
		}
		request.Garbage = int64(size)
	}
	if r.Method == http.MethodPost {
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10))
		if err := decoder.Decode(&request); err != nil && err != io.EOF {
			return request, fmt.Errorf("body: %v", err)
		}
	}
	if request.Garbage < 0 || request.Garbage > maxGarbage {
		return request, fmt.Errorf("garbage: %d is not within 0..%d bytes", request.Garbage, int64(maxGarbage))
	}
	if request.CPU < 0 || request.CPU > maxCPU {
		return request, fmt.Errorf("cpu: %d is not within 0..%d iterations", request.CPU, int64(maxCPU))
	}
	return request, nil
}

// queryInt sets value where the query has that name.
func queryInt(query url.Values, name string, value *int64) (err error) {
	text := query.Get(name)
	if text == "" {
		return nil
	}
	if *value, err = strconv.ParseInt(text, 10, 64); err != nil {
		return fmt.Errorf("%s: %q is not a whole number", name, text)
	}
	return nil
}

// maxPlanted is the most nodes that one dump may plant of a kind.
const maxPlanted = 1 << 20

// heapDump streams debug.WriteHeapDump. The runtime stops the world while it writes, so it must write to a file: a pipe
// would never be read. The query may ask for a collection before it (gc=1) and for nodes of a planted leak (leak=N) and
// of planted garbage (garbage=N).
func heapDump(w http.ResponseWriter, r *http.Request) {
	fail := func(err error) { http.Error(w, err.Error(), http.StatusInternalServerError) }
	query := r.URL.Query()
	var collect, leak, garbage int64
	for name, value := range map[string]*int64{"gc": &collect, "leak": &leak, "garbage": &garbage} {
		if err := queryInt(query, name, value); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if *value < 0 || *value > maxPlanted {
			http.Error(w, fmt.Sprintf("%s: %d is not within 0..%d", name, *value, maxPlanted), http.StatusBadRequest)
			return
		}
	}
	// An image made from scratch has no folder for temporary files.
	if err := os.MkdirAll(os.TempDir(), 0o777); err != nil {
		fail(err)
		return
	}
	file, err := os.CreateTemp("", "heapd-*.dump")
	if err != nil {
		fail(err)
		return
	}
	defer os.Remove(file.Name())
	defer file.Close()
	restore := plant(collect > 0, leak, garbage)
	debug.WriteHeapDump(file.Fd())
	restore()
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		fail(err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = io.Copy(w, file)
}
