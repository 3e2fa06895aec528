package alerts_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/alerts"
	"wardlight/internal/station/view/base"
)

var noon = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

type desk struct {
	mu     sync.Mutex
	alerts []ward.Alert
	rows   []ward.Row
	left   []ward.LeftRow
	held   []ward.HeldBack
	did    []ward.Command
	fail   error
}

func (d *desk) Subscribe(context.Context) <-chan ward.Notice { return nil }
func (d *desk) Alerts(context.Context) ([]ward.Alert, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]ward.Alert{}, d.alerts...), nil
}

func (d *desk) Rows(context.Context) (ward.Board, error) {
	b := ward.Board{Left: d.left}
	for i := range d.rows {
		b.Rows = append(b.Rows, &d.rows[i])
	}
	return b, nil
}
func (d *desk) HeldBack(context.Context) ([]ward.HeldBack, error) { return d.held, nil }
func (d *desk) Do(_ context.Context, c ward.Command) (ward.Done, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.did = append(d.did, c)
	return ward.Done{Made: []ward.PatientID{"t1"}}, d.fail
}

func (d *desk) count(is func(ward.Command) bool) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, c := range d.did {
		if is(c) {
			n++
		}
	}
	return n
}

func taken(c ward.Command) bool { _, ok := c.(ward.Take); return ok }
func shown(c ward.Command) bool { _, ok := c.(ward.MarkShown); return ok }

func potassium(id string, since string) ward.Alert {
	t, _ := time.Parse("15:04", since)
	at := time.Date(2026, 11, 22, t.Hour(), t.Minute(), 0, 0, time.UTC)
	return ward.Alert{
		Who: ward.Identity{ID: "p" + ward.PatientID(id), Bed: "07", Family: "Adeyemi", Given: "Folake", Title: "Mrs"}, Since: at,
		Result: ward.Result{ID: ward.ResultID(id), Version: 3, Test: "Potassium", Value: "6.8", Unit: "mmol/L", Flag: ward.FlagCriticalHigh, Critical: true, Open: true, Received: at, Status: "final", Why: []string{"ward limit 6.5"}},
	}
}

type rig struct {
	t      *testing.T
	d      *desk
	q      base.Queue
	m      *alerts.Model
	now    time.Time
	typing bool
	key    time.Time
	slow   bool // the screen has not painted anything yet
}

func newRig(t *testing.T, list ...ward.Alert) *rig {
	r := &rig{t: t, d: &desk{alerts: list}, now: noon}
	r.m = alerts.New(r.d, &r.q, func() time.Time { return r.now }, func() (bool, time.Time) { return r.typing, r.key }, r.paint)
	return r
}

// paint is a screen that paints at once what it is shown.
func (r *rig) paint(s alerts.State) {
	if s.Card != nil && !r.slow {
		r.m.Drawn(s.Card.Key)
	}
}

func keyOf(s ward.ShownResult) alerts.Key {
	return alerts.Key{Patient: s.Patient, Result: s.Result, Version: s.Version}
}

func (r *rig) read() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r.m.Follow(ctx)
	r.q.Settle(40, time.Millisecond)
}

func (r *rig) pass(d time.Duration) { r.now = r.now.Add(d); r.m.Tick(); r.q.Drain() }

func TestACardWaitsForAPause(t *testing.T) {
	r := newRig(t, potassium("k1", "13:58"))
	r.typing, r.key = true, noon
	r.read()
	s := r.m.State()
	if s.Card != nil || s.Band == nil || s.Band.Text != "Bed 07 · Potassium 6.8 mmol/L CRITICAL HIGH · 7 min, nobody has taken it" {
		t.Fatalf("card %v, band %+v", s.Card != nil, s.Band)
	}
	r.pass(4 * time.Second)
	if r.m.State().Card != nil {
		t.Fatal("opened 4 s after a key")
	}
	r.pass(time.Second)
	if r.m.State().Card == nil {
		t.Fatal("did not open after the pause")
	}
	// A card that is open stays open though its own fields are typed in.
	r.key = r.now
	r.pass(time.Second)
	if r.m.State().Card == nil {
		t.Error("closed because somebody typed into it")
	}
}

func TestKeysAreGuardedAndOnlyTheDrawnAlertIsTaken(t *testing.T) {
	r := newRig(t, potassium("k1", "13:58"), potassium("k2", "13:59"))
	r.read()
	k := r.m.State().Card.Key
	r.m.Take(k, "taken", "", "")
	r.m.SetAside(k, true)
	if !r.m.Guarded() || r.m.State().Card == nil || r.d.count(taken) != 0 {
		t.Fatal("a key counted within a second")
	}
	r.pass(time.Second)
	other := k
	other.Result = "k2"
	r.m.Take(other, "taken", "", "")
	r.read()
	if r.d.count(taken) != 0 {
		t.Fatal("an alert that was not in front was taken")
	}
	if r.m.Next(); r.m.State().Card.Key.Result != "k2" || !r.m.Guarded() {
		t.Fatal("the next card is not in front, or is not guarded")
	}
	r.m.Take(k, "taken", "", "")
	r.read()
	if r.d.count(taken) != 0 {
		t.Fatal("the card before was taken")
	}
}

