package seat

import (
	"context"
	"encoding/json"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
	"wardlight/internal/station/desk"
	"wardlight/internal/words"
	"wardlight/sync/client"
	"wardlight/sync/wire"
)

// A computer whose access the hospital has withdrawn shows patients to nobody from
// the moment in which it hears of it: the window blanks itself, keeps what was
// being typed, and locks; and no PIN alone opens it again, over restarts too. Only
// central, in a session of its own, can say so, and only a session with central
// takes it back: a certificate that is refused may have run out, or the server may
// be a stranger, and neither may blank a ward.

const withdrawnFact = "withdrawn"

// withdrawnRow is how it is kept.
type withdrawnRow struct {
	Version int       `json:"v"` // 1
	Since   time.Time `json:"since"`
}

// lockWithin is how long a window has to write down what was being typed, before
// the desk is locked whatever it does.
const lockWithin = 2 * time.Second

// withdrawalKept says what a cache remembers of it.
func (s *Seat) withdrawalKept(c *cache.Cache) error {
	b, err := c.Fact(withdrawnFact)
	if err != nil || b == nil {
		return err
	}
	var row withdrawnRow
	if json.Unmarshal(b, &row) != nil || row.Version != 1 {
		return fault.New(fault.Unsupported, "seat.withdrawn", "", "that this computer's access was withdrawn was written down by a newer program")
	}
	s.withdrawn.Store(!row.Since.IsZero())
	return nil
}

// heard takes central's word from the link. It does not block.
func (s *Seat) heard(l client.LinkState) {
	is := s.withdrawn.Load()
	switch {
	case l.Connected:
		is = false
	case l.Refused.Reason == wire.ByeDenied.String():
		is = true
	}
	if s.withdrawn.Swap(is) == is {
		return
	}
	select {
	case s.turned <- struct{}{}:
	default: // whoever wakes up reads what it is by then
	}
}

// watchWithdrawn writes it down, and locks the desk, until ctx ends.
func (s *Seat) watchWithdrawn(ctx context.Context, c *cache.Cache, d *desk.Desk) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.turned:
		}
		row := withdrawnRow{Version: 1}
		if s.withdrawn.Load() {
			row.Since = s.conf.Now().UTC()
			s.conf.Log.Warn("central has withdrawn this computer's access: it shows patients to nobody")
		}
		b, err := json.Marshal(row)
		if err == nil {
			err = c.SetFact(ctx, withdrawnFact, b)
		}
		if err != nil && ctx.Err() == nil {
			s.conf.Log.Error("how this computer stands with central cannot be written down", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(lockWithin):
		}
		if s.withdrawn.Load() {
			d.Lock()
		}
	}
}

func errWithdrawn(user string) error {
	return fault.As(fault.Denied, "seat.signin", user, words.Errorf("The hospital has withdrawn this computer's access: it shows no patients. "+
		"What you were writing, and what was entered here and not sent, is kept on it, sealed. Use another computer, and tell IT: this one has to be enrolled anew."))
}
