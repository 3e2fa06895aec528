package shell

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	vchart "wardlight/internal/station/view/chart"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// The page of keys tells of every action of the key map, by the keys that do it,
// and of no action that there is none of.
func TestThePageOfKeysIsCompleteAndTrue(t *testing.T) {
	told := map[kit.Action]keyLine{}
	for _, g := range keyGroups() {
		for _, l := range g.lines {
			for _, a := range l.does {
				told[a] = l
			}
		}
	}
	for _, b := range keyMap() {
		l, ok := told[b.Action]
		if !ok {
			t.Errorf("%s (%s) is not on the page of keys", b.Chord, b.Action)
			continue
		}
		if !shownBy(l, b.Chord) {
			t.Errorf("%s does %q, and the page says %v", b.Chord, b.Action, l.caps)
		}
	}
	for a, l := range told {
		if keyMap().Cap(a) == "" {
			t.Errorf("%v: there is no key for %q", l.caps, a)
		}
	}
}

// shownBy says whether a line's caps stand for a chord. "1 … 4" stands for what
// lies between; + and = are one key.
func shownBy(l keyLine, c kit.Chord) bool {
	parts := strings.Fields(strings.NewReplacer("=", "+", "-", "−").Replace(c.String()))
	key := parts[len(parts)-1]
	if len(parts) == 2 && (len(l.caps) == 0 || l.caps[0] != parts[0]) {
		return false
	}
	if i := slices.Index(l.caps, "…"); i > 0 && i < len(l.caps)-1 && l.caps[i-1] <= key && key <= l.caps[i+1] {
		return true
	}
	return slices.Contains(l.caps, key)
}

// The keys that no action of the map stands for do what the page says: each in a
// list or on its page.
func TestKeysOfListsAndPagesDoWhatThePageSays(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	func() {
		defer r.st.lock()()
		r.st.reviews = []ward.Review{{ID: "r1", Version: 1, Neither: true, Who: ward.Identity{ID: "p1", Bed: "12", Family: "Adeyemi"}, Sides: []ward.Side{{Ref: "a", Title: "refuted", Who: "Tom"}, {Ref: "b", Title: "severe", Who: "Ines"}}}}
	}()
	r.signIn()
	key := func(k fyne.KeyName) {
		if f := r.focused(); f != nil {
			f.TypedKey(&fyne.KeyEvent{Name: k})
		} else {
			r.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: k})
		}
		r.settle()
	}
	list := r.s.seat.pages[pageBoard].(first).First().(*kit.List)
	for _, step := range []struct {
		key  fyne.KeyName
		want string
	}{{fyne.KeyDown, ""}, {fyne.KeyEnd, "p5"}, {fyne.KeyHome, "p1"}, {fyne.KeyDown, "p2"}, {fyne.KeyUp, "p1"}, {fyne.KeyPageDown, "p5"}, {fyne.KeyPageUp, "p1"}} {
		key(step.key)
		if step.want != "" && list.Selected() != step.want {
			t.Errorf("%s went to %q, want %q", step.key, list.Selected(), step.want)
		}
	}
	r.focused().TypedRune('f')
	if list.Selected() != "p3" {
		t.Errorf("a letter went to %q", list.Selected())
	}
	key(fyne.KeyReturn)
	if r.s.Page() != "chart" {
		t.Errorf("Enter went to %s", r.s.Page())
	}
	key(fyne.KeyEscape)
	r.s.seat.turn(pageReviews)
	r.settle()
	key(fyne.Key2)
	if got := r.s.seat.reviews.State().Chosen; got != "b" {
		t.Errorf("2 on the reviews page chose %q", got)
	}
	key(fyne.KeyEscape)
	if got := r.s.seat.reviews.State().Chosen; got != "" {
		t.Errorf("Esc left %q", got)
	}
	for i, id := range railPages() {
		r.s.Key(fyne.KeyName(rune('1'+i)), ctrl)
		if r.s.Page() != string(id) {
			t.Errorf("Ctrl+%d turned to %s, want %s", i+1, r.s.Page(), id)
		}
	}
}

