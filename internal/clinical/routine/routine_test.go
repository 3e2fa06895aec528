package routine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardlight/internal/clinical/fhir"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func at(minute int) time.Time { return noon.Add(time.Duration(minute) * time.Minute) }

func short() Routine {
	return Routine{
		ID: "r1", Number: 3, Name: "Admission", Kind: Admission, Ward: "4B", Within: time.Hour,
		Steps: []Step{{ID: "a", Words: "Allergies asked", Page: Allergies}, {ID: "b", Words: "Bed marked"}, {ID: "c", Words: "Old step", Off: true}},
	}
}

func run(id fhir.ID, started int, marks ...Mark) Run {
	return Run{ID: id, Routine: "r1", Number: 3, Kind: Admission, Started: at(started), Due: at(started + 60), Steps: short().On(), Marks: marks}
}

func did(step, user string, minute int) Mark {
	return Mark{Step: step, User: user, Name: user, At: at(minute)}
}

func not(step, user string, minute int, why string) Mark {
	m := did(step, user, minute)
	m.Not, m.Reason = true, why
	return m
}

func states(r Run) string {
	var out []string
	for _, s := range r.States() {
		out = append(out, s.ID+":"+string(s.State))
	}
	return strings.Join(out, " ")
}

// Every starter can be taken over as it stands, has no step twice, and comes back
// from the record as it went in.
func TestTheStartersAreWhole(t *testing.T) {
	kinds := map[Kind]bool{}
	for _, s := range Starters() {
		kinds[s.Kind] = true
		if err := s.Check(); err != nil || s.Starter == "" {
			t.Errorf("%s: %v", s.Name, err)
		}
		words := map[string]bool{}
		for _, step := range s.Steps {
			if words[step.Words] || step.Page != NoPage && !slices.Contains(Pages(), step.Page) {
				t.Errorf("%s: %q", s.Name, step.Words)
			}
			words[step.Words] = true
		}
		back := through(t, s)
		if fmt.Sprint(back) != fmt.Sprint(s) {
			t.Errorf("in %+v\nout %+v", s, back)
		}
	}
	if !kinds[Admission] || !kinds[Discharge] || !kinds[Round] {
		t.Errorf("the starters are for %v", kinds)
	}
}

