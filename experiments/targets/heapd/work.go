package main

import (
	"crypto/sha256"
	"encoding/binary"
	"sync/atomic"
)

// service is the store together with what a request does to it and what has been done so far.
type service struct {
	*store
	defaults     workRequest
	garbageChunk int64
	requests     atomic.Int64
	garbageBytes atomic.Int64
}

// workRequest says what one request is to do.
type workRequest struct {
	Session int64 `json:"session"`
	Garbage int64 `json:"garbage"`
	CPU     int64 `json:"cpu"`
}

// workAnswer is what a request gets back.
type workAnswer struct {
	Session  int64  `json:"session"`
	Version  uint64 `json:"version"`
	Checksum uint64 `json:"checksum"`
}

// Limits of one request: more is a mistake of the caller.
const (
	maxGarbage = 1 << 30
	maxCPU     = 1 << 30
)

// work reads a session, replaces it, makes garbage and uses CPU. It allocates request.Garbage bytes in all, the
// replaced session included, and leaves the live heap as large as it was. Less garbage than a session takes means that the
// session is overwritten in place.
func (s *service) work(request workRequest) workAnswer {
	index := request.Session % s.sessions
	if index < 0 {
		index += s.sessions
	}
	left := request.Garbage
	replace := left >= s.sessionCost(index)
	answer := workAnswer{Session: index}
	answer.Version, answer.Checksum = s.touch(index, replace)
	if replace {
		left -= s.sessionCost(index)
	}
	answer.Checksum += uint64(makeGarbage(left, s.garbageChunk))
	answer.Checksum ^= spin(answer.Checksum, request.CPU)
	s.requests.Add(1)
	s.garbageBytes.Add(request.Garbage)
	return answer
}

// makeGarbage allocates size bytes in chunks and drops them at once. A size that is not constant always goes to the heap.
func makeGarbage(size, chunk int64) (sum int) {
	for ; size > 0; size -= chunk {
		if size < chunk {
			chunk = size
		}
		buffer := make([]byte, chunk)
		buffer[chunk/2] = byte(size)
		sum += int(buffer[0]) + int(buffer[chunk/2])
	}
	return sum
}

// spin hashes one 64-byte block over and over without allocating.
func spin(seed uint64, iterations int64) uint64 {
	var block [64]byte
	binary.LittleEndian.PutUint64(block[:], seed)
	for ; iterations > 0; iterations-- {
		sum := sha256.Sum256(block[:])
		copy(block[:], sum[:])
	}
	return binary.LittleEndian.Uint64(block[:])
}
