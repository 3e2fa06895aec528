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

// RefuseLocking makes the pages of keys anew, as a system does that lets nothing be
// locked, or (nil) as this one does.
func RefuseLocking(why error) {
	lockedPages = func(size int) ([]byte, error) {
		b, err := systemPages(size)
		if why != nil {
			err = why
		}
		return b, err
	}
	takePages()
	pages.taken, pages.held, pages.outside = [roomKept]bool{}, 0, 0
}

// Marked is how wrong PINs are answered as a slots file would have it that the holder of
// the device secret wrote.
func (s *Slots) Marked(tries, from, seconds, factor int, deviceSecret []byte) any {
	k := keptGuessing{Tries: tries, SlowFrom: from, SlowSeconds: seconds, SlowFactor: factor}
	k.Mark = k.mark(s.station, deviceSecret)
	return k
}

// AtSleep does something where a try waits, which is after it was counted and before it is
// made.
func (s *Slots) AtSleep(do func()) {
	s.sleep = func(context.Context, time.Duration) error {
		do()
		return nil
	}
}
