package submit

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// chainEnd is how far central holds a station's chain of audit events, and what
// is missing before that, the note "looks/<station>".
type chainEnd struct {
	Seq  uint64      `cbor:"1,keyasint"`
	MAC  record.Hash `cbor:"2,keyasint"`
	Gaps []gap       `cbor:"3,keyasint,omitempty"` // in order

	Keys audit.Checker `cbor:"4,keyasint,omitempty"` // since 29 November 2026
}

// gap is a run of links that never came. A journal that was rolled back without
// anybody saying so meets them: the station believes that central has them, until
// it offers everything again.
type gap struct {
	From uint64 `cbor:"1,keyasint"`
	To   uint64 `cbor:"2,keyasint"`

	Keys audit.Checker `cbor:"3,keyasint,omitempty"` // as it was before From

	// Since 30 November 2026; zero where it is not known: the MAC of the link before
	// From, and that of To, which the link behind it names.
	Follows record.Hash `cbor:"4,keyasint"`
	Ends    record.Hash `cbor:"5,keyasint"`
}

// fits says whether a link can be one of those that never came. One of another
// computer that shares the identity parts from this chain somewhere, and is not to
// stand for what this one made under the same number. Links come in order, so that
// it shows at the first, or where the gap ends.
func (g gap) fits(l record.Look) bool {
	return (l.Seq != g.From || g.Follows.IsZero() || l.Prev == g.Follows) &&
		(l.Seq != g.To || g.Ends.IsZero() || l.MAC == g.Ends)
}

// without is what is still missing once a link has come, which leaves the key at
// behind.
func (g gap) without(l record.Look, behind audit.Checker) (rest []gap) {
	if g.From < l.Seq {
		rest = append(rest, gap{From: g.From, To: l.Seq - 1, Keys: g.Keys, Follows: g.Follows, Ends: l.Prev})
	}
	if l.Seq < g.To {
		rest = append(rest, gap{From: l.Seq + 1, To: g.To, Keys: behind, Follows: l.MAC, Ends: g.Ends})
	}
	return rest
}

// maxGaps bounds what is remembered as missing; the oldest are given up, as every
// gap is on record.
const maxGaps = 64

// miss notes that the links before one never came.
func (c *chainEnd) miss(l record.Look) {
	c.Gaps = append(slices.Clip(c.Gaps), gap{From: c.Seq + 1, To: l.Seq - 1, Keys: c.Keys, Follows: c.MAC, Ends: l.Prev})
	c.Gaps = c.Gaps[max(len(c.Gaps)-maxGaps, 0):]
}

// missing is which gap a link is in; below 0: in none.
func (c *chainEnd) missing(seq uint64) int {
	return slices.IndexFunc(c.Gaps, func(g gap) bool { return g.From <= seq && seq <= g.To })
}

const looksPrefix = "looks/"

// maxLooks bounds one call, so that one entry of the journal stays small.
const maxLooks = 4096

// Looks appends a station's own audit events and says up to which sequence
// central now holds them. Links that central has are passed over; one that was
// missing is taken when it comes after all. A gap or a
// link that does not fit its predecessor is itself audited, and the rest is
// taken: a broken chain must never stop the events behind it.
// fault.Conflict: the newest link that central holds is another than the one
// offered under its number, or one that was missing does not fit between its
// neighbours; nothing is taken, for what two computers that share an identity did
// would be told as one's.
func (s *Submitter) Looks(ctx context.Context, peer record.Peer, looks []record.Look) (upTo uint64, err error) {
	if len(looks) > maxLooks {
		looks = looks[:maxLooks]
	}
	station := peer.Device.Station
	_, err = s.update(ctx, "submit.looks", string(station), func(w *work) error {
		key := looksPrefix + string(station)
		end, _, err := noteOf[chainEnd](w, key)
		if err != nil {
			return err
		}
		before, err := record.Encode(end)
		if err != nil {
			return err
		}
		for _, l := range looks {
			if end, err = w.look(peer, end, l); err != nil {
				return err
			}
		}
		upTo = end.Seq
		b, err := record.Encode(end)
		if err != nil || bytes.Equal(b, before) {
			return err
		}
		return w.SetNote(key, b)
	})
	if err != nil {
		return 0, err
	}
	return upTo, nil
}

// look takes one link.
func (w *work) look(peer record.Peer, end chainEnd, l record.Look) (chainEnd, error) {
	switch {
	case l.Station != peer.Device.Station:
		return end, w.audit(chainEvent(peer, l, "an audit event of another computer was offered and not taken"))
	case l.Seq == end.Seq && l.MAC != end.MAC:
		return end, anothersLook(l)
	case l.Seq <= end.Seq:
		return w.lookLate(peer, end, l)
	case l.Seq != end.Seq+1:
		end.miss(l)
		if err := w.audit(chainEvent(peer, l, "audit events are missing before this one")); err != nil {
			return end, err
		}
	case l.Prev != end.MAC:
		if err := w.audit(chainEvent(peer, l, "this audit event does not follow the one before it")); err != nil {
			return end, err
		}
	}
	keys, err := w.checkKey(peer, end.Keys, l)
	if err != nil {
		return end, err
	}
	end.Seq, end.MAC, end.Keys = l.Seq, l.MAC, keys
	return end, w.looked(peer, l)
}

// lookLate takes a link that was missing, and passes over one that is held.
func (w *work) lookLate(peer record.Peer, end chainEnd, l record.Look) (chainEnd, error) {
	i := end.missing(l.Seq)
	if i < 0 {
		return end, nil
	}
	g := end.Gaps[i]
	if !g.fits(l) {
		return end, anothersLook(l)
	}
	behind, err := w.checkKey(peer, g.Keys, l)
	if err != nil {
		return end, err
	}
	end.Gaps = slices.Concat(end.Gaps[:i], g.without(l, behind), end.Gaps[i+1:])
	return end, w.looked(peer, l)
}

func anothersLook(l record.Look) error {
	return fault.New(fault.Conflict, "submit.look", string(l.Station), "another audit event stands under this number: another computer uses this identity, or this one was put back to an older disk image")
}

// checkKey holds a link to the key that its station had then.
func (w *work) checkKey(peer record.Peer, keys audit.Checker, l record.Look) (audit.Checker, error) {
	if w.s.unseal == nil {
		return audit.Checker{}, nil
	}
	next, wrong := keys.Check(l, w.s.unseal)
	if wrong == "" {
		return next, nil
	}
	return next, w.audit(chainEvent(peer, l, wrong))
}

// looked appends the event itself.
func (w *work) looked(peer record.Peer, l record.Look) error {
	if audit.Written(l.Event) { // neither emergency access nor a look
		return w.Audit(l.Event)
	}
	e, err := audit.Parse(l.Event)
	if err != nil && !json.Valid(l.Event) {
		return w.audit(chainEvent(peer, l, "an audit event could not be read"))
	}
	if err != nil { // it is kept all the same
		return w.Audit(l.Event)
	}
	if err := w.noteEmergency(l, e); err != nil {
		return err
	}
	if err := w.Audit(l.Event); err != nil {
		return err
	}
	return w.flagLook(l, e)
}

// Audit appends one audit event about a look made on central itself.
func (s *Submitter) Audit(ctx context.Context, event []byte) error {
	if !json.Valid(event) {
		return fault.New(fault.Invalid, "submit.audit", "", "an audit event is JSON")
	}
	_, err := s.update(ctx, "submit.audit", "", func(w *work) error { return w.Audit(event) })
	return err
}
