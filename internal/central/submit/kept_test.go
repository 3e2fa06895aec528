package submit_test

import (
	"slices"
	"testing"
	"time"

	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/routine"
)

// todo is something to be done, as a station writes it.
func (s *station) todo(user record.UserID, patient fhir.ID, words string) record.Mutation {
	return s.write(user, patient, fhir.Ref{Type: fhir.TypeTask}, put(func(id fhir.ID) any {
		return fhir.Task{
			ResourceType: fhir.TypeTask, ID: id, Status: "requested", Intent: "order", Code: fhir.TaskCode(fhir.TaskToDo),
			Description: words, For: to(patient),
		}
	}))
}

func (s *station) finish(user record.UserID, patient fhir.ID, task record.Mutation) record.Mutation {
	return s.write(user, patient, task.Ref, set(1, "status", `"completed"`))
}

// keptBy is the ward that keeps somebody who left; "" for none.
func (h *hospital) keptBy(p fhir.ID) record.Ward {
	h.Helper()
	c, ok := h.current(record.KeptOf(p))
	if !ok {
		return ""
	}
	l := view[fhir.List](h.T, c.Body)
	if names := slices.Contains(l.Patients(), p); names != (len(c.Wards) == 1) {
		h.Fatalf("the list of %v names %v", c.Wards, l.Patients())
	}
	if len(c.Wards) == 0 {
		return ""
	}
	if w := fhir.ExtString(l.Extension, fhir.ExtKept); w != string(c.Wards[0]) {
		h.Fatalf("the list of %v says %q", c.Wards, w)
	}
	return c.Wards[0]
}

func (h *hospital) keeps(want record.Ward, p fhir.ID, when string) {
	h.Helper()
	if got := h.keptBy(p); got != want {
		h.Errorf("%s: kept by %q, want %q", when, got, want)
	}
}

// What is open at a discharge stays with the ward until the last of it is done.
func TestTasksThatAreOpenAtADischargeKeepThePatient(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	first, second := h.w4B.todo("g.mensah", p, "Phone the district nurse"), h.w4B.todo("g.mensah", p, "Send the letter")
	h.w4B.sent(first)
	h.w4B.sent(second)
	h.keeps("", p, "while she is on the ward")
	h.now = noon.Add(time.Hour)
	h.filed(h.adt(kaya, "v"+kaya.number, "", h.now))
	h.keeps("4B", p, "discharged with two tasks")
	if len(h.audits("kept", "4B")) != 1 {
		t.Error("that a ward keeps somebody who left is not on record")
	}
	h.w4B.sent(h.w4B.finish("g.mensah", p, first))
	h.keeps("4B", p, "one of them is done")
	h.w4B.sent(h.w4B.finish("g.mensah", p, second))
	h.keeps("", p, "both are done")
	again := h.w4B.write("g.mensah", p, second.Ref, set(2, "status", `"requested"`))
	again.Reason = "the fax failed"
	h.w4B.sent(h.w4B.sign(again))
	h.keeps("4B", p, "one was not done after all")
}

// A discharge checklist that is open when the message of the discharge comes keeps the
// patient with the ward, so that it can be finished; whoever answers the last step, or
// ends it with a reason, ends the keeping. A run that was begun twice apart is one.
func TestARoutineThatIsOpenAtADischargeKeepsThePatient(t *testing.T) {
	h := open(t, nil)
	h.people()
	p, other := h.admitted(kaya, "4B"), h.admitted(odum, "4B")
	first, twin, left := h.w4B.begin("g.mensah", p, nil), h.w4B.begin("t.blake", p, nil), h.w4B.begin("g.mensah", other, nil)
	for _, m := range []record.Mutation{first, twin, left} {
		h.w4B.sent(m)
	}
	mark := func(step, user, name string) routine.Mark {
		return routine.Mark{Step: step, User: user, Name: name, At: h.now.Truncate(time.Second)}
	}
	h.w4B.sent(h.w4B.tick("g.mensah", p, first.Ref, 1, mark("a", "g.mensah", "Grace Mensah, nurse")))
	h.keeps("", p, "while she is on the ward")
	h.now = noon.Add(time.Hour)
	h.filed(h.adt(kaya, "v"+kaya.number, "", h.now))
	h.filed(h.adt(odum, "v"+odum.number, "", h.now))
	h.keeps("4B", p, "discharged with a step open")
	h.keeps("4B", other, "discharged with both steps open")
	h.w4B.sent(h.w4B.tick("t.blake", p, twin.Ref, 1, mark("b", "t.blake", "Tom Blake, nurse")))
	h.keeps("", p, "its last step was answered in the twin")

	end := h.w4B.write("g.mensah", other, left.Ref, set(1, "status", `"completed"`))
	end.Reason = "went home"
	h.w4B.sent(h.w4B.sign(end))
	h.keeps("", other, "ended with a reason")
}

