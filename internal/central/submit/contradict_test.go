package submit_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/merge"
)

// pulse is a vital sign that a nurse took at a time by a clock that is known,
// or is not.
func (s *station) pulse(patient fhir.ID, at time.Time, measured bool) record.Mutation {
	m := s.write("g.mensah", patient, fhir.Ref{Type: fhir.TypeObservation}, func(m *record.Mutation) {
		put(func(id fhir.ID) any {
			return fhir.Observation{
				ResourceType: fhir.TypeObservation, ID: id, Status: "final", Subject: to(patient),
				Category:      []fhir.CodeableConcept{{Coding: []fhir.Coding{{System: fhir.SystemObservationCat, Code: fhir.CategoryVitalSigns}}}},
				Code:          fhir.CodeableConcept{Text: "pulse", Coding: []fhir.Coding{{System: fhir.SystemLOINC, Code: "8867-4"}}},
				ValueQuantity: &fhir.Quantity{Value: fhir.Dec("88")},
			}
		})(m)
		m.Times = record.Times{Station: at.UnixMilli(), Clinical: at.Format(time.RFC3339), Measured: measured}
	})
	return m
}

func (h *hospital) openStories() (list []merge.Story) {
	h.Helper()
	for _, c := range h.tasks(fhir.TaskReview) {
		s, err := merge.StoryOf(c.Body)
		h.must(err)
		if s.Open {
			list = append(list, s)
		}
	}
	return list
}

// A patient was discharged at noon and examined at half past: whichever of the
// two central hears of first, both are kept, the patient is still on the ward's
// list, and somebody is asked.
func TestDischargeAgainstExamination(t *testing.T) {
	for _, first := range []string{"discharge", "examination"} {
		t.Run(first+" first", func(t *testing.T) {
			h := open(t, nil)
			p := h.admitted(kaya, "4B")
			s := h.station("sabcdefghijk2", "4B")
			discharge := func() { h.file(h.adt(kaya, "v"+kaya.number, "", noon.Add(time.Hour))) }
			examine := func() record.Receipt { return s.send(s.pulse(p, noon.Add(90*time.Minute), true)) }
			if first == "discharge" {
				discharge()
				if r := examine(); r.Outcome != record.Review || r.Review == "" {
					t.Errorf("receipt: %s (%s)", r.Outcome, r.Reason)
				}
			} else {
				examine()
				discharge()
			}
			stay, _ := h.current(fhir.Ref{Type: fhir.TypeEncounter, ID: fhir.ID("vv" + kaya.number)})
			if e := view[fhir.Encounter](t, stay.Body); e.Status != "in-progress" || fhir.ExtString(e.Extension, fhir.ExtWard) != "4B" {
				t.Errorf("in force: %s", stay.Body)
			}
			open := h.openStories()
			if len(open) != 1 || open[0].Words != "Where is the patient?" || len(open[0].Sides) != 2 {
				t.Fatalf("asked: %+v", open)
			}
			var gone string
			for _, side := range open[0].Sides {
				if strings.Contains(side.Words, "finished") {
					gone = side.ID
				}
			}
			task, _ := h.current(fhir.Ref{Type: fhir.TypeTask, ID: open[0].ID})
			ops, err := merge.Choose(task.Body, gone, record.Author{Name: "Grace"}, "2026-11-22T14:00:00Z", "")
			h.must(err)
			s.sent(s.write("g.mensah", p, task.Ref, func(m *record.Mutation) { m.Base, m.Ops = task.Version, ops }))
			stay, _ = h.current(stay.Ref)
			if e := view[fhir.Encounter](t, stay.Body); e.Status != "finished" || len(h.openStories()) != 0 {
				t.Errorf("decided: %s, %d open", e.Status, len(h.openStories()))
			}
		})
	}
}

