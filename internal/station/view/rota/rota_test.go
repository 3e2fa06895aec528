package rota

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
)

type desk struct {
	rota ward.Rota
	did  []ward.EditRota
	fail error
	hold chan struct{}            // where set, Do waits for it
	late map[string]chan struct{} // a check of this text waits for it
}

func (d *desk) Rota(context.Context) (ward.Rota, error) { return d.rota, nil }

func (d *desk) CheckRota(_ context.Context, text string) (ward.Rota, error) {
	if hold := d.late[text]; hold != nil {
		<-hold
	}
	return ward.Rota{Text: text, Bad: map[bool]string{true: "line 2: nonsense"}[strings.Contains(text, "nonsense")]}, nil
}

func (d *desk) Do(_ context.Context, cmd ward.Command) (ward.Done, error) {
	if d.hold != nil {
		<-d.hold
	}
	d.did = append(d.did, cmd.(ward.EditRota))
	return ward.Done{}, d.fail
}

type rig struct {
	*Model
	t     *testing.T
	desk  *desk
	queue chan func()
}

func newRig(t *testing.T, r ward.Rota) *rig {
	x := &rig{t: t, desk: &desk{rota: r}, queue: make(chan func(), 8)}
	x.Model = New(x.desk, base.DispatcherFunc(func(fn func()) { x.queue <- fn }), func() time.Time { return time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC) }, func(State) {})
	x.Open(context.Background())
	x.next()
	return x
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

func TestWhatIsTypedIsSavedAgainstWhatWasSeen(t *testing.T) {
	r := newRig(t, ward.Rota{Ward: "4B", Text: "rota 1\n", Version: 3, By: "Mary Okafor", MayEdit: true})
	r.Save()
	if len(r.desk.did) != 0 {
		t.Error("nothing was changed, and it is saved")
	}
	r.Type("rota 1\nnonsense")
	r.next()
	if r.State().Check.Bad == "" || !r.State().Changed {
		t.Errorf("%+v", r.State())
	}
	r.desk.fail = errors.New("Somebody changed the rota while you wrote.")
	r.Save()
	r.Save() // pressed twice
	r.next()
	if len(r.desk.did) != 1 || r.desk.did[0].Version != 3 || r.State().Text != "rota 1\nnonsense" || r.State().Error == "" {
		t.Errorf("%+v, %+v", r.desk.did, r.State())
	}
	r.desk.fail = nil
	r.Save()
	r.next()
	if r.State().Changed || !strings.Contains(r.State().Head, "Saved") {
		t.Errorf("%+v", r.State())
	}
}

func TestWhoMayNotReadsOnly(t *testing.T) {
	r := newRig(t, ward.Rota{Ward: "4B", Text: "rota 1\n", Version: 3})
	r.Type("rota 1\nx")
	r.Save()
	if r.State().Changed || len(r.desk.did) != 0 {
		t.Errorf("%+v", r.State())
	}
}

func TestAWardWithoutARotaSaysSo(t *testing.T) {
	r := newRig(t, ward.Rota{Ward: "4B", MayEdit: true})
	if !strings.Contains(r.State().Head, "nobody is told") || !strings.HasPrefix(r.State().Text, "rota 1\n") {
		t.Errorf("%+v", r.State())
	}
}

// Whoever types on while the rota is being saved gets the answer all the same, and what
// they typed since is still to be saved.
func TestTypingOnWhileItIsSavedLosesNoAnswer(t *testing.T) {
	r := newRig(t, ward.Rota{Ward: "4B", Text: "rota 1\n", Version: 3, By: "Mary Okafor", MayEdit: true})
	r.Type("rota 1\na")
	r.next()
	r.desk.hold = make(chan struct{})
	r.Save()
	r.Type("rota 1\nab")
	r.next()
	close(r.desk.hold)
	r.next()
	if s := r.State(); s.Busy || !s.Changed || !strings.Contains(s.Head, "Saved") || s.Text != "rota 1\nab" {
		t.Errorf("%+v", s)
	}
}

// What an earlier text means is never said of a later one.
func TestALateCheckIsOfNoOtherText(t *testing.T) {
	r := newRig(t, ward.Rota{Ward: "4B", Text: "rota 1\n", Version: 3, By: "Mary Okafor", MayEdit: true})
	hold := make(chan struct{})
	r.desk.late = map[string]chan struct{}{"rota 1\nnonsense": hold}
	r.Type("rota 1\nnonsense")
	r.Type("rota 1\nsense")
	r.next()
	close(hold)
	r.next()
	if c := r.State().Check; c.Bad != "" || c.Text != "rota 1\nsense" {
		t.Errorf("%+v", c)
	}
}
