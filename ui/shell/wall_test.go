package shell

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// everything is the markup of what the window shows.
func (r *rig) everything() string {
	r.capture()
	return test.RenderObjectToMarkup(r.s.Content())
}

// The site allows the wall with nobody signed in. Grace puts it up: her session
// is locked at once, the wall names nobody, and any key leads to the page that
// asks for a PIN.
func TestAnOpenWallLeadsIntoNobodysSession(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.s.conf.OpenWall, r.st.openWall = true, true
	r.signIn()
	r.arrive(r.st.alert(0, "k1", "Potassium", "6.8"))
	r.s.Key(fyne.KeyF11, 0)
	r.settle()
	if r.s.Page() != "wall" || r.s.seat != nil {
		t.Fatalf("on %s, with a session %v", r.s.Page(), r.s.seat != nil)
	}
	text := r.everything()
	for _, secret := range []string{"ADEYEMI", "RAHMAN", "Given", "999 041", "Potassium", "6.8", "Grace"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is on the wall", secret)
		}
	}
	if !strings.Contains(text, "GA") || !strings.Contains(text, "Ward 4B") || !strings.Contains(text, "as of 14:05") {
		t.Error("the wall shows no patients, or does not say how old it is")
	}
	r.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.settle()
	if r.s.Page() != "signin" {
		t.Fatalf("a key led to %s", r.s.Page())
	}
	if r.win.Canvas().Focused() != r.s.signIn.pin.Focusable() {
		t.Error("the PIN has no focus")
	}
	// From the page that asks for a PIN it comes back by key and by button.
	o, ok := r.s.control("wall")
	if !ok || !o.Visible() {
		t.Fatal("no button for the wall")
	}
	test.Tap(o.(fyne.Tappable))
	r.settle()
	if r.s.Page() != "wall" {
		t.Error("the button shows no wall")
	}
	// A press anywhere leaves it.
	test.TapCanvas(r.win.Canvas(), fyne.NewPos(600, 500))
	r.settle()
	if r.s.Page() != "signin" {
		t.Error("a press does not leave it")
	}
}

// The site allows it to whoever is signed in only: the wall lies over the session,
// counts nothing as shown, and ends when the window locks itself.
func TestAWallOfASessionEndsWithIt(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	if r.s.Key(fyne.KeyF11, 0); r.s.Page() != "signin" {
		t.Fatal("a wall with nobody signed in, and the site never allowed it")
	}
	if o, _ := r.s.control("wall"); o.Visible() {
		t.Error("a button for it")
	}
	r.signIn()
	r.s.Key(fyne.KeyF11, 0)
	r.settle()
	if r.s.Page() != "wall" || r.s.seat == nil {
		t.Fatal("no wall for whoever is signed in")
	}
	r.arrive(r.st.alert(0, "k1", "Potassium", "6.8"))
	if text := r.everything(); strings.Contains(text, "Potassium") || strings.Contains(text, "ADEYEMI") {
		t.Error("an alert comes up over the wall, with a name")
	}
	for _, c := range r.st.did {
		if _, ok := c.(ward.MarkShown); ok {
			t.Error("it counts as shown, and nobody could see it")
		}
	}
	r.s.Key(fyne.KeyF11, 0)
	r.settle()
	if r.s.Page() != "board" {
		t.Errorf("back on %s", r.s.Page())
	}
	r.s.Key(fyne.KeyF11, 0)
	r.settle()
	r.pass(10 * time.Minute)
	if r.s.Page() != "signin" || r.s.wall != nil {
		t.Errorf("after ten minutes: %s", r.s.Page())
	}
}

// The wall at several sizes: nothing is cut, and pictures can be looked at.
func TestTheWallFitsItsScreen(t *testing.T) {
	for name, c := range map[string]struct {
		o    theme.Options
		w, h float32
	}{"": {theme.Options{Mode: theme.Light, Scale: 1}, 1366, 768}, "-hd": {theme.Options{Mode: theme.Dark, Scale: 1.4}, 1920, 1080}, "-200": {theme.Options{Mode: theme.HighContrast, Scale: 2}, 1366, 768}} {
		r := newRig(t, c.o, c.w, c.h)
		r.st.openWall = true
		r.st.rows = wallWard()
		r.s.toggleWall()
		for range 3 {
			r.settle()
		}
		if dir := uitest.Pictures(); dir != "" {
			r.picture(dir, "wall"+name)
		}
		if r.s.wall == nil || len(r.s.wall.model.State().Cards) == 0 {
			t.Fatal("no cards")
		}
	}
}

// wallWard is a ward of 24 with everything that a card can say.
func wallWard() []ward.Row {
	var rows []ward.Row
	for i := range 24 {
		who := ward.Identity{ID: ward.PatientID(fmt.Sprint("w", i)), Bed: fmt.Sprintf("%02d", i+1), Given: string(rune('A' + i)), Family: string(rune('Z' - i))}
		early := ward.Early{Known: true, Total: i % 5, From: i % 4, HasFrom: true, Risk: ward.RiskLow, Scale: 1, Due: clock("16:00")}
		rows = append(rows, ward.Row{Whole: true, Who: who, Early: early})
	}
	rows[3].Early = ward.Early{Known: true, Total: 8, From: 5, HasFrom: true, Risk: ward.RiskHigh, Scale: 1, Due: clock("15:00")}
	rows[4].Early = ward.Early{Known: true, Total: 5, AtLeast: true, From: 2, HasFrom: true, Risk: ward.RiskMedium, Scale: 1, At: clock("13:55")}
	rows[5].Early.Due, rows[5].Who.Similar = clock("13:40"), true
	rows[6].Early = ward.Early{Known: true, Refused: "not scored: pregnant"}
	rows[7].Early.Scale = 2
	crit := ward.Result{Test: "Potassium", Value: "6.8", Critical: true, Open: true}
	rows[3].Critical, rows[3].Criticals = &crit, 1
	rows[8].Critical, rows[8].Criticals = &crit, 1
	urgent := ward.Result{Test: "Sodium", Value: "124", Urgent: true}
	rows[5].Urgent, rows[7].Urgent, rows[8].Urgent, rows[9].Urgent = &urgent, &urgent, &urgent, &urgent
	return rows
}

// Started for a wall, the window shows the wall by itself, as soon as it may; once,
// and never over somebody who has begun to sign in.
func TestAWindowStartedForAWallShowsIt(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.s.conf.OpenWall = true
	r.s.openWall()
	r.settle()
	if r.s.Page() != "signin" {
		t.Fatal("a wall that may not be shown")
	}
	r.st.openWall = true // the copy opens
	r.s.openWall()
	r.settle()
	if r.s.Page() != "wall" {
		t.Fatalf("on %s", r.s.Page())
	}
	r.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.settle()
	r.s.openWall()
	if r.s.Page() != "signin" {
		t.Error("it comes back over whoever left it")
	}
	r = newRig(t, light(), 1366, 768)
	r.s.conf.OpenWall, r.st.openWall = true, true
	r.s.signIn.pin.SetText("48")
	r.s.openWall()
	if r.s.Page() != "signin" {
		t.Error("it covers somebody who has begun to sign in")
	}
}
