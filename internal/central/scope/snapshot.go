package scope

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Chunk is the next piece of a snapshot for dev: first what names its wards
// itself, then each patient's compartment, in order of id. snapshot "" begins
// one, which will end at the present head. fault.NotFound: the snapshot is not
// of this journal; begin anew.
func (s *Source) Chunk(ctx context.Context, dev record.Device, snapshot, next string, maxBytes int) (ch record.Chunk, err error) {
	if err := s.journal.View(ctx, func(r journal.Reader) error { return standing(r, dev) }); err != nil {
		return ch, fault.Wrap("scope.chunk", string(dev.Station), err)
	}
	if at, ok := parseName(snapshot); ok && at.Position < dev.Rescoped {
		return ch, fault.Wrap("scope.chunk", string(dev.Station), errGone)
	}
	if items, mark, ok := s.ahead.take(dev.Station, snapshot, next); ok {
		ch, err = s.cut(dev, mark, items, maxBytes)
		return ch, fault.Wrap("scope.chunk", string(dev.Station), err)
	}
	err = s.journal.View(ctx, func(r journal.Reader) error {
		at, tok, err := s.resume(r, snapshot, next)
		if err != nil {
			return err
		}
		items, patients, err := s.read(ctx, r, dev, tok)
		if err != nil {
			return err
		}
		ch, err = s.cut(dev, mark{at: at, token: tok, patients: patients}, items, maxBytes)
		return err
	})
	return ch, fault.Wrap("scope.chunk", string(dev.Station), err)
}

// errGone is the answer for a snapshot of another journal, and for one that was
// begun when the station had other wards: its first part is of another scope.
var errGone = fault.New(fault.NotFound, "scope.resume", "", "this snapshot cannot be resumed; a new one is needed")

// resume finds out where a snapshot goes on.
func (s *Source) resume(r journal.Reader, snapshot, next string) (record.Cursor, token, error) {
	if snapshot == "" {
		at := r.Head()
		at.Epoch = s.journal.Epoch().ID
		return at, token{}, nil
	}
	at, ok := parseName(snapshot)
	if !ok || known(r, s.journal.Epoch(), at) != nil {
		return at, token{}, errGone
	}
	tok, ok := parseToken(next)
	if !ok {
		return at, token{}, errGone
	}
	return at, tok, nil
}

// item is what stays together in a chunk: the versions of one resource.
type item struct {
	ref     fhir.Ref
	changes []record.Encoded
	owner   fhir.ID // whose compartment; "" before the first
}

func (i item) size() (n int) {
	for _, c := range i.changes {
		n += len(c)
	}
	return n
}

// mark is where a run of items begins.
type mark struct {
	at       record.Cursor
	token    token
	patients int // in scope, for the estimate
}

// readAhead is how much is read at once, so that a long compartment is walked
// over a few times and not once a chunk.
const readAhead = 2 << 20

// read returns the items after a token: up to readAhead of them, the last one
// empty where there is nothing more.
func (s *Source) read(ctx context.Context, r journal.Reader, dev record.Device, tok token) (items []item, patients int, err error) {
	if _, err = s.follow(r, r.Head().Position); err != nil {
		return nil, 0, err
	}
	s.mu.RLock()
	ids := s.members.patients(dev.Wards)
	s.mu.RUnlock()
	size := 0
	add := func(it item) bool {
		items = append(items, it)
		size += it.size()
		return size < readAhead
	}
	if tok.owner == "" {
		loose, err := looseOf(r, dev)
		if err != nil {
			return nil, 0, err
		}
		for _, c := range loose {
			if tok.index > 0 && compareRef(c.Ref, tok.ref) <= 0 {
				continue
			}
			e, err := record.EncodeChange(c)
			if err != nil {
				return nil, 0, err
			}
			if !add(item{ref: c.Ref, changes: []record.Encoded{e}}) {
				return items, len(ids), nil
			}
		}
	}
	first, _ := slices.BinarySearch(ids, tok.owner)
	for _, p := range ids[first:] {
		if err := ctx.Err(); err != nil {
			return nil, 0, fault.As(fault.Unavailable, "scope.chunk", "", err)
		}
		var after fhir.Ref
		if p == tok.owner {
			after = tok.ref
		}
		for it, err := range groups(r, p, after) {
			if err != nil {
				return nil, 0, err
			}
			if !add(it) {
				return items, len(ids), nil
			}
		}
	}
	return append(items, item{}), len(ids), nil
}

