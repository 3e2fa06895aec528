package submit_test

import (
	"fmt"
	"strings"
	"testing"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// A run is one commit: each of its mutations is judged after those before it,
// and gets the receipt and the audit that it would have got by itself.
func TestARunIsOneCommit(t *testing.T) {
	h := open(t, nil)
	p, q := h.admitted(kaya, "4B"), h.admitted(odum, "4B")
	note := h.w4B.note("g.mensah", p, "slept badly")
	edit := h.w4B.write("g.mensah", p, note.Ref, set(0, "payload", `[{"contentString":"slept until three"}]`))
	edit.BaseMut = note.ID
	edit = h.w4B.sign(edit)
	stranger := h.w4B.note("nobody", q, "x")
	run := []record.Mutation{note, edit, stranger, note, h.w4B.note("g.mensah", q, "y")}
	before := h.j.Head().Position
	list, err := h.s.SubmitRun(h.ctx(), h.w4B.peer, run)
	h.must(err)
	if h.j.Head().Position != before+1 {
		t.Errorf("%d commits for one run", h.j.Head().Position-before)
	}
	want := []record.Outcome{record.Applied, record.Applied, record.Refused, record.Applied, record.Applied}
	for i, r := range list {
		if r.Mutation != run[i].ID || r.Outcome != want[i] || r.Position != before+1 {
			t.Errorf("receipt %d: %+v", i, r)
		}
		if n := len(h.audits("mutation", string(r.Mutation))); n != 1 {
			t.Errorf("%d audit events for %s", n, r.Mutation)
		}
	}
	if c, _ := h.current(note.Ref); view[fhir.Communication](t, c.Body).Payload[0].ContentString != "slept until three" {
		t.Errorf("the second of a chain: %s", c.Body)
	}
	again, err := h.s.SubmitRun(h.ctx(), h.w4B.peer, run)
	h.must(err)
	if fmt.Sprint(again) != fmt.Sprint(list) {
		t.Errorf("the same run again:\n%v\n%v", again, list)
	}
}

// One that nobody can make sense of is set aside, and the others of its run are
// stored.
func TestAMalformedOneSpoilsNoRun(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	bad := h.w4B.write("g.mensah", p, fhir.Ref{Type: fhir.TypeTask}, func(m *record.Mutation) {
		m.Ops = []record.Op{{Kind: record.OpPut, Value: []byte(`{"resourceType":"Task","id":"` + string(m.Ref.ID) + `","focus":5}`)}}
	})
	list, err := h.s.SubmitRun(h.ctx(), h.w4B.peer, []record.Mutation{h.w4B.note("g.mensah", p, "a"), bad, h.w4B.note("g.mensah", p, "b")})
	h.must(err)
	if len(list) != 3 || list[0].Outcome != record.Applied || list[1].Outcome != record.Refused || list[2].Outcome != record.Applied {
		t.Errorf("receipts: %+v", list)
	}
}

// TestASignatureProvesOneContent: signatures are checked before a run's
// transaction. One that is right proves nothing about another entry that comes
// under the same number in the same run.
func TestASignatureProvesOneContent(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	note := h.w4B.note("g.mensah", p, "penicillin: none known")
	forged := note
	forged.Ops = append([]record.Op(nil), note.Ops...)
	forged.Reason = "changed on the way"
	for _, run := range [][]record.Mutation{{forged, note}, {note, forged}} {
		list, err := h.s.SubmitRun(h.ctx(), h.w4B.peer, run)
		h.must(err)
		for i, r := range list {
			if genuine := run[i].Reason == ""; genuine && r.Outcome != record.Applied {
				t.Errorf("entry %d of the run: %+v", i, r)
			}
		}
	}
	if c, ok := h.current(note.Ref); !ok || c.Reason != "" {
		t.Errorf("what is in force: %+v", c)
	}
}

// TestAMovementInTheMiddleOfARun: where somebody is was asked for the first entry;
// after an entry that moves them it is asked anew.
func TestAMovementInTheMiddleOfARun(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	var stay record.Change
	h.read(func(r journal.Reader) error {
		for c, err := range r.Compartment(p) {
			if err != nil {
				return err
			}
			if c.Ref.Type == fhir.TypeEncounter {
				stay = c
			}
		}
		return nil
	})
	leaves := h.w4B.write("g.mensah", p, stay.Ref, set(stay.Version, "status", `"finished"`))
	list, err := h.s.SubmitRun(h.ctx(), h.w4B.peer, []record.Mutation{
		h.w4B.note("g.mensah", p, "packed her things"), leaves, h.w4B.note("g.mensah", p, "left in a taxi"),
	})
	h.must(err)
	if r := list[0]; r.Outcome != record.Applied || r.Reason != "" {
		t.Errorf("the note before: %+v", r)
	}
	if r := list[2]; r.Outcome != record.Applied || !strings.Contains(r.Reason, "had left this computer's ward") {
		t.Errorf("the note after: %+v, the movement: %+v", r, list[1])
	}
}
