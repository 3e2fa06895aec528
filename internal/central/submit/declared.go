package submit

import (
	"context"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
)

// A computer declares how long its chain of looks is, and its last link, whenever
// it asks how it stands. Looks go to central as soon as there is a line, so central
// soon holds the whole chain; a computer whose chain is then shorter, or whose last
// link is another, was put back to an older state or had its tail cut. What it
// writes from there on bears numbers that central has already.

// shortPrefix is where it is noted that this was told of a chain: once for each
// place at which it happens.
const shortPrefix = "short/"

// Declared holds a computer's word on its own chain to what central had of it the
// last time that it was asked, which is then known to be the computer's past. It
// returns how far central holds the chain now.
func (s *Submitter) Declared(ctx context.Context, peer record.Peer, seq uint64, mac record.Hash, before uint64) (held uint64, err error) {
	station := peer.Device.Station
	var end chainEnd
	told := ""
	err = s.journal.View(ctx, func(r journal.Reader) error {
		var err error
		if end, _, err = noteOf[chainEnd](r, looksPrefix+string(station)); err != nil {
			return err
		}
		b, _, err := r.Note(shortPrefix + string(station))
		told = string(b)
		return err
	})
	if err != nil {
		return 0, err
	}
	why := ""
	switch {
	case seq < before:
		why = "this computer's audit events are fewer than those that it sent before: it was put back to an older state, or the end was cut off"
	case seq == end.Seq && seq > 0 && mac != end.MAC:
		why = "this computer's last audit event is not the one that it sent: its audit events were made anew"
	}
	if why == "" || told == end.MAC.String() {
		return end.Seq, nil
	}
	_, err = s.update(ctx, "submit.declared", string(station), func(w *work) error {
		if err := w.SetNote(shortPrefix+string(station), []byte(end.MAC.String())); err != nil {
			return err
		}
		return w.audit(chainEvent(peer, record.Look{Station: station, Seq: seq}, why))
	})
	return end.Seq, err
}
