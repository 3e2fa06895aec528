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
}

// maxGaps bounds what is remembered as missing; the oldest are given up, as every
// gap is on record.
const maxGaps = 64

// miss notes that links never came.
func (c *chainEnd) miss(from, to uint64) {
	c.Gaps = append(slices.Clip(c.Gaps), gap{from, to, c.Keys})
	c.Gaps = c.Gaps[max(len(c.Gaps)-maxGaps, 0):]
}

// fill takes a link off what is missing, and returns what its key is held to; ok
// says whether it was missing. keep stores how to go on behind it.
func (c *chainEnd) fill(seq uint64) (before audit.Checker, keep func(audit.Checker), ok bool) {
	i := slices.IndexFunc(c.Gaps, func(g gap) bool { return g.From <= seq && seq <= g.To })
	if i < 0 {
		return before, nil, false
	}
	g := c.Gaps[i]
	return g.Keys, func(behind audit.Checker) {
		var rest []gap
		if g.From < seq {
			rest = append(rest, gap{g.From, seq - 1, g.Keys})
		}
		if seq < g.To {
			rest = append(rest, gap{seq + 1, g.To, behind})
		}
		c.Gaps = slices.Concat(c.Gaps[:i], rest, c.Gaps[i+1:])
	}, true
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
// offered under its number; nothing is taken, for what two computers that share an
// identity did would be told as one's.
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
		return end, fault.New(fault.Conflict, "submit.look", string(l.Station), "another audit event stands under this number: another computer uses this identity, or this one was put back to an older disk image")
	case l.Seq <= end.Seq:
		return w.lookLate(peer, end, l)
	case l.Seq != end.Seq+1:
		end.miss(end.Seq+1, l.Seq-1)
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
	before, keep, missing := end.fill(l.Seq)
	if !missing {
		return end, nil
	}
	behind, err := w.checkKey(peer, before, l)
	if err != nil {
		return end, err
	}
	keep(behind)
	return end, w.looked(peer, l)
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
