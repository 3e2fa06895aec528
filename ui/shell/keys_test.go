package shell

import (
	"slices"
	"strings"
	"testing"

	"wardlight/ui/theme"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/kit"
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
