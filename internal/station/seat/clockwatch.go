package seat

import (
	"context"
	"sync"
	"time"

	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/wallclock"
)

// lookAtClock is how often it is asked whether this computer's clock was set.
const lookAtClock = 5 * time.Second

// ownClock is what is known of this computer's clock since the program's start. Safe
// for concurrent use.
type ownClock struct {
	mu    sync.Mutex
	watch wallclock.Watch
}

func (s *Seat) lookAtOwnClock() (from time.Time, by time.Duration, set bool) {
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	return s.clock.watch.Look(s.conf.Now(), s.conf.Uptime())
}

// watchClock puts on record that this computer's clock was set, offline too, until
// ctx ends. What is written down carries its time; how far it is from central's is
// measured and sent with each entry all the same. The first look was at the program's
// start: so what was set before anybody signed in is told once the copy is open.
func (s *Seat) watchClock(ctx context.Context) error {
	every := lookAtClock
	if s.conf.Every > 0 {
		every = min(every, s.conf.Every)
	}
	wallclock.Keep(ctx, every, s.lookAtOwnClock, s.clockSet, func(err error) {
		s.conf.Log.Error("that this computer's clock was set could not be put on record; it is tried again", "err", err)
	})
	return nil
}

func (s *Seat) clockSet(ctx context.Context, set wallclock.Setting) error {
	e := s.ofThisComputer(audit.Config)
	e.Details = audit.ClockSet(set.From, set.To)
	if err := s.onRecord(ctx, e); err != nil {
		return err
	}
	s.conf.Log.Warn("this computer's clock was set", "by", set.To.Sub(set.From).Round(time.Second).String())
	return nil
}
