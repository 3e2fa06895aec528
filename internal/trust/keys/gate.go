package keys

import (
	"context"
	"time"

	"wardlight/internal/fault"
)

// Gate bounds what stretching PINs and passphrases may cost: argon2id takes
// 64 MiB a guess on purpose, so whoever may ask for guesses without a bound may
// ask for all memory there is. A few run at once, some wait, for a while; the
// rest are refused with fault.Full before a byte is taken for them.
type Gate struct {
	running  chan struct{}
	here     chan struct{} // running or waiting
	patience time.Duration
}

// NewGate makes a gate for so many at once, with so many waiting, each for at
// most the patience.
func NewGate(atOnce, waiting int, patience time.Duration) *Gate {
	return &Gate{running: make(chan struct{}, atOnce), here: make(chan struct{}, atOnce+waiting), patience: patience}
}

// Do does the work once there is room for it. Where it returns an error the work
// was not begun.
func (g *Gate) Do(ctx context.Context, op string, work func()) error {
	select {
	case g.here <- struct{}{}:
		defer func() { <-g.here }()
	default:
		return errBusy(op)
	}
	if err := g.room(ctx, op); err != nil {
		return err
	}
	defer func() { <-g.running }()
	work()
	return nil
}

// room waits for a place. Where there is one it is taken, also by somebody who
// has gone: what is counted before it is tried must be counted then, too.
func (g *Gate) room(ctx context.Context, op string) error {
	select {
	case g.running <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(g.patience)
	defer timer.Stop()
	select {
	case g.running <- struct{}{}:
		return nil
	case <-timer.C:
		return errBusy(op)
	case <-ctx.Done():
		return fault.As(fault.Timeout, op, "", ctx.Err())
	}
}

func errBusy(op string) error {
	return fault.New(fault.Full, op, "", "too many people sign in at this moment; nothing was counted, try again in a few seconds")
}
