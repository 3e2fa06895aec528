package shell

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	vchart "wardlight/internal/station/view/chart"
	"wardlight/ui/kit"
)

// search types into the palette and waits for its answer.
func (r *rig) search(text string) *palette {
	r.t.Helper()
	if !r.s.seat.palette.isOpen() {
		r.s.Key(fyne.KeyK, ctrl)
	}
	p := r.s.seat.palette
	p.field.SetText(text)
	p.typed(text)
	for range 50 {
		if r.settle(); p.answers == text {
			return p
		}
	}
	r.t.Fatalf("no answer to %q", text)
	return nil
}

func (p *palette) ids() string {
	var out []string
	for _, it := range p.items {
		out = append(out, it.ID)
	}
	return strings.Join(out, "|")
}

// Every action can be done from the search, by its name; whoever is not meant is
// not guessed.
func TestEveryActionIsFoundByItsName(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.seat.openChart("p3", "")
	r.settle()
	for _, d := range deeds() {
		p := r.search(strings.ToLower(d.item.Label))
		want := "deed  " + string(d.do)
		if !d.all {
			want = "deed p3 " + string(d.do)
		}
		if !strings.Contains("|"+p.ids()+"|", "|"+want+"|") {
			t.Errorf("%q finds %s, and not %s", d.item.Label, p.ids(), want)
		}
		p.close()
	}
	r.s.seat.turn(pageResults)
	for _, d := range deeds() {
		if p := r.search(d.item.Label); !d.all && strings.Contains(p.ids(), string(d.do)) {
			t.Errorf("nobody is meant, and %q is offered: %s", d.item.Label, p.ids())
		}
		r.s.seat.palette.close()
	}
}

// Every action of the key map stands in the search as well, or is one that only
// makes sense where it is: in a card, a form, or the search itself.
func TestEveryActionHasAKeyOrAPlaceInTheSearch(t *testing.T) {
	here := map[kit.Action]bool{doFind: true, doSave: true, doAlert: true, doTake: true, doAct: true, doHand: true, doBack: true, doUndo: true, doSettings: true /* a page */}
	for _, b := range keyMap() {
		if _, ok := deedOf(b.Action); !ok && !here[b.Action] && !strings.HasPrefix(string(b.Action), string(doPage)) && !strings.HasPrefix(string(b.Action), string(doTab)) {
			t.Errorf("%s (%s) is in no search", b.Action, b.Chord)
		}
	}
	for _, tab := range vchart.Tabs() {
		if !slices.ContainsFunc(deeds(), func(d deed) bool { return d.tab == tab }) {
			t.Errorf("the chart's %s is found by no search", tab)
		}
	}
	for _, page := range pageIDs() {
		if !begins(infoOf(page), infoOf(page).item.Label) {
			t.Errorf("%s is found by no search", page)
		}
	}
}

// A patient and what is to be done for them, in one line: "ade order".
func TestAPatientAndAnActionInOneSearch(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.search("adeyemi order")
	r.s.seat.palette.enter()
	r.settle()
	st := r.s.seat.chart.State()
	if r.s.Page() != "chart" || st.ID != "p1" || st.Tab != vchart.Orders {
		t.Fatalf("on %s of %s, %s", st.Tab, st.ID, r.s.Page())
	}
	r.typeIn("cr") // the focus is where the work begins
	r.settle()
	if got := r.s.seat.chart.State().Sheet.Text; got != "cr" {
		t.Errorf("typed %q into the search for tests", got)
	}
}

// What is listed for the first patient is done for that patient, also when the
// list has become another one meanwhile.
func TestAnActionIsDoneForWhomItWasListed(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	p := r.search("ferreira")
	if !strings.Contains(p.ids(), "head For the first patient|deed p3 observe|deed p3 results of|deed p3 order") {
		t.Fatal(p.ids())
	}
	p.choose("deed p3 observe")
	r.settle()
	if st := r.s.seat.chart.State(); st.ID != "p3" || st.Tab != vchart.Vitals {
		t.Errorf("on %s of %s", st.Tab, st.ID)
	}
	// Enter right after the name opens the patient, and never an action.
	p = r.search("ferreira")
	if p.list.Selected() != "patient p3" {
		t.Errorf("marked: %s", p.list.Selected())
	}
}

