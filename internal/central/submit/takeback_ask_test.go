package submit_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/merge"
)

// since are the batches that central signed after a position.
func (h *hospital) since(at record.Position) (batches []record.Batch) {
	for _, e := range h.entries()[at:] {
		batches = append(batches, record.Batch{Epoch: h.j.Epoch().ID, From: e.Position - 1, To: e.Position, Changes: e.Changes})
	}
	return batches
}

// The ward examined somebody, and the discharge of half an hour before came in
// later. Then central is put back to noon: the discharge comes out of the raw
// log, the nurse's computer is gone, and another gives back what it had received.
// Whichever of the two is there first, somebody is asked again where the patient
// is, once; also where the other computer never got as far as the question.
func TestAnExaminationGivenBackIsHeldAgainstTheDischarge(t *testing.T) {
	for _, what := range []string{"all of it", "not the question", "before the discharge"} {
		t.Run(what, func(t *testing.T) {
			h := open(t, nil)
			p := h.admitted(kaya, "4B")
			noonHere := h.j.Head().Position
			s := h.station("sabcdefghijk2", "4B")
			s.sent(s.pulse(p, noon.Add(90*time.Minute), true))
			discharge := h.adt(kaya, "v"+kaya.number, "", noon.Add(time.Hour))
			h.file(discharge)
			batches := h.since(noonHere)
			asked := h.openStories()
			h.restore(noonHere)
			if what == "not the question" {
				batches = batches[:2] // the station's enrolment, and the pulse
			}
			if what != "before the discharge" {
				h.file(discharge)
			}
			for range 2 {
				for _, b := range batches {
					h.takeBack(b)
				}
			}
			h.file(discharge)
			again := h.openStories()
			if len(asked) != 1 || len(again) != 1 || again[0].ID != asked[0].ID || len(again[0].Sides) != 2 {
				t.Fatalf("asked before: %s\nafterwards: %s", ids(asked), ids(again))
			}
			h.everythingIsAsked(p)
		})
	}
}

// everythingIsAsked: central would ask nothing else now, and call nothing off.
func (h *hospital) everythingIsAsked(p fhir.ID) {
	h.Helper()
	var list []record.Change
	h.read(func(r journal.Reader) error {
		for c, err := range r.Compartment(p) {
			if err != nil {
				return err
			}
			for v, err := range r.History(c.Ref) {
				if err != nil {
					return err
				}
				list = append(list, v)
			}
		}
		return nil
	})
	drafts, err := merge.Reviews(p, list)
	h.must(err)
	for _, d := range drafts {
		h.Errorf("not asked, or not called off: %s", d.Body)
	}
}

// Two computers asked for one test, and two wards registered one person, after
// the backup was made. Both come back by way of a third computer, and so do the
// questions, though the batches with them are lost.
func TestWhatIsGivenBackIsHeldAgainstEachOther(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	a, b := h.station("sabcdefghijk2", "4B"), h.station("sabcdefghijk3", "4B")
	backup := h.j.Head().Position
	for _, s := range []*station{a, b} {
		s.send(s.write("g.mensah", p, fhir.Ref{Type: fhir.TypeServiceRequest}, put(func(id fhir.ID) any {
			return fhir.ServiceRequest{
				ResourceType: fhir.TypeServiceRequest, ID: id, Status: "active", Intent: "order", Subject: *to(p),
				Code: &fhir.CodeableConcept{Text: "Potassium", Coding: []fhir.Coding{{System: fhir.SystemLOINC, Code: "2823-3"}}},
			}
		})))
	}
	for _, s := range []*station{a, b} {
		s.send(s.write("g.mensah", "", fhir.Ref{Type: fhir.TypePatient}, put(func(id fhir.ID) any {
			return fhir.Patient{
				ResourceType: fhir.TypePatient, ID: id, BirthDate: "1971-02-03", Gender: "female",
				Name: []fhir.HumanName{{Family: "Okafor", Given: []string{"Ada"}}},
			}
		})))
	}
	before := h.openStories()
	batches := h.since(backup)
	for i := range batches {
		var rest []record.Change
		for _, c := range batches[i].Changes {
			if c.Ref.Type != fhir.TypeTask {
				rest = append(rest, c)
			}
		}
		batches[i].Changes = rest
	}
	h.restore(backup)
	for _, b := range batches {
		h.takeBack(b)
	}
	if after := h.openStories(); len(before) != 2 || ids(after) != ids(before) {
		t.Errorf("asked before: %s\nafterwards: %s", ids(before), ids(after))
	}
}

