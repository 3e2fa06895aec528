package shell

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	vemergency "wardlight/internal/station/view/emergency"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// A doctor of another ward, by keyboard alone: Ctrl+K, "emergency", Enter, three
// fields. The chart opens and says so; a wrong PIN is said, and forgotten.
func TestEmergencyAccessByKeyboard(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.Key(fyne.KeyK, ctrl)
	p := r.s.seat.palette
	p.field.SetText("emergency")
	p.typed("emergency")
	for range 50 {
		if r.settle(); p.answers == "emergency" {
			break
		}
	}
	p.list.Select("emergency")
	p.enter()
	e := r.s.seat.glass
	if !e.isOpen() || p.isOpen() {
		t.Fatalf("the form is open %v, the palette %v", e.isOpen(), p.isOpen())
	}
	if dir := uitest.Pictures(); dir != "" {
		r.picture(dir, "emergency")
	}
	e.who.SetText("Adeyemi Given A 1954-03-14")
	e.reason.SetText("cardiac arrest, I lead the team")
	press := func() {
		r.win.Canvas().Focus(e.begin)
		e.begin.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		r.settle()
	}
	e.pin.SetText("111111")
	press()
	if r.focused() != e.pin.Focusable() {
		t.Errorf("after a wrong PIN %T has the focus", r.focused())
	}
	if press(); r.focused() != e.pin.Focusable() {
		t.Errorf("without a PIN %T has the focus", r.focused())
	}
	e.who.SetText("Adeyemi")
	e.pin.SetText("481526")
	if press(); r.focused() != fyne.Focusable(e.begin) {
		t.Errorf("a name that nobody has took the focus to %T", r.focused())
	}
	e.who.SetText("Adeyemi Given A 1954-03-14")
	if !e.trouble.Visible() || e.pin.Text() != "" || r.s.Page() == "chart" {
		t.Errorf("a wrong PIN: said %v, PIN kept %q, page %s", e.trouble.Visible(), e.pin.Text(), r.s.Page())
	}
	e.pin.SetText("481526")
	e.send()
	r.settle()
	if r.s.Page() != "chart" || e.isOpen() {
		t.Fatalf("page %s, form open %v", r.s.Page(), e.isOpen())
	}
	r.capture()
	if !strings.Contains(test.RenderObjectToMarkup(r.s.Content()), "EMERGENCY ACCESS until") {
		t.Error("the chart does not say that it is open by emergency access")
	}
	if dir := uitest.Pictures(); dir != "" {
		r.picture(dir, "emergency-chart")
	}
}

// Whoever comes next finds an empty form: not the name, not the reason, not the
// PIN; however it was closed.
func TestTheFormKeepsNothing(t *testing.T) {
	for name, shut := range map[string]func(*rig){
		"Esc":                  func(r *rig) { r.s.Key(fyne.KeyEscape, 0) },
		"a press beside it":    func(r *rig) { r.s.seat.glass.veil.Tapped(nil) },
		"another page":         func(r *rig) { r.s.seat.turn(pageAlerts) },
		"the palette":          func(r *rig) { r.s.Key(fyne.KeyK, ctrl) },
		"the lock of the desk": func(r *rig) { r.s.Key(fyne.KeyL, ctrl) },
	} {
		r := newRig(t, light(), 1366, 768)
		r.signIn()
		e := r.s.seat.glass
		e.open()
		e.who.SetText("Adeyemi")
		e.reason.SetText("because")
		e.pin.SetText("481526")
		shut(r)
		r.settle()
		if e.isOpen() || e.who.Text()+e.reason.Text()+e.pin.Text() != "" {
			t.Errorf("%s: open %v, kept %q", name, e.isOpen(), e.who.Text()+e.reason.Text()+e.pin.Text())
		}
	}
}

// At 200 % on a small screen the form is higher than the window: what has the focus
// is in view, and so is a refusal.
func TestTheEmergencyFormIsReachedAt200Percent(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 2}, 1024, 768)
	r.signIn()
	e := r.s.seat.glass
	e.open()
	r.capture()
	inView := func(o fyne.CanvasObject) bool {
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
		return at.Y >= 0 && at.Y+o.Size().Height <= 768
	}
	for name, field := range map[string]*kit.TextField{"whose": e.who, "why": e.reason, "PIN": e.pin} {
		r.s.focus(field)
		r.capture()
		if !inView(field) {
			t.Errorf("%s is not in view", name)
		}
	}
	r.win.Canvas().Focus(e.begin)
	r.capture()
	if !inView(e.begin) {
		t.Error("the button is not in view")
	}
	r.s.focus(e.who)
	e.draw(vemergency.State{Error: "Nobody in this hospital has exactly this name and date of birth, or this number. Give family name, given name and date of birth (1954-03-14), or the whole NHS number."})
	r.capture()
	if !inView(e.trouble) {
		t.Error("the refusal is not in view")
	}
}

// Where nobody is set who is told of it, the form says so before anybody begins, at every
// text size and in every language, and whatever was refused meanwhile; and says nothing
// where somebody is.
func TestTheEmergencyFormSaysWhereNobodyIsTold(t *testing.T) {
	for _, tag := range []string{"en", "de"} {
		for _, scale := range []float32{.8, 1, 2} {
			uitest.Speak(t, tag)
			r := newRig(t, theme.Options{Mode: theme.Light, Scale: scale}, 1024, 768)
			r.signIn()
			e := r.s.seat.glass
			e.open()
			if e.untold.Visible() {
				t.Error("it says that nobody is told")
			}
			e.close()
			func() { defer r.st.lock()(); r.st.untold = true }()
			e.open()
			r.capture()
			if dir := uitest.Pictures(); dir != "" {
				r.picture(dir, fmt.Sprintf("emergency-untold-%s-%d", tag, int(100*scale)))
			}
			if field := fyne.CurrentApp().Driver().AbsolutePositionForObject(e.who).Y + e.who.Size().Height; field > fyne.CurrentApp().Driver().AbsolutePositionForObject(e.scroll).Y+e.scroll.Size().Height {
				t.Errorf("%s at %v: the field that has the focus is cut off", tag, scale)
			}
			e.send()
			r.settle()
			if want := words.T("Nobody is set to be told of it at once: no privacy officer is on the rota now, and no address is set that a message could reach. It stands in the privacy officer’s list. Tell them, or whoever answers for privacy, yourself."); !e.untold.Visible() || !e.trouble.Visible() || !strings.Contains(strings.Join(strings.Fields(e.untold.Text()), " "), want) {
				t.Errorf("%s at %v: visible %v: %q", tag, scale, e.untold.Visible(), e.untold.Text())
			}
		}
	}
}