// The discharge was an error: admission says that the patient is still in the
// same place. Nothing is left to decide, so nobody is asked any more, by sides
// that nothing stands behind.
func TestAQuestionThatAnsweredItselfIsCalledOff(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	s := h.station("sabcdefghijk2", "4B")
	h.file(h.adt(kaya, "v"+kaya.number, "", noon.Add(time.Hour)))
	if r := s.send(s.pulse(p, noon.Add(90*time.Minute), true)); r.Outcome != record.Review {
		t.Fatalf("receipt: %s (%s)", r.Outcome, r.Reason)
	}
	h.file(h.adt(kaya, "v"+kaya.number, "4B", noon.Add(2*time.Hour)))
	stay, _ := h.current(fhir.Ref{Type: fhir.TypeEncounter, ID: fhir.ID("vv" + kaya.number)})
	if open := h.openStories(); len(open) != 0 || view[fhir.Encounter](t, stay.Body).Status != "in-progress" {
		t.Errorf("still asked: %+v\nof %s", open, stay.Body)
	}
	h.everythingIsAsked(p)
}

// What was measured before the discharge, or at about its time, contradicts
// nothing; neither does a note.
func TestWhatContradictsNoDischarge(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	s := h.station("sabcdefghijk2", "4B")
	h.file(h.adt(kaya, "v"+kaya.number, "", noon.Add(time.Hour)))
	s.send(s.pulse(p, noon.Add(30*time.Minute), true))
	s.send(s.pulse(p, noon.Add(64*time.Minute), true))
	s.send(s.note("g.mensah", p, "went home with her daughter"))
	if open := h.openStories(); len(open) != 0 {
		t.Errorf("asked: %+v", open)
	}
	if r := s.send(s.pulse(p, noon.Add(61*time.Minute), false)); r.Outcome != record.Review {
		t.Errorf("by a clock that nobody knows: %s", r.Outcome)
	}
}

// Two stations ask for one test, neither seeing the other.
func TestTheSameTestAskedForTwice(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	a, b := h.station("sabcdefghijk2", "4B"), h.station("sabcdefghijk3", "4B")
	order := func(s *station) record.Mutation {
		return s.write("g.mensah", p, fhir.Ref{Type: fhir.TypeServiceRequest}, put(func(id fhir.ID) any {
			return fhir.ServiceRequest{
				ResourceType: fhir.TypeServiceRequest, ID: id, Status: "active", Intent: "order", Subject: *to(p),
				Code: &fhir.CodeableConcept{Text: "Potassium", Coding: []fhir.Coding{{System: fhir.SystemLOINC, Code: "2823-3"}}},
			}
		}))
	}
	first := a.sent(order(a))
	second := b.send(order(b))
	if second.Outcome != record.Review || second.Review == "" {
		t.Fatalf("the second: %s (%s)", second.Outcome, second.Reason)
	}
	for _, id := range []record.MutationID{first.Mutation, second.Mutation} {
		c, ok := h.current(fhir.Ref{Type: fhir.TypeServiceRequest, ID: fhir.ID(id)})
		if !ok || view[fhir.ServiceRequest](t, c.Body).Status != "active" {
			t.Errorf("%s is not kept", id)
		}
		task, _ := h.current(fhir.Ref{Type: fhir.TypeTask, ID: second.Review})
		if merge.MaySend(c.Body, []fhir.Resource{task.Body}) {
			t.Errorf("%s may be sent before anybody decided", id)
		}
	}
}

