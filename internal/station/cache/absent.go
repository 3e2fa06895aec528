package cache

import (
	"hash/maphash"

	"wardlight/internal/clinical/fhir"
)

// absent knows of what a store surely holds no version, so that a first filling,
// in which nearly everything is new, need not look in Badger for each resource
// whether it is: to find nothing in four places costs more than to write.
//
// It begins with a store that was made just now, notes whatever is given a place in
// it, committed or not, and is let go at the first snapshot's end. In between it
// errs in one direction only: what it does not call absent is looked for. The zero
// value knows nothing. It belongs to whoever holds Cache.mu.
//
// It is a Bloom filter in blocks of a cache line, so that a filling of a million
// resources takes what one of a thousand does: of a million that come one after the other
// a handful is looked for in vain, of three million one in a thousand.
type absent struct {
	seed  maphash.Seed
	noted []uint64 // nil: nothing is known
}

const (
	absentLog    = 16 // of how many blocks of 64 bytes there are: four megabytes
	absentBlocks = 1 << absentLog
	absentMarks  = 7 // of nine bits of a hash each
)

// begin is called while there is nothing in the store.
func (a *absent) begin() { a.seed, a.noted = maphash.MakeSeed(), make([]uint64, absentBlocks*8) }

// end lets it go.
func (a *absent) end() { a.noted = nil }

// sure says that the store holds no version of a resource.
func (a *absent) sure(ref fhir.Ref) bool {
	if a.noted == nil {
		return false
	}
	block, marks := a.place(ref)
	for range absentMarks {
		if block[marks>>6&7]&(1<<(marks&63)) == 0 {
			return true
		}
		marks >>= 9
	}
	return false
}

// note is called before a resource is given a place.
func (a *absent) note(ref fhir.Ref) {
	if a.noted == nil {
		return
	}
	block, marks := a.place(ref)
	for range absentMarks {
		block[marks>>6&7] |= 1 << (marks & 63)
		marks >>= 9
	}
}

// place is where a resource is noted, and by which bits there, nine for each.
func (a *absent) place(ref fhir.Ref) (block []uint64, marks uint64) {
	h := maphash.Comparable(a.seed, ref)
	at := h >> (64 - absentLog) * 8
	return a.noted[at : at+8], h * 0x9e3779b97f4a7c15 // the low bits of it are of bits that chose no block
}
