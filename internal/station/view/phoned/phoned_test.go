package phoned

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
)

var now = time.Date(2026, 11, 22, 10, 30, 0, 0, time.UTC)

type desk struct {
	base.Drawer

	did  []ward.RecordPhoned
	fail error
	hold chan struct{} // where set, Do waits for it
}

func (d *desk) Analytes(_ context.Context, text string) ([]ward.Analyte, error) {
	var out []ward.Analyte
	for _, a := range []ward.Analyte{{Name: "Potassium", Units: []string{"mmol/L"}}, {Name: "Blood culture", Words: true}} {
		if strings.HasPrefix(strings.ToLower(a.Name), strings.ToLower(text)) {
			out = append(out, a)
		}
	}
	return out, nil
}

func (d *desk) Do(_ context.Context, cmd ward.Command) (ward.Done, error) {
	if d.Keep(cmd) {
		return ward.Done{}, nil
	}
	if d.hold != nil {
		<-d.hold
	}
	d.did = append(d.did, cmd.(ward.RecordPhoned))
	return ward.Done{}, d.fail
}

type rig struct {
	*Model
	t     *testing.T
	desk  *desk
	queue chan func()
	saved []string
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t, desk: &desk{}, queue: make(chan func(), 8)}
	r.Model = New(r.desk, base.DispatcherFunc(func(fn func()) { r.queue <- fn }), func() time.Time { return now }, func(State) {}, func(w string) { r.saved = append(r.saved, w) })
	return r
}

func (r *rig) next() {
	r.t.Helper()
	select {
	case fn := <-r.queue:
		fn()
	case <-time.After(time.Minute):
		r.t.Fatal("nothing was brought to the display")
	}
}

var ada = ward.Identity{ID: "p1", Family: "Adeyemi", Given: "Folake", Bed: "07"}

func (r *rig) begin() {
	r.t.Helper()
	r.Begin(ada)
	r.next()
	r.Find("pot")
	r.next()
	r.Choose("Potassium")
}

func full() Entry {
	return Entry{Value: "6.8", Unit: "mmol/L", Lab: "Chemistry", Caller: "J. Okoro", Called: "10:20", Collected: "9:50", ReadBack: true}
}

func TestTheFormBecomesACommand(t *testing.T) {
	for value, want := range map[string][2]string{"6.8": {"", "6.8"}, "<2.6": {"<", "2.6"}, "≥ 25": {">=", "25"}, "<=3": {"<=", "3"}} {
		r := newRig(t)
		r.begin()
		e := full()
		e.Value = value
		r.Save(e)
		r.next()
		c := r.desk.did[0]
		if c.Patient != "p1" || c.Test != "Potassium" || c.Comparator != want[0] || c.Value != want[1] || !c.ReadBack ||
			!c.Called.Equal(now.Add(-10*time.Minute)) || !c.Collected.Equal(now.Add(-40*time.Minute)) {
			t.Errorf("%q: %+v", value, c)
		}
		if r.State().Open || len(r.saved) != 1 || !strings.Contains(r.saved[0], "ADEYEMI, Folake") {
			t.Errorf("saved: %+v, %q", r.State(), r.saved)
		}
	}
}

func TestWithoutATestNothingIsSaved(t *testing.T) {
	r := newRig(t)
	r.Begin(ada)
	r.next()
	r.Save(full())
	if r.State().Error == "" || len(r.desk.did) != 0 {
		t.Errorf("%+v", r.State())
	}
	r.Find("potassium") // typed in full, and never pressed
	r.next()
	if r.State().Test.Name != "Potassium" {
		t.Error("a name that was typed in full is not chosen")
	}
	r.Find("potass")
	if r.State().Test.Name != "" {
		t.Error("the test that was chosen stays under another text")
	}
	r.next()
}

func TestATimeThatIsNoneIsSaid(t *testing.T) {
	r := newRig(t)
	r.begin()
	e := full()
	e.Called = "half past ten"
	r.Save(e)
	if !strings.Contains(r.State().Error, "half past ten") || len(r.desk.did) != 0 {
		t.Errorf("%+v", r.State())
	}
	e.Called = ""
	r.Save(e)
	r.next()
	if !r.desk.did[0].Called.Equal(now) {
		t.Errorf("no time is now: %v", r.desk.did[0].Called)
	}
}

// What was refused keeps the form; what was closed meanwhile is told all the same.
func TestARefusalKeepsTheForm(t *testing.T) {
	r := newRig(t)
	r.begin()
	r.desk.fail = errors.New("Read the value back")
	r.Save(full())
	r.Save(full()) // pressed twice
	r.next()
	if !r.State().Open || r.State().Busy || r.State().Error == "" || len(r.desk.did) != 1 {
		t.Errorf("%+v, %d commands", r.State(), len(r.desk.did))
	}
	r.Save(full())
	r.Close()
	r.next()
	if len(r.saved) != 1 || !strings.Contains(r.saved[0], "Not saved") {
		t.Errorf("%q", r.saved)
	}
}

// The form never turns to another patient by itself.
func TestAboutNeverTurnsTheForm(t *testing.T) {
	r := newRig(t)
	r.begin()
	r.About(ward.Identity{ID: "p2", Family: "Rahman"})
	if r.State().Who.ID != "p1" {
		t.Errorf("%+v", r.State().Who)
	}
	more := ada
	more.Number = "999 041 7733"
	r.About(more)
	if r.State().Who.Number == "" {
		t.Error("what the chart knows is not shown")
	}
}

func TestTimesOfTheDay(t *testing.T) {
	midnight := time.Date(2026, 11, 22, 0, 10, 0, 0, time.UTC)
	for _, tt := range []struct {
		text string
		now  time.Time
		want time.Time
	}{
		{"10:20", now, time.Date(2026, 11, 22, 10, 20, 0, 0, time.UTC)},
		{"1020", now, time.Date(2026, 11, 22, 10, 20, 0, 0, time.UTC)},
		{"10:33", now, time.Date(2026, 11, 22, 10, 33, 0, 0, time.UTC)},
		{"23:55", midnight, time.Date(2026, 11, 21, 23, 55, 0, 0, time.UTC)},
	} {
		if at, ok := Clock(tt.text, tt.now); !ok || !at.Equal(tt.want) {
			t.Errorf("%s: %v %v", tt.text, at, ok)
		}
	}
	for _, bad := range []string{"", "24:00", "10:60", "10", "ten", "10:2"} {
		if _, ok := Clock(bad, now); ok {
			t.Errorf("%q is a time", bad)
		}
	}
}

// Whoever types on while the result is being saved has a form that closes, and one that
// can be saved again where it was refused.
func TestTypingOnWhileItIsSavedLosesNoAnswer(t *testing.T) {
	for _, fail := range []error{nil, errors.New("The disk is full. Nothing was saved.")} {
		r := newRig(t)
		r.begin()
		r.desk.fail = fail
		r.desk.hold = make(chan struct{})
		r.Save(full())
		r.Find("potassium")
		r.next()
		close(r.desk.hold)
		r.next()
		if s := r.State(); s.Open != (fail != nil) || s.Busy || fail != nil && s.Error == "" {
			t.Errorf("after %v: %+v", fail, s)
		}
	}
}
