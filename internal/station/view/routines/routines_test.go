package routines

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
)

var now = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

type desk struct {
	mu      sync.Mutex
	page    ward.Routines
	did     []ward.SaveRoutine
	fail    error
	notices chan ward.Notice
}

func (d *desk) Subscribe(context.Context) <-chan ward.Notice { return d.notices }

func (d *desk) Routines(context.Context) (ward.Routines, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.page, nil
}

func (d *desk) Do(_ context.Context, cmd ward.Command) (ward.Done, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, _ := cmd.(ward.SaveRoutine)
	d.did = append(d.did, c)
	if d.fail != nil {
		return ward.Done{}, d.fail
	}
	id := c.Routine
	if id == "" {
		id = "new1"
	}
	return ward.Done{Made: []ward.PatientID{id}}, nil
}

func (d *desk) saves() []ward.SaveRoutine {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]ward.SaveRoutine{}, d.did...)
}

func (d *desk) set(p ward.Routines) {
	d.mu.Lock()
	d.page = p
	d.mu.Unlock()
}

// page is a ward with a routine at a version.
func page(version int, first string) ward.Routines {
	return ward.Routines{
		Ward: "4B", AsOf: now, MayEdit: true,
		List: []ward.Routine{{
			ID: "r1", Version: uint64(version), Number: version, Name: "Admission", Kind: "admission", Ward: "4B", Within: 60, By: "Mary", At: now, Runs: 3, MayEdit: true,
			Steps: []ward.RoutineStep{
				{ID: "v1-1", Words: first, Page: "allergies", Use: ward.RoutineUse{Done: 2, NotNeeded: 1, Left: 1}},
				{ID: "v1-2", Words: "Bed marked", Off: true},
			},
		}},
		Starters: []ward.Routine{{Name: "Discharge", Kind: "discharge", Starter: "adult-discharge", Number: 1, Steps: []ward.RoutineStep{{ID: "v1-1", Words: "Letter sent"}}}},
	}
}

type rig struct {
	*Model
	t     *testing.T
	desk  *desk
	queue base.Queue
}

func newRig(t *testing.T, p ward.Routines) *rig {
	r := &rig{t: t, desk: &desk{page: p, notices: make(chan ward.Notice)}}
	r.Model = New(r.desk, &r.queue, func() time.Time { return now }, func(State) {})
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r.Follow(ctx)
	r.until(func() bool { return r.State().Loaded })
	return r
}

func (r *rig) until(ok func() bool) {
	r.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		r.queue.Drain()
		if ok() {
			return
		}
	}
	r.t.Fatalf("it did not happen: %+v", r.State())
}

// comes lets the desk answer something else, and tells of it.
func (r *rig) comes(p ward.Routines) {
	r.desk.set(p)
	r.desk.notices <- ward.Notice{Kind: ward.NoticeReviews}
}

// A version is written from what was seen, in order, with what was switched; what
// comes in while somebody types takes nothing from them; when the version is in force
// the form is that one.
func TestAVersionIsWritten(t *testing.T) {
	r := newRig(t, page(3, "Allergies asked"))
	f := r.State().Form
	if f.Title != "Version 3" || f.Steps[0].Use != "done 2, not needed 1, left 1" || f.Steps[1].Use != "" || !f.Steps[1].Off || f.Within != "60" {
		t.Fatalf("%+v", f)
	}
	r.Save()
	if len(r.desk.saves()) != 0 {
		t.Fatal("nothing was changed, and it is saved")
	}
	r.MoveStep(0, 1)
	r.SwitchStep(0)
	r.AddStep()
	r.SetStep(2, "New one")
	r.NextPage(2)
	r.SetWithin("")
	other := page(4, "Somebody else’s words")
	other.AsOf = now.Add(-time.Minute)
	r.comes(other)
	r.until(func() bool { return r.State().AsOf == "as of 14:04" })
	if r.State().Form.Steps[2].Words != "New one" || r.State().Form.Title != "Version 3" {
		t.Fatalf("what was typed is gone: %+v", r.State().Form)
	}
	r.Save()
	r.Save() // pressed twice
	r.until(func() bool { return r.State().Saved != "" })
	got := r.desk.saves()
	if len(got) != 1 || got[0].Version != 3 || got[0].Within != 0 || len(got[0].Steps) != 3 {
		t.Fatalf("%+v", got)
	}
	if s := got[0].Steps; s[0] != (ward.RoutineStep{ID: "v1-2", Words: "Bed marked"}) || s[1].ID != "v1-1" || s[2].ID != "" || s[2].Page != "allergies" {
		t.Errorf("%+v", s)
	}
	r.until(func() bool { return r.State().Form.Title == "Version 4" })
}