// through writes a definition as JSON and reads it again.
func through(t *testing.T, r Routine) Routine {
	t.Helper()
	raw, err := json.Marshal(r.Resource("2026-11-22T12:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := fhir.View[fhir.PlanDefinition](raw)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Of(p)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

func TestWhatNoRoutineMayBe(t *testing.T) {
	long := strings.Repeat("x", MaxWords+1)
	for name, change := range map[string]func(*Routine){
		"no name":                  func(r *Routine) { r.Name = "" },
		"a name of two lines":      func(r *Routine) { r.Name = "Admission\nnow" },
		"a name that is too long":  func(r *Routine) { r.Name = strings.Repeat("x", MaxName+1) },
		"no kind":                  func(r *Routine) { r.Kind = "surgery" },
		"no steps":                 func(r *Routine) { r.Steps = nil },
		"too many steps":           func(r *Routine) { r.Steps = make([]Step, MaxSteps+1) },
		"a step without words":     func(r *Routine) { r.Steps[1].Words = " " },
		"a step that is too long":  func(r *Routine) { r.Steps[1].Words = long },
		"two steps of one name":    func(r *Routine) { r.Steps[1].ID = "a" },
		"a step name with a space": func(r *Routine) { r.Steps[1].ID = "a b" },
		"every step off":           func(r *Routine) { r.Steps[0].Off, r.Steps[1].Off = true, true },
		"late before it begins":    func(r *Routine) { r.Within = -time.Minute },
		"late in a year":           func(r *Routine) { r.Within = 365 * 24 * time.Hour },
		"version nought":           func(r *Routine) { r.Number = 0 },
	} {
		r := short()
		if err := r.Check(); err != nil {
			t.Fatal(err)
		}
		change(&r)
		if err := r.Check(); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// A run holds the steps that are on, as they were, and comes back from the record
// with every mark.
func TestARunHoldsItsStepsAndItsMarks(t *testing.T) {
	task := short().Task("t1", "2026-11-22T13:00:00Z")
	task.AuthoredOn = "2026-11-22T12:00:00.000Z"
	marks := []Mark{did("a", "g.mensah", 5), not("b", "t.blake", 6, "no isolation; asked")}
	marks[0].Name = "Grace  Mensah,\nnurse"
	for _, m := range marks {
		task.Output = append(task.Output, m.Parameter())
	}
	raw, err := json.Marshal(task)
	if err != nil {
		t.Fatal(err)
	}
	view, err := fhir.View[fhir.Task](raw)
	if err != nil {
		t.Fatal(err)
	}
	r, ok := RunOf(view)
	if !ok || r.Routine != "r1" || r.Number != 3 || r.Kind != Admission || !r.Due.Equal(at(60)) || !r.Started.Equal(noon) || len(r.Steps) != 2 {
		t.Fatalf("%v %+v", ok, r)
	}
	if r.Steps[0] != short().Steps[0] || r.Steps[1] != short().Steps[1] {
		t.Errorf("%+v", r.Steps)
	}
	if got := states(r); got != "a:done b:not-needed" || r.Marks[0].Name != "Grace Mensah, nurse" || r.Marks[1].Reason != "no isolation; asked" {
		t.Errorf("%s %+v", got, r.Marks)
	}
	for name, change := range map[string]func(*fhir.Task){
		"another kind of task":  func(t *fhir.Task) { t.Code = fhir.TaskCode(fhir.TaskToDo) },
		"of no definition":      func(t *fhir.Task) { t.Instantiates = "" },
		"of no version":         func(t *fhir.Task) { t.Instantiates = "PlanDefinition/r1" },
		"of too many steps":     func(t *fhir.Task) { t.Input = make([]fhir.TaskParameter, MaxSteps+1) },
		"of a step cut in half": func(t *fhir.Task) { t.Input[0].ValueString = fhir.Str("a") },
		"of no steps":           func(t *fhir.Task) { t.Input = nil },
	} {
		v, _ := fhir.View[fhir.Task](raw)
		change(&v)
		if _, ok := RunOf(v); ok {
			t.Errorf("%s is read as a run", name)
		}
	}
}

// What is open, late and finished.
func TestOpenLateAndFinished(t *testing.T) {
	r := run("t1", 0)
	if !r.IsOpen() || r.OpenSteps() != 2 || r.Late(at(60)) || !r.Late(at(61)) {
		t.Error("a run that was begun is open, and late an hour later")
	}
	r.Marks = []Mark{did("a", "grace", 5), did("a", "tom", 3), not("b", "tom", 9, "none")}
	if at9, ok := r.Finished(); !ok || !at9.Equal(at(9)) || r.IsOpen() || r.Late(at(600)) {
		t.Errorf("finished %v %v", at9, ok)
	}
	r.Marks = r.Marks[:2]
	r.Left = true
	if r.IsOpen() || r.Late(at(600)) {
		t.Error("a run that was ended is open")
	}
	r = run("t1", 0)
	r.Due = time.Time{}
	if r.Late(at(100000)) {
		t.Error("late without a time")
	}
}

// A step that one person did and another called not needed is done, and says both;
// taking the tick back leaves the other word.
func TestDoneStandsAgainstNotNeeded(t *testing.T) {
	for _, marks := range [][]Mark{
		{did("a", "grace", 5), not("a", "tom", 6, "asked in the ambulance")},
		{not("a", "tom", 4, "asked in the ambulance"), did("a", "grace", 5)},
	} {
		s := run("t1", 0, marks...).States()[0]
		if s.State != Done || !s.Both || len(s.Marks) != 2 || !s.Marks[0].At.Before(s.Marks[1].At) {
			t.Errorf("%+v", s)
		}
	}
	s := run("t1", 0, not("a", "tom", 4, "x")).States()[0]
	if s.State != NotNeeded || s.Both {
		t.Errorf("%+v", s)
	}
	s = run("t1", 0, did("a", "tom", 4), did("a", "grace", 5)).States()[0]
	if s.State != Done || s.Both || len(s.Marks) != 2 || len(s.ByThisHand("grace")) != 1 {
		t.Errorf("%+v", s)
	}
}

// Runs that were begun apart are one; a round that is begun after the last one was
// finished is another, and so is one after a mistake.
func TestRunsThatWereBegunApartAreOne(t *testing.T) {
	first, second := run("t1", 0, did("a", "grace", 5)), run("t2", 3, did("b", "tom", 6))
	for _, order := range [][]Run{{first, second}, {second, first}} {
		got, twice := Join(order)
		if len(got) != 1 || got[0].ID != "t1" || states(got[0]) != "a:done b:done" || !slices.Equal(twice["t1"], []fhir.ID{"t2"}) {
			t.Errorf("%+v %v", got, twice)
		}
	}
	finished := run("t1", 0, did("a", "grace", 5), did("b", "grace", 6))
	if got, _ := Join([]Run{finished, run("t2", 7)}); len(got) != 2 {
		t.Errorf("the next round is not another one: %+v", got)
	}
	wrong := run("t1", 0)
	wrong.Mistake = true
	if got, _ := Join([]Run{wrong, run("t2", 3)}); len(got) != 2 {
		t.Errorf("a mistake swallows the right one: %+v", got)
	}
	other := run("t2", 3)
	other.Routine = "r2"
	if got, _ := Join([]Run{first, other}); len(got) != 2 {
		t.Error("two routines are one")
	}
	newer := run("t2", 3)
	newer.Steps = append(slices.Clone(newer.Steps), Step{ID: "d", Words: "New"})
	if got, _ := Join([]Run{first, newer}); len(got) != 1 || states(got[0]) != "a:done b:open d:open" {
		t.Errorf("the newer version's step is lost: %+v", got)
	}
}

// However the runs come in, and whatever was said in them: joining loses no mark
// and no step, and gives the same.
func TestJoiningLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var runs []Run
		for i := range rapid.IntRange(1, 6).Draw(t, "runs") {
			r := run(fhir.ID(fmt.Sprintf("t%d", i)), rapid.IntRange(0, 8).Draw(t, "start"))
			for range rapid.IntRange(0, 4).Draw(t, "marks") {
				m := did(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "step"), rapid.SampledFrom([]string{"grace", "tom"}).Draw(t, "who"), rapid.IntRange(0, 12).Draw(t, "at"))
				m.Not = rapid.Bool().Draw(t, "not")
				r.Marks = append(r.Marks, m)
			}
			r.Left, r.Mistake = rapid.IntRange(0, 5).Draw(t, "left") == 0, rapid.IntRange(0, 5).Draw(t, "mistake") == 0
			runs = append(runs, r)
		}
		got, _ := Join(runs)
		marks, want := 0, 0
		for _, r := range got {
			marks += len(r.Marks)
		}
		for _, r := range runs {
			want += len(r.Marks)
		}
		if marks != want {
			t.Fatalf("%d marks of %d", marks, want)
		}
		shuffled := rapid.Permutation(runs).Draw(t, "order")
		again, _ := Join(shuffled)
		if len(again) != len(got) {
			t.Fatalf("%d and %d", len(got), len(again))
		}
		for i := range got {
			if got[i].ID != again[i].ID || states(got[i]) != states(again[i]) {
				t.Fatalf("%s %s, %s %s", got[i].ID, states(got[i]), again[i].ID, states(again[i]))
			}
		}
	})
}

// The admission routine is offered by itself to whoever came in the last day and has
// none; nothing of another ward, nothing that is off, and nothing that is open.
func TestWhatIsOffered(t *testing.T) {
	adm := short()
	dis := Routine{ID: "r2", Number: 1, Name: "Discharge", Kind: Discharge, Steps: short().Steps}
	elsewhere, off := adm, adm
	elsewhere.ID, elsewhere.Ward = "r3", "5A"
	off.ID, off.Off = "r4", true
	list := []Routine{dis, elsewhere, off, adm}
	words := func(runs []Run, came, now time.Time) string {
		var out []string
		for _, o := range Offers(list, runs, "4B", came, now) {
			out = append(out, fmt.Sprint(o.ID, o.Now))
		}
		return strings.Join(out, " ")
	}
	if got := words(nil, noon, at(30)); got != "r1true r2false" {
		t.Error(got)
	}
	if got := words(nil, noon, at(24*60)); got != "r1false r2false" {
		t.Errorf("a day later: %s", got)
	}
	if got := words(nil, time.Time{}, noon); got != "r1false r2false" {
		t.Errorf("nobody knows when they came: %s", got)
	}
	if got := words([]Run{run("t1", 5)}, noon, at(30)); got != "r2false" {
		t.Errorf("with one open: %s", got)
	}
	finished := run("t1", 5, did("a", "g", 6), did("b", "g", 7))
	if got := words([]Run{finished}, noon, at(30)); got != "r1false r2false" {
		t.Errorf("after one was finished: %s", got)
	}
	if got := words([]Run{finished}, at(10), at(30)); got != "r1true r2false" {
		t.Errorf("after a transfer: %s", got)
	}
	finished.Mistake = true
	if got := words([]Run{finished}, noon, at(30)); got != "r1true r2false" {
		t.Errorf("after a mistake: %s", got)
	}
}

// Every step of every run counts in exactly one place, by version.
func TestTheUseOfEachStepIsCounted(t *testing.T) {
	left := run("t3", 0, did("a", "g", 1))
	left.Left = true
	wrong := run("t4", 0, did("a", "g", 1), did("b", "g", 1))
	wrong.Mistake = true
	old := run("t5", 0, not("a", "g", 1, "x"))
	old.Number = 2
	other := run("t6", 0, did("a", "g", 1))
	other.Routine = "r2"
	c := Count("r1", []Run{run("t1", 0, did("a", "g", 1), did("a", "h", 2)), run("t2", 0, not("a", "g", 1, "x"), did("a", "h", 2)), left, wrong, old, other})
	if c.All() != 4 || c.Runs[3] != 3 || c.Runs[2] != 1 {
		t.Errorf("%+v", c.Runs)
	}
	if u := c.Of[3]["a"]; u != (Use{Done: 3}) {
		t.Errorf("a: %+v", u)
	}
	if u := c.Of[3]["b"]; u != (Use{Open: 2, Left: 1}) {
		t.Errorf("b: %+v", u)
	}
	if u := c.Step("a"); u != (Use{Done: 3, NotNeeded: 1}) {
		t.Errorf("a over all versions: %+v", u)
	}
}

func TestAStepThatWentIsNeverCountedAsANewOne(t *testing.T) {
	steps := []Step{{ID: NewStepID(nil, 1)}}
	gone := NewStepID(steps, 1)
	if gone == steps[0].ID || NewStepID(steps, 2) == gone || NewStepID(nil, 2) == steps[0].ID {
		t.Errorf("%s, %s, %s", steps[0].ID, gone, NewStepID(steps, 2))
	}
}
