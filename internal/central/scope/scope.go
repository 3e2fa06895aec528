// Package scope shows the journal to one station at a time: which patients it
// may hold, what of a run of the journal concerns it, and what it needs to
// begin with.
//
// A station holds a patient for as long as one of the patient's present
// Encounters is on one of the station's wards, or somebody's own list that is
// kept on one of them names the patient, or one of them keeps the patient, who
// left with something still to be done, or its record was lent to this station for
// an emergency; and with them all other records of the same person (see reasons).
// Whether that is so is decided for a position, never for "now": a batch from F to T
// sends
//
//   - every change, history versions included, of a patient held all the way;
//   - the whole compartment of a patient who came, or left and came back;
//   - Forget for a patient who left, or came and left again;
//   - every change that names one of the station's wards itself.
//
// So a station that has applied batches up to T holds exactly the patients of
// its scope at T, whole, whatever runs the batches were cut into, and whatever
// moved while a snapshot was being read. A compartment may be newer than T: the
// batches that follow bring the same versions again.
//
// To answer without reading the journal's past, a Source follows the journal
// and remembers who was where, and the movements of the recent past (see
// members).
//
// Snapshots keep no state that a restart would lose: a snapshot's name holds
// the position that it will end at, and a token the resource after which it
// goes on. What was read ahead is kept for speed alone.
package scope

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/rbac"
)

// Limits of one answer.
const (
	maxEntries = 4096 // entries that one batch walks over
	overhead   = 320  // about what a change takes beside its body
)

// Source answers for one journal. It is safe for concurrent use.
type Source struct {
	journal journal.Journal
	now     func() time.Time

	mu      sync.RWMutex // guards members; readers hold it while they decide
	members members

	newest map[fhir.Type]int // of how many the newest go first in a snapshot
	ahead  spools
	recent *journal.Recent
	heads  heads
}

// New makes a Source. now is central's clock; nil is time.Now.
func New(j journal.Journal, now func() time.Time) *Source {
	if now == nil {
		now = time.Now
	}
	return &Source{journal: j, now: now, newest: newest, recent: new(journal.Recent)}
}

// Share has the Source remember entries together with others; call it before the
// Source is used.
func (s *Source) Share(m *journal.Recent) { s.recent = m }

// Epoch is the journal's incarnation, signed.
func (s *Source) Epoch() record.Epoch { return s.journal.Epoch() }

// Epochs is the lineage that led to Epoch, oldest first.
func (s *Source) Epochs() []record.Epoch { return s.journal.Epochs() }

// Holds says whether a cursor is in this journal.
func (s *Source) Holds(ctx context.Context, at record.Cursor) (bool, error) {
	err := s.view(ctx, func(r journal.Reader) error { return known(r, s.journal.Epoch(), at) })
	if fault.Is(err, fault.Conflict) {
		return false, nil
	}
	return err == nil, fault.Wrap("scope.holds", "", err)
}

// Head is the newest durable position.
func (s *Source) Head() record.Cursor { return s.journal.Head() }

// Grown returns a channel that is closed at the next commit after the call.
func (s *Source) Grown() <-chan struct{} { return s.journal.Grown() }

// Batch is a run of the journal after from, as dev may see it: up to the first
// entry with which it has maxBytes, or holds a patient who came, or has walked
// far enough. more says that the journal goes on. Without a new entry the batch
// ends where it begins. fault.Conflict: from is not in this journal. For the
// other errors see standing.
func (s *Source) Batch(ctx context.Context, dev record.Device, from record.Cursor, maxBytes int) (b record.Batch, more bool, err error) {
	err = s.view(ctx, func(r journal.Reader) error {
		if err := standing(r, dev); err != nil {
			return err
		}
		if err := known(r, s.journal.Epoch(), from); err != nil {
			return err
		}
		moves, err := s.follow(r, from.Position)
		if err != nil {
			return err
		}
		s.mu.RLock()
		defer s.mu.RUnlock()
		bl := &builder{r: r, dev: dev, view: s.members.at(moves, from.Position, dev.Holds()), max: maxBytes}
		b, more, err = bl.build(ctx, from)
		return err
	})
	if err != nil {
		return record.Batch{}, false, fault.Wrap("scope.batch", string(dev.Station), err)
	}
	b.Time, b.Station = s.now().UnixMilli(), dev.Station
	return b, more, nil
}