// By key: for the patient of the chart, for whoever is marked; where nobody is,
// the search asks for whom.
func TestKeysActForWhoeverIsMeant(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.seat.turn(pageResults)
	r.s.Key(fyne.KeyT, ctrl)
	if !r.s.seat.palette.isOpen() || r.s.Page() != "results" {
		t.Fatalf("nobody is meant, and it went to %s", r.s.Page())
	}
	r.search("ferreira")
	r.s.Key(fyne.KeyT, ctrl)
	r.settle()
	if st := r.s.seat.chart.State(); st.ID != "p3" || st.Tab != vchart.Orders || r.s.seat.palette.isOpen() {
		t.Fatalf("on %s of %s", st.Tab, st.ID)
	}
	for range 50 {
		if r.settle(); len(r.s.seat.chart.State().Sheet.Offers) > 0 {
			break
		}
	}
	r.s.seat.chart.TakeOffer(0)
	r.settle()
	r.s.Key(fyne.KeyO, ctrl)
	r.settle()
	r.s.Key(fyne.KeyT, ctrl)
	r.settle()
	if st := r.s.seat.chart.State(); st.Tab != vchart.Orders || len(st.Sheet.Items) != 2 {
		t.Errorf("what was begun has gone: %d items on %s", len(st.Sheet.Items), st.Tab)
	}
}

// An order that was withdrawn on a chart is taken back by Ctrl+Z while the note
// says so.
func TestAWithdrawnOrderIsTakenBackByKey(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.seat.openChart("p3", vchart.Orders)
	r.settle()
	r.s.seat.chart.WithdrawOrder(ward.Order{ID: "o1", Test: "CRP"})
	r.settle()
	if c := r.last(); c != (ward.WithdrawOrder{Patient: "p3", Order: "o1"}) || !r.s.seat.toast.Visible() {
		t.Fatalf("%#v", c)
	}
	r.s.Key(fyne.KeyZ, ctrl)
	r.settle()
	if c := r.last(); c != (ward.ReinstateOrder{Patient: "p3", Order: "o1"}) {
		t.Errorf("%#v", c)
	}
}

// The ward's orders are a page of their own, a look, and open the chart's.
func TestTheWardsOrdersArePageAndLook(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	func() {
		defer r.st.lock()()
		r.st.book = []ward.OrderLine{{Who: r.st.rows[2].Who, Order: ward.Order{ID: "o1", Kind: ward.OrderTest, Test: "CRP", Open: true}}}
	}()
	r.signIn()
	p := r.search("orders")
	p.choose("page orders")
	r.settle()
	if r.s.Page() != "orders" {
		t.Fatal(r.s.Page())
	}
	r.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyDown})
	r.focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.settle()
	if st := r.s.seat.chart.State(); st.ID != "p3" || st.Tab != vchart.Orders {
		t.Errorf("on %s of %s", st.Tab, st.ID)
	}
	defer r.st.lock()()
	if got := strings.Join(r.st.looks, "|"); !strings.Contains(got, "orders ") {
		t.Error(got)
	}
}

// The observation chart only shows, and was used last. Whoever asks to enter
// observations is typing already: the figures must land in the form.
func TestEnteringObservationsNeverOpensWhatOnlyShows(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.seat.openChart("p3", vchart.Vitals)
	r.settle()
	r.s.Key(fyne.KeyF8, 0)
	r.settle()
	r.s.seat.goBack()
	r.settle()
	r.s.seat.openChart("p3", vchart.Results)
	r.settle()
	r.s.Key(fyne.KeyO, ctrl)
	r.settle()
	f := r.win.Canvas().Focused()
	if f == nil {
		t.Fatal("nothing has the focus")
	}
	f.TypedRune('1')
	f.TypedRune('6')
	r.settle()
	if got := r.s.seat.chart.State().Vitals.Respirations; got != "16" {
		t.Errorf("16 was typed, and the form holds %q", got)
	}
}

// Alt and a digit turn to a tab of the open or marked patient's chart, from the left.
func TestAltAndADigitTurnToATab(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.seat.turn(pageResults)
	r.s.Key(fyne.Key3, alt)
	if !r.s.seat.palette.isOpen() || r.s.Page() != "results" {
		t.Fatalf("nobody is meant, and it went to %s", r.s.Page())
	}
	r.search("ferreira")
	digits := []fyne.KeyName{fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5, fyne.Key6, fyne.Key7, fyne.Key8, fyne.Key9, fyne.Key0, fyne.KeyMinus}
	for i, tab := range vchart.Tabs() {
		if i == len(digits) {
			break
		}
		r.s.Key(digits[i], alt)
		r.settle()
		if st := r.s.seat.chart.State(); st.ID != "p3" || st.Tab != tab {
			t.Errorf("Alt+%s turned to %s of %q, want %s", digits[i], st.Tab, st.ID, tab)
		}
	}
}
