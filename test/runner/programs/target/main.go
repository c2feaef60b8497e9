// Command target is what the runner's tests start: its first argument says how it behaves.
package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	switch mode := os.Args[1]; mode {
	case "quick": // ends at once, with the code it is given
		fmt.Println("first")
		fmt.Fprintln(os.Stderr, "problem")
		fmt.Print("last, without a line end")
		code, _ := strconv.Atoi(os.Args[2])
		os.Exit(code)
	case "env":
		fmt.Println(strings.Join(os.Environ(), "\x1f"))
	case "args":
		fmt.Println(strings.Join(os.Args[2:], "\x1f"))
	case "many": // many lines, then the end
		count, _ := strconv.Atoi(os.Args[2])
		for i := 0; i < count; i++ {
			fmt.Println("line", i)
		}
	case "wait": // until SIGTERM
		wait()
	case "stubborn": // ignores SIGTERM
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("ready")
		for {
			time.Sleep(time.Hour)
		}
	case "fork": // starts a child in a session of its own that holds the output open, then waits
		fmt.Println("child", start(os.Environ(), "stubborn"))
		wait()
	case "stray": // the same with an empty environment, by way of a process that ends after the given milliseconds; with a third argument the child leaves its cgroup
		start([]string{"EMPTY=1"}, append([]string{"middle"}, os.Args[2:]...)...)
		wait()
	case "middle":
		milliseconds, _ := strconv.Atoi(os.Args[2])
		child := start([]string{"EMPTY=1"}, "stubborn")
		if len(os.Args) > 3 {
			for _, folder := range []string{"", "memory", "cpu", "cpuacct", "pids"} {
				os.WriteFile("/sys/fs/cgroup/"+folder+"/cgroup.procs", []byte(strconv.Itoa(child)), 0o644)
			}
		}
		fmt.Println("child", child)
		time.Sleep(time.Duration(milliseconds) * time.Millisecond)
	case "eat": // takes the given MiB of memory
		mebibytes, _ := strconv.Atoi(os.Args[2])
		var kept [][]byte
		for i := 0; i < mebibytes; i++ {
			block := make([]byte, 1<<20)
			for j := 0; j < len(block); j += 4096 {
				block[j] = 1
			}
			kept = append(kept, block)
		}
		fmt.Println("ate", len(kept))
		wait()
	case "spin": // burns the given milliseconds of CPU time, then waits
		milliseconds, _ := strconv.Atoi(os.Args[2])
		for burnt := time.Duration(0); burnt < time.Duration(milliseconds)*time.Millisecond; {
			var usage syscall.Rusage
			syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
			burnt = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
		}
		fmt.Println("spun")
		wait()
	case "read": // prints a file
		text, err := os.ReadFile(os.Args[2])
		fmt.Println(string(text), err)
		writeErr := os.WriteFile(os.Args[2]+".new", nil, 0o644)
		fmt.Println("write:", writeErr)
		fmt.Println("tmp:", os.WriteFile("/tmp/new", nil, 0o644))
		fmt.Println("root:", os.WriteFile("/new", nil, 0o644))
	case "dial": // tries to reach an address, perhaps a number of milliseconds later
		if len(os.Args) > 3 {
			milliseconds, _ := strconv.Atoi(os.Args[3])
			time.Sleep(time.Duration(milliseconds) * time.Millisecond)
		}
		conn, err := net.DialTimeout("tcp", os.Args[2], 2*time.Second)
		if err == nil {
			conn.Close()
		}
		fmt.Println("dial:", err)
	case "fill": // fills a data folder with an identity of its own, and says with what environment
		folder := os.Args[2]
		must(os.MkdirAll(folder+"/keys", 0o700))
		must(os.WriteFile(folder+"/keys/identity", []byte(strconv.FormatUint(rand.Uint64(), 16)), 0o600))
		must(os.WriteFile(folder+"/path", []byte(folder), 0o644))
		must(os.WriteFile(folder+"/debug", []byte(os.Getenv("GODEBUG")), 0o644))
	case "append": // adds a text to a file
		file, err := os.OpenFile(os.Args[2], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		must(err)
		_, err = file.WriteString(os.Args[3])
		must(err)
		fmt.Println("appended")
	case "fail": // says the given number of problems, then ends with code 1
		count, _ := strconv.Atoi(os.Args[2])
		for i := 0; i < count; i++ {
			fmt.Fprintln(os.Stderr, "problem", i)
		}
		os.Exit(1)
	case "link": // makes a symbolic link
		must(os.Symlink(os.Args[2], os.Args[3]))
	case "serve":
		listener, err := net.Listen("tcp", os.Args[2])
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println("listening")
		go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "hello")
		}))
		wait()
	case "tell": // prints all that it is told: its environment, and the header fields of its first requests; ends where there is a third argument
		fmt.Println(strings.Join(os.Environ(), " "))
		if len(os.Args) > 3 {
			fmt.Fprintln(os.Stderr, "cannot log in with", os.Getenv("API_TOKEN"), "and", os.Getenv("FROM_CALLER"))
			os.Exit(1)
		}
		told := 0
		must(http.ListenAndServe(os.Args[2], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if told++; told < 20 && r.URL.Path == "/work" {
				fmt.Println(r.Header)
			}
			fmt.Fprint(w, "hello")
		})))
	default:
		panic(mode)
	}
}

// start starts this program once more, in a session of its own.
func start(env []string, args ...string) int {
	child, err := os.StartProcess("/proc/self/exe", append([]string{"target"}, args...), &os.ProcAttr{
		Files: []*os.File{nil, os.Stdout, os.Stderr},
		Env:   env,
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	must(err)
	go child.Wait()
	return child.Pid
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func wait() {
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	fmt.Println("ready")
	<-term
	fmt.Println("bye")
}
