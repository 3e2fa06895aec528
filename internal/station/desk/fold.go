package desk

import (
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/merge"
)

// fold lays this station's unsent mutations over committed versions, in the
// order in which they were written.
type fold struct {
	r       Reader
	byRef   map[fhir.Ref][]record.Mutation
	order   []fhir.Ref
	unsent  map[fhir.Ref]bool
	pending int
	since   int64
}

func newFold(r Reader, own []record.Mutation) *fold {
	f := &fold{r: r}
	if len(own) == 0 {
		return f
	}
	f.byRef, f.unsent = map[fhir.Ref][]record.Mutation{}, map[fhir.Ref]bool{}
	for _, m := range own {
		if _, ok := f.byRef[m.Ref]; !ok {
			f.order = append(f.order, m.Ref)
		}
		f.byRef[m.Ref] = append(f.byRef[m.Ref], m)
		// A mutation that central has answered for and that is still on its
		// way back is shown, and is not unsent.
		if _, receipted, err := r.Receipt(m.ID); err == nil && !receipted {
			f.unsent[m.Ref] = true
			f.pending++
			if f.since == 0 || m.Times.Station < f.since {
				f.since = m.Times.Station
			}
		}
	}
	return f
}

func (f *fold) unsentRef(ref fhir.Ref) bool { return f.unsent[ref] }

// over is ch with own work on top.
func (f *fold) over(ch record.Change) (record.Change, bool, error) {
	muts := f.byRef[ch.Ref]
	if len(muts) == 0 {
		return ch, false, nil
	}
	delete(f.byRef, ch.Ref)
	out, err := f.apply(ch, muts)
	return out, f.unsent[ch.Ref], err
}

// rest are the resources that exist only here so far.
func (f *fold) rest() ([]record.Change, error) {
	var list []record.Change
	for _, ref := range f.order {
		muts := f.byRef[ref]
		if len(muts) == 0 {
			continue
		}
		ch, err := f.apply(record.Change{Ref: ref, Patient: muts[0].Patient}, muts)
		if err != nil {
			return nil, err
		}
		if len(ch.Body) > 0 {
			list = append(list, ch)
		}
	}
	return list, nil
}

// apply does to ch what central will do.
func (f *fold) apply(ch record.Change, muts []record.Mutation) (record.Change, error) {
	var failed error
	base := func(v record.Version) (fhir.Resource, bool) {
		c, ok, err := f.r.Base(ch.Ref, v)
		if err != nil {
			failed = err
		}
		return c.Body, ok && err == nil
	}
	folded := merge.Fold(ch.Body, ch.Stamps, base, muts)
	if failed != nil {
		return ch, failed
	}
	last := muts[len(muts)-1]
	ch.Body, ch.Author, ch.Clock, ch.Times, ch.Mutation, ch.Reason = folded.Body, last.Author, last.Clock, last.Times, last.ID, last.Reason
	return ch, nil
}
