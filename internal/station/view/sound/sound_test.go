package sound_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/sound"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	vsound "wardlight/internal/station/view/sound"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// rig is a station, an output and a clock.
type rig struct {
	*vsound.Model
	q  base.Queue
	mu sync.Mutex

	open   []ward.Sounding
	closed error
	set    ward.Sounds
	refuse error
	kept   int

	broken error
	played []string
	at     time.Time
	shown  []vsound.State
}

func newRig() *rig {
	r := &rig{set: ward.Sounds{}.Sound(), at: noon}
	r.Model = vsound.New(r, r, &r.q, func() time.Time { r.mu.Lock(); defer r.mu.Unlock(); return r.at }, func(s vsound.State) { r.shown = append(r.shown, s) })
	return r
}

func (r *rig) Sounding(context.Context) ([]ward.Sounding, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]ward.Sounding{}, r.open...), r.closed
}

func (r *rig) Sounds() ward.Sounds {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.set
}

func (r *rig) KeepSounds(_ context.Context, to ward.Sounds) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept++
	if r.refuse == nil {
		r.set = to.Sound()
	}
	return r.refuse
}

func (r *rig) Play(_ context.Context, l sound.Level, volume int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken == nil {
		r.played = append(r.played, fmt.Sprint(l, " ", volume))
	}
	return r.broken
}

func (r *rig) Probe(context.Context) error { r.mu.Lock(); defer r.mu.Unlock(); return r.broken }

// live lets so many seconds go by.
func (r *rig) live(seconds int) {
	for range seconds {
		r.Step(context.Background())
		r.q.Drain()
		r.mu.Lock()
		r.at = r.at.Add(time.Second)
		r.mu.Unlock()
	}
}

// until drains the display until something holds.
func (r *rig) until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); r.q.Drain() {
		if time.Now().After(end) {
			t.Fatalf("never: %s; %+v", what, r.State())
		}
		time.Sleep(time.Millisecond)
	}
}

func potassium() ward.Sounding {
	return ward.Sounding{Key: "k1/1", Must: true, Due: []time.Time{noon, noon.Add(10 * time.Minute)}}
}

func (r *rig) heard(t *testing.T, want ...string) {
	t.Helper()
	if fmt.Sprint(r.played) != fmt.Sprint(want) {
		t.Errorf("played %v, want %v", r.played, want)
	}
	r.played = nil
}

func TestItSoundsUntilThisWindowHasDrawnIt(t *testing.T) {
	r := newRig()
	r.live(5)
	r.heard(t)
	r.open = []ward.Sounding{potassium()}
	r.live(90)
	r.heard(t, "prompt 75", "prompt 75")
	r.Seen("k1/1")
	r.live(120)
	r.heard(t)
	r.live(600)
	r.heard(t, "urgent 75") // seen is not taken
	r.open = nil
	r.live(40)
	r.open = []ward.Sounding{potassium()} // the hold ran out: it is new, and must be seen anew
	r.live(155)
	r.heard(t, "urgent 75", "prompt 75", "prompt 75")
}

// No output: it is said in words, tried again ever more rarely, and what was due
// sounds when it is back.
func TestWithoutAnOutputItIsSaidAndDueStill(t *testing.T) {
	r := newRig()
	r.broken = errors.New("No sound: connect a loudspeaker.")
	r.open = []ward.Sounding{potassium()}
	r.live(3)
	if s := r.State(); s.Trouble != "No sound: connect a loudspeaker." || s.Strip != "No sound" || s.Works != "" {
		t.Errorf("%+v", s)
	}
	r.broken = nil
	r.live(20)
	r.heard(t)
	r.live(20)
	r.heard(t, "prompt 75")
	if s := r.State(); s.Trouble != "" || s.Strip != "" || s.Works == "" {
		t.Errorf("it is back: %+v", s)
	}
}

// Muted is on the screen for as long as it lasts, and goes by itself.
func TestMutedIsSeenAndEnds(t *testing.T) {
	r := newRig()
	r.live(1)
	r.Mute(9 * time.Hour)
	r.until(t, "muted", func() bool { return r.State().Muted != "" })
	if s := r.State(); s.Muted != "13:00" || s.Strip != "Sound muted until 13:00" {
		t.Errorf("an hour is the most: %+v", s)
	}
	r.Mute(15 * time.Minute)
	r.until(t, "muted for less", func() bool { return r.State().Muted == "12:15" })
	r.open = []ward.Sounding{potassium()}
	r.live(600)
	r.heard(t)
	r.live(301)
	if s := r.shown[len(r.shown)-1]; s.Muted != "" || s.Strip != "" {
		t.Errorf("it has ended, and the screen says %+v", s)
	}
	r.heard(t, "urgent 75")
	r.Mute(time.Minute)
	r.until(t, "muted again", func() bool { return r.State().Muted != "" })
	r.Mute(0)
	r.until(t, "not muted", func() bool { return r.State().Muted == "" })
}

// What cannot be put on record does not hold, and is said.
func TestWhatIsNotOnRecordIsNotMuted(t *testing.T) {
	r := newRig()
	r.refuse = errors.New("This could not be written down.")
	r.Mute(time.Minute)
	r.until(t, "it is said", func() bool { return r.State().Error != "" })
	if s := r.State(); s.Muted != "" {
		t.Errorf("%+v", s)
	}
}

func TestVolumeAndQuietHoursAreKept(t *testing.T) {
	r := newRig()
	r.SetVolume(0)
	r.SetQuiet(2)
	r.SetVolume(9) // no such choice
	r.until(t, "both are kept", func() bool { s := r.State(); return s.Volume == 0 && s.Quiet == 2 })
	if r.kept != 2 || r.set.QuietFrom != 22*60 || r.set.QuietTo != 7*60 {
		t.Errorf("%d, %+v", r.kept, r.set)
	}
	r.set.QuietTo = 8*60 + 30
	if s := r.State(); s.Quiet != -1 || s.Hours != "22:00–08:30" {
		t.Errorf("hours that nobody can choose here: %+v", s)
	}
}

// A test sound plays although it is muted, once at a time, and tells whether it works.
func TestATestSoundTellsWhetherItWorks(t *testing.T) {
	r := newRig()
	r.set.MutedAt, r.set.MutedUntil = noon, noon.Add(time.Hour)
	r.Test()
	r.Test()
	r.until(t, "it was played", func() bool { return !r.State().Busy })
	r.heard(t, "test 75")
	r.broken = errors.New("No sound: it was pulled out.")
	r.Test()
	r.until(t, "it is said", func() bool { return strings.Contains(r.State().Trouble, "pulled out") })
}

// Where the site wants none there is none, and nothing is tried.
func TestASiteMayWantNoSound(t *testing.T) {
	r := newRig()
	m := vsound.New(r, nil, &r.q, func() time.Time { return noon }, func(s vsound.State) { r.shown = append(r.shown, s) })
	m.Run(context.Background(), nil)
	r.q.Drain()
	m.Test()
	if len(r.shown) != 1 || !r.shown[0].Off || len(r.played) != 0 {
		t.Errorf("%+v", r.shown)
	}
}

// A locked station that is not open yet has nothing to sound for, and goes on.
func TestAClosedStationSoundsForNothing(t *testing.T) {
	r := newRig()
	r.closed = errors.New("locked")
	r.live(3)
	r.heard(t)
	r.closed, r.open = nil, []ward.Sounding{potassium()}
	r.live(31)
	r.heard(t, "prompt 75")
}
