package simtest

import (
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

// backup notes today's position, to which the journal may come back.
func (c *central) backup() { c.saved = c.journal.Head().Position }

// take takes the history's turn.
func (c *central) take() {
	if c.turned || c.w.healed || c.saved == 0 {
		return
	}
	c.turned = true
	c.w.struck["central was "+c.w.profile.turn.String()]++
	switch c.w.profile.turn {
	case restored:
		c.back(c.epoch(record.CauseRestored, c.journal.Epoch().ID, c.saved))
	case rolledBack:
		c.back(c.journal.Epoch())
	case wiped:
		c.wipe()
	case steady, turns:
	}
}

// back brings the journal back to the backup. What senders were answered for
// since comes out of the raw inbound log, which lies on a path of its own.
func (c *central) back(e record.Epoch) {
	c.crash()
	j, err := c.journal.Reopen().At(c.w.ctx, c.saved, e)
	must(err)
	c.journal = j
	c.w.ledger.rollback(c.saved)
	c.down, c.full = false, false
	c.open()
	c.again()
	c.w.feed.replay()
}

// again is the administrator repeating what a restore has undone: the backup
// knows nothing of computers that were given other wards, or shut out, since.
func (c *central) again() {
	for _, s := range c.w.stations {
		must(c.submitter.PutDevice(c.w.ctx, record.Author{Sender: "administrator"}, s.device))
		var err error
		s.device, err = c.submitter.Device(c.w.ctx, s.id)
		must(err)
	}
}

// wipe begins anew with nothing: what was there is not to come back.
func (c *central) wipe() {
	c.crash()
	c.journal = c.empty(c.epoch(record.CauseWiped, c.journal.Epoch().ID, 0))
	c.w.ledger.bury(c.w)
	c.w.feed.bury()
	c.down, c.full = false, false
	c.open()
	c.settle()
	c.again()
}

// rolledBack begins a restored epoch after a station has proven that the journal
// was rolled back. The first proof does.
func (c *central) rolledBack(r hub.Rollback) error {
	if c.w.profile.turn != rolledBack || !c.turned {
		c.w.fail("%s proved a rollback that never was", r.Station)
	}
	if c.journal.Epoch().ID != r.Signed.Epoch {
		return nil
	}
	if r.Shared > c.saved {
		c.w.fail("%s proved that the journal of before the rollback and this one agree up to %d, and they part at %d", r.Station, r.Shared, c.saved)
	}
	if c.full {
		return fault.New(fault.Full, "simtest.begin", "", "the disk is full")
	}
	c.w.struck["a rollback was proven"]++
	if _, err := c.journal.Begin(c.w.ctx, record.CauseRestored, r.Shared); err != nil {
		return err
	}
	for _, s := range c.w.stations {
		if conn := c.sessions[s.id]; conn != nil {
			c.w.soon(func() { conn.toHub(hub.Stopping{}) })
		}
	}
	c.w.feed.replay()
	return nil
}

// takeBack takes what central signed before it was set back.
func (c *central) takeBack(p record.Peer, b *wire.GiveBack) error {
	batch, err := (&wire.Batch{Body: b.Body, Sig: b.Sig}).Open(verify)
	if err != nil {
		return err
	}
	c.w.struck["a batch was given back"]++
	return c.submitter.TakeBack(c.w.ctx, p, batch)
}

// diverged is what the administrator does about a station that cannot prove what
// it holds: the journal begins a restored epoch.
func (c *central) diverged() {
	if c.w.profile.turn != rolledBack || !c.turned {
		c.w.fail("a cursor is not in the journal, though nothing was rolled back")
	}
	epoch := c.journal.Epoch().ID
	c.w.after(time.Duration(c.w.rng.IntN(4))*time.Second, func() {
		switch {
		case c.journal.Epoch().ID != epoch:
		case c.down:
			c.diverged()
		default:
			_, err := c.journal.Begin(c.w.ctx, record.CauseRestored, min(c.saved, c.journal.Head().Position))
			must(err)
			for _, s := range c.w.stations {
				if conn := c.sessions[s.id]; conn != nil {
					conn.toHub(hub.Stopping{})
				}
			}
		}
	})
}
