package idle_test

import (
	"testing"
	"time"

	"wardlight/internal/station/view/idle"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestAnUnusedWindowLocks(t *testing.T) {
	w := idle.Watch{Limit: idle.Default}
	if _, ok := w.Left(noon); ok {
		t.Error("nobody was there yet, and it counts")
	}
	w.Seen(noon)
	for after, want := range map[time.Duration]time.Duration{0: 5 * time.Minute, 4 * time.Minute: time.Minute, 5 * time.Minute: 0} {
		if left, ok := w.Left(noon.Add(after)); !ok || left != want {
			t.Errorf("after %v: %v %v", after, left, ok)
		}
	}
	w.Seen(noon.Add(4 * time.Minute))
	if left, _ := w.Left(noon.Add(5 * time.Minute)); left != 4*time.Minute {
		t.Errorf("somebody came back: %v left", left)
	}
}

// A computer that slept, or whose clock was set back, was unused all the same.
func TestNeitherSleepNorASetClockKeepsAWindowOpen(t *testing.T) {
	w := idle.Watch{Limit: idle.Default}
	start := time.Now()
	w.Seen(start)
	asleep := start.Round(0).Add(time.Hour) // the wall clock went on, the monotonic one did not
	if left, _ := w.Left(asleep); left > 0 {
		t.Errorf("after an hour's sleep %v are left", left)
	}
	if left, _ := w.Left(start.Add(6 * time.Minute)); left > 0 {
		t.Errorf("after six minutes %v are left", left)
	}
}

func TestNoLimitNeverLocks(t *testing.T) {
	w := idle.Watch{}
	w.Seen(noon)
	if _, ok := w.Left(noon.Add(24 * time.Hour)); ok {
		t.Error("it locks without a limit")
	}
}
