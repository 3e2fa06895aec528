package tasks_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/tasks"
)

var now = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

func at(clock string) time.Time {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		panic(err)
	}
	return time.Date(2026, 11, 22, t.Hour(), t.Minute(), 0, 0, time.UTC)
}

type desk struct {
	base.Drawer

	mu   sync.Mutex
	list ward.Duties
	fail error
	deny error
	done []ward.Command
	ch   chan ward.Notice
}

func (d *desk) Subscribe(context.Context) <-chan ward.Notice { return d.ch }

func (d *desk) Tasks(context.Context) (ward.Duties, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := d.list
	out.Items = slices.Clone(out.Items)
	return out, d.fail
}

func (d *desk) Search(_ context.Context, text string) ([]ward.Found, error) {
	var out []ward.Found
	for _, w := range []ward.Found{{Identity: who("p07", "Adeyemi", "07")}, {Identity: who("p11", "Kowalczyk", "11")}, {Identity: who("p09", "Lefebvre", ""), Left: &ward.Leaving{Ward: "4B", Bed: "09", At: at("08:00")}}} {
		if strings.HasPrefix(strings.ToLower(w.Family), strings.ToLower(text)) {
			out = append(out, w)
		}
	}
	return out, nil
}

func (d *desk) Do(_ context.Context, c ward.Command) (ward.Done, error) {
	if d.Keep(c) {
		return ward.Done{}, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.deny != nil {
		return ward.Done{}, d.deny
	}
	d.done = append(d.done, c)
	return ward.Done{}, nil
}

func (d *desk) commands() []ward.Command {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.done)
}

func who(id, family, bed string) ward.Identity {
	return ward.Identity{ID: ward.PatientID(id), Family: family, Bed: bed}
}

func duty(id, words, due string) ward.Duty {
	d := ward.Duty{ID: fhir.ID(id), Words: words, Status: "open", By: "Grace Mensah, nurse", Made: at("13:20")}
	if due != "" {
		d.Due = at(due)
	}
	return d
}

func list() []ward.DutyItem {
	folake, zofia := who("p07", "Adeyemi", "07"), who("p11", "Kowalczyk", "11")
	weigh, potassium, wound := duty("t1", "Weigh", "13:40"), duty("t2", "Repeat potassium", "20:00"), duty("t3", "Look at the wound", "")
	weigh.Role, potassium.Owner, potassium.Priority = "nurse", "Dr Sunil Patel, doctor", ward.PriorityUrgent
	return []ward.DutyItem{{Who: folake, Duty: weigh, ToMe: true}, {Who: folake, Duty: potassium}, {Who: zofia, Duty: wound, Mine: true}}
}

func start(t *testing.T, items []ward.DutyItem) (*tasks.Model, *desk, func(func() bool)) {
	t.Helper()
	var q base.Queue
	d := &desk{list: ward.Duties{Items: items, AsOf: at("14:05")}, ch: make(chan ward.Notice)}
	m := tasks.New(d, &q, func() time.Time { return now }, func(tasks.State) {})
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	m.Follow(ctx)
	until := func(ok func() bool) {
		t.Helper()
		for range 20_000 {
			q.Drain()
			if ok() {
				return
			}
			time.Sleep(2 * time.Millisecond)
		}
		t.Fatal("it did not happen")
	}
	until(func() bool { return m.State().Loaded || m.State().Error != "" })
	return m, d, until
}

func TestByPatientWithWhatIsOverdue(t *testing.T) {
	m, _, _ := start(t, list())
	s := m.State()
	got := ""
	for _, l := range s.Lines {
		if l.First {
			got += l.Who.Bed + ": "
		}
		got += l.Words + " | " + l.Due + " | " + l.Late + " | " + l.For + "; "
	}
	if got != "07: Weigh | 13:40 | overdue 25 min | nurse; Repeat potassium | 20:00 |  | Dr Sunil Patel, doctor; 11: Look at the wound |  |  | nobody yet; " {
		t.Errorf("listed: %s", got)
	}
	if s.Late != 1 || s.ToMe != 1 || s.AsOf != "as of 14:05" || s.Open != "t1" || !s.Lines[1].Urgent || s.Lines[1].From != "from Grace Mensah, nurse, 13:20" {
		t.Errorf("%+v", s)
	}
	for f, want := range map[tasks.Filter]string{tasks.ToMe: "t1", tasks.Mine: "t3", tasks.Overdue: "t1"} {
		m.SetFilter(f)
		if l := m.State().Lines; len(l) != 1 || l[0].ID != want || !l[0].First {
			t.Errorf("%s lists %+v", f, l)
		}
	}
}

