package submit

import (
	"context"
	"encoding/json"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// chainEnd is how far central holds a station's chain of audit events, the
// note "looks/<station>".
type chainEnd struct {
	Seq uint64      `cbor:"1,keyasint"`
	MAC record.Hash `cbor:"2,keyasint"`
}

const looksPrefix = "looks/"

// maxLooks bounds one call, so that one entry of the journal stays small.
const maxLooks = 4096

// Looks appends a station's own audit events and says up to which sequence
// central now holds them. Links that central has are passed over. A gap or a
// link that does not fit its predecessor is itself audited, and the rest is
// taken: a broken chain must never stop the events behind it.
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
		upTo = end.Seq
		for _, l := range looks {
			if end, err = w.look(peer, end, l); err != nil {
				return err
			}
		}
		if end.Seq == upTo {
			return nil
		}
		upTo = end.Seq
		b, err := record.Encode(end)
		if err != nil {
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
	case l.Seq <= end.Seq:
		return end, nil
	case l.Seq != end.Seq+1:
		if err := w.audit(chainEvent(peer, l, "audit events are missing before this one")); err != nil {
			return end, err
		}
	case l.Prev != end.MAC:
		if err := w.audit(chainEvent(peer, l, "this audit event does not follow the one before it")); err != nil {
			return end, err
		}
	}
	next := chainEnd{Seq: l.Seq, MAC: l.MAC}
	if len(l.Event) == 0 || !json.Valid(l.Event) {
		return next, w.audit(chainEvent(peer, l, "an audit event could not be read"))
	}
	if err := w.noteEmergency(l); err != nil {
		return end, err
	}
	return next, w.Audit(l.Event)
}

// Audit appends one audit event about a look made on central itself.
func (s *Submitter) Audit(ctx context.Context, event []byte) error {
	if !json.Valid(event) {
		return fault.New(fault.Invalid, "submit.audit", "", "an audit event is JSON")
	}
	_, err := s.update(ctx, "submit.audit", "", func(w *work) error { return w.Audit(event) })
	return err
}
