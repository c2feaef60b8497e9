package main

import (
	"runtime"
	"runtime/debug"
	"time"
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

const fragmentInterval = 4 * time.Second

// fragmentSizes are size classes that nothing else here allocates many of. Each serves once: what has been freed of a
// class is used again by the next objects of that class, and by no others.
var fragmentSizes = []int64{
	48, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320,
	352, 384, 416, 448, 480, 512, 576, 640, 704, 768, 896, 1152, 1280, 1408, 1536,
}

// fragments are the objects that are kept, about one of each span.
var fragments [][]byte

// fragmentOnce fills spans of one size class with size bytes of objects and keeps one object of each span: once the others
// are collected, the room that they took serves no other class.
func fragmentOnce(size int64) {
	if len(fragmentSizes) == 0 {
		return
	}
	class := fragmentSizes[0]
	fragmentSizes = fragmentSizes[1:]
	each := 8192 / class
	for i := int64(0); i < size/class; i++ {
		object := make([]byte, class)
		object[0] = 1
		if i%each == 0 {
			fragments = append(fragments, object)
		}
	}
}

// holdAndDrop has size bytes alive at once, every page written to, and drops them.
//
//go:noinline
func holdAndDrop(size int64) {
	var held [][]byte
	for ; size > 0; size -= 1 << 20 {
		piece := make([]byte, 1<<20)
		for i := 0; i < len(piece); i += 4096 {
			piece[i] = 1
		}
		held = append(held, piece)
	}
	runtime.KeepAlive(held)
}
