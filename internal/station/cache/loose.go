package cache

import (
	"sync"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// What belongs to no patient is asked for before anything can be shown: the rota, the
// limits that a site set, whom a ward keeps, somebody's own list. Mostly there is none
// of it, and that a single resource is absent is believed only after the walk, which of
// a million results takes seconds. So what is loose is proved by what lies beside it:
//
//   - where something is, all of it lies in one compartment, whose digest says how many
//     resources there are and what they add up to. What is not among them is not there;
//   - where nothing is, every patient's digest says how many resources they have, the
//     meta row how many patients and resources there are in all. Where these add up,
//     none is left that could have vanished.
//
// Where they do not add up it is waited for the walk as before, which says why. Whoever
// puts an older digest of a patient back, which takes the store's keys, could make up for
// what is missing with it; the walk finds that, seconds later, and from then on nothing is
// said to be absent.

// looseProof remembers what was proved until the walk is done. The zero value is ready.
type looseProof struct {
	mu    sync.Mutex
	sum   digest            // of the state of which refs are all that is loose
	refs  map[fhir.Ref]bool // nil: not proved yet
	none  uint64            // the commit of whose state it was proved that nothing is loose
	empty bool              // none was proved
}

// LooseCurrent is Current for what belongs to no patient. That there is none it says
// without waiting for the walk.
func (r Reader) LooseCurrent(ref fhir.Ref) (ch record.Change, ok bool, err error) {
	cur, err := r.c.current(r.b, r.owners, ref)
	switch {
	case err != nil:
		return ch, false, err
	case cur != nil:
		return ch, true, record.Decode(cur.plain, &ch)
	case r.walked():
		return ch, false, r.absent()
	}
	refs, err := r.looseRefs()
	if err == nil && refs[ref] { // it is there, and what says where it is was lost
		err = damaged("cache.read", "t", "the list of records on this computer is not complete")
	}
	return ch, false, err
}

// walked says whether the walk through the store is done.
func (r Reader) walked() bool {
	select {
	case <-r.c.scrub:
		return true
	default:
		return false
	}
}

// looseRefs are all resources that belong to no patient, held against their digest.
func (r Reader) looseRefs() (map[fhir.Ref]bool, error) {
	var want digest
	if _, err := r.c.getValue(r.b, keyDigest(""), &want); err != nil {
		return nil, err
	}
	p := &r.c.loose
	p.mu.Lock()
	refs, sum := p.refs, p.sum
	p.mu.Unlock()
	if refs != nil && want.Count > 0 && sum.Count == want.Count && sum.Sum == want.Sum {
		return refs, nil
	}
	refs = map[fhir.Ref]bool{}
	for ch, err := range r.Loose() {
		if err != nil {
			return nil, err
		}
		refs[ch.Ref] = true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refs, p.sum = refs, want
	return refs, nil
}

// noneLoose says that nothing belongs to no patient, where there is no such row: nil, or
// why that cannot be believed.
func (r Reader) noneLoose() error {
	if r.walked() {
		return r.absent()
	}
	p := &r.c.loose
	p.mu.Lock()
	proved := p.empty && p.none == r.m.Commits
	p.mu.Unlock()
	if proved {
		return nil
	}
	switch adds, err := r.addsUp(); {
	case err != nil:
		return err
	case !adds:
		return r.absent()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.empty, p.none = true, r.m.Commits
	return nil
}

// addsUp says whether the patients' digests account for every patient and resource that
// the meta row knows of.
func (r Reader) addsUp() (bool, error) {
	patients, resources := uint64(0), uint64(0)
	prefix := keyDigest("")
	err := r.c.from(r.b, prefix, prefix, func(key, plain []byte) (bool, error) {
		if len(key) > len(prefix) {
			patients++
		}
		var d digest
		err := record.Decode(plain, &d)
		resources += d.Count
		return true, err
	})
	return patients == r.m.Patients && resources == r.m.total(), err
}
