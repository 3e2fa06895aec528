package submit_test

import (
	"fmt"
	"testing"

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