// One press finishes a task; the way back is an act of its own.
func TestFinishedInOnePressAndTakenBack(t *testing.T) {
	m, d, until := start(t, list())
	m.Finish("t2")
	m.Finish("t1") // still busy: a second press does nothing
	until(func() bool { return m.State().Undo != nil })
	if c := d.commands(); len(c) != 1 || c[0] != (ward.FinishTask{Patient: "p07", Task: "t2"}) {
		t.Fatalf("%+v", c)
	}
	if m.State().Undo.Words != "Done: Repeat potassium" {
		t.Error(m.State().Undo.Words)
	}
	m.Undo()
	until(func() bool { return m.State().Undo == nil })
	if c := d.commands(); len(c) != 2 || c[1] != (ward.ReopenTask{Patient: "p07", Task: "t2", Reason: "finished by mistake"}) {
		t.Errorf("%+v", c)
	}
	m.Undo()
	if len(d.commands()) != 2 {
		t.Error("taken back twice")
	}
}

// What was refused is said, and no way back is offered for what was not done.
func TestARefusalIsTold(t *testing.T) {
	m, d, until := start(t, list())
	d.deny = errors.New("This computer could not save. Nothing was saved.")
	m.Finish("t1")
	until(func() bool { return !m.State().Busy })
	if s := m.State(); s.Error == "" || s.Undo != nil || len(s.Lines) != 3 {
		t.Errorf("%+v", s)
	}
}

func TestWhatIsEmptyAndWhatIsNotKnown(t *testing.T) {
	m, _, _ := start(t, nil)
	if s := m.State(); s.Empty != "None: no open tasks on this ward, as of 14:05." {
		t.Error(s.Empty)
	}
	m.SetFilter(tasks.Overdue)
	if s := m.State(); s.Empty != "None of these, as of 14:05." {
		t.Error(s.Empty)
	}
	var q base.Queue
	denied := &desk{fail: errors.New("You may not see this ward's patients."), ch: make(chan ward.Notice)}
	m = tasks.New(denied, &q, func() time.Time { return now }, func(tasks.State) {})
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	m.Follow(ctx)
	for range 20_000 {
		if q.Drain(); m.State().Error != "" {
			break
		}
		time.Sleep(2 * time.Millisecond)
	}
	if s := m.State(); !strings.Contains(s.Error, "may not see") || s.Loaded || s.Empty != "" {
		t.Errorf("%+v", s)
	}
	never, d, until := start(t, list())
	d.mu.Lock()
	d.list = ward.Duties{}
	d.mu.Unlock()
	d.ch <- ward.Notice{}
	until(func() bool { return len(never.State().Lines) == 0 })
	if !strings.HasPrefix(never.State().Empty, "Not loaded") {
		t.Errorf("without any contact: %q", never.State().Empty)
	}
}

func TestATaskIsMade(t *testing.T) {
	m, d, until := start(t, list())
	saved := 0
	m.New(nil)
	m.Save(func() { saved++ })
	if s := m.State(); s.Form.Bad != "who" || s.Error == "" {
		t.Errorf("%+v", s.Form)
	}
	m.Find("kow")
	until(func() bool { return len(m.State().Form.Found) == 1 })
	m.Choose("p11")
	m.Save(func() { saved++ })
	if m.State().Form.Bad != "words" {
		t.Errorf("%+v", m.State().Form)
	}
	m.TypeWords(" Stitches out ")
	m.TypeDue("soon")
	m.Save(func() { saved++ })
	if m.State().Form.Bad != "due" || !strings.Contains(m.State().Error, "not understood") {
		t.Errorf("%+v %s", m.State().Form, m.State().Error)
	}
	m.TypeDue("08:00")
	if m.State().Form.When != "due 08:00 on 23-Nov-2026" {
		t.Error(m.State().Form.When)
	}
	m.GiveTo("doctor")
	m.TypeOwner("Tom Blake")
	if f := m.State().Form; f.Role != "" {
		t.Error("given to a role and to a person")
	}
	m.GiveTo("nurse")
	m.SetUrgent(true)
	m.Save(func() { saved++ })
	until(func() bool { return m.State().Form == nil })
	want := ward.AddTask{Patient: "p11", Words: "Stitches out", Role: "nurse", Due: at("08:00").AddDate(0, 0, 1), Priority: ward.PriorityUrgent}
	if c := d.commands(); len(c) != 1 || c[0] != want || saved != 1 {
		t.Errorf("%+v, saved %d", c, saved)
	}
}

// Whoever left can still be given a task, and it is said that they left, before they
// are chosen and after.
func TestATaskForWhoLeftSaysThatTheyLeft(t *testing.T) {
	m, _, until := start(t, list())
	m.New(nil)
	m.Find("lef")
	until(func() bool { return len(m.State().Form.Found) == 1 })
	if got := m.State().Form.Found[0].Left; got != "Discharged 08:00, last bed 09" {
		t.Errorf("offered: %q", got)
	}
	m.Choose("p09")
	if got := m.State().Form.Left; got != "Discharged 08:00, last bed 09" {
		t.Errorf("chosen: %q", got)
	}
	m.Choose("")
	m.Find("kow")
	until(func() bool { return len(m.State().Form.Found) == 1 })
	if m.Choose("p11"); m.State().Form.Left != "" {
		t.Errorf("who is here: %q", m.State().Form.Left)
	}
}

