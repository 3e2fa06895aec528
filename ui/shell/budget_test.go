package shell

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	vchart "wardlight/internal/station/view/chart"
)

// counter counts activations: a key or a press that does something. What is typed
// does not count, nor moving to a row with the arrows (docs/usability.md).
type counter struct {
	*rig
	n int
}

func (c *counter) key(k fyne.KeyName, mod fyne.KeyModifier) {
	c.n++
	if f := c.focused(); f != nil && mod == 0 {
		f.TypedKey(&fyne.KeyEvent{Name: k})
	} else if mod == 0 {
		c.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: k})
	} else {
		c.s.Key(k, mod)
	}
	c.settle()
}

// press presses a control that the window names.
func (c *counter) press(name string) {
	c.t.Helper()
	o, ok := c.s.control(name)
	if !ok {
		c.t.Fatalf("no %s", name)
	}
	c.n++
	test.Tap(o.(fyne.Tappable))
	c.settle()
}

func (c *counter) within(budget int, what string, is bool) {
	c.t.Helper()
	if !is {
		c.t.Errorf("%s: not done after %d", what, c.n)
	}
	if c.n > budget {
		c.t.Errorf("%s takes %d, and may take %d", what, c.n, budget)
	}
}

func counting(t *testing.T) *counter { return &counter{rig: newRig(t, light(), 1366, 768)} }

// done is the last of the commands of this kind; the zero value for none.
func done[T ward.Command](c *counter) T {
	var out T
	defer c.st.lock()()
	for _, d := range c.st.did {
		if x, ok := d.(T); ok {
			out = x
		}
	}
	return out
}

// Whoever was here last types a PIN, and Enter signs in.
func TestLogInInOne(t *testing.T) {
	c := counting(t)
	c.s.signIn.user.SetText("g.mensah")
	c.s.signIn.focus()
	c.typeIn("1234")
	c.key(fyne.KeyReturn, 0)
	c.within(1, "to log in", c.s.Page() == "board")
}

// Who is worse stands on top without a press.
func TestWhoIsWorseInNone(t *testing.T) {
	c := counting(t)
	func() {
		defer c.st.lock()()
		c.st.rows[3].Early = ward.Early{Known: true, Total: 9, Risk: ward.RiskHigh, Scale: 1, At: clock("13:00")}
	}()
	c.signIn()
	list := c.s.seat.board.State().Rows
	c.within(0, "who is worse", list.Len() > 0 && list.At(0).ID == "p4")
}

// On the board the letters of a name find the row, and Enter opens it; from
// anywhere the search does it with one more, Ctrl+K.
func TestOpenAPatientByNameInOne(t *testing.T) {
	c := counting(t)
	c.signIn()
	for _, l := range "ferr" {
		if f := c.focused(); f != nil {
			f.TypedRune(l)
		} else {
			c.win.Canvas().OnTypedRune()(l)
		}
	}
	c.key(fyne.KeyReturn, 0)
	c.within(1, "to open a patient by name", c.s.seat.chart.State().ID == "p3")
}

// What happened with the marked patient, and when, is one key away; opening it is a
// look at the record like any other.
func TestWhatHappenedInOne(t *testing.T) {
	c := counting(t)
	c.signIn()
	for _, l := range "ferr" {
		if f := c.focused(); f != nil {
			f.TypedRune(l)
		} else {
			c.win.Canvas().OnTypedRune()(l)
		}
	}
	c.key(fyne.KeyH, ctrl)
	st := c.s.seat.chart.State()
	c.within(1, "to read what happened", st.ID == "p3" && st.Tab == vchart.Story)
}

// A critical result is taken by one key once its card is open, and an action is
// recorded by two: F6 asks what was done, Enter saves the words. One would mean
// that a letter typed for something else begins to answer a card.
func TestTakeACriticalInOne(t *testing.T) {
	c := counting(t)
	c.signIn()
	c.arrive(c.st.alert(0, "k1", "Potassium", "6.8"))
	c.pass(2 * time.Second)
	c.key(fyne.KeyF5, 0)
	c.within(1, "to take a critical result", len(c.takes()) == 1)
}

// One of the likely actions, by one press of its own button on the card. It is
// recorded in the words that stand there, and taken back while the note says so.
func TestRecordAnActionInOne(t *testing.T) {
	c := counting(t)
	c.signIn()
	c.arrive(c.st.alert(0, "k1", "Potassium", "6.8"))
	c.pass(3 * time.Second)
	c.press("record-1")
	took := done[ward.Take](c)
	c.within(1, "to record an action", took.Kind == "acting" && took.Words == "Repeat sent")
}

