package scope

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/rbac"
)

// Chunk is the next piece of a snapshot for dev: first what names its wards
// itself, then the patients' compartments, in the order that was asked for when
// it began (see order). One that begins will end at the present head.
// fault.NotFound: the snapshot is not of this journal; begin anew.
func (s *Source) Chunk(ctx context.Context, dev record.Device, from record.Resume, maxBytes int) (ch record.Chunk, err error) {
	if err := s.view(ctx, func(r journal.Reader) error { return standing(r, dev) }); err != nil {
		return ch, fault.Wrap("scope.chunk", string(dev.Station), err)
	}
	if at, ok := parseName(from.Snapshot); ok && at.Position < dev.Rescoped {
		return ch, fault.Wrap("scope.chunk", string(dev.Station), errGone)
	}
	if items, m, ok := s.ahead.take(dev.Station, from.Snapshot, from.Next); ok {
		return s.cut(dev, m, items, maxBytes), nil
	}
	err = s.view(ctx, func(r journal.Reader) error {
		at, tok, err := s.resume(r, from)
		if err != nil {
			return err
		}
		w := &walk{ctx: ctx, r: r, dev: dev, at: at, token: tok, newest: s.newest}
		if err := s.read(w); err != nil {
			return err
		}
		ch = s.cut(dev, mark{at: at, token: tok, patients: w.patients}, w.items, maxBytes)
		return nil
	})
	return ch, fault.Wrap("scope.chunk", string(dev.Station), err)
}

// errGone is the answer for a snapshot of another journal, and for one that was
// begun when the station had other wards: its first part is of another scope.
var errGone = fault.New(fault.NotFound, "scope.resume", "", "this snapshot cannot be resumed; a new one is needed")

// resume finds out where a snapshot goes on.
func (s *Source) resume(r journal.Reader, from record.Resume) (record.Cursor, token, error) {
	if from.Snapshot == "" {
		at := r.Head()
		at.Epoch = s.journal.Epoch().ID
		return at, begin(from.First), nil
	}
	at, ok := parseName(from.Snapshot)
	if !ok || known(r, s.journal.Epoch(), at) != nil {
		return at, token{}, errGone
	}
	tok, ok := parseToken(from.Next)
	if !ok {
		return at, token{}, errGone
	}
	return at, tok, nil
}

// item is what stays together in a chunk: the versions of one resource; or, in a
// snapshot with an order, the word that nothing more of a patient comes at this
// stage; or the snapshot's end.
type item struct {
	stage   stage
	owner   fhir.ID // whose compartment; "" before the first
	ref     fhir.Ref
	changes []record.Encoded
	closes  bool // ref and changes are not set
	ready   bool // what a screen shows first is there
	whole   bool // everything is
	count   int  // of a patient's resources, all versions that go out
	end     bool
}

func (i item) size() (n int) {
	for _, c := range i.changes {
		n += len(c)
	}
	if i.closes {
		n += len(i.owner) + 2
	}
	return n
}

// mark is where a run of items begins.
type mark struct {
	at       record.Cursor
	token    token
	patients int // in scope, for the estimate
}

// cut makes a chunk of the first items and keeps the rest for the next.
func (s *Source) cut(dev record.Device, m mark, items []item, maxBytes int) record.Chunk {
	ch := record.Chunk{
		Snapshot: nameOf(m.at), Index: m.token.index, At: m.at, Done: m.token.done,
		Time: s.now().UnixMilli(), Station: dev.Station,
	}
	tok := m.token
	size, n := 0, 0
	for ; n < len(items) && !items[n].end && (size < maxBytes || items[n].closes); n++ {
		it := items[n]
		ch.Encoded = append(ch.Encoded, it.changes...)
		if it.ready {
			ch.Ready = append(ch.Ready, it.owner)
		}
		if it.whole {
			ch.Whole = append(ch.Whole, it.owner)
		}
		tok.pass(it)
		size += it.size()
	}
	ch.Done, ch.Part = tok.done, tok.part()
	if n < len(items) && items[n].end {
		ch.Last = true
		ch.Total = ch.Done
		s.ahead.drop(dev.Station)
		return ch
	}
	ch.Total = tok.total(m.patients)
	tok.index++
	ch.Next = tok.String()
	m.token = tok
	s.ahead.put(dev.Station, ch.Snapshot, ch.Next, items[n:], m)
	return ch
}

// looseOf are the current resources without a patient that name one of the
// station's wards, in order of reference.
func looseOf(r journal.Reader, dev record.Device) ([]record.Change, error) {
	var out []record.Change
	for _, w := range append(slices.Clone(dev.Holds()), rbac.AnyWard) {
		for ref, err := range r.Find(journal.ByWard, string(w)) {
			if err != nil {
				return nil, err
			}
			c, ok, err := r.Current(ref)
			if err != nil {
				return nil, err
			}
			if ok && own(c, dev) {
				out = append(out, c)
			}
		}
	}
	slices.SortFunc(out, func(a, b record.Change) int { return compareRef(a.Ref, b.Ref) })
	return slices.CompactFunc(out, func(a, b record.Change) bool { return a.Ref == b.Ref }), nil
}

// groups yields a compartment resource by resource, those after a reference. Of
// what has more than one version, and whose earlier ones a chart shows, those come
// before it: what was corrected, how a stay went, what a note said before.
func groups(r journal.Reader, patient fhir.ID, after fhir.Ref) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		for st, err := range r.Standings(patient, after) {
			it := item{stage: stageWhole, ref: st.Ref, owner: patient}
			if err == nil {
				it.changes, err = versions(r, st)
			}
			if !yield(it, err) || err != nil {
				return
			}
		}
	}
}

// maxEarlier is how many numbers of versions back from the newest a station is given
// of what is not a result: as many as it keeps of what it follows (station/cache). A
// stay that a sender told of a hundred times is not sent a hundred times.
const maxEarlier = 16

// earlier are the numbers of the versions that a station gets of a resource beside the
// one in force, from the first on: of a result all, of the other things whose earlier
// versions a page shows those that are near the newest, of the rest none. (A history
// version may have a higher number than the current one: a late older message.)
func earlier(st journal.Standing) (from, n record.Version) {
	switch st.Ref.Type {
	case fhir.TypeObservation, fhir.TypeDiagnosticReport:
		return 1, st.Newest - 1
	case fhir.TypeEncounter, fhir.TypeCommunication, fhir.TypeCondition, fhir.TypePlanDefinition:
		from = 1
		if st.Newest > maxEarlier {
			from = st.Newest - maxEarlier
		}
		n = st.Newest - from + 1
		if st.Current >= from {
			n-- // comes as the one in force
		}
		return from, n
	default:
	}
	return 1, 0
}

// versions are what a station gets of one resource: its earlier versions where it gets
// those, the current one last. Most have one, and where they stand says so.
func versions(r journal.Reader, st journal.Standing) ([]record.Encoded, error) {
	g := make([]record.Encoded, 0, 1)
	take := func(v record.Version) error {
		e, ok, err := r.Encoded(st.Ref, v)
		if err == nil && !ok {
			err = fault.New(fault.Corrupt, "scope.chunk", "", "a version that must be in the journal is missing; verify the journal")
		}
		g = append(g, e)
		return err
	}
	from, n := earlier(st)
	for v := from; v <= st.Newest && n > 0; v++ {
		if v != st.Current {
			if err := take(v); err != nil {
				return nil, err
			}
		}
	}
	return g, take(st.Current)
}

// compareRef orders as the journal's compartments do: by type, then id.
func compareRef(a, b fhir.Ref) int {
	return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID))
}
