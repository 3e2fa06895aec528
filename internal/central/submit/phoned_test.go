package submit_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/merge"
)

// phone is a potassium that Grace wrote down from a call just now.
func (s *station) phone(p fhir.ID, value string) record.Mutation {
	return s.write("g.mensah", p, fhir.Ref{Type: fhir.TypeObservation}, put(func(id fhir.ID) any {
		call := fhir.PhoneCall{Lab: "Chemistry", Caller: "J. Okoro", At: s.h.now.Format(time.RFC3339), ReadBack: true}
		return fhir.Observation{
			ResourceType: fhir.TypeObservation, ID: id, Status: "preliminary", Subject: to(p),
			Category:      []fhir.CodeableConcept{{Coding: []fhir.Coding{{System: fhir.SystemCategory, Code: fhir.CategoryPhoned}}}},
			Code:          fhir.CodeableConcept{Text: "Potassium", Coding: []fhir.Coding{{System: fhir.SystemLOINC, Code: "2823-3"}}},
			ValueQuantity: &fhir.Quantity{Value: fhir.Dec(value), Unit: "mmol/L"},
			Extension:     []fhir.Extension{call.Extension()},
		}
	}))
}

// drawn is a reading with the time at which its sample was collected.
func (h *hospital) drawn(p person, r reading, at time.Time) record.Filing {
	o := potassium(r)
	o.EffectiveDateTime = at.Format(time.RFC3339)
	g := record.Group{Subject: p.subject(false), Drafts: []record.Draft{draftOf(o, r)}}
	return h.message("ORU^R01", g)
}

// naming adds what was phoned beside a Task's focus.
func (s *station) naming(m record.Mutation, call fhir.Ref) record.Mutation {
	t := view[fhir.Task](s.h.T, m.Ops[0].Value)
	ref := fhir.To(call)
	t.Input = append(t.Input, fhir.TaskParameter{Type: fhir.Param(fhir.ParamCall), ValueReference: &ref})
	m.Ops[0].Value = body(t)
	return s.sign(m)
}

// A phoned result is filed as its author's, is critical where it is, and counts
// as undelivered like any other; once the laboratory sends the same, one look at
// either is a look at the result.
func TestAPhonedResultAndWhatWasSentAreDeliveredOnce(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	call := h.w4B.phone(p, "6.8")
	h.w4B.sent(call)
	if c, _ := h.current(call.Ref); len(c.Tags) != 1 || c.Author.Name != "Grace Mensah, nurse" {
		t.Fatalf("%+v", c)
	}
	if u := h.undelivered(); len(u) != 1 || u[0].Ref != call.Ref {
		t.Fatalf("undelivered: %+v", u)
	}
	h.w4B.sent(h.w4B.about("", fhir.TaskShown, p, call.Ref, 0)) // drawn before central had it: no version
	if u := h.undelivered(); len(u) != 0 {
		t.Fatalf("shown, and undelivered: %+v", u)
	}
	h.now = h.now.Add(10 * time.Minute)
	h.filed(h.drawn(kaya, reading{"1", "6.8", "final", 1, 1}, noon.Add(-time.Hour)))
	if u := h.undelivered(); len(u) != 0 {
		t.Errorf("the ward has seen this 6.8, and central counts it as unseen: %+v", u)
	}
	h.now = h.now.Add(10 * time.Minute)
	h.filed(h.drawn(kaya, reading{"1", "7.2", "corrected", 2, 2}, noon.Add(-time.Hour)))
	if u := h.undelivered(); len(u) != 1 || u[0].Ref != obs("1") {
		t.Errorf("a correction that nobody has seen: %+v", u)
	}
}

// What follows the journal learns of a call by what is done about the result, and
// the other way round.
func TestWhatFollowsKnowsThatTheyAreOne(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	d := submit.NewDelivery(h.s)
	unseen := func() int {
		t.Helper()
		h.must(d.Follow(h.ctx()))
		n := 0
		for _, u := range d.Unreached(h.now.Add(time.Hour), 0) {
			n += int(u.Count)
		}
		if all := len(h.undelivered()); all != n {
			t.Errorf("following says %d, looking at all says %d", n, all)
		}
		return n
	}
	unseen()
	call := h.w4B.phone(p, "6.8")
	h.w4B.sent(call)
	h.filed(h.drawn(kaya, reading{"1", "6.8", "final", 1, 1}, noon.Add(-time.Hour)))
	if n := unseen(); n != 2 {
		t.Fatalf("%d, want the call and the result", n)
	}
	h.w4B.sent(h.w4B.about("", fhir.TaskShown, p, obs("1"), 1))
	if n := unseen(); n != 0 {
		t.Errorf("the result was shown, and %d are unseen", n)
	}
}

// What differs is delivered only where both were in view.
func TestADifferenceIsDeliveredWhereBothWereInView(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	h.filed(h.drawn(kaya, reading{"1", "6.9", "final", 1, 1}, noon.Add(-time.Hour)))
	h.w4B.sent(h.w4B.about("", fhir.TaskShown, p, obs("1"), 1))
	call := h.w4B.phone(p, "6.8")
	h.w4B.sent(call)
	if u := h.undelivered(); len(u) != 1 || u[0].Ref != call.Ref {
		t.Fatalf("the call was never in view: %+v", u)
	}
	h.w4B.sent(h.w4B.naming(h.w4B.about("", fhir.TaskShown, p, obs("1"), 1), call.Ref))
	if u := h.undelivered(); len(u) != 0 {
		t.Errorf("both were in view: %+v", u)
	}
}