// A search that was overtaken never offers its patient.
func TestNobodyOfAnEarlierSearch(t *testing.T) {
	m, _, until := start(t, list())
	m.New(nil)
	m.Find("ade")
	m.Find("kow")
	until(func() bool { return len(m.State().Form.Found) > 0 })
	if f := m.State().Form.Found; f[0].ID != "p11" {
		t.Errorf("%+v", f)
	}
	m.Find("zzz")
	until(func() bool { return m.State().Form.None != "" })
	m.NewHere()
	if f := m.State().Form; f.Who == nil || f.Who.ID != "p07" || f.None != "" {
		t.Errorf("%+v", f)
	}
	if !m.Leave() || m.Leave() {
		t.Error("leaving")
	}
}

func TestWhenItIsDue(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "20:00": "22 20:00", "2000": "22 20:00", "14:05": "22 14:05", "14:04": "23 14:04", "0:30": "23 00:30",
		"2 h": "22 16:05", "20min": "22 14:25", "1d": "23 14:05", "72h": "25 14:05",
		"73h": "-", "25:00": "-", "14:5": "-", "soon": "-", "-2 h": "-", "0 min": "-", "14:60": "-", "1400 h": "-", "+1:00": "-", "8": "-",
	} {
		got, ok := tasks.Due(text, now)
		words := ""
		switch {
		case !ok:
			words = "-"
		case !got.IsZero():
			words = got.Format("02 15:04")
		}
		if words != want {
			t.Errorf("%q is %q, want %q", text, words, want)
		}
	}
}

// Who left stands behind the others, with since when and until when.
func TestWhoLeftSaysSinceWhen(t *testing.T) {
	items := list()
	items[2].Left = &ward.Leaving{Ward: "4B", At: at("11:00"), Until: at("11:00").AddDate(0, 0, 7)}
	m, _, _ := start(t, items)
	lines := m.State().Lines
	if lines[0].Left != "" || lines[2].Left != "left 11:00; on this list until 11:00 on 29-Nov-2026 at most" {
		t.Errorf("%q, %q", lines[0].Left, lines[2].Left)
	}
}

// What is being typed for one task is never saved for another.
func TestAReasonStaysWithItsTask(t *testing.T) {
	m, d, until := start(t, list())
	m.Select("t2")
	m.BeginClose()
	m.TypeReason("done on dialysis")
	m.Select("t1")
	m.SaveClose(func() {})
	until(func() bool { return len(d.commands()) == 1 })
	if c := d.commands()[0]; c != (ward.FinishTask{Patient: "p07", Task: "t2", Cancelled: true, Reason: "done on dialysis"}) {
		t.Errorf("%+v", c)
	}
	m.BeginClose()
	m.New(nil)
	if m.State().Close != nil || m.State().Form == nil {
		t.Error("two forms at once")
	}
	if m.Leave(); m.State().Form != nil {
		t.Error("not left")
	}
}

// A routine of somebody who left is on the list with its open steps. No press finishes
// it: it leads to its steps in the chart. It may be ended with steps open, with why.
func TestARoutineOfWhoLeftLeadsToItsSteps(t *testing.T) {
	items := list()
	run := ward.RoutineRun{ID: "r1", Name: "Discharge", State: ward.RunOpen, Open: 2, Steps: []ward.StepDoes{
		{ID: "a", Words: "Cannula out", State: ward.StepDone}, {ID: "b", Words: "Letter", State: ward.StepOpen}, {ID: "c", Words: "Medicines to take home", State: ward.StepOpen},
	}}
	items[2].Run, items[2].Duty = &run, ward.Duty{ID: "r1", Words: run.OpenWords(), Status: "open", By: "Grace Mensah, nurse", Made: at("10:00")}
	items[2].Left = &ward.Leaving{Ward: "4B", At: at("11:00")}
	m, d, until := start(t, items)
	var led []ward.PatientID
	m.OnRun = func(id ward.PatientID) { led = append(led, id) }
	l := m.State().Lines[2]
	if l.Words != "Discharge: 2 of 3 steps open: Letter; Medicines to take home" || l.From != "begun by Grace Mensah, nurse, 10:00" || !l.Run {
		t.Errorf("%+v", l)
	}
	m.Finish("r1")
	if len(led) != 1 || led[0] != "p11" || len(d.commands()) != 0 || m.State().Busy {
		t.Errorf("led to %v, and did %v", led, d.commands())
	}
	m.Select("r1")
	m.BeginClose()
	m.TypeReason("taken over by the district nurse")
	ended := false
	m.SaveClose(func() { ended = true })
	until(func() bool { return ended })
	if c := d.commands()[0]; c != (ward.EndRoutine{Patient: "p11", Run: "r1", Reason: "taken over by the district nurse"}) || m.State().Undo != nil {
		t.Errorf("%+v", c)
	}
}
