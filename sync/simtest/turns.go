package simtest

import (
	"time"

	"wardlight/internal/clinical/record"
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
		c.silently = true
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

// diverged is what the administrator does when a station holds what central
// does not: the journal begins a restored epoch.
func (c *central) diverged() {
	if !c.turned || c.w.profile.turn != rolledBack {
		c.w.fail("a cursor is not in the journal, though nothing was rolled back")
	}
	if !c.silently {
		return
	}
	c.silently = false
	c.w.after(time.Duration(c.w.rng.IntN(4))*time.Second, func() {
		if c.down {
			c.silently = true
			return
		}
		head := c.journal.Head()
		c.crash()
		c.journal = c.journal.Restored(c.epoch(record.CauseRestored, head.Epoch, head.Position))
		c.down = false
		c.open()
	})
}
