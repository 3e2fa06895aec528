package seat

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
)

// heals says whether opening may succeed later without anybody doing
// something to the folder: space returns, another program ends.
func heals(err error) bool {
	switch fault.KindOf(err) {
	case fault.Unavailable, fault.Full, fault.Timeout, fault.Exists:
		return true
	default:
		return false
	}
}

// marker is left when the running program found its store damaged: the next
// start sets the store aside before anybody sees it.
const marker = "set-aside-at-start"

// What people are told: what happened, what is safe, what to do.
const (
	whatSetAside = "This computer’s own copy of the record was damaged"
	safeSetAside = "The damaged copy was set aside and is never shown; a new one is being filled from the server. What was entered here and not yet sent is kept in a second place and is here."
	doSetAside   = "Carry on. Until the copy is full, look at another computer for patients that are missing here. Tell IT that it happened."

	whatDamaged = "A part of this computer’s own copy of the record is damaged"
	safeDamaged = "The damaged part is not shown. What was entered here is safe."
	doDamaged   = "Close Wardlight and start it again when you can: it then fills a new copy from the server. Tell IT."

	whatOld = "This computer’s folder was put back to an older state"
	safeOld = "The server is asked for everything again. Entries made here after that state and not yet sent may be missing."
	doOld   = "Look through what you entered here today, and enter again what is missing. Tell IT: this does not happen by itself."

	whatOtherLog = "The server’s list of who looked at what is not the one that it was: something in it was changed or removed, or this computer is shown another list than before."
	safeOtherLog = "Patients’ records and what is written here are not concerned. Go on working."
	doOtherLog   = "Tell the privacy officer today, and say which computer this is."

	whatDrillOver     = "The drill has ended"
	whatDrillOut      = "The drill has ended: the network is out"
	whatDrillCritical = "The drill has ended: a critical result has come"
	safeDrillOver     = "Its time was over. What was entered in it is being sent."
	safeDrillOut      = "The server does not answer. This is a real outage. What was entered is safe on this computer."
	safeDrillCritical = "This computer is connected again. Look at the alerts."
	safeDrillEnded    = "Wardlight was ended while a downtime was practised. This computer is connected again, and what was entered is being sent."
	doDrill           = "Sending and feeds says what came in and what was entered meanwhile."

	whatOutbox = "The second place where this computer keeps unsent entries is damaged"
	safeOutbox = "What was sent is safe on the server. An entry that waited to be sent may be missing."
	doOutbox   = "Look through what you entered here while the network was out, and enter again what is missing. Tell IT these words: "
)

// openCache opens the store. A damaged one is set aside and never shown: the
// outbox file gives back what was not sent, central everything else. A wrong
// key is no damage.
func (s *Seat) openCache(o cache.Options) (*cache.Cache, error) {
	flag := filepath.Join(s.conf.Dir, marker)
	_, statErr := os.Stat(flag)
	aside := statErr == nil
	var c *cache.Cache
	var err error
	if !aside {
		if c, err = cache.Open(s.ctx, o); !fault.Is(err, fault.Corrupt) {
			if err == nil {
				s.tellHealth(c.Health())
			}
			return c, err
		}
		s.conf.Log.Error("the store is damaged and is set aside", "err", err)
	}
	if _, err := cache.SetAside(o.Dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if c, err = cache.Open(s.ctx, o); err != nil {
		return nil, err
	}
	h := c.Health()
	if len(h.Outbox) == 0 {
		s.tell(whatSetAside, safeSetAside, doSetAside)
	} else { // that everything unsent is here would be a promise too much
		s.tell(whatSetAside, safeOutbox, doSetAside)
	}
	s.tellHealth(h)
	if err := os.Remove(flag); err != nil && !errors.Is(err, os.ErrNotExist) {
		s.conf.Log.Warn("the mark of a damaged store cannot be removed: the store is set aside once more at the next start", "err", err)
	}
	return c, nil
}

// tellHealth tells what the store found when it was opened.
func (s *Seat) tellHealth(h cache.Health) {
	if h.RolledBack {
		s.tell(whatOld, safeOld, doOld)
	}
	if len(h.Outbox) > 0 {
		s.tell(whatOutbox, safeOutbox, doOutbox+strings.Join(h.Outbox, "; "))
	}
}

// Walk is how long the walk through the whole store took, which follows each opening; 0
// where it is not over.
func (s *Seat) Walk() time.Duration {
	s.mu.Lock()
	c := s.cache
	s.mu.Unlock()
	if c == nil {
		return 0
	}
	return c.Health().Walk
}

// watchDamage waits for what the walk through the store finds.
func (s *Seat) watchDamage(ctx context.Context, c *cache.Cache) error {
	select {
	case <-ctx.Done():
		return nil
	case <-c.Checked():
	}
	err := c.Damaged()
	if err == nil {
		return nil
	}
	s.conf.Log.Error("the store has a damaged part", "err", err)
	s.tell(whatDamaged, safeDamaged, doDamaged)
	return fault.As(fault.Unavailable, "seat.damage", "", os.WriteFile(filepath.Join(s.conf.Dir, marker), nil, 0o600))
}