// What was refused stays in the fields.
func TestWhatWasRefusedStaysInTheFields(t *testing.T) {
	r := newRig(t, page(3, "Allergies asked"))
	r.desk.fail = errors.New("Somebody changed the routine while you wrote.")
	r.SetStep(0, "Mine")
	r.Save()
	r.until(func() bool { return r.State().Error != "" })
	if f := r.State().Form; f.Steps[0].Words != "Mine" || !f.Changed || r.State().Saved != "" {
		t.Errorf("%+v", f)
	}
	if !r.Leave() || r.State().Form.Steps[0].Words != "Allergies asked" || r.Leave() {
		t.Errorf("%+v", r.State().Form)
	}
}

// What cannot be saved is said where it stands, before anything is asked.
func TestWhatIsMissingIsSaid(t *testing.T) {
	for _, tt := range []struct {
		bad  string
		edit func(r *rig)
	}{
		{BadName, func(r *rig) { r.SetName("  ") }},
		{BadWithin, func(r *rig) { r.SetWithin("soon") }},
		{BadWithin, func(r *rig) { r.SetWithin("-5") }},
		{"1", func(r *rig) { r.SetStep(1, "") }},
	} {
		r := newRig(t, page(3, "Allergies asked"))
		tt.edit(r)
		r.Save()
		if f := r.State().Form; f.Bad != tt.bad || r.State().Error == "" || r.State().Busy || len(r.desk.saves()) != 0 {
			t.Errorf("%q: %q %q", tt.bad, f.Bad, r.State().Error)
		}
	}
}

// What is unsaved is not thrown away by choosing another, nor by a new one.
func TestWhatIsUnsavedIsNotThrownAway(t *testing.T) {
	r := newRig(t, page(3, "Allergies asked"))
	r.SetName("Mine")
	r.Choose(starterID + "adult-discharge")
	r.NewRoutine()
	if r.State().Form.Name != "Mine" || !strings.Contains(r.State().Error, "not saved yet") {
		t.Errorf("%+v", r.State())
	}
}

// A starter is taken over as it stands, and is this ward's then; the whole site's only
// for whoever covers it.
func TestAStarterIsTakenOver(t *testing.T) {
	r := newRig(t, page(3, "Allergies asked"))
	r.Choose(starterID + "adult-discharge")
	r.SetSite(true)
	r.Save()
	r.until(func() bool { return len(r.desk.saves()) == 1 })
	if c := r.desk.saves()[0]; c.Routine != "" || c.Version != 0 || c.Ward != "4B" || c.Starter != "adult-discharge" || c.Kind != "discharge" || len(c.Steps) != 1 {
		t.Errorf("%+v", c)
	}
	p := page(3, "Allergies asked")
	p.MaySite = true
	r = newRig(t, p)
	r.Choose(starterID + "adult-discharge")
	r.SetSite(true)
	r.Save()
	r.until(func() bool { return len(r.desk.saves()) == 1 })
	if c := r.desk.saves()[0]; c.Ward != "" {
		t.Errorf("%+v", c)
	}
}

// Whoever may not write reads: nothing that is pressed changes anything.
func TestWhoMayNotWriteReads(t *testing.T) {
	p := page(3, "Allergies asked")
	p.MayEdit, p.List[0].MayEdit = false, false
	r := newRig(t, p)
	r.SetName("x")
	r.SwitchStep(0)
	r.AddStep()
	r.RemoveStep(0)
	r.NewRoutine()
	r.Choose(starterID + "adult-discharge")
	r.Save()
	if f := r.State().Form; f.Changed || f.Name != "Admission" || len(f.Steps) != 2 || len(r.desk.saves()) != 0 || len(r.State().Lines) != 1 {
		t.Errorf("%+v", f)
	}
	p = ward.Routines{Ward: "4B", AsOf: now}
	r = newRig(t, p)
	if !strings.Contains(r.State().Empty, "charge nurse writes them") {
		t.Errorf("%q", r.State().Empty)
	}
}
