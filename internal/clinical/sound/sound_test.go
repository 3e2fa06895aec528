package sound_test

import (
	"fmt"
	"testing"
	"time"

	"wardlight/internal/clinical/sound"
	"wardlight/internal/clinical/ward"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// potassium is a critical result that came at noon.
func potassium(key string) ward.Sounding {
	a := ward.Sounding{Key: key, Must: true, Again: 15 * time.Minute}
	for _, m := range []int{0, 10, 20, 30} {
		a.Due = append(a.Due, noon.Add(time.Duration(m)*time.Minute))
	}
	return a
}

// ear listens once a second and writes down what sounds, in seconds after noon.
type ear struct {
	m    sound.Memory
	at   time.Time
	said []string
}

func (e *ear) listen(long time.Duration, s ward.Sounds, open ...ward.Sounding) {
	for end := e.at.Add(long); e.at.Before(end); e.at = e.at.Add(time.Second) {
		var b sound.Burst
		if e.m, b = sound.Next(e.m, open, s, e.at); b.Level != sound.None {
			e.said = append(e.said, fmt.Sprintf("%d %s", int(e.at.Sub(noon)/time.Second), b.Level))
		}
	}
}

func (e *ear) expect(t *testing.T, want ...string) {
	t.Helper()
	if fmt.Sprint(e.said) != fmt.Sprint(want) {
		t.Errorf("sounded %v, want %v", e.said, want)
	}
	e.said = nil
}

func usual() ward.Sounds { return ward.Sounds{}.Sound() }

func TestUnseenSoundsEveryMinuteAndSeenOnlyByTheLadder(t *testing.T) {
	e := &ear{at: noon}
	a := potassium("k")
	e.listen(3*time.Minute, usual(), a)
	e.expect(t, "0 prompt", "60 prompt", "120 prompt")
	a.Seen = true
	e.listen(48*time.Minute, usual(), a)
	e.expect(t, "600 urgent", "1200 urgent", "1800 urgent", "2700 urgent") // 10, 20, 30, and 15 later
	e.listen(time.Hour, usual())                                           // somebody took it
	e.expect(t)
}

func TestWhatNobodyEverSeesGrowsRare(t *testing.T) {
	e := &ear{at: noon}
	a := potassium("k")
	a.Due = a.Due[:1] // without a ladder that tells of it
	e.listen(20*time.Minute, usual(), a)
	e.expect(t, "0 prompt", "60 prompt", "120 prompt", "180 prompt", "240 prompt", "300 prompt", "360 prompt", "420 prompt", "480 prompt", "540 prompt", "840 prompt", "1140 prompt")
}

func TestTenAlertsAreOneSound(t *testing.T) {
	e := &ear{at: noon}
	var ten []ward.Sounding
	for i := range 10 {
		ten = append(ten, potassium(fmt.Sprint(i)))
	}
	e.listen(50*time.Second, usual(), ten...)
	e.expect(t, "0 prompt")
	late := potassium("late") // one more, a moment after the others' second burst
	e.listen(12*time.Second, usual(), ten...)
	e.expect(t, "60 prompt")
	e.listen(20*time.Second, usual(), append(ten, late)...)
	e.expect(t, "70 prompt") // no two within ten seconds, and none is lost
}

// Quiet hours hold back a correction and make a critical value softer, never silent.
func TestQuietHoursSilenceNothingCritical(t *testing.T) {
	s := usual()
	s.QuietFrom, s.QuietTo = 11*60, 12*60+2
	corrected := ward.Sounding{Key: "corrected", Due: []time.Time{noon}}
	e := &ear{at: noon}
	e.listen(2*time.Minute, s, corrected)
	e.expect(t)
	e.listen(10*time.Second, s, corrected)
	e.expect(t, "120 prompt") // they have ended
	_, b := sound.Next(sound.Memory{}, []ward.Sounding{corrected, potassium("k")}, s, noon)
	if b.Level != sound.Prompt || b.Volume != ward.MinVolume {
		t.Errorf("a critical value in quiet hours: %+v", b)
	}
	if _, b := sound.Next(sound.Memory{}, []ward.Sounding{potassium("k")}, usual(), noon); b.Volume != ward.UsualVolume {
		t.Errorf("by day: %+v", b)
	}
}

// Muted is silent, ends by itself, and what was due meanwhile sounds once.
func TestMutedEndsByItself(t *testing.T) {
	s := usual()
	s.MutedAt, s.MutedUntil = noon, noon.Add(15*time.Minute)
	e := &ear{at: noon}
	a := potassium("k")
	a.Seen = true
	e.listen(15*time.Minute, s, a)
	e.expect(t)
	e.listen(time.Minute, s, a)
	e.expect(t, "900 urgent")
}

// A computer that is started says what has waited, by how long it has.
func TestAStartSaysWhatHasWaited(t *testing.T) {
	e := &ear{at: noon.Add(12 * time.Minute)}
	e.listen(30*time.Second, usual(), potassium("k"))
	e.expect(t, "720 urgent")
}

// A clock that is set back by an hour makes nothing silent for an hour.
func TestAClockThatIsSetBackSilencesNothing(t *testing.T) {
	e := &ear{at: noon.Add(time.Minute)}
	a := potassium("k")
	e.listen(5*time.Second, usual(), a)
	e.expect(t, "60 prompt")
	e.at = noon.Add(-time.Hour)
	e.listen(30*time.Second, usual(), a)
	e.expect(t, "-3600 prompt")
	s := usual()
	s.MutedAt, s.MutedUntil = noon, noon.Add(time.Hour)
	if s.Muted(noon.Add(-time.Minute)) || !s.Muted(noon.Add(time.Minute)) || s.Muted(noon.Add(time.Hour)) {
		t.Error("muted before it began, or for ever")
	}
}

// What was taken and let go again is new.
func TestAHoldThatRanOutSoundsAnew(t *testing.T) {
	e := &ear{at: noon}
	a := potassium("k")
	a.Seen = true
	e.listen(30*time.Second, usual(), a)
	e.listen(time.Minute, usual())
	e.listen(30*time.Second, usual(), a)
	e.expect(t, "0 prompt", "90 prompt")
}

// What could not be played is due still.
func TestWhatWasNotPlayedIsDueStill(t *testing.T) {
	open := []ward.Sounding{potassium("k")}
	var m sound.Memory
	for range 3 {
		if _, b := sound.Next(m, open, usual(), noon); b.Level != sound.Prompt {
			t.Errorf("%+v", b)
		}
	}
}

func TestAFileThatSomebodyEditedMakesNothingSilent(t *testing.T) {
	for _, s := range []ward.Sounds{
		{Volume: -5},
		{Volume: 1},
		{Volume: 900, QuietFrom: -3, QuietTo: 90000},
		{MutedUntil: noon.Add(1000 * time.Hour)},
		{MutedAt: noon, MutedUntil: noon.Add(2 * time.Hour)},
	} {
		s = s.Sound()
		if s.Volume < ward.MinVolume || s.Volume > ward.MaxVolume || s.Quiet(noon) || s.Muted(noon.Add(time.Minute)) {
			t.Errorf("%+v", s)
		}
	}
	night := ward.Sounds{QuietFrom: 22 * 60, QuietTo: 7 * 60}
	for h, want := range map[int]bool{21: false, 22: true, 3: true, 6: true, 7: false} {
		if got := night.Quiet(time.Date(2026, 11, 22, h, 0, 0, 0, time.UTC)); got != want {
			t.Errorf("%d o'clock: %v", h, got)
		}
	}
}

// The bursts keep to the bounds that their doc names.
func TestTheBurstsKeepTheirBounds(t *testing.T) {
	for l, want := range map[sound.Level]struct {
		n             int
		short, longer time.Duration
	}{sound.Prompt: {3, 125 * time.Millisecond, 250 * time.Millisecond}, sound.Urgent: {10, 75 * time.Millisecond, 200 * time.Millisecond}} {
		list := l.Burst()
		if len(list) != want.n || l.Length() > 4*time.Second {
			t.Errorf("%s: %d pulses in %s", l, len(list), l.Length())
		}
		for _, p := range list {
			if p.Long < want.short || p.Long > want.longer || p.Hertz < 150 || p.Hertz > 1000 {
				t.Errorf("%s: %+v", l, p)
			}
		}
		if back, ok := sound.ParseLevel(l.String()); !ok || back != l {
			t.Errorf("%s is read as %s", l, back)
		}
	}
	if _, ok := sound.ParseLevel(""); ok {
		t.Error("nothing is a level")
	}
}
