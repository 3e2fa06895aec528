package keys

import (
	"runtime"
	"sync"

	"wardlight/internal/fault"
)

// Kept is a secret that a program holds for as long as it runs, in memory that the
// system does not write to swap: a few pages of our own, outside Go's heap, which
// the collector neither moves nor copies. Its bytes are overwritten by Drop. nil
// holds nothing.
//
// The pages are few (roomKept secrets of at most slotKept bytes), so that the
// least that a system lets a user lock (64 KiB on an old Linux) is enough. Where
// locking is refused, or the pages are full, a secret is held all the same, and
// Memory says so: a ward that cannot lock a page must not stop.
//
// What this does not cover: a key while it is used. crypto/aes and crypto/tls,
// Badger and age keep keys and what they make of them on Go's heap, and Go may
// copy a stack. Those copies are short-lived or beyond our reach, so swap has to
// be encrypted or off all the same.
//
// It is written on golang.org/x/sys, which this program uses anyway. memguard was
// looked at: it brings guard pages, canaries and an encrypted store of its own with
// a timer that changes its key twice a second, and ends the process where a page
// cannot be locked, none of which fits keys that are in use all day.
type Kept struct {
	mu sync.Mutex
	b  []byte // nil: dropped
	at int    // its place in the pages; -1: on the heap
}

const (
	slotKept = 256 // bytes; a device's private key has 138
	roomKept = 64  // secrets
)

// pages are the memory of all Kept.
var pages struct {
	once    sync.Once
	mu      sync.Mutex
	b       []byte
	taken   [roomKept]bool
	held    int
	outside int   // secrets that found no room
	why     error // locking was refused
}

// lockedPages is replaced in tests.
var lockedPages = systemPages

func takePages() {
	b, err := lockedPages(slotKept * roomKept)
	pages.b, pages.why = b, fault.As(fault.Unavailable, "keys.memory", "", err)
}

// Keep takes a secret over: it is copied, and the bytes that were given are
// overwritten.
func Keep(secret []byte) *Kept {
	pages.once.Do(takePages)
	pages.mu.Lock()
	defer pages.mu.Unlock()
	k := &Kept{at: -1}
	if len(secret) <= slotKept && pages.b != nil {
		for i := range pages.taken {
			if !pages.taken[i] {
				pages.taken[i], k.at = true, i
				k.b = pages.b[i*slotKept:][:len(secret):slotKept]
				break
			}
		}
	}
	if k.at < 0 {
		k.b = make([]byte, len(secret))
		pages.outside++
	}
	pages.held++
	copy(k.b, secret)
	clear(secret)
	runtime.AddCleanup(k, forget, place{k.at, k.b}) // whoever lets it go without Drop leaves no key behind
	return k
}

type place struct {
	at int
	b  []byte
}

func forget(p place) {
	clear(p.b)
	pages.mu.Lock()
	defer pages.mu.Unlock()
	pages.held--
	if p.at < 0 {
		pages.outside--
		return
	}
	pages.taken[p.at] = false
}

// KeepKey is Keep for a Key.
func KeepKey(k *Key) *Kept { return Keep(k[:]) }

// Bytes is a copy, which the caller overwrites (clear) when it has been used; nil
// where nothing is held.
func (k *Kept) Bytes() []byte {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]byte(nil), k.b...)
}

// Key is a copy, which the caller zeroes when it has been used; the zero Key where
// none is held.
func (k *Kept) Key() (out Key) {
	if k == nil {
		return out
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.b) == KeySize {
		copy(out[:], k.b)
	}
	return out
}

// Drop overwrites the secret. What is dropped holds nothing.
func (k *Kept) Drop() {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.b)
	k.b = nil
}

// String never shows the secret.
func (k *Kept) String() string { return "secret(hidden)" }

// MemoryState says how the secrets of this process are held.
type MemoryState struct {
	Held    int   // secrets
	Outside int   // of them, in memory that is not locked because the pages are full
	Why     error // why no page is locked; nil: the pages are
}

// Memory is how the secrets of this process are held. It takes the pages, so that it
// can be asked before there is a secret.
func Memory() MemoryState {
	pages.once.Do(takePages)
	pages.mu.Lock()
	defer pages.mu.Unlock()
	return MemoryState{Held: pages.held, Outside: pages.outside, Why: pages.why}
}

// Locked says in words for an administrator how keys are held, and what to do where
// they are not locked.
func (m MemoryState) Locked() (found, do string, ok bool) {
	switch {
	case m.Why != nil:
		return "keys are held in memory that the system may write to swap: " + fault.Words(m.Why), memoryHelp, false
	case m.Outside > 0:
		return "some keys are held in memory that the system may write to swap, because there are more than were thought of", "encrypt swap or switch it off, and tell whoever maintains Wardlight", false
	}
	return "the pages that hold keys are locked; what is at work on Go's heap is not: encrypt swap or switch it off", "", true
}
