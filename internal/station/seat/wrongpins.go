package seat

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/keys"
)

// Who tries a PIN with the network out is on record here, and so at central, whether the
// copy is open or not. The slots file keeps each wrong one with its count (keys.Untold);
// here they go into the computer's chain as soon as a copy is open, with the number of the
// last one in the same transaction: exactly once, whenever the program is killed.

// wrongFact is the last one that is on record.
const wrongFact = "wrong-pins"

type wrongRow struct {
	Version int    `json:"v"` // 1
	ID      string `json:"id"`
	Seq     uint64 `json:"seq"`
}

// wrongPIN says that somebody was refused here and not by central.
func (s *Seat) wrongPIN(why error) {
	if fault.Is(why, fault.Unknown) || fault.Is(why, fault.Denied) || fault.Is(why, fault.Timeout) {
		s.wrongSoon()
	}
}

func (s *Seat) wrongSoon() {
	select {
	case s.wrongs <- struct{}{}:
	default:
	}
}

// stranger counts somebody who is refused because they never signed in here.
func (s *Seat) stranger() {
	if err := s.withDevice(s.slots.Stranger); err != nil {
		s.conf.Log.Error("that somebody tried to sign in could not be written down", "err", err)
		return
	}
	s.wrongSoon()
}

// recordWrong puts wrong PINs on record until ctx ends. What cannot be recorded now (a
// full disk) is tried until it is.
func (s *Seat) recordWrong(ctx context.Context, c *cache.Cache) error {
	told, closed := false, true
	for {
		err := s.wrongOnRecord(ctx, c, closed)
		if ctx.Err() != nil {
			return nil
		}
		again := (<-chan time.Time)(nil)
		if err != nil {
			if !told {
				s.conf.Log.Error("a wrong PIN could not be put on record; it is tried again", "err", err)
			}
			again = time.After(min(configuredAgain, s.conf.countEvery()))
		} else {
			closed = false
		}
		told = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-s.wrongs:
		case <-again:
		}
	}
}

// wrongOnRecord puts on record what is not; closed: it was tried while the copy was.
func (s *Seat) wrongOnRecord(ctx context.Context, c *cache.Cache, closed bool) error {
	events, w, told, err := s.untoldWrong(c, closed)
	if err != nil {
		return err
	}
	if told.ID != w.ID || told.Seq != w.Seq {
		row, err := json.Marshal(wrongRow{1, w.ID, w.Seq})
		if err != nil {
			return fault.Wrap("seat.wrong", "", err)
		}
		if err := c.Commit(ctx, nil, events, cache.Fact{Key: wrongFact, Value: row}); err != nil {
			return err
		}
	}
	s.between("wrong PINs on record")
	return s.withDevice(func(device []byte) error { return s.slots.TellWrong(w.ID, w.Seq, device) })
}

// untoldWrong are the events of those that are not on record.
func (s *Seat) untoldWrong(c *cache.Cache, closed bool) (events [][]byte, w keys.Wrong, told wrongRow, err error) {
	err = s.withDevice(func(device []byte) error {
		w, err = s.slots.Untold(device)
		return err
	})
	if err != nil {
		return nil, w, told, err
	}
	b, err := c.Fact(wrongFact)
	if err != nil {
		return nil, w, told, err
	}
	if b != nil && (json.Unmarshal(b, &told) != nil || told.Version != 1) {
		told = wrongRow{} // a newer program's: what is there is told
	}
	var list []audit.Event
	from := told.Seq
	if another := told.ID != w.ID; another || w.Seq < told.Seq {
		if from = 0; !another {
			from = told.Seq
		}
		if told.ID != "" {
			list = append(list, s.wrongLost())
		}
	}
	list = append(list, s.wrongEvents(w, from, closed)...)
	for _, e := range list {
		b, err := e.JSON()
		if err != nil {
			return nil, w, told, err
		}
		events = append(events, b)
	}
	return events, w, told, nil
}

// wrongLost tells that what was counted of wrong PINs is not what there was.
func (s *Seat) wrongLost() audit.Event {
	e := s.ofThisComputer(audit.Config)
	e.Outcome, e.Reason = audit.Failed, "the list of wrong PINs of this computer is not the one of before"
	e.Details = []audit.Detail{
		{Name: "what", Value: "wrong-pins-lost"},
		{Name: "means", Value: "somebody took it away or put an older one back, or an earlier version of the program wrote the file; which wrong PINs there were is not known"},
	}
	return e
}

// wrongEvents are the events of the tries after a number.
func (s *Seat) wrongEvents(w keys.Wrong, from uint64, closed bool) (list []audit.Event) {
	now := s.conf.Now()
	for _, t := range w.Tries {
		if t.Seq <= from {
			continue
		}
		e := s.ofThisComputer(audit.SignIn)
		e.Recorded, e.Outcome, e.Reason = t.At, audit.Refused, "the name or the PIN does not fit"
		if t.User == "" {
			e.Reason = "nobody of the name that was given has signed in on this computer"
		} else {
			e.Who = audit.Who{User: record.UserID(t.User), Station: s.info.Station, Place: s.info.Place}
		}
		if t.Cut {
			e.Reason = "the try was broken off, by an end of the program for one, before it was known whether the PIN fits"
		}
		if closed {
			e.Details = []audit.Detail{
				{Name: "what", Value: "tried while this computer’s copy was closed"},
				{Name: "put on record", Value: now.UTC().Format(time.RFC3339)},
			}
		}
		list = append(list, e)
	}
	if m := w.More; m != nil && m.Last > from {
		e := s.ofThisComputer(audit.SignIn)
		e.Outcome, e.Reason = audit.Refused, "the name or the PIN does not fit"
		e.Details = []audit.Detail{
			{Name: "what", Value: "more than are kept one by one"},
			{Name: "times", Value: strconv.FormatUint(m.Last-max(m.First-1, from), 10)},
			{Name: "since", Value: m.From.UTC().Format(time.RFC3339)},
			{Name: "last", Value: m.To.UTC().Format(time.RFC3339)},
		}
		list = append(list, e)
	}
	return list
}