// Stands says whether dev is what the asker takes it for, by the journal as it
// is now; see standing.
func (s *Source) Stands(ctx context.Context, dev record.Device) error {
	err := s.view(ctx, func(r journal.Reader) error { return standing(r, dev) })
	return fault.Wrap("scope.stands", string(dev.Station), err)
}

// Lent says whether the run after a position, up to the journal's end, is another
// for this station than for its wards, because a record is, or was in it, lent to
// the station alone.
func (s *Source) Lent(ctx context.Context, dev record.Device, after record.Position) (lent bool, err error) {
	own := record.OwnWard(dev.Station)
	err = s.view(ctx, func(r journal.Reader) error {
		moves, err := s.follow(r, after)
		if err != nil {
			return err
		}
		s.mu.RLock()
		defer s.mu.RUnlock()
		first, _ := slices.BinarySearchFunc(moves, after+1, func(m move, p record.Position) int { return cmp.Compare(m.pos, p) })
		lent = len(s.members.wards[own]) > 0 || slices.ContainsFunc(moves[first:], func(m move) bool { return m.before.ward == own || m.after.ward == own })
		return nil
	})
	return lent, fault.Wrap("scope.lent", string(dev.Station), err)
}

// standing holds what the asker takes dev for against what the journal says of it
// in the same snapshot, so that nothing that was committed after a computer was
// shut out, or given other wards, is served to it as it was before. Of a
// computer that the journal does not know, the asker's word is taken.
// fault.Denied: it was shut out. fault.Unavailable: its wards are others now; ask
// again as what it is.
func standing(r journal.Reader, dev record.Device) error {
	note, ok, err := r.Note(record.DeviceNote(dev.Station))
	if err != nil || !ok {
		return err
	}
	var now record.Device
	if err := record.Decode(note, &now); err != nil {
		return err
	}
	switch {
	case now.Revoked != 0, now.Wipe != 0:
		return fault.New(fault.Denied, "scope.standing", string(dev.Station), "the computer was shut out")
	case !slices.Equal(now.Wards, dev.Wards):
		return fault.New(fault.Unavailable, "scope.standing", string(dev.Station), "the computer's wards were changed")
	}
	return nil
}

// known holds a cursor against the journal: same epoch, not beyond the head, and
// the same chain hash at its position.
func known(r journal.Reader, epoch record.Epoch, at record.Cursor) error {
	head := r.Head()
	if at.Epoch != epoch.ID || at.Position > head.Position {
		return fault.New(fault.Conflict, "scope.cursor", "", "the cursor is of another epoch, or beyond the head")
	}
	chain := head.Chain
	switch at.Position {
	case head.Position:
	case 0:
		chain = record.Hash{}
	default:
		for e, err := range r.Entries(at.Position - 1) {
			if err != nil {
				return err
			}
			chain = e.Chain
			break
		}
	}
	if chain != at.Chain {
		return fault.New(fault.Conflict, "scope.cursor", "", "the chain hash at the cursor is another one in this journal")
	}
	return nil
}

// builder makes one batch. Its view stands at the batch's beginning and moves
// forward with the entries.
type builder struct {
	r       journal.Reader
	dev     record.Device
	view    *view
	max     int
	size    int
	changes []record.Change
	held    map[fhir.ID]bool // patients whose membership moved: held at the beginning?
	gone    map[fhir.ID]bool // patients who were not held at some time since
}

