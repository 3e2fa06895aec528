package scope

import (
	"context"
	"slices"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Ahead is what of the journal after a position cannot wait its turn: the
// results that are critical now, of patients whom dev may hold now, each with
// what shows it rightly (the patient, the stays, and whatever was said about the
// result, so that one that was taken long ago is not shown as untaken). It ends
// with the first entry with which it has maxBytes; more says that the journal
// goes on. It stands at no cursor: the batches bring all of it again.
func (s *Source) Ahead(ctx context.Context, dev record.Device, after record.Position, maxBytes int) (b record.Batch, more bool, err error) {
	err = s.view(ctx, func(r journal.Reader) error {
		if err := standing(r, dev); err != nil {
			return err
		}
		if _, err := s.follow(r, r.Head().Position); err != nil {
			return err
		}
		a := &gatherer{r: r, seen: map[fhir.Ref]bool{}, max: maxBytes}
		a.holds = func(p fhir.ID) bool {
			s.mu.RLock()
			defer s.mu.RUnlock()
			return s.members.holds(p, dev.Holds())
		}
		b, more, err = a.gather(ctx, after)
		return err
	})
	if err != nil {
		return record.Batch{}, false, fault.Wrap("scope.ahead", string(dev.Station), err)
	}
	b.Epoch, b.Time, b.Station = s.journal.Epoch().ID, s.now().UnixMilli(), dev.Station
	return b, more, nil
}

// holds says whether a patient is on one of the wards at members' own position.
func (m *members) holds(p fhir.ID, wards []record.Ward) bool {
	return slices.ContainsFunc(wards, func(w record.Ward) bool { return m.wards[w][p] > 0 })
}

// gatherer collects what goes ahead, each resource once.
type gatherer struct {
	r     journal.Reader
	holds func(fhir.ID) bool
	seen  map[fhir.Ref]bool
	max   int
	size  int
	out   []record.Change
}

func (a *gatherer) gather(ctx context.Context, after record.Position) (b record.Batch, more bool, err error) {
	b.From, b.To = after, after
	walked := 0
	for e, err := range a.r.Entries(after) {
		if err != nil {
			return b, false, err
		}
		if a.size >= a.max || walked >= maxEntries {
			more = true
			break
		}
		if err := ctx.Err(); err != nil {
			return b, false, fault.As(fault.Unavailable, "scope.ahead", "", err)
		}
		for _, c := range e.Changes {
			if !c.History && slices.Contains(c.Tags, record.TagCritical) && c.Patient != "" && a.holds(c.Patient) {
				if err := a.result(c.Ref); err != nil {
					return b, false, err
				}
			}
		}
		b.To = e.Position
		walked++
	}
	b.Changes = a.out
	return b, more, nil
}

// result adds a result, if what is in force now is still critical, after what
// shows it rightly.
func (a *gatherer) result(ref fhir.Ref) error {
	c, ok, err := a.r.Current(ref)
	if err != nil || !ok || a.seen[ref] || !slices.Contains(c.Tags, record.TagCritical) {
		return err
	}
	for st, err := range a.r.Standings(c.Patient, fhir.Ref{}) {
		if err != nil {
			return err
		}
		if st.Ref.Type == fhir.TypePatient || st.Ref.Type == fhir.TypeEncounter {
			if err := a.add(st.Ref); err != nil {
				return err
			}
		}
	}
	for about, err := range a.r.Find(journal.ByFocus, ref.String()) {
		if err != nil {
			return err
		}
		if err := a.add(about); err != nil {
			return err
		}
	}
	return a.add(ref)
}

func (a *gatherer) add(ref fhir.Ref) error {
	if a.seen[ref] {
		return nil
	}
	c, ok, err := a.r.Current(ref)
	if err != nil || !ok {
		return err
	}
	a.seen[ref] = true
	a.out = append(a.out, c)
	a.size += len(c.Body) + overhead
	return nil
}
