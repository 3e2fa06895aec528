package submit_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// A message that may be about the wrong person is held back. What a later one
// says about the same person's identity waits behind it; where she is, and her
// results, do not wait. Once the first is settled, the one behind it goes in.
func TestOnlyIdentityWaitsBehindAQuestion(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	wrong := kaya
	wrong.family, wrong.born = "Somebody", "1999-01-01"
	first := h.adt(wrong, "v"+kaya.number, "4B", noon.Add(time.Hour))
	held := h.file(first)
	if held.Fate != record.FateQuarantined {
		t.Fatalf("the wrong person: %s (%s)", held.Fate, held.Reason)
	}
	renamed := func(at time.Time) record.Filing {
		f := h.adt(kaya, "v"+kaya.number, "5A", at)
		f.Groups[0].Drafts[0].Ops = append(f.Groups[0].Drafts[0].Ops, record.Op{Kind: record.OpSet, Field: "gender", Value: []byte(`"female"`)})
		return f
	}
	later := renamed(noon.Add(2 * time.Hour))
	row := h.file(later)
	if row.Fate != record.FateFiled || !strings.Contains(row.Reason, held.ID) || !strings.Contains(row.Reason, "filed in part") {
		t.Errorf("behind it: %s (%s)", row.Fate, row.Reason)
	}
	if who := view[fhir.Patient](t, h.patient(p).Body); who.Gender != "" {
		t.Error("an identity message overtook the one that is in question")
	}
	stay, _ := h.current(fhir.Ref{Type: fhir.TypeEncounter, ID: fhir.ID("vv" + kaya.number)})
	if e := view[fhir.Encounter](t, stay.Body); fhir.ExtString(e.Extension, fhir.ExtWard) != "5A" {
		t.Error("where she is waited, too")
	}
	h.filed(h.oru(kaya, "", reading{"1", "6.8", "final", 1, 1}))
	if n := len(h.tasks(fhir.TaskHeldBack)); n != 0 {
		t.Errorf("%d warnings to wards: nothing clinical was held back", n)
	}
	h.heldFor(h.a40(again, kaya), held.ID)
	// Another patient's identity is not in question.
	h.filed(h.adt(odum, "v"+odum.number, "4B", noon))

	// The sender corrected the first one; it is replayed, and so is what waited.
	first.Groups[0].Subject.Family, first.Groups[0].Subject.BirthDate = kaya.family, kaya.born
	first.Groups[0].Drafts = first.Groups[0].Drafts[1:]
	first.Groups[0].Drafts = append([]record.Draft{later.Groups[0].Drafts[0]}, first.Groups[0].Drafts...)
	first.Groups[0].Drafts[0].Ops = first.Groups[0].Drafts[0].Ops[:1]
	if row, err := h.s.Replay(h.ctx(), held.ID, first); err != nil || row.Fate != record.FateFiled {
		t.Fatalf("replayed: %s (%s), %v", row.Fate, row.Reason, err)
	}
	if row, err := h.s.Replay(h.ctx(), row.ID, later); err != nil || row.Reason != "" {
		t.Fatalf("what waited: %s (%s), %v", row.Fate, row.Reason, err)
	}
	if who := view[fhir.Patient](t, h.patient(p).Body); who.Gender != "female" {
		t.Errorf("after both: %s", h.patient(p).Body)
	}
}

// A message that nobody will ever file is dismissed by a person, and holds up
// nobody any more.
func TestADismissedMessageHoldsUpNobody(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "4B")
	wrong := kaya
	wrong.family, wrong.born = "Somebody", "1999-01-01"
	held := h.file(h.adt(wrong, "v"+kaya.number, "4B", noon.Add(time.Hour)))
	by := record.Author{Sender: "admin", Name: "admin"}
	if _, err := h.s.Dismiss(h.ctx(), by, held.ID, ""); err == nil {
		t.Error("dismissed without a reason")
	}
	row, err := h.s.Dismiss(h.ctx(), by, held.ID, "sent to the wrong hospital")
	h.must(err)
	if row.Fate != record.FateQuarantined || !strings.Contains(strings.Join(row.Notes, " "), "wrong hospital") {
		t.Errorf("row: %+v", row)
	}
	h.filed(h.adt(kaya, "v"+kaya.number, "5A", noon.Add(2*time.Hour)))
	if _, err := h.s.Dismiss(h.ctx(), by, "nothing", "x"); err == nil {
		t.Error("dismissed what is not there")
	}
}