// cut makes a chunk of the first items and keeps the rest for the next.
func (s *Source) cut(dev record.Device, m mark, items []item, maxBytes int) (record.Chunk, error) {
	ch := record.Chunk{
		Snapshot: nameOf(m.at), Index: m.token.index, At: m.at, Done: m.token.done,
		Time: s.now().UnixMilli(), Station: dev.Station,
	}
	tok := m.token
	size, n := 0, 0
	for n < len(items) && size < maxBytes && len(items[n].changes) > 0 {
		it := items[n]
		ch.Encoded = append(ch.Encoded, it.changes...)
		if it.owner != tok.owner {
			tok.seen++
		}
		tok.owner, tok.ref = it.owner, it.ref
		tok.done += uint64(len(it.changes))
		size += it.size()
		n++
	}
	ch.Done = tok.done
	if n < len(items) && len(items[n].changes) == 0 {
		ch.Last = true
		ch.Total = ch.Done
		s.ahead.drop(dev.Station)
		return ch, nil
	}
	if tok.seen > 0 {
		ch.Total = max(ch.Done+1, ch.Done*uint64(max(m.patients, 1))/tok.seen)
	}
	tok.index++
	ch.Next = tok.String()
	m.token = tok
	s.ahead.put(dev.Station, ch.Snapshot, ch.Next, items[n:], m)
	return ch, nil
}

// looseOf are the current resources without a patient that name one of the
// station's wards, in order of reference.
func looseOf(r journal.Reader, dev record.Device) ([]record.Change, error) {
	var out []record.Change
	for _, w := range dev.Wards {
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
// a result that has more than one version, the earlier ones come before it: the
// chart shows what was corrected.
func groups(r journal.Reader, patient fhir.ID, after fhir.Ref) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		for st, err := range r.Standings(patient, after) {
			it := item{ref: st.Ref, owner: patient}
			if err == nil {
				it.changes, err = versions(r, st)
			}
			if !yield(it, err) || err != nil {
				return
			}
		}
	}
}

// keepsHistory says whether a station gets a resource's earlier versions too.
// (A history version may have a higher number than the current one: a late
// older message.)
func keepsHistory(t fhir.Type) bool {
	return t == fhir.TypeObservation || t == fhir.TypeDiagnosticReport
}

// versions are what a station gets of one resource: of a result all its
// versions, the current one last. Most have one, and where they stand says so.
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
	for v := record.Version(1); v <= st.Newest && keepsHistory(st.Ref.Type); v++ {
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

// nameOf is a snapshot's name: the cursor that it ends at.
func nameOf(at record.Cursor) string {
	return fmt.Sprintf("%s:%d:%s", at.Epoch, at.Position, at.Chain)
}

func parseName(s string) (record.Cursor, bool) {
	part := strings.Split(s, ":")
	if len(part) != 3 {
		return record.Cursor{}, false
	}
	pos, err := strconv.ParseUint(part[1], 10, 64)
	chain, err2 := hex.DecodeString(part[2])
	if err != nil || err2 != nil || len(chain) != len(record.Hash{}) {
		return record.Cursor{}, false
	}
	return record.Cursor{Epoch: part[0], Position: record.Position(pos), Chain: record.Hash(chain)}, true
}

// token is where a snapshot goes on: after ref in owner's compartment ("": in
// what belongs to no patient), with what has been sent so far.
type token struct {
	index uint32
	done  uint64
	seen  uint64 // patients begun
	owner fhir.ID
	ref   fhir.Ref
}

func (t token) String() string {
	return fmt.Sprintf("%d:%d:%d:%s:%s", t.index, t.done, t.seen, t.owner, t.ref)
}

func parseToken(s string) (token, bool) {
	part := strings.Split(s, ":")
	if len(part) != 5 {
		return token{}, false
	}
	index, err := strconv.ParseUint(part[0], 10, 32)
	done, err2 := strconv.ParseUint(part[1], 10, 64)
	seen, err3 := strconv.ParseUint(part[2], 10, 64)
	ref, err4 := fhir.ParseRef(part[4])
	ok := err == nil && err2 == nil && err3 == nil && err4 == nil && index > 0
	return token{uint32(index), done, seen, fhir.ID(part[3]), ref}, ok
}

// spools keep what was read ahead for snapshots under way: one for a station,
// maxSpools in all, the one used longest ago making room.
type spools struct {
	mu    sync.Mutex
	of    map[record.StationID]*spool
	clock uint64
}

type spool struct {
	snapshot, next string
	items          []item
	mark           mark
	used           uint64
}

const maxSpools = 16

// take returns what was read ahead behind a token, if any of it is left.
func (s *spools) take(station record.StationID, snapshot, next string) ([]item, mark, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.of[station]
	if sp == nil || snapshot == "" || sp.snapshot != snapshot || sp.next != next || len(sp.items) == 0 {
		return nil, mark{}, false
	}
	return sp.items, sp.mark, true
}

func (s *spools) put(station record.StationID, snapshot, next string, items []item, m mark) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[record.StationID]*spool{}
	}
	if _, ok := s.of[station]; !ok && len(s.of) >= maxSpools {
		var oldest record.StationID
		for id, sp := range s.of {
			if o := s.of[oldest]; o == nil || sp.used < o.used {
				oldest = id
			}
		}
		delete(s.of, oldest)
	}
	s.clock++
	s.of[station] = &spool{snapshot, next, items, m, s.clock}
}

func (s *spools) drop(station record.StationID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.of, station)
}
