//go:build !unix

package main

// processCPUSeconds is not known here.
func processCPUSeconds() (float64, bool) { return 0, false }
