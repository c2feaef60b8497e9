package main

import (
	"runtime"
	"runtime/debug"
)

// plantedLink is a node of a planted list whose size is a class of its own (1152 bytes, with the allocator's header of
// 8 bytes), so that nothing else of the heap is taken for it.
type plantedLink struct {
	next  *plantedLink
	bytes [1128]byte
}

// plantedScrap is a node that becomes garbage. Its 288 bytes are a size class whose spans hold the bitmap of pointers.
type plantedScrap struct {
	next  *plantedScrap
	bytes [280]byte
}

// plantedLeak is a list that nobody shortens: the leak to be found in a heap dump.
var plantedLeak *plantedLink

// plantLeak lengthens the leak by count nodes.
//
//go:noinline
func plantLeak(count int64) {
	for ; count > 0; count-- {
		plantedLeak = &plantedLink{next: plantedLeak}
	}
}

// plantGarbage makes a list of count nodes and drops it.
//
//go:noinline
func plantGarbage(count int64) {
	var list *plantedScrap
	for ; count > 0; count-- {
		list = &plantedScrap{next: list}
	}
	runtime.KeepAlive(list)
}

// plant prepares the heap for a dump: it may collect first, then plants with the collector switched off, so that the
// garbage is still there. The returned function gives the collector back its GOGC.
func plant(collect bool, leak, garbage int64) (restore func()) {
	if collect {
		// Twice, because what has a finalizer is freed by the second.
		runtime.GC()
		runtime.GC()
	}
	percent := debug.SetGCPercent(-1)
	plantLeak(leak)
	plantGarbage(garbage)
	return func() { debug.SetGCPercent(percent) }
}
