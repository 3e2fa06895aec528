package e2e_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/demo"
)

// askedWhereDrawn is what a watched window says last.
const askedWhereDrawn = "is asked on the goroutine that draws"

// watched opens a window that ends at the first question to its store on the goroutine
// that draws.
func (w *world) watched(name string, flags ...string) (*demo.Stage, *demo.Process) {
	w.t.Helper()
	stage, err := demo.NewStage(w.path("stage"), "")
	check(w.t, err)
	w.t.Cleanup(stage.Close)
	check(w.t, stage.OpenScreen(context.Background(), true))
	w.env = append(stage.Env(), w.env[len(w.env)-2:]...) // and the browser
	p, err := demo.Start(name, w.path("log"), w.env, filepath.Join(faulty(w.t), "wardlight-wrong-clock"), append(w.windowArgs(name), flags...)...)
	check(w.t, err)
	return stage, p
}

// The window never waits for its disk: over the real cache, every page, each tab of a
// chart, the search, a note, an observation, the settings, the wall, the lock and the
// loss of contact ask nothing of the store on the goroutine that draws. A window that
// does ends, and says where.
func TestTheWindowNeverWaitsForItsDisk(t *testing.T) {
	needs(t, "Xvfb", "openbox", "xdotool", "dbus-daemon")
	t.Parallel() // it mostly rests; its screen, its folders and its ports are its own
	w := newWorld(t, t.TempDir())
	w.account(nurse, "4B")
	w.enrol("a", "4B")
	w.send(admission(0), admission(1), potassium(0, "K1", "6.8", "HH"), potassium(1, "K2", "4.1", "N"))
	stage, p := w.watched("a")
	a := w.sitAt("a", stage, p)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(w.said("a"))
		}
	})
	ctx := context.Background()
	key := func(keys ...string) {
		t.Helper()
		for _, k := range keys {
			check(t, a.stage.Key(ctx, k))
			time.Sleep(150 * time.Millisecond) // what it began has its turn
		}
	}
	show := func(page string, more args) {
		t.Helper()
		more["page"] = page
		check(t, a.call("show", more, nil))
		time.Sleep(700 * time.Millisecond)
	}
	a.signIn(nurse)
	a.isIn(nurse.user) // the card of the critical result may lie over the board already
	patient := a.patient(somebody[0].family)
	everything := func() {
		for _, page := range []string{"board", "alerts", "results", "reviews", "tasks", "handover", "orders", "routines", "outage", "settings"} {
			show(page, args{})
			key("Home", "Down", "Return", "Escape")
		}
		for _, tab := range []string{"Timeline", "Results", "Vital signs", "Allergies", "Problems", "Medicines", "Orders", "Notes", "Tasks", "Documents", "Visits", "Routines"} {
			show("chart", args{"patient": patient, "tab": tab})
			key("Tab", "Down")
		}
		show("chart", args{"patient": patient, "tab": "Notes"})
		check(t, a.stage.Type(ctx, "Passing 20 mL/h"))
		show("chart", args{"patient": patient, "tab": "Vital signs"})
		check(t, a.stage.Type(ctx, "18"))
		show("board", args{})
		key("ctrl+k")
		check(t, a.stage.Type(ctx, strings.ToLower(somebody[1].family)))
		key("Return")
		show("wall", args{})
		time.Sleep(3 * time.Second) // it reads every two seconds
		show("board", args{})
	}
	everything()
	w.net.Cut()
	a.do("note", args{"patient": patient, "text": "Waits to be sent."}) // from here on there is something unsent
	everything()
	check(t, w.net.Mend())
	show("signin", args{}) // what was being typed is kept, and the session ends
	a.signIn(nurse)
	show("board", args{})
	if said := w.said("a"); strings.Contains(said, askedWhereDrawn) {
		t.Errorf("the window waited for its disk:\n%s", said)
	}
	a.allSent()
}

// It is noticed: a window that is told to ask where it draws ends, and says so.
func TestAWindowThatWaitsForItsDiskIsNoticed(t *testing.T) {
	needs(t, "Xvfb", "openbox", "xdotool", "dbus-daemon")
	w := newWorld(t, t.TempDir())
	w.account(nurse, "4B")
	w.enrol("a", "4B")
	_, p := w.watched("a", "--ask-where-drawn")
	s := &station{demo.Drive(p), w}
	t.Cleanup(func() { s.Stop(3 * time.Second) })
	w.await("the window has ended", 60*time.Second, func() error {
		if said := w.said("a"); !strings.Contains(said, "cache.count "+askedWhereDrawn) {
			return errors.New("it goes on")
		}
		return nil
	})
}

// said is what a program logged so far.
func (w *world) said(name string) string {
	w.t.Helper()
	b, err := os.ReadFile(w.path("log", name+".log"))
	check(w.t, err)
	return string(b)
}
