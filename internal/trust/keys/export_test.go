package keys

import (
	"context"
	"time"
)

// NoSleep records how long Slots would have made a person wait.
func (s *Slots) NoSleep() *[]time.Duration {
	var slept []time.Duration
	s.sleep = func(_ context.Context, d time.Duration) error {
		slept = append(slept, d)
		return nil
	}
	return &slept
}

func (s *Slots) Path() string { return s.path }
