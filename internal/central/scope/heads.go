package scope

import (
	"context"
	"slices"
	"sync"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// headsAtOnce is how many patients one answer compares.
const headsAtOnce = 32

// heads remembers what it found about each patient, for as long as nothing
// about them changes: a patient is read once for all stations, however often
// they ask. It is safe for concurrent use.
type heads struct {
	mu   sync.Mutex
	upTo record.Position // changes up to here are taken into account
	of   map[fhir.ID]record.PatientHead
}

// maxHeads bounds what is remembered: about 100 bytes each.
const maxHeads = 100_000

// follow forgets the patients about whom something changed up to the reader's
// head. A reader that is behind what is remembered gets nothing from it.
func (h *heads) follow(r journal.Reader) (usable bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	head := r.Head().Position
	if h.of == nil || len(h.of) > maxHeads {
		h.of, h.upTo = map[fhir.ID]record.PatientHead{}, head
	}
	if head <= h.upTo {
		return head == h.upTo, nil
	}
	for e, err := range r.Entries(h.upTo) {
		if err != nil {
			return false, err
		}
		for _, c := range e.Changes {
			delete(h.of, c.Patient)
			if c.Ref.Type == fhir.TypePatient {
				delete(h.of, c.Ref.ID)
			}
			if c.Version > 1 { // it may have been somebody else's before
				if err := h.forgetOwner(r, c); err != nil {
					return false, err
				}
			}
		}
		h.upTo = e.Position
	}
	return true, nil
}

// forgetOwner forgets the patient to whom the version before c belonged.
func (h *heads) forgetOwner(r journal.Reader, c record.Change) error {
	for v := c.Version - 1; v > 0; v-- {
		old, ok, err := r.Version(c.Ref, v)
		if err != nil {
			return err
		}
		if ok && !old.History {
			delete(h.of, journal.PatientOf(old))
			return nil
		}
	}
	return nil
}

// read is what the journal holds about a patient.
func (h *heads) read(r journal.Reader, p fhir.ID, usable bool) (record.PatientHead, error) {
	h.mu.Lock()
	known, ok := h.of[p]
	h.mu.Unlock()
	if ok && usable {
		return known, nil
	}
	out := record.PatientHead{Patient: p}
	var all []record.Change
	for c, err := range r.Compartment(p) {
		if err != nil {
			return out, err
		}
		out.Newest = max(out.Newest, c.Position)
		all = append(all, c)
	}
	out.Head = record.HeadOf(all)
	h.mu.Lock()
	defer h.mu.Unlock()
	if usable && r.Head().Position == h.upTo { // nobody has followed further meanwhile
		h.of[p] = out
	}
	return out, nil
}

// Heads are those of the patients asked about that are in dev's scope at the
// present head, or, where none is asked about, of the next ones after an id.
func (s *Source) Heads(ctx context.Context, dev record.Device, after fhir.ID, asked []fhir.ID) (out record.Heads, err error) {
	err = s.view(ctx, func(r journal.Reader) error {
		out = record.Heads{At: r.Head(), Asked: asked, After: after}
		out.At.Epoch = s.journal.Epoch().ID
		if err := standing(r, dev); err != nil {
			return err
		}
		ids, err := s.inScope(r, dev)
		if err != nil {
			return err
		}
		if len(asked) > 0 {
			ids = slices.DeleteFunc(ids, func(p fhir.ID) bool { return !slices.Contains(asked, p) })
		} else {
			first, _ := slices.BinarySearch(ids, after+"\x00")
			ids = ids[first:]
		}
		out.End = len(ids) <= headsAtOnce
		ids = ids[:min(len(ids), headsAtOnce)]
		if len(ids) > 0 {
			out.UpTo = ids[len(ids)-1]
		}
		out.Heads, err = s.headsOf(ctx, r, ids)
		return err
	})
	return out, fault.Wrap("scope.heads", string(dev.Station), err)
}

// inScope are the patients that dev may hold at the reader's head, in order.
func (s *Source) inScope(r journal.Reader, dev record.Device) ([]fhir.ID, error) {
	if _, err := s.follow(r, r.Head().Position); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.members.patients(dev.Holds()), nil
}

func (s *Source) headsOf(ctx context.Context, r journal.Reader, ids []fhir.ID) ([]record.PatientHead, error) {
	usable, err := s.heads.follow(r)
	if err != nil {
		return nil, err
	}
	out := make([]record.PatientHead, 0, len(ids))
	for _, p := range ids {
		if err := ctx.Err(); err != nil {
			return nil, fault.As(fault.Unavailable, "scope.heads", "", err)
		}
		h, err := s.heads.read(r, p, usable)
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}

// Refill is a batch that begins and ends at a cursor and holds the whole
// compartments of some patients as they are now, perhaps newer than the cursor:
// the batches that follow bring the same versions again. Those who are not in
// dev's scope are to be forgotten.
func (s *Source) Refill(ctx context.Context, dev record.Device, at record.Cursor, patients []fhir.ID) (b record.Batch, err error) {
	b = record.Batch{Epoch: at.Epoch, From: at.Position, To: at.Position, Chain: at.Chain, Station: dev.Station, Time: s.now().UnixMilli()}
	err = s.view(ctx, func(r journal.Reader) error {
		b.Refill, b.Forget, b.Changes = nil, nil, nil
		if err := standing(r, dev); err != nil {
			return err
		}
		if err := known(r, s.journal.Epoch(), at); err != nil {
			return err
		}
		held, err := s.inScope(r, dev)
		if err != nil {
			return err
		}
		for _, p := range patients {
			if _, in := slices.BinarySearch(held, p); !in {
				b.Forget = append(b.Forget, p)
				continue
			}
			b.Refill = append(b.Refill, p)
			if b.Changes, err = appendWhole(b.Changes, r, p); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
	return b, fault.Wrap("scope.refill", string(dev.Station), err)
}

// appendWhole adds a patient's whole compartment.
func appendWhole(to []record.Change, r journal.Reader, p fhir.ID) ([]record.Change, error) {
	for it, err := range groups(r, p, fhir.Ref{}) {
		if err != nil {
			return nil, err
		}
		all, err := (record.Chunk{Encoded: it.changes}).All()
		if err != nil {
			return nil, err
		}
		to = append(to, all...)
	}
	return to, nil
}
