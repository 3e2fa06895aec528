package keys_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// Of a hundred who come at once, two are served, three wait, and the rest are
// refused before anything is spent on them.
func TestAGateLetsFewThroughAndTurnsTheRestAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := keys.NewGate(2, 3, time.Minute)
		var now, most, done, refused atomic.Int32
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				err := g.Do(context.Background(), "test", func() {
					if n := now.Add(1); n > most.Load() {
						most.Store(n)
					}
					time.Sleep(time.Second)
					now.Add(-1)
					done.Add(1)
				})
				if fault.Is(err, fault.Full) {
					refused.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if most.Load() != 2 || done.Load() != 5 || refused.Load() != 95 {
			t.Errorf("at once %d, served %d, refused %d; want 2, 5, 95", most.Load(), done.Load(), refused.Load())
		}
	})
}

// Nobody waits for ever: neither behind work that hangs, nor after they have gone.
func TestWaitingAtTheGateEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := keys.NewGate(1, 3, 5*time.Second)
		release := make(chan struct{})
		go func() { _ = g.Do(context.Background(), "test", func() { <-release }) }()
		synctest.Wait()
		begun := time.Now()
		if err := g.Do(context.Background(), "test", func() { t.Error("it ran") }); !fault.Is(err, fault.Full) || time.Since(begun) != 5*time.Second {
			t.Errorf("behind work that hangs: %v after %v", err, time.Since(begun))
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := g.Do(ctx, "test", func() { t.Error("it ran") }); !fault.Is(err, fault.Timeout) {
			t.Errorf("after they have gone: %v", err)
		}
		close(release)
	})
}

// A computer that is asked to check a hundred PINs at once checks a few, and the
// person whose tries they were has lost none by the others.
func TestACrowdOfPINsIsTurnedAway(t *testing.T) {
	s, err := keys.NewSlots(t.TempDir(), "sabcdefghijk2", keys.Cost{Memory: 4 << 10, Time: 1, Threads: 1})
	ok(t, err)
	s.NoSleep()
	secret := keys.NewDeviceSecret()
	ok(t, s.AddPIN("g.mensah", "481516", secret, keys.NewKey()))
	var refused, wrong atomic.Int32
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			switch _, err := s.OpenPIN(bg, "g.mensah", "000000", secret); {
			case fault.Is(err, fault.Full):
				refused.Add(1)
			case fault.Is(err, fault.Unknown), fault.Is(err, fault.Denied):
				wrong.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	users, err := s.Users()
	ok(t, err)
	if refused.Load() < 50 || users[0].Tries != int(min(wrong.Load(), keys.MaxTries)) {
		t.Errorf("%d turned away, %d answered, %d counted", refused.Load(), wrong.Load(), users[0].Tries)
	}
}
