// gctune-agent starts a daemon in the container it runs in, once for each trial, on behalf of a gctune in another
// container of the same pod. See README.md for what is said over its socket.
package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

const usage = `usage: gctune-agent copy FILE               copies itself to FILE, for another container to run
       gctune-agent serve SOCKET [FOLDER]…  starts programs for whoever asks on the unix socket, each with the folders emptied
`

func main() {
	var err error
	switch args := os.Args[1:]; {
	case len(args) == 2 && args[0] == "copy":
		err = copySelf(args[1])
	case len(args) >= 2 && args[0] == "serve":
		emptied = args[2:]
		err = serve(args[1])
	default:
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gctune-agent:", err)
		os.Exit(1)
	}
}

// copySelf writes the program beside its place and renames it, so that nobody starts half of it.
func copySelf(path string) error {
	from, err := os.Open("/proc/self/exe")
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.CreateTemp(filepath.Dir(path), ".gctune-agent-*")
	if err != nil {
		return err
	}
	defer os.Remove(to.Name())
	if _, err = io.Copy(to, from); err == nil {
		err = to.Chmod(0o755)
	}
	if closed := to.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(to.Name(), path)
}

func serve(path string) error {
	// Orphans of a daemon become children of ours, so that they can be found and ended with it.
	const prSetChildSubreaper = 36
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0, 0, 0, 0); errno != 0 {
		return fmt.Errorf("cannot become the reaper of what it starts: %w", errno)
	}
	// Only this user may ask.
	syscall.Umask(0o077)
	if err := removeStale(path); err != nil {
		return err
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	// What the daemon makes is as open as its own image would have it.
	syscall.Umask(0o022)

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-stop
		listener.Close()
		killDescendants()
		os.Exit(0)
	}()
	fmt.Println("gctune-agent: listening on", path)
	for {
		connection, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			// The signal that has closed it is about to end the process.
			select {}
		}
		if err != nil {
			// Out of descriptors, say: it passes, and who waits tries again.
			fmt.Fprintln(os.Stderr, "gctune-agent:", err)
			time.Sleep(100 * time.Millisecond)
			continue
		}
		go answer(connection)
	}
}

// removeStale removes the socket that an agent left which was killed; one that answers is another's.
func removeStale(path string) error {
	if connection, err := net.Dial("unix", path); err == nil {
		connection.Close()
		return fmt.Errorf("an agent listens on %s already", path)
	}
	info, err := os.Lstat(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode()&os.ModeSocket == 0 {
		return fmt.Errorf("%s is there and no socket", path)
	}
	return os.Remove(path)
}
