package shell

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/sound"
	"wardlight/internal/clinical/ward"
	"wardlight/ui/kit"
	"wardlight/ui/uitest"
)

// loud is an output that writes down what it was given.
type loud struct {
	mu     sync.Mutex
	played []sound.Level
	broken error
}

func (l *loud) Play(_ context.Context, level sound.Level, _ int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.played = append(l.played, level)
	return l.broken
}

func (l *loud) Probe(context.Context) error { l.mu.Lock(); defer l.mu.Unlock(); return l.broken }

func (l *loud) count() int { l.mu.Lock(); defer l.mu.Unlock(); return len(l.played) }

// until polls for what comes by another goroutine.
func (r *rig) until(what string, holds func() bool) {
	r.t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); r.settle() {
		if time.Now().After(end) {
			r.t.Fatalf("never: %s", what)
		}
	}
}

func (r *rig) strip() string {
	r.capture()
	return wordsOf(test.RenderObjectToMarkup(r.s.frame.strip))
}

var textIn = regexp.MustCompile(`<text[^>]*>([^<]*)</text>`)

// wordsOf are the words of what is drawn, one behind the other.
func wordsOf(markup string) string {
	var all []string
	for _, m := range textIn.FindAllStringSubmatch(markup, -1) {
		all = append(all, m[1])
	}
	return strings.Join(all, " ")
}

// Somebody mutes the computer on the settings page: the strip says until when, in
// every size, also on the sign-in page; with the time it goes.
func TestMutedIsSaidOnEveryScreen(t *testing.T) {
	out := &loud{}
	r := newRigWith(t, light(), 1366, 768, out)
	r.signIn()
	r.until("the output was looked at", func() bool { return r.s.sound.State().Works != "" })
	if strings.Contains(r.strip(), "Sound") || strings.Contains(r.strip(), "sound") {
		t.Errorf("nothing is muted: %s", r.strip())
	}
	r.s.Key(fyne.KeyComma, ctrl)
	r.settle()
	w, _ := r.s.control("tabs")
	w.(*kit.Tabs).OnChoose(1)
	o, ok := r.s.control("mute")
	if !ok {
		t.Fatal("nowhere to mute it")
	}
	o.(*kit.Button).OnTap()
	said := "Sound muted until " + ward.Clock(noon.Add(15*time.Minute))
	r.until("the strip says it", func() bool { return strings.Contains(r.strip(), said) })
	short := "Muted to " + ward.Clock(noon.Add(15*time.Minute))
	for _, size := range []struct{ w, h, scale float32 }{{1366, 768, 1}, {1024, 768, 1.5}, {1024, 768, 2}, {800, 600, 1}} {
		Apply(ward.Look{Theme: ward.ThemeLight, Scale: int(size.scale * 100)})
		r.win.Resize(fyne.NewSize(size.w, size.h))
		r.settle()
		if words := r.strip(); !strings.Contains(words, said) && !strings.Contains(words, short) {
			t.Errorf("%v: %s", size, r.strip())
		}
		if dir := uitest.Pictures(); dir != "" {
			r.picture(dir, fmt.Sprintf("muted-%.0f-%.1f", size.w, size.scale))
		}
	}
	r.s.toggleWall()
	r.settle()
	if r.s.wall == nil || !strings.Contains(r.everything(), short) {
		t.Errorf("the wall does not say %q", short)
	}
	r.s.leaveWall()
	r.settle()
	r.s.Key(fyne.KeyL, ctrl)
	r.settle()
	if r.s.seat != nil || !strings.Contains(r.strip(), said) {
		t.Errorf("on the sign-in page: %s", r.strip())
	}
	r.pass(16 * time.Minute)
	r.until("it goes by itself", func() bool { r.s.links.Reload(); return !strings.Contains(r.strip(), "muted") })
}

// A critical result sounds in a locked window, too, and once it was in front of
// somebody it does not sound again.
func TestACriticalResultSounds(t *testing.T) {
	out := &loud{}
	r := newRigWith(t, light(), 1366, 768, out)
	a := r.st.alert(0, "k1", "Potassium", "6.8")
	r.st.mu.Lock()
	r.st.sounding = []ward.Sounding{{Key: ward.SoundKey(a.Result.ID, a.Result.Version), Must: true, Due: []time.Time{noon}}}
	r.st.mu.Unlock()
	r.pass(31 * time.Second) // it reads anew although nobody told it
	r.until("it sounded", func() bool { return out.count() == 1 })
	r.pass(time.Minute)
	r.until("nobody has seen it, and it sounded again", func() bool { return out.count() == 2 })
	r.signIn()
	r.arrive(a)
	r.until("the card was in front", func() bool { r.pass(time.Second); return r.s.seat.front.IsOpen() && r.s.seat.alerts.Accepts() })
	played := out.count()
	r.pass(3 * time.Minute)
	for range 40 { // longer than the second within which it listens
		r.settle()
	}
	if out.count() != played {
		t.Errorf("seen, and it sounds again: %d, then %d", played, out.count())
	}
}

// No output: the strip and the page say it, and what to do; the window goes on.
func TestNoSoundIsSaid(t *testing.T) {
	out := &loud{broken: errors.New("No sound: connect a loudspeaker.")}
	r := newRigWith(t, light(), 1366, 768, out)
	r.signIn()
	r.until("the strip says it", func() bool { return strings.Contains(r.strip(), "No sound") })
	r.s.Key(fyne.KeyComma, ctrl)
	r.settle()
	w, _ := r.s.control("tabs")
	w.(*kit.Tabs).OnChoose(1)
	r.settle()
	if words := wordsOf(r.everything()); !strings.Contains(words, "connect a loudspeaker") || !strings.Contains(words, "Play a test sound") {
		t.Error(words)
	}
	if dir := uitest.Pictures(); dir != "" {
		r.picture(dir, "no-sound")
	}
}
