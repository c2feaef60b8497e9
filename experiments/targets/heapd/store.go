package main

import (
	"encoding/binary"
	"math"
	"sync"
	"unsafe"
)

// session is one entry of the store: a pointer-free payload, and a chain of links that the collector has to follow.
type session struct {
	payload []byte
	head    *link
	version uint64
}

// link is a pointerful node of exactly one size class (64 bytes). Its pointers stand at both ends, so that
// the collector scans all of it.
type link struct {
	next  *link
	words [6]uint64
	owner *session
}

const (
	sessionBytes = int64(unsafe.Sizeof(session{}))
	linkBytes    = int64(unsafe.Sizeof(link{}))
	shards       = 64
)

// layout is the arithmetic of a store: how many of each thing add up to the wanted live bytes.
type layout struct {
	sessions     int64
	payloadBytes int64 // of one session; a size class, so that nothing is lost to rounding
	links        int64 // of all sessions together
}

// newLayout divides live bytes: a share of 1-pointers goes to payloads, the rest to pointerful memory, which is the
// table of sessions and the links. The table is the least pointerful memory there can be.
func newLayout(live, object byteSize, pointers float64) layout {
	l := layout{payloadBytes: sizeClass(int64(object))}
	l.sessions = int64(math.Max(1, math.Round(float64(live)*(1-pointers)/float64(l.payloadBytes))))
	rest := int64(live) - l.sessions*(l.payloadBytes+sessionBytes)
	if rest > 0 {
		l.links = (rest + linkBytes/2) / linkBytes
	}
	return l
}

// liveBytes is what the store holds, by arithmetic and not by measurement.
func (l layout) liveBytes() int64 { return l.sessions*l.payloadBytes + l.pointerBytes() }

// pointerBytes is the part of liveBytes that holds pointers.
func (l layout) pointerBytes() int64 { return l.sessions*sessionBytes + l.links*linkBytes }

// linksOf spreads the links over the sessions as evenly as whole numbers allow.
func (l layout) linksOf(i int64) int64 { return l.links*(i+1)/l.sessions - l.links*i/l.sessions }

// sessionCost is the number of bytes that are allocated when session i is replaced.
func (l layout) sessionCost(i int64) int64 { return l.payloadBytes + l.linksOf(i)*linkBytes }

// sizeClass rounds a pointer-free size up to what the allocator really hands out: append grows to a whole size class.
func sizeClass(size int64) int64 {
	return int64(cap(append([]byte(nil), make([]byte, size)...)))
}

// store keeps a constant live heap, whatever is done to it.
type store struct {
	layout
	table []session
	locks [shards]sync.Mutex // lock i%shards guards table[i]
}

// newStore allocates the whole live heap and writes to all of it.
func newStore(l layout) *store {
	s := &store{layout: l, table: make([]session, l.sessions)}
	for i := range s.table {
		state := uint64(i)*0x9e3779b97f4a7c15 + 1
		payload := make([]byte, l.payloadBytes)
		for at := 0; at+8 <= len(payload); at += 8 {
			state ^= state << 13
			state ^= state >> 7
			state ^= state << 17
			binary.LittleEndian.PutUint64(payload[at:], state)
		}
		s.table[i].payload = payload
		for n := l.linksOf(int64(i)); n > 0; n-- {
			s.table[i].head = &link{next: s.table[i].head, owner: &s.table[i], words: [6]uint64{state, uint64(n)}}
		}
	}
	return s
}

// touch reads session i, gives it a new version and returns that with a checksum of what it read. With replace the
// session is copied to fresh memory (sessionCost bytes) and the old one becomes garbage; else it is overwritten in place.
func (s *store) touch(i int64, replace bool) (version, checksum uint64) {
	lock := &s.locks[i%shards]
	lock.Lock()
	defer lock.Unlock()
	entry := &s.table[i]
	for node := entry.head; node != nil; node = node.next {
		checksum = checksum*31 + node.words[0]
	}
	checksum ^= binary.LittleEndian.Uint64(entry.payload)
	entry.version++
	if replace {
		payload := make([]byte, len(entry.payload))
		copy(payload, entry.payload)
		entry.payload = payload
		end := &entry.head
		for node := entry.head; node != nil; node = node.next {
			*end = &link{next: node.next, owner: entry, words: node.words}
			end = &(*end).next
		}
	}
	binary.LittleEndian.PutUint64(entry.payload[len(entry.payload)-8:], entry.version)
	return entry.version, checksum
}