// Every key of the window does what the page of keys says though a field has the focus, of
// whichever kind: a form is left and a page turned to without a look for the pointer.
func TestEveryKeyWorksWithTheFocusInAField(t *testing.T) {
	fields := map[string]func() (fyne.CanvasObject, fyne.Focusable){
		"one line": func() (fyne.CanvasObject, fyne.Focusable) {
			f := kit.NewTextField(kit.TextConfig{}, nil)
			return f, f.Focusable()
		},
		"some lines": func() (fyne.CanvasObject, fyne.Focusable) {
			f := kit.NewTextField(kit.TextConfig{Lines: 4}, nil)
			return f, f.Focusable()
		},
		"a secret": func() (fyne.CanvasObject, fyne.Focusable) {
			f := kit.NewTextField(kit.TextConfig{Secret: true}, nil)
			return f, f.Focusable()
		},
		"a number": func() (fyne.CanvasObject, fyne.Focusable) {
			f := kit.NewNumberField(kit.NumberConfig{}, nil)
			return f, f
		},
		"a switch": func() (fyne.CanvasObject, fyne.Focusable) {
			f := kit.NewSegmented(kit.SegmentedConfig{Labels: []string{"a", "b"}}, nil)
			return f, f
		},
		"a list": func() (fyne.CanvasObject, fyne.Focusable) { l := kit.NewList(nil, nil, kit.Clock{}); return l, l },
		"a button": func() (fyne.CanvasObject, fyne.Focusable) {
			b := kit.NewButton(kit.ButtonConfig{Text: "b"}, nil)
			return b, b
		},
		"the tabs": func() (fyne.CanvasObject, fyne.Focusable) { b := kit.NewTabs([]string{"a", "b"}, 0, nil); return b, b },
	}
	for name, make := range fields {
		test.NewTempApp(t).Settings().SetTheme(theme.New(light()))
		o, f := make()
		win := test.NewTempWindow(t, o)
		win.Resize(fyne.NewSize(300, 100))
		c := win.Canvas()
		var did []kit.Action
		c.SetOnTypedKey(func(ev *fyne.KeyEvent) {
			if a, ok := keyMap().Lookup(ev.Name, 0); ok {
				did = append(did, a)
			}
		})
		kit.OnShortcut(func(pressed fyne.Shortcut) {
			for _, b := range keyMap() {
				if b.Chord.Mod != 0 && shortcut(b.Chord).ShortcutName() == pressed.ShortcutName() {
					did = append(did, b.Action)
				}
			}
		})
		for _, b := range keyMap() {
			c.Focus(f)
			did = nil
			if _, takes := f.(fyne.Shortcutable); !takes && b.Chord.Mod != 0 {
				continue // the toolkit gives it to the window
			}
			pressChord(c, b.Chord)
			if !slices.Equal(did, []kit.Action{b.Action}) {
				t.Errorf("with the focus in %s, %s did %v, want %s", name, b.Chord, did, b.Action)
			}
		}
	}
}

// pressChord gives a chord to a canvas as the toolkit's window does: to what has the focus
// where that takes such, else to the canvas.
func pressChord(c fyne.Canvas, chord kit.Chord) {
	if chord.Mod == 0 {
		if f := c.Focused(); f != nil {
			f.TypedKey(&fyne.KeyEvent{Name: chord.Key})
		} else if handle := c.OnTypedKey(); handle != nil {
			handle(&fyne.KeyEvent{Name: chord.Key})
		}
		return
	}
	c.Focused().(fyne.Shortcutable).TypedShortcut(shortcut(chord))
}

// The text grows and shrinks while somebody types, on the sign-in page, in the search, in a
// form and on a card; and what was typed stays.
func TestTheTextGrowsWhileAFieldHasTheFocus(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	grows := func(where string) {
		t.Helper()
		if _, ok := r.focused().(fyne.Shortcutable); !ok {
			t.Fatalf("%s: %T has the focus, which is no field", where, r.focused())
		}
		before := theme.Current().Options().Scale
		pressChord(r.win.Canvas(), kit.Chord{Key: fyne.KeyPlus, Mod: ctrl})
		r.settle()
		if got := theme.Current().Options().Scale; got <= before {
			t.Errorf("%s: the text stays at %v", where, got)
		}
		pressChord(r.win.Canvas(), kit.Chord{Key: fyne.KeyMinus, Mod: ctrl})
		r.settle()
		if got := theme.Current().Options().Scale; got != before {
			t.Errorf("%s: the text is at %v, and was at %v", where, got, before)
		}
	}
	grows("the sign-in page")
	r.signIn()
	r.s.Key(fyne.KeyK, ctrl)
	r.settle()
	uitest.Type(r.win, "ade")
	grows("the search")
	if got := r.s.seat.palette.field.Text(); got != "ade" {
		t.Errorf("the search holds %q", got)
	}
	r.s.Key(fyne.KeyEscape, 0)
	r.s.seat.openChart("p1", vchart.Vitals)
	r.settle()
	r.s.Key(fyne.KeyO, ctrl)
	r.settle()
	uitest.Type(r.win, "21")
	grows("observations")
	r.s.seat.openChart("p1", vchart.Notes)
	r.settle()
	o, ok := r.s.control("note")
	if !ok {
		t.Fatal("no field for a note")
	}
	r.win.Canvas().Focus(o.(*kit.TextField).Focusable())
	uitest.Type(r.win, "slept well")
	grows("a note")
	r.s.Key(fyne.KeyN, ctrl)
	r.settle()
	grows("a new task")
}

// However a keyboard makes its plus, it enlarges, and the rail keeps its words at
// every size at which there is one.
func TestEveryPlusEnlargesAndTheRailKeepsItsWords(t *testing.T) {
	for _, c := range []kit.Chord{{Key: fyne.KeyEqual, Mod: ctrl}, {Key: fyne.KeyEqual, Mod: ctrl | fyne.KeyModifierShift}, {Key: fyne.KeyPlus, Mod: ctrl}, {Key: fyne.KeyPlus, Mod: ctrl | fyne.KeyModifierShift}} {
		if a, ok := keyMap().Lookup(c.Key, c.Mod); !ok || a != doLarger {
			t.Errorf("%v does %q", c, a)
		}
	}
	for _, scale := range []float32{1, 1.4, 1.7} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: scale}, 1366, 768)
		r.signIn()
		for _, word := range []string{"Alerts", "Handover"} {
			if !strings.Contains(r.everything(), ">"+word+"<") {
				t.Errorf("at %v the rail does not say %q", scale, word)
			}
		}
	}
}