// Nobody is kept for whom nothing is to be done, and nobody who is on a ward: there
// the tasks go with them.
func TestWhoIsOnAWardIsKeptByNobody(t *testing.T) {
	h := open(t, nil)
	quiet, moved := h.admitted(odum, "4B"), h.admitted(kaya, "4B")
	h.w4B.sent(h.w4B.todo("g.mensah", moved, "Wound"))
	h.now = noon.Add(time.Hour)
	h.filed(h.adt(odum, "v"+odum.number, "", h.now))
	h.filed(h.adt(kaya, "v"+kaya.number, "5A", h.now))
	h.keeps("", quiet, "nothing is to be done")
	h.keeps("", moved, "moved to another ward")
	h.now = noon.Add(2 * time.Hour)
	h.filed(h.adt(kaya, "v"+kaya.number, "", h.now))
	h.keeps("5A", moved, "discharged from the other ward")
	h.now = noon.Add(3 * time.Hour)
	h.filed(h.adt(kaya, "again", "4B", h.now))
	h.keeps("", moved, "admitted again")
}

// A ward keeps nobody for ever; it ends with an entry of its own, and a task that
// is written down late begins nothing anew.
func TestAWardKeepsNobodyForEver(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	h.w4B.sent(h.w4B.todo("g.mensah", p, "Send the letter"))
	h.now = noon.Add(time.Hour)
	h.filed(h.adt(kaya, "v"+kaya.number, "", h.now))
	h.now = h.now.Add(7*24*time.Hour - time.Minute)
	h.must(h.s.LetGo(h.ctx()))
	h.keeps("4B", p, "a minute before the week is over")
	h.now = h.now.Add(time.Minute)
	head := h.j.Head().Position
	h.must(h.s.LetGo(h.ctx()))
	h.keeps("", p, "after a week")
	h.must(h.s.LetGo(h.ctx()))
	if got := h.j.Head().Position; got != head+1 {
		t.Errorf("letting go took %d entries, want one", got-head)
	}
	if r := h.w4B.send(h.w4B.todo("g.mensah", p, "And the scan")); r.Outcome != record.Applied {
		t.Fatalf("%s (%s)", r.Outcome, r.Reason)
	}
	h.keeps("", p, "a task that comes afterwards")
}

// take is a word of a person's about a result.
func (s *station) take(kind string, patient fhir.ID, result fhir.Ref, v record.Version) record.Mutation {
	m := s.about("g.mensah", fhir.TaskAcknowledge, patient, result, v)
	t := view[fhir.Task](s.h.T, m.Ops[0].Value)
	t.Input = append(t.Input, fhir.TaskParameter{Type: fhir.Param(fhir.ParamKind), ValueString: fhir.Str(kind)})
	m.Ops[0].Value = body(t)
	return s.sign(m)
}

// callsFor are the wards whose people are told of a result off the screen.
func (h *hospital) callsFor(d *submit.Duties, result fhir.Ref) (wards []record.Ward) {
	h.Helper()
	h.must(d.Follow(h.ctx()))
	once, err := h.s.OpenDuties(h.ctx())
	h.must(err)
	list := d.Open(h.now)
	if len(once) != len(list) {
		h.Errorf("following says %d, looking at all says %d", len(list), len(once))
	}
	for _, o := range list {
		if o.Result == result {
			wards = append(wards, o.Wards...)
		}
	}
	return wards
}

// Nobody has acted on a critical result when the patient goes home: the ward that
// they left keeps them, and its people go on being called, until somebody has. That
// somebody has taken it stops the calls for its time, and no more.
func TestACriticalResultThatNobodyActedOnKeepsThePatient(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	d := submit.NewDuties(h.s)
	h.filed(h.oru(kaya, "", reading{"1", "6.8", "final", 1, 1}))
	h.callsFor(d, obs("1"))
	h.now = noon.Add(time.Minute)
	h.filed(h.adt(kaya, "v"+kaya.number, "", h.now))
	h.keeps("4B", p, "discharged, and nobody has the result")
	if got := h.callsFor(d, obs("1")); !slices.Equal(got, []record.Ward{"4B"}) {
		t.Fatalf("called: %v", got)
	}
	h.w4B.sent(h.w4B.take(alert.AckTaken, p, obs("1"), 1))
	h.keeps("4B", p, "taken")
	if got := h.callsFor(d, obs("1")); len(got) != 0 {
		t.Errorf("somebody has it, and called: %v", got)
	}
	h.now = h.now.Add(31 * time.Minute)
	if got := h.callsFor(d, obs("1")); !slices.Equal(got, []record.Ward{"4B"}) {
		t.Errorf("taken, nothing was done, and called: %v", got)
	}
	acted := h.w4B.sent(h.w4B.take(alert.AckActing, p, obs("1"), 1))
	h.keeps("", p, "acted on")
	if got := h.callsFor(d, obs("1")); len(got) != 0 {
		t.Errorf("acted on, and called: %v", got)
	}
	h.w4B.sent(h.w4B.about("g.mensah", fhir.TaskWithdraw, p, fhir.Ref{Type: fhir.TypeTask, ID: fhir.ID(acted.Mutation)}, 1))
	h.keeps("4B", p, "the action was taken back")
}

