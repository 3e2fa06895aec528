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
type absent struct {
	seed  maphash.Seed
	noted map[uint64]struct{} // hashes of references; nil: nothing is known
}

// maxNoted bounds it, to about four megabytes; a larger filling goes on without.
const maxNoted = 1 << 17

// begin is called while there is nothing in the store.
func (a *absent) begin() { a.seed, a.noted = maphash.MakeSeed(), map[uint64]struct{}{} }

// end lets it go.
func (a *absent) end() { a.noted = nil }

// sure says that the store holds no version of a resource.
func (a *absent) sure(ref fhir.Ref) bool {
	if a.noted == nil {
		return false
	}
	_, noted := a.noted[maphash.Comparable(a.seed, ref)]
	return !noted
}

// note is called before a resource is given a place.
func (a *absent) note(ref fhir.Ref) {
	if a.noted == nil {
		return
	}
	if a.noted[maphash.Comparable(a.seed, ref)] = struct{}{}; len(a.noted) > maxNoted {
		a.end()
	}
}
