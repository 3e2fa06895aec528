package seat_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/seat"
	"wardlight/sync/wire"
)

// lacks are the capabilities that central says the only computer left out.
func (w *world) lacks() string {
	w.t.Helper()
	return fmt.Sprint(w.order("stations", nil)[0]["lacks"])
}

// A computer that names less of the protocol than it did, as whoever speaks in its place
// with an older program would, is an alarm on record, once, and the ward goes on working.
// An older program that is meant is allowed by an administrator, with a reason; and one
// that was up to date again and is put back once more is an alarm again.
func TestADowngradedComputerIsAnAlarm(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	sit := func(conf seat.Config, want string) {
		t.Helper()
		s := w.sitAs(conf, dir)
		if _, err := w.signIn(s, "481526"); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the link stands", func() bool { return s.Link().Connected && s.Link().Unsent == 0 })
		waitFor(t, "what it names is noted", func() bool { return w.lacks() == want })
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	alarms := func(want int) {
		t.Helper()
		if n := w.putOnRecord("computer-downgraded", `"outcome":"failed"`); n != want {
			t.Errorf("%d alarms are on record, want %d", n, want)
		}
	}
	older := seat.Config{}.Older(wire.CapSums, wire.CapEnd)
	sit(seat.Config{}, "<nil>")
	if n := w.putOnRecord("computer-capabilities", "after capabilities", " 19 20"); n != 1 {
		t.Errorf("what it names is on record %d times, want once", n)
	}
	alarms(0)
	sit(older, "[19 20]")
	alarms(1)
	if n := w.putOnRecord("computer-downgraded", "after capabilities left out", "19 20"); n != 1 {
		t.Errorf("what it leaves out is on record %d times, want once", n)
	}
	sit(older, "[19 20]")
	alarms(1)
	station := fmt.Sprint(w.order("stations", nil)[0]["station"])
	if err := w.try("stations allow-older", map[string]string{"station": station}); !fault.Is(err, fault.Invalid) {
		t.Errorf("allowed without a reason: %v", err)
	}
	w.order("stations allow-older", map[string]string{"station": station, "reason": "the new program does not print"})
	if err := w.try("stations allow-older", map[string]string{"station": station, "reason": "again"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("allowed though nothing is left out: %v", err)
	}
	sit(older, "<nil>")
	alarms(1)
	sit(seat.Config{}, "<nil>")
	sit(older, "[19 20]")
	alarms(2)
	if n := w.putOnRecord("computer-silent"); n != 0 {
		t.Errorf("an older program is said to be silent %d times", n)
	}
}

// A computer that says that it tells how long its chain of looks is, and does not while
// it is connected, is an alarm on record, once, whether it asks how it stands or not; when
// it says so again that is on record as well. One that has just connected is no alarm.
func TestASilentComputerIsAnAlarm(t *testing.T) {
	for name, every := range map[string]time.Duration{"it asks and leaves it out": 20 * time.Millisecond, "it does not ask any more": time.Hour} {
		t.Run(name, func(t *testing.T) {
			w := hospital(t)
			dir := w.enrol()
			w.stop()
			var ahead atomic.Int64
			w.conf.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
			w.conf.Heed = 20 * time.Millisecond
			w.start()
			conf := seat.Config{}.Mute()
			conf.Dir, conf.Secrets, conf.Cost, conf.Every = dir, w.secrets, cheap, every
			s, err := seat.Open(context.Background(), conf)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			if _, err := w.signIn(s, "481526"); err != nil {
				t.Fatal(err)
			}
			waitFor(t, "the link stands", func() bool { return s.Link().Connected })
			waitFor(t, "what it names is noted", func() bool { return w.putOnRecord("computer-capabilities", "after capabilities", " 20") == 1 })
			if every == time.Hour {
				time.Sleep(4 * time.Second) // it has asked once since its line stands
			}
			ahead.Store(int64(time.Minute))
			time.Sleep(300 * time.Millisecond)
			if n := w.putOnRecord("computer-silent"); n != 0 {
				t.Fatalf("after a minute it is on record %d times", n)
			}
			ahead.Store(int64(6 * time.Minute))
			waitFor(t, "it is on record", func() bool {
				ahead.Add(int64(10 * time.Second)) // also where its line broke meanwhile, and is a new one
				return w.putOnRecord("computer-silent", `"outcome":"failed"`) == 1
			})
			time.Sleep(300 * time.Millisecond)
			if n := w.putOnRecord("computer-silent"); n != 1 {
				t.Errorf("it is on record %d times, want once", n)
			}
			_ = s.Close()
			s = w.sitAs(seat.Config{}, dir)
			<-s.Opened()
			waitFor(t, "it says so again", func() bool { return w.putOnRecord("computer-heard") == 1 })
		})
	}
}

// While a downtime is practised the computer says of itself what it always says: what it
// left out would be taken for an older program's.
func TestADrillLeavesNothingOut(t *testing.T) {
	w, _, _, s, _ := aDrillGoesOn(t)
	before := w.putOnRecord("journal key believed")
	if before != 1 {
		t.Fatalf("the journal key that it believes is on record %d times, want once", before)
	}
	if err := s.EndDrill(context.Background()); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the line stands again", func() bool { return s.Link().Connected })
	if n := w.putOnRecord("journal key believed"); n != before {
		t.Errorf("it said otherwise during the drill: %d events, want %d", n, before)
	}
}
