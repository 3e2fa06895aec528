package simtest

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/routine"
	"wardlight/sync/merge"
)

// checklist is the routine that is done in every history.
var checklist = routine.Routine{
	ID: "routine1", Number: 1, Name: "Admission", Kind: routine.Admission,
	Steps: []routine.Step{{ID: "a", Words: "Allergies asked"}, {ID: "b", Words: "Bed marked"}, {ID: "c", Words: "Next of kin"}},
}

// routine begins a routine for a patient, or ticks the next of its steps that this
// station sees open, on top of its own unsent ticks. Other stations tick the same run
// at the same time. It draws no lots: who ticks what follows from what the station
// holds.
func (s *station) routine(p fhir.ID) {
	for _, ref := range s.heldOf(fhir.TypeTask) {
		c := s.store.Held[ref]
		if c.Patient != p {
			continue
		}
		t, err := fhir.View[fhir.Task](c.Body)
		must(err)
		run, ok := routine.RunOf(t)
		if !ok {
			continue
		}
		base, own := c.Version, record.MutationID("")
		if id := s.edits[ref]; id != "" {
			if _, done := s.store.receipts[id]; !done {
				base, own = 0, id
			}
		}
		step := run.Steps[len(s.told)%len(run.Steps)].ID
		mark := routine.Mark{Step: step, User: "grace", Name: "Grace Mensah, " + string(s.id), At: time.UnixMilli(s.clock().Wall)}
		if len(s.told)%4 == 0 {
			mark.Not, mark.Reason = true, "asked before"
		}
		raw, err := json.Marshal(mark.Parameter())
		must(err)
		value := canonical(string(raw))
		s.edits[ref] = s.write(p, ref, record.Op{Kind: record.OpAdd, Field: "output", Key: merge.ElementKey("output", value), Value: value}, base, own)
		return
	}
	id := record.MutationOf(s.id, s.store.NextSeq())
	t := checklist.Task(fhir.ID(id), "")
	ref := fhir.To(fhir.Ref{Type: fhir.TypePatient, ID: p})
	t.For = &ref
	body, err := fhir.Make(t)
	must(err)
	s.write(p, fhir.Ref{Type: fhir.TypeTask, ID: fhir.ID(id)}, record.Op{Kind: record.OpPut, Value: body}, 0, "")
}

// isRun says whether a resource is a routine's run, which others change.
func isRun(body fhir.Resource) bool {
	t, err := fhir.View[fhir.Task](body)
	if err != nil {
		return false
	}
	_, ok := routine.RunOf(t)
	return ok
}

// ticked: every tick that central took stands in its run, whoever else ticked it
// meanwhile, and no routine is ever a question for somebody.
func (w *world) ticked() error {
	for _, e := range w.ledger.entries {
		for _, m := range e.Mutations {
			if m.Ref.Type != fhir.TypeTask || len(m.Ops) != 1 || m.Ops[0].Field != "output" {
				continue
			}
			i := slices.IndexFunc(e.Receipts, func(r record.Receipt) bool { return r.Mutation == m.ID })
			if i < 0 || e.Receipts[i].Outcome == record.Refused {
				continue
			}
			if e.Receipts[i].Outcome == record.Review {
				return fmt.Errorf("a tick, %s, is a question", m.ID)
			}
			var run routine.Run
			t, err := fhir.View[fhir.Task](w.ledger.current[w.ledger.madeTo(m)].Body)
			ok := err == nil
			if ok {
				run, ok = routine.RunOf(t)
			}
			if !ok {
				return fmt.Errorf("%s was ticked, and is no routine any more", m.Ref)
			}
			var p fhir.TaskParameter
			must(json.Unmarshal(m.Ops[0].Value, &p))
			mark, _ := routine.MarkOf(p)
			if !slices.Contains(run.Marks, mark) {
				return fmt.Errorf("the tick %s is gone from %s", m.ID, m.Ref)
			}
			w.struck["a routine's step was ticked"]++
		}
	}
	return nil
}