// The word by which a ward keeps somebody says in which bed they lay last: it is not
// theirs any more, and their entries no longer say it.
func TestAKeepingSaysTheLastBed(t *testing.T) {
	h := open(t, nil)
	in := h.adt(kaya, "v"+kaya.number, "4B", h.now)
	for i, d := range in.Groups[0].Drafts {
		if d.Ref.Type == fhir.TypeEncounter {
			e := view[fhir.Encounter](t, d.Ops[0].Value)
			e.Extension = append(e.Extension, fhir.Extension{URL: fhir.ExtBed, ValueString: fhir.Str("07")})
			in.Groups[0].Drafts[i].Ops[0].Value = body(e)
		}
	}
	p := h.filed(in)
	h.filed(h.oru(kaya, "", reading{"1", "6.8", "final", 1, 1}))
	h.now = noon.Add(time.Hour)
	h.filed(h.adt(kaya, "v"+kaya.number, "", h.now))
	h.keeps("4B", p, "discharged")
	c, _ := h.current(record.KeptOf(p))
	if bed := fhir.ExtString(view[fhir.List](t, c.Body).Extension, fhir.ExtBed); bed != "07" {
		t.Errorf("the last bed: %q", bed)
	}
}

// What ends it: the patient is on a ward again, and there the ladder is that ward's;
// or the week is over.
func TestAKeptResultEndsWithAnAdmissionOrAWeek(t *testing.T) {
	h := open(t, nil)
	p, other := h.admitted(kaya, "4B"), h.admitted(odum, "4B")
	d := submit.NewDuties(h.s)
	h.filed(h.oru(kaya, "", reading{"1", "6.8", "final", 1, 1}))
	h.filed(h.oru(odum, "", reading{"2", "6.9", "final", 1, 1}))
	h.now = noon.Add(time.Hour)
	h.filed(h.adt(kaya, "v"+kaya.number, "", h.now))
	h.filed(h.adt(odum, "v"+odum.number, "", h.now))
	h.now = noon.Add(2 * time.Hour)
	h.filed(h.adt(kaya, "again", "5A", h.now))
	h.keeps("", p, "admitted again")
	if got := h.callsFor(d, obs("1")); !slices.Equal(got, []record.Ward{"5A"}) {
		t.Errorf("admitted again, and called: %v", got)
	}
	h.now = noon.Add(time.Hour + 7*24*time.Hour - time.Minute)
	h.must(h.s.LetGo(h.ctx()))
	h.keeps("4B", other, "a minute before the week is over")
	if got := h.callsFor(d, obs("2")); !slices.Equal(got, []record.Ward{"4B"}) {
		t.Errorf("a minute before the week is over, called: %v", got)
	}
	h.now = h.now.Add(time.Minute)
	if got := h.callsFor(d, obs("2")); len(got) != 0 {
		t.Errorf("after a week, called: %v", got)
	}
	h.must(h.s.LetGo(h.ctx()))
	h.keeps("", other, "after a week")
}

// A correction that makes a value critical after the patient left is the ward's that
// they left, in one alert: the result itself, and no warning beside it. What comes
// for the first time then is a warning, as ever, and keeps nobody.
func TestACorrectionAfterDischargeIsOneAlert(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	d := submit.NewDuties(h.s)
	h.filed(h.oru(kaya, "", reading{"1", "4.1", "final", 1, 1}))
	h.w4B.sent(h.w4B.take(alert.AckSeen, p, obs("1"), 1))
	h.now = noon.Add(time.Hour)
	h.filed(h.adt(kaya, "v"+kaya.number, "", h.now))
	h.keeps("", p, "nothing is critical, and what there is was read")
	h.now = noon.Add(2 * time.Hour)
	h.file(h.oru(kaya, "", reading{"9", "6.9", "final", 1, 1}))
	h.keeps("", p, "a first result after they left")
	if n := len(h.tasks(fhir.TaskHeldBack)); n != 1 {
		t.Fatalf("%d warnings of it", n)
	}
	h.file(h.oru(kaya, "", reading{"1", "6.8", "corrected", 2, 2}))
	h.keeps("4B", p, "corrected to a critical value")
	if got := h.callsFor(d, obs("1")); !slices.Equal(got, []record.Ward{"4B"}) {
		t.Errorf("called: %v", got)
	}
	if n := len(h.tasks(fhir.TaskHeldBack)); n != 1 {
		t.Errorf("%d warnings, and the result itself is shown", n)
	}
	if got := h.callsFor(d, obs("9")); len(got) != 0 {
		t.Errorf("what is a warning is called out twice: %v", got)
	}
}