// Why a card warns, by one press on it: the rule by which it does, with its source and
// what became of it. The alert stays, as a red band.
func TestWhyItWarnsInOne(t *testing.T) {
	c := counting(t)
	c.signIn()
	a := c.st.alert(0, "k1", "Potassium", "6.8")
	a.Result.Rule = "corrected" // not the one that the page begins with
	c.arrive(a)
	c.pass(3 * time.Second)
	c.press("why")
	s := c.s.seat.rules.State()
	c.within(1, "to read why it warns", c.s.seat.at == pageRules && s.Open != nil && s.Open.ID == "corrected")
	if c.s.seat.front.IsOpen() || c.s.seat.alerts.State().Band == nil || len(c.takes()) != 0 {
		t.Error("the alert is not set aside as a band, or was taken")
	}
}

// What is not among the likely ones is said in words.
func TestRecordAnotherActionInTwo(t *testing.T) {
	c := counting(t)
	c.signIn()
	c.arrive(c.st.alert(0, "k1", "Potassium", "6.8"))
	c.pass(2 * time.Second)
	c.key(fyne.KeyF6, 0)
	c.typeIn("calcium given")
	c.key(fyne.KeyReturn, 0)
	took := done[ward.Take](c)
	c.within(2, "to record an action", took.Kind == "acting" && took.Words == "calcium given")
}

// To the inbox, and F6.
func TestAcknowledgeAResultInTwo(t *testing.T) {
	c := counting(t)
	func() {
		defer c.st.lock()()
		c.st.inbox = []ward.InboxItem{{Kind: ward.InboxNew, Who: c.st.rows[0].Who, Result: ward.Result{ID: "crp1", Version: 1, Test: "CRP", Value: "12", Unit: "mg/L", Received: clock("13:00"), Status: "final"}}}
	}()
	c.signIn()
	c.key(fyne.Key3, ctrl)
	c.key(fyne.KeyF6, 0)
	ack := done[ward.Acknowledge](c)
	c.within(2, "to acknowledge a result", len(ack.Results) == 1 && ack.Results[0].Result == "crp1")
}

// An answer, and the signature.
func TestReviewAConflictInTwo(t *testing.T) {
	c := counting(t)
	func() {
		defer c.st.lock()()
		c.st.reviews = []ward.Review{{ID: "r1", Version: 1, Who: c.st.rows[0].Who, Question: "Is she allergic?", Sides: []ward.Side{{Ref: "a", Title: "refuted", Who: "Tom"}, {Ref: "b", Title: "severe", Who: "Ines"}}}}
	}()
	c.signIn()
	c.s.Show("reviews", "", "")
	c.settle()
	c.key(fyne.Key2, 0)
	c.key(fyne.KeyF2, 0)
	decided := done[ward.Decide](c)
	c.within(2, "to review a conflict", decided.Review == "r1" && decided.Side == "b")
}

// From the board with the row marked: the form, the values typed in one pass, and
// the signature; the score stands there while they are typed.
func TestObservationsInTwo(t *testing.T) {
	c := counting(t)
	c.signIn()
	c.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyDown}) // moving to a row
	c.key(fyne.KeyO, ctrl)
	c.typeIn("16")
	c.settle()
	c.key(fyne.KeyF2, 0)
	set := done[ward.RecordVitals](c)
	c.within(2, "observations", set.Set.Respirations == "16" && set.Patient == c.s.seat.chart.State().ID)
}

// From a result: Repeat, the reason, the signature; the budget counts them in the
// real window.
func TestRepeatATestInThreeInTheWindow(t *testing.T) {
	c := counting(t)
	func() {
		defer c.st.lock()()
		c.st.results = []ward.Result{{ID: "k1", Version: 1, Test: "Potassium", LOINC: "2823-3", Value: "6.8", Unit: "mmol/L", Collected: clock("13:31"), Received: clock("13:58"), Status: "final"}}
		c.st.against = map[string][]ward.Warning{"Potassium": {{Level: ward.WarnRepeat, Words: "Potassium was collected at 13:31; it is not usually repeated within 24 h", From: "Leeds"}}}
	}()
	c.signIn()
	c.s.Show("chart", "p1", string(vchart.Results))
	press := func(name string) {
		c.t.Helper()
		var o fyne.CanvasObject
		for range 50 {
			c.settle()
			var ok bool
			if o, ok = c.s.control(name); ok && o.Visible() {
				break
			}
		}
		b, ok := o.(interface{ Tapped(*fyne.PointEvent) })
		if !ok {
			c.t.Fatalf("no %s to press", name)
		}
		c.n++
		b.Tapped(&fyne.PointEvent{})
		c.settle()
	}
	press("repeat")
	press("order-0-Unexpected value")
	press("order-sign")
	signed := done[ward.SignOrders](c)
	c.within(3, "to repeat a test", len(signed.Items) == 1 && signed.Items[0].Reason == "Unexpected value")
}