// What was told rounds to what was sent, and a limit that the site set lies between the
// two: the one that was shown tells nobody of the other.
func TestACallAcrossTheSitesLimitIsADifference(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	h.w4B.sent(h.w4B.sets("a.ruiz", "", "5.8", nil))
	h.filed(h.drawn(kaya, reading{"1", "5.76", "final", 1, 1}, noon.Add(-time.Hour)))
	h.w4B.sent(h.w4B.about("", fhir.TaskShown, p, obs("1"), 1))
	call := h.w4B.phone(p, "5.8")
	h.w4B.sent(call)
	if a, b := h.tagsOf(obs("1")), h.tagsOf(call.Ref); a != "limits:1" || b != "critical limits:1" {
		t.Fatalf("%q, %q", a, b)
	}
	if u := h.undelivered(); len(u) != 1 || u[0].Ref != call.Ref {
		t.Errorf("5.76 was in view, and nobody saw the 5.8: %+v", u)
	}
}

// It was on the screen before somebody wrote down the call about it.
func TestACallAboutWhatTheWardHasSeen(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	h.filed(h.drawn(kaya, reading{"1", "6.8", "final", 1, 1}, noon.Add(-time.Hour)))
	h.w4B.sent(h.w4B.about("g.mensah", fhir.TaskAcknowledge, p, obs("1"), 1))
	h.w4B.sent(h.w4B.phone(p, "6.8"))
	if u := h.undelivered(); len(u) != 0 {
		t.Errorf("somebody has it: %+v", u)
	}
}

// Two samples of that time: one question, with both and "none of these", whatever
// came first; decided once, it is not asked again.
func TestWhichWasPhonedIsAskedOnce(t *testing.T) {
	for _, callFirst := range []bool{true, false} {
		h := open(t, nil)
		p := h.admitted(kaya, "4B")
		results := func() {
			h.filed(h.drawn(kaya, reading{"1", "5.1", "final", 1, 1}, noon.Add(-time.Hour)))
			h.filed(h.drawn(kaya, reading{"2", "5.9", "final", 1, 1}, noon.Add(-30*time.Minute)))
		}
		call := h.w4B.phone(p, "6.8")
		if callFirst {
			h.w4B.sent(call)
			results()
		} else {
			results()
			if r := h.w4B.send(call); r.Outcome != record.Review || r.Review == "" {
				t.Errorf("the receipt says nothing of a question: %+v", r)
			}
		}
		list := h.tasks(fhir.TaskReview)
		if len(list) != 1 {
			t.Fatalf("call first %v: %d questions", callFirst, len(list))
		}
		s, err := merge.StoryOf(list[0].Body)
		h.must(err)
		if len(s.Sides) != 3 || !strings.HasPrefix(s.Words, "Which result is the one that was phoned: Potassium 6.8 mmol/L, told by J. Okoro, Chemistry") ||
			!strings.Contains(s.Sides[1].Words, "potassium 5.1 mmol/L, collected 11:00") {
			t.Errorf("the question: %+v", s)
		}
		ops, err := merge.Choose(list[0].Body, obs("2").String(), record.Author{User: "g.mensah"}, "2026-11-22T12:10:00Z", "")
		h.must(err)
		r := h.w4B.send(h.w4B.write("g.mensah", p, list[0].Ref, func(m *record.Mutation) { m.Base, m.Ops = list[0].Version, ops }))
		if r.Outcome == record.Refused {
			t.Fatal(r.Reason)
		}
		h.w4B.sent(h.w4B.note("g.mensah", p, "later"))
		h.filed(h.drawn(kaya, reading{"3", "5.0", "final", 1, 1}, noon.Add(time.Hour)))
		for _, c := range h.tasks(fhir.TaskReview) {
			if s, _ := merge.StoryOf(c.Body); s.Open {
				t.Errorf("call first %v: asked again: %+v", callFirst, s)
			}
		}
	}
}

// Written down by mistake: nobody is asked any more.
func TestAMistakeAnswersItsQuestion(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	call := h.w4B.phone(p, "6.8")
	first := h.w4B.sent(call)
	h.filed(h.drawn(kaya, reading{"1", "5.1", "final", 1, 1}, noon.Add(-time.Hour)))
	h.filed(h.drawn(kaya, reading{"2", "5.9", "final", 1, 1}, noon.Add(-30*time.Minute)))
	if n := len(h.tasks(fhir.TaskReview)); n != 1 {
		t.Fatalf("%d questions", n)
	}
	h.w4B.sent(h.w4B.write("g.mensah", p, call.Ref, func(m *record.Mutation) {
		m.Reason = "it was for bed 8"
		set(first.Version, "status", `"entered-in-error"`)(m)
	}))
	for _, c := range h.tasks(fhir.TaskReview) {
		if s, _ := merge.StoryOf(c.Body); s.Open {
			t.Errorf("still asked: %+v", s)
		}
	}
}

// The laboratory's own result is still nobody's to write: a call is no disguise.
func TestACallIsNoDisguise(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	m := h.w4B.phone(p, "6.8")
	o := view[fhir.Observation](t, m.Ops[0].Value)
	o.Category = append(o.Category, fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemObservationCat, Code: fhir.CategoryLaboratory}}})
	m.Ops[0].Value = body(o)
	if r := h.w4B.send(h.w4B.sign(m)); r.Outcome != record.Refused {
		t.Errorf("%+v", r)
	}
	call := h.w4B.phone(p, "6.8")
	first := h.w4B.sent(call)
	r := h.w4B.send(h.w4B.write("g.mensah", p, call.Ref, set(first.Version, "valueQuantity", `{"value":4.1}`)))
	if r.Outcome != record.Refused {
		t.Errorf("what was told is changed afterwards: %+v", r)
	}
}