// Two wards that could not see one another registered one woman. A person says
// that she is one, and one record is retired; what was written for either stays.
func TestTwoWardsRegisterOnePerson(t *testing.T) {
	h := open(t, nil)
	register := func(s *station, family, born string) fhir.ID {
		r := s.send(s.write("g.mensah", "", fhir.Ref{Type: fhir.TypePatient}, put(func(id fhir.ID) any {
			return fhir.Patient{
				ResourceType: fhir.TypePatient, ID: id, BirthDate: born, Name: []fhir.HumanName{{Family: family}},
				Extension: []fhir.Extension{{URL: fhir.ExtTemporary, ValueBoolean: fhir.Bool(true)}},
			}
		})))
		if r.Outcome == record.Refused {
			t.Fatalf("refused: %s", r.Reason)
		}
		return fhir.ID(r.Mutation)
	}
	s, s2 := h.station("sabcdefghijk2", "4B"), h.station("sabcdefghijk3", "4B")
	a := register(s, "Kaya", "1954-07-14")
	register(s2, "Odum", "1961-02-03")
	if n := len(h.openStories()); n != 0 {
		t.Fatalf("two different people, and %d questions", n)
	}
	b := register(s2, "KAYA ", "1954-07-14")
	s.sent(s.note("g.mensah", a, "on 4B"))
	open := h.openStories()
	if len(open) != 1 || open[0].Question != merge.QuestionPerson {
		t.Fatalf("asked: %+v", open)
	}
	task, _ := h.current(fhir.Ref{Type: fhir.TypeTask, ID: open[0].ID})
	keep := fhir.Ref{Type: fhir.TypePatient, ID: b}
	ops, err := merge.Choose(task.Body, keep.String(), record.Author{Name: "Grace"}, "2026-11-22T14:00:00Z", "")
	h.must(err)
	s.sent(s.write("g.mensah", task.Patient, task.Ref, func(m *record.Mutation) { m.Base, m.Ops = task.Version, ops }))
	if p := view[fhir.Patient](t, h.patient(a).Body); p.Active == nil || *p.Active || len(p.Link) != 1 {
		t.Errorf("the retired record: %s", h.patient(a).Body)
	}
	if p := view[fhir.Patient](t, h.patient(b).Body); len(p.Link) != 1 || p.Link[0].Type != "replaces" {
		t.Errorf("the survivor: %s", h.patient(b).Body)
	}
	if n := len(h.openStories()); n != 0 {
		t.Errorf("%d questions left", n)
	}
	// The hospital's own registration of the same woman is asked about, too.
	h.registered(kaya)
	if n := len(h.openStories()); n == 0 {
		t.Error("the hospital's registration was not compared with the ward's")
	}
}

// Two clerks book one slot: the first that central accepts holds it, the other
// is offered the next, and what it asked for is in history.
func TestOneSlotForTwo(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	var groups []record.Draft
	for i := range 2 {
		body := fhir.Resource(fmt.Sprintf(`{"end":"2026-11-23T%02d:30:00Z","id":"s%d","resourceType":"Slot","schedule":{"reference":"Schedule/x"},"start":"2026-11-23T%02d:00:00Z","status":"free"}`, 9+i, i, 9+i))
		groups = append(groups, record.Draft{Ref: fhir.Ref{Type: fhir.TypeSlot, ID: fhir.ID(fmt.Sprint("s", i))}, Ops: []record.Op{{Kind: record.OpPut, Value: body}}})
	}
	h.file(h.message("SIU", record.Group{Subject: kaya.subject(false), Drafts: groups}))
	a, b := h.station("sabcdefghijk2", "4B"), h.station("sabcdefghijk3", "4B")
	book := func(s *station) record.Receipt {
		return s.send(s.write("g.mensah", p, fhir.Ref{Type: fhir.TypeAppointment}, func(m *record.Mutation) {
			m.Ops = []record.Op{{Kind: record.OpPut, Value: fmt.Appendf(nil, `{"id":%q,"resourceType":"Appointment","slot":[{"reference":"Slot/s0"}],"status":"booked"}`, m.Ref.ID)}}
		}))
	}
	if r := book(a); r.Outcome != record.Applied {
		t.Fatalf("the first: %s (%s)", r.Outcome, r.Reason)
	}
	r := book(b)
	ref := fhir.Ref{Type: fhir.TypeAppointment, ID: fhir.ID(r.Mutation)}
	c, _ := h.current(ref)
	if r.Outcome != record.Merged || !strings.Contains(string(c.Body), `"Slot/s1"`) || !strings.Contains(string(c.Body), `"proposed"`) {
		t.Errorf("the second: %s (%s): %s", r.Outcome, r.Reason, c.Body)
	}
	hist := h.history(ref)
	if len(hist) != 2 || !hist[0].History || !strings.Contains(string(hist[0].Body), `"Slot/s0"`) || hist[0].Author.User != "g.mensah" || hist[0].Times.Central == 0 {
		t.Errorf("what was asked for is not in history: %+v", hist)
	}
}
