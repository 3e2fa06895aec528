package seat_test

import (
	"context"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/seat"
)

// A computer whose program is started in another way than the last time says so, with
// what was before, also where it was started with the network out; one that is started
// as before says nothing.
func TestHowAComputerIsStartedIsOnRecord(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	start := func(lock string) *seat.Seat {
		t.Helper()
		s := w.sitAs(seat.Config{Door: "window", Settings: []seat.Setting{{Name: "--idle-lock", Value: lock}, {Name: "--open-wall", Value: "no"}}}, dir)
		if _, err := w.signIn(s, "481526"); err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := start("5m0s")
	waitFor(t, "the first start is on record", func() bool {
		return w.putOnRecord("the window was started in another way", "after --idle-lock", "5m0s") == 1
	})
	_ = s.Close()
	w.stop()
	s = start("1h0m0s") // with the network out
	w.start()
	waitFor(t, "the other start is on record", func() bool {
		return w.putOnRecord("the window was started in another way", "before --idle-lock", "5m0s", "after --idle-lock", "1h0m0s") == 1
	})
	if n := w.putOnRecord("before --open-wall"); n != 1 {
		t.Errorf("what stayed as it was is on record %d times, want once: at the first start", n)
	}
	_ = s.Close()
	s = start("1h0m0s")
	time.Sleep(300 * time.Millisecond)
	waitFor(t, "everything was sent", func() bool { return s.Link().Connected && s.Link().Unsent == 0 })
	if n := w.putOnRecord("the window was started in another way"); n != 2 {
		t.Errorf("%d starts are on record, want 2", n)
	}
}

// Somebody who mutes a computer, or makes it quieter, is on record with what was before.
// What cannot be recorded does not hold: nobody is signed in, and it sounds as before.
func TestSoundsAreOnRecordBeforeTheyHold(t *testing.T) {
	w := hospital(t)
	s := w.sit(w.enrol())
	ctx := context.Background()
	was := s.Sounds()
	quiet := was
	quiet.Volume = 25
	if err := s.KeepSounds(ctx, quiet); err == nil || s.Sounds() != was {
		t.Fatalf("with nobody signed in it was set to %+v, %v", s.Sounds(), err)
	}
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	if err := s.KeepSounds(ctx, quiet); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	muted := ward.Sounds{Volume: 25, MutedAt: now, MutedUntil: now.Add(10 * time.Minute)}
	if err := s.KeepSounds(ctx, muted); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "both are on record", func() bool {
		return w.putOnRecord("before sound", "volume 75 %, not muted", "volume 25 %, not muted") == 1 && w.putOnRecord("before sound", "volume 25 %, not muted", "muted until") == 1
	})
}