// ids are the questions' ids, in order.
func ids(stories []merge.Story) string {
	var list []string
	for _, s := range stories {
		list = append(list, string(s.ID)+" "+s.Words)
	}
	slices.Sort(list)
	return strings.Join(list, "; ")
}

// A question was decided. Then it came up anew, out of the raw log and from the
// nurse's own computer, before a third one gave back how it had been decided; or
// the decision came back first, and then what had been asked about. Either way it
// stands as it was made, and nobody is asked once more.
func TestADecisionGivenBackStands(t *testing.T) {
	for _, first := range []string{"question", "decision"} {
		t.Run(first+" first", func(t *testing.T) { decisionStands(t, first) })
	}
}

func decisionStands(t *testing.T, first string) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	s := h.station("sabcdefghijk2", "4B")
	noonHere := h.j.Head().Position
	discharge := h.adt(kaya, "v"+kaya.number, "", noon.Add(time.Hour))
	h.file(discharge)
	pulse := s.pulse(p, noon.Add(90*time.Minute), true)
	s.send(pulse)
	asked := h.openStories()[0]
	task, _ := h.current(fhir.Ref{Type: fhir.TypeTask, ID: asked.ID})
	gone := asked.Sides[slices.IndexFunc(asked.Sides, func(s merge.Side) bool { return strings.Contains(s.Words, "finished") })]
	ops, err := merge.Choose(task.Body, gone.ID, record.Author{Name: "Grace"}, "2026-11-22T14:00:00Z", "")
	h.must(err)
	h.w4B.sent(h.w4B.write("a.ruiz", p, task.Ref, func(m *record.Mutation) { m.Base, m.Ops = task.Version, ops }))
	batches := h.since(noonHere)
	h.restore(noonHere)
	if first == "question" {
		h.file(discharge)
		s.send(pulse)
	} else {
		slices.Reverse(batches)
	}
	for range 2 {
		for _, b := range batches {
			h.takeBack(b)
		}
	}
	stay, _ := h.current(fhir.Ref{Type: fhir.TypeEncounter, ID: fhir.ID("vv" + kaya.number)})
	if e := view[fhir.Encounter](t, stay.Body); e.Status != "finished" || len(h.openStories()) != 0 {
		t.Errorf("decided: %s; still asked: %s", stay.Body, ids(h.openStories()))
	}
	decided, _ := h.current(task.Ref)
	story, err := merge.StoryOf(decided.Body)
	h.must(err)
	if len(story.Sides) != 2 || len(story.Chosen) != 1 || story.Chosen[0] != gone.ID || decided.Author.User != "a.ruiz" {
		t.Errorf("the decision: %d sides, chosen %v by %s: %s", len(story.Sides), story.Chosen, decided.Author.User, decided.Body)
	}
	h.everythingIsAsked(p)
}

// A question was called off, because the patient had come back to the ward. After
// the restore the same question stands again, and what made it needless does not:
// that it was called off then is no answer to it now.
func TestACallingOffGivenBackClosesNoQuestion(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	s := h.station("sabcdefghijk2", "4B")
	noonHere := h.j.Head().Position
	discharge := h.adt(kaya, "v"+kaya.number, "", noon.Add(time.Hour))
	h.file(discharge)
	pulse := s.pulse(p, noon.Add(90*time.Minute), true)
	s.send(pulse)
	asked := h.openStories()
	h.file(h.adt(kaya, "v"+kaya.number, "4B", noon.Add(2*time.Hour)))
	if open := h.openStories(); len(asked) != 1 || len(open) != 0 {
		t.Fatalf("asked: %s; not called off: %s", ids(asked), ids(open))
	}
	batches := h.since(noonHere)
	h.restore(noonHere)
	h.file(discharge)
	s.send(pulse)
	for _, b := range batches {
		b.Changes = slices.DeleteFunc(slices.Clone(b.Changes), func(c record.Change) bool { return c.Ref.Type != fhir.TypeTask })
		h.takeBack(b)
	}
	if again := h.openStories(); ids(again) != ids(asked) {
		t.Errorf("asked before: %s\nafterwards: %s", ids(asked), ids(again))
	}
	h.everythingIsAsked(p)
}
