// Command init is a wrapper as images have them: it starts another program after a while, passes signals on and ends with it.
// With GCTUNE_TEST_EXEC it becomes the other program instead.
package main

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	time.Sleep(300 * time.Millisecond)
	if os.Getenv("GCTUNE_TEST_EXEC") != "" {
		panic(syscall.Exec(os.Args[1], os.Args[1:], os.Environ()))
	}
	child := exec.Command(os.Args[1], os.Args[2:]...)
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	if err := child.Start(); err != nil {
		panic(err)
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	go func() {
		for s := range signals {
			child.Process.Signal(s)
		}
	}()
	child.Wait()
	os.Exit(child.ProcessState.ExitCode())
}