// A correction to what somebody had acted on opens the duty again, also when it is
// harmless and the patient has left: treatment may be under way.
func TestAHarmlessCorrectionAfterDischargeKeepsThePatient(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	h.filed(h.oru(kaya, "", reading{"1", "6.8", "final", 1, 1}))
	h.w4B.sent(h.w4B.take(alert.AckActing, p, obs("1"), 1))
	h.now = noon.Add(time.Hour)
	h.filed(h.adt(kaya, "v"+kaya.number, "", h.now))
	h.keeps("", p, "acted on before they left")
	h.now = noon.Add(2 * time.Hour)
	h.file(h.oru(kaya, "", reading{"1", "4.1", "corrected", 2, 2}))
	h.keeps("4B", p, "corrected to a harmless value")
	h.w4B.sent(h.w4B.take(alert.AckActing, p, obs("1"), 2))
	h.keeps("", p, "acted on")
}

// An ordinary result that nobody has read when the patient goes home stays with the
// ward as long as it would have stood among its new ones; so does one that comes for
// the first time afterwards. Whoever reads the last of them ends it, and so does the
// time, with an entry of its own.
func TestAResultThatNobodyHasReadKeepsThePatientForADay(t *testing.T) {
	h := open(t, nil)
	p, other := h.admitted(kaya, "4B"), h.admitted(odum, "4B")
	h.filed(h.oru(kaya, "", reading{"1", "4.1", "final", 1, 1}))
	h.filed(h.oru(odum, "", reading{"2", "4.1", "final", 1, 1}))
	h.now = noon.Add(time.Hour)
	h.filed(h.adt(kaya, "v"+kaya.number, "", h.now))
	h.filed(h.adt(odum, "v"+odum.number, "", h.now))
	h.keeps("4B", p, "nobody has read it")
	h.now = noon.Add(2 * time.Hour)
	h.file(h.oru(kaya, "", reading{"3", "3.9", "final", 3, 3}))
	h.w4B.sent(h.w4B.take(alert.AckSeen, p, obs("1"), 1))
	h.keeps("4B", p, "another came after they left, and nobody has read that")
	h.w4B.sent(h.w4B.take(alert.AckSeen, p, obs("3"), 1))
	h.keeps("", p, "both are read")

	h.now = noon.Add(24*time.Hour - time.Minute)
	h.must(h.s.LetGo(h.ctx()))
	h.keeps("4B", other, "a minute before the day is over")
	h.now = h.now.Add(time.Minute)
	h.must(h.s.LetGo(h.ctx()))
	h.keeps("", other, "after a day")
	h.file(h.oru(odum, "", reading{"2", "4.3", "corrected", 5, 5}))
	h.keeps("4B", other, "corrected, and nobody has read that")
	h.now = noon.Add(3 * 24 * time.Hour)
	h.must(h.s.LetGo(h.ctx()))
	h.keeps("", other, "a day later")
}

// Somebody read an ordinary result, took it or handed it on, and it is corrected after
// the patient has left; or it was handed on and nobody has taken it: that is the ward's
// for a week, like a critical one.
func TestWhatSomebodyHasToActOnKeepsThePatientForAWeek(t *testing.T) {
	for _, c := range []struct {
		kind      string
		corrected bool
	}{{alert.AckSeen, true}, {alert.AckActing, true}, {alert.AckTaken, false}, {alert.AckHandedTo, false}} {
		h := open(t, nil)
		p := h.admitted(kaya, "4B")
		h.filed(h.oru(kaya, "", reading{"1", "4.1", "final", 1, 1}))
		h.w4B.sent(h.w4B.take(c.kind, p, obs("1"), 1))
		h.now = noon.Add(time.Hour)
		h.filed(h.adt(kaya, "v"+kaya.number, "", h.now))
		if c.corrected {
			h.keeps("", p, c.kind)
			h.now = noon.Add(2 * time.Hour)
			h.file(h.oru(kaya, "", reading{"1", "3.1", "corrected", 2, 2}))
		}
		h.now = noon.Add(7 * 24 * time.Hour)
		h.must(h.s.LetGo(h.ctx()))
		h.keeps("4B", p, c.kind+" and nobody acted")
		h.w4B.sent(h.w4B.take(alert.AckActing, p, obs("1"), h.version(obs("1"))))
		h.keeps("", p, c.kind+" and then acted on")
	}
}

// version is which version of a resource is in force.
func (h *hospital) version(ref fhir.Ref) record.Version {
	h.Helper()
	c, _ := h.current(ref)
	return c.Version
}