func (b *builder) build(ctx context.Context, from record.Cursor) (out record.Batch, more bool, err error) {
	b.held, b.gone = map[fhir.ID]bool{}, map[fhir.ID]bool{}
	out = record.Batch{Epoch: from.Epoch, From: from.Position, To: from.Position, Chain: from.Chain}
	walked := 0
	for e, err := range b.r.Entries(from.Position) {
		if err != nil {
			return out, false, err
		}
		if b.size >= b.max || b.came() || walked >= maxEntries {
			more = true
			break
		}
		if err := ctx.Err(); err != nil {
			return out, false, fault.As(fault.Unavailable, "scope.batch", "", err)
		}
		if err := b.entry(e); err != nil {
			return out, false, err
		}
		out.To, out.Chain = e.Position, e.Chain
		walked++
	}
	return out, more, b.settle(&out)
}

// came says that the entries so far bring in a patient: the batch ends there,
// so that it carries few whole compartments.
func (b *builder) came() bool {
	for p, held := range b.held {
		if !held && b.view.holds(p) {
			return true
		}
	}
	return false
}

// entry takes an entry's movements first and then its changes.
func (b *builder) entry(e record.Entry) error {
	affected := b.view.affected(e.Position)
	for _, p := range affected {
		if _, seen := b.held[p]; !seen {
			b.held[p] = b.view.holds(p)
		}
	}
	b.view.forward(e.Position)
	for _, p := range affected {
		if !b.view.holds(p) {
			b.gone[p] = true
		}
	}
	for _, c := range e.Changes {
		if c.Position == 0 {
			c.Position = e.Position
		}
		yes, err := b.concerns(c)
		if err != nil {
			return err
		}
		if yes {
			b.changes = append(b.changes, c)
			b.size += len(c.Body) + overhead
		}
	}
	return nil
}

// concerns says whether a change may belong in the batch. Of a patient who
// moves in it, settle decides.
func (b *builder) concerns(c record.Change) (bool, error) {
	if own(c, b.dev) {
		return true, nil
	}
	if c.Patient != "" {
		if _, moved := b.held[c.Patient]; moved || b.view.holds(c.Patient) {
			return true, nil
		}
	}
	return b.wasOwn(c)
}

// wasOwn says whether the version before c named one of the station's wards: a
// duty that was given to another ward, or to a patient once it was known whose
// it is. The station must not go on showing the older version.
func (b *builder) wasOwn(c record.Change) (bool, error) {
	if c.Version <= 1 || c.History || c.Patient != "" && c.Ref.Type != fhir.TypeTask {
		return false, nil
	}
	for v := c.Version - 1; v > 0; v-- {
		old, ok, err := b.r.Version(c.Ref, v)
		if err != nil {
			return false, err
		}
		if ok && !old.History {
			return own(old, b.dev), nil
		}
	}
	return false, nil
}

// own says whether a change names one of the station's wards itself, or all of
// them, as a routine of the whole site does. Only central names all: what a computer writes
// is of its own wards, and none of those is called so.
func own(c record.Change, dev record.Device) bool {
	for _, w := range c.Wards {
		if w == rbac.AnyWard || slices.Contains(dev.Wards, w) || dev.Station != "" && w == record.OwnWard(dev.Station) {
			return true
		}
	}
	return false
}

// settle decides at the batch's end what becomes of the patients who moved.
func (b *builder) settle(out *record.Batch) error {
	var came []fhir.ID
	drop := map[fhir.ID]bool{}
	for p, held := range b.held {
		switch {
		case !b.view.holds(p):
			out.Forget = append(out.Forget, p)
			drop[p] = true
		case !held || b.gone[p]:
			came = append(came, p)
			drop[p] = true // the compartment has it all
		}
	}
	slices.Sort(out.Forget)
	slices.Sort(came)
	for _, p := range came {
		for it, err := range groups(b.r, p, fhir.Ref{}) {
			if err != nil {
				return err
			}
			all, err := (record.Chunk{Encoded: it.changes}).All()
			if err != nil {
				return err
			}
			out.Changes = append(out.Changes, all...)
		}
	}
	for _, c := range b.changes {
		if c.Patient == "" || !drop[c.Patient] || own(c, b.dev) {
			out.Changes = append(out.Changes, c)
		}
	}
	return nil
}