func TestWhatIsSetAsideStaysAsABandUntilItIsTaken(t *testing.T) {
	r := newRig(t, potassium("k1", "13:58"))
	r.read()
	r.m.SetAside(r.m.State().Card.Key, false)
	r.pass(time.Hour)
	if s := r.m.State(); s.Card != nil || s.Band == nil {
		t.Fatal("the band went, or the card came back")
	}
	r.d.alerts = append(r.d.alerts, potassium("k2", "15:00"))
	r.read()
	if s := r.m.State(); s.Card == nil || s.Card.Key.Result != "k2" || s.Card.Place != "" {
		t.Fatalf("a new alert did not open by itself: %+v", s.Card)
	}
	r.d.alerts = nil
	r.read()
	if s := r.m.State(); s.Card != nil || s.Band != nil || s.Badge != 0 || s.Empty == "" {
		t.Error("something is left of alerts that somebody took")
	}
}

func TestShownIsToldOncePerVersionAndOnlyWhenVisible(t *testing.T) {
	r := newRig(t, potassium("k1", "13:58"))
	r.read()
	if r.d.count(shown) != 0 {
		t.Fatal("shown without a window")
	}
	r.m.SetVisible(true)
	r.read()
	r.pass(time.Minute)
	if n := r.d.count(shown); n != 1 {
		t.Fatalf("told %d times", n)
	}
	r.d.alerts[0].Result.Version = 4
	r.read()
	if n := r.d.count(shown); n != 2 {
		t.Errorf("a new version was told %d times in all", n)
	}
}

func TestTakingFailsWhereThePersonIs(t *testing.T) {
	r := newRig(t, potassium("k1", "13:58"))
	r.d.fail = errors.New("the result changed while you looked")
	r.read()
	r.pass(2 * time.Second)
	r.m.Take(r.m.State().Card.Key, "taken", "", "")
	r.read()
	if c := r.m.State().Card; c == nil || c.Error == "" || c.Busy {
		t.Errorf("%+v", c)
	}
}

func TestUndoIsOfferedForTenSeconds(t *testing.T) {
	r := newRig(t, potassium("k1", "13:58"))
	r.read()
	r.pass(2 * time.Second)
	r.m.Take(r.m.State().Card.Key, "taken", "", "")
	r.d.mu.Lock()
	r.d.alerts = nil
	r.d.mu.Unlock()
	r.read()
	if u := r.m.State().Undo; u == nil || u.Words != "You have potassium, bed 07" {
		t.Fatalf("%+v", u)
	}
	r.pass(11 * time.Second)
	if r.m.State().Undo != nil {
		t.Error("offered after eleven seconds")
	}
}

func TestTheListNamesOpenOwnedAndHeldBack(t *testing.T) {
	r := newRig(t, potassium("k1", "13:58"))
	owned := potassium("k9", "13:00").Result
	owned.Open, owned.Owned = false, []ward.Owned{{Task: "t9", By: "Dr Lindqvist", Kind: "taken", At: noon.Add(-20 * time.Minute), ActBy: noon.Add(10 * time.Minute), Unsent: true}}
	r.d.rows = []ward.Row{{Who: ward.Identity{ID: "p9", Bed: "19", Family: "Rahman"}, Critical: &owned}}
	r.d.held = []ward.HeldBack{{ID: "h1", Words: "Sodium 118, critical", Since: noon}}
	r.read()
	var got []string
	for _, l := range r.m.State().Lines {
		got = append(got, string(l.Kind)+": "+l.Second)
	}
	want := "Nobody has taken: Nobody has taken it, 7 min|Taken: Dr Lindqvist has it since 13:45: record action by 14:15|Held back by the server: Sodium 118, critical"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	if l := r.m.State().Lines[1]; l.Task != "t9" || !l.Unsent {
		t.Errorf("%+v", l)
	}
	if r.m.State().Badge != 2 {
		t.Errorf("badge %d", r.m.State().Badge)
	}
}

// Whose a part of a message is, is known; whose a whole one is, is not.
func TestWhatIsHeldBackSaysWhetherItIsKnownWhoseItIs(t *testing.T) {
	r := newRig(t)
	r.d.held = []ward.HeldBack{{ID: "h1", Words: "Sodium 118, critical", Since: noon}, {ID: "h2", Words: "OBX 2 cannot be read", Since: noon, Partial: true}}
	r.read()
	l := r.m.State().Lines
	if len(l) != 2 || l[0].Name != "Of nobody known" || !strings.Contains(l[0].Third, "whose result it is") {
		t.Errorf("%+v", l)
	}
	if l[1].Name != "Not filed in full" || !strings.Contains(l[1].Third, "The rest of the message is in the chart") {
		t.Errorf("%+v", l[1])
	}
}

func TestDescribe(t *testing.T) {
	a := potassium("k1", "13:58")
	a.Result.Range, a.Result.CollectedText, a.Result.MayBe, a.Result.Late = "3.5–5.3", "22-Nov-2026 13:31", true, "late: collected 3 d ago"
	a.Early = ward.Early{Known: true, Total: 5, AtLeast: true}
	a.Ladder = []ward.Rung{{At: noon.Add(-7 * time.Minute), State: "due"}, {At: noon.Add(3 * time.Minute), State: "next"}, {At: noon.Add(13 * time.Minute), State: "later"}}
	d := alerts.Describe(a, noon)
	if d.Name != "ADEYEMI, Folake (Mrs)" || d.Word != "MAY BE CRITICAL HIGH" || d.Score != "≥5" {
		t.Errorf("%+v", d)
	}
	if l := d.Lines[0]; l[0].Words != "3.5–5.3" || l[1].Words != "ward limit 6.5" {
		t.Errorf("%+v", l)
	}
	if l := d.Lines[1]; l[0].Words != "22-Nov-2026 13:31" || l[1].Words != "13:58" || l[3].Words != "late: collected 3 d ago" {
		t.Errorf("%+v", l)
	}
}
