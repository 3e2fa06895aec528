package seat

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
)

// heals says whether opening may succeed later without anybody doing
// something to the folder: space returns, another program ends.
func heals(err error) bool {
	switch fault.KindOf(err) {
	case fault.Unavailable, fault.Full, fault.Timeout, fault.Exists:
		return true
	}
	return false
}

// marker is left when the running program found its store damaged: the next
// start sets the store aside before anybody sees it.
const marker = "set-aside-at-start"

const (
	wordsSetAside = "This computer’s own copy was damaged. It has been set aside, never shown, and a new one is being filled from the server. What was entered here is safe."
	wordsDamaged  = "This computer’s own copy has a damaged part, which is not shown. What was entered here is safe. Restart the program: it will fill a new copy from the server."
	wordsOld      = "This computer’s folder was put back to an older state. What was entered since may be missing here; central is asked for everything again. Tell IT."
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
				s.tell(c.Health())
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
	s.told = append(s.told, wordsSetAside)
	if err := os.Remove(flag); err != nil && !errors.Is(err, os.ErrNotExist) {
		s.conf.Log.Warn("the mark of a damaged store cannot be removed: the store is set aside once more at the next start", "err", err)
	}
	return c, nil
}

func (s *Seat) tell(h cache.Health) {
	if h.RolledBack {
		s.told = append(s.told, wordsOld)
	}
	s.told = append(s.told, h.Outbox...)
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
	s.mu.Lock()
	s.told = append(s.told, wordsDamaged)
	s.mu.Unlock()
	return fault.As(fault.Unavailable, "seat.damage", "", os.WriteFile(filepath.Join(s.conf.Dir, marker), nil, 0o600))
}

// Trouble is what a person should know of the store, in words; none is good.
func (s *Seat) Trouble() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.told...)
}
