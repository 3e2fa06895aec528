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
	if row, err := h.s.Replay(h.ctx(), record.Author{}, held.ID, first); err != nil || row.Fate != record.FateFiled {
		t.Fatalf("replayed: %s (%s), %v", row.Fate, row.Reason, err)
	}
	if row, err := h.s.Replay(h.ctx(), record.Author{}, row.ID, later); err != nil || row.Reason != "" {
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
	if row.Fate != record.FateQuarantined || row.Settled != "dismissed by admin: sent to the wrong hospital" {
		t.Errorf("row: %+v", row)
	}
	h.filed(h.adt(kaya, "v"+kaya.number, "5A", noon.Add(2*time.Hour)))
	if _, err := h.s.Dismiss(h.ctx(), by, "nothing", "x"); err == nil {
		t.Error("dismissed what is not there")
	}
}

// gender is a registration that says it, and nothing else that is new.
func (h *hospital) gender(p person, says string, at time.Time) record.Filing {
	f := h.adt(p, "v"+p.number, "4B", at)
	f.Groups[0].Drafts = f.Groups[0].Drafts[:1]
	f.Groups[0].Drafts[0].Ops = append(f.Groups[0].Drafts[0].Ops, record.Op{Kind: record.OpSet, Field: "gender", Value: []byte(`"` + says + `"`)})
	return f
}

func (h *hospital) turns() string {
	h.Helper()
	ids, err := h.s.Turns(h.ctx())
	h.must(err)
	return strings.Join(ids, " ")
}

// What waited behind a question goes in by itself, one after the other, in the
// order in which it came; what comes meanwhile does not overtake it.
func TestTheLineBehindAQuestionMovesInOrder(t *testing.T) {
	for name, settle := range map[string]func(h *hospital, held record.Inbound, first record.Filing){
		"replayed": func(h *hospital, held record.Inbound, first record.Filing) {
			first.Groups[0].Subject = kaya.subject(true)
			first.Groups[0].Drafts = h.gender(kaya, "other", noon).Groups[0].Drafts
			if row, err := h.s.Replay(h.ctx(), record.Author{}, held.ID, first); err != nil || row.Fate != record.FateFiled {
				h.Fatal(row, err)
			}
		},
		"dismissed": func(h *hospital, held record.Inbound, _ record.Filing) {
			_, err := h.s.Dismiss(h.ctx(), record.Author{Sender: "admin", Name: "admin"}, held.ID, "not ours")
			h.must(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, nil)
			p := h.admitted(kaya, "4B")
			wrong := kaya
			wrong.family, wrong.born = "Somebody", "1999-01-01"
			first := h.adt(wrong, "v"+kaya.number, "4B", noon.Add(time.Hour))
			held := h.file(first)
			var waiting []record.Filing
			for i, says := range []string{"male", "unknown", "female"} {
				f := h.gender(kaya, says, noon.Add(time.Duration(i+2)*time.Hour))
				if row := h.file(f); !strings.Contains(row.Reason, held.ID) {
					t.Fatalf("it does not wait: %+v", row)
				}
				waiting = append(waiting, f)
			}
			h.file(waiting[0]) // sent again: it stands in the line once
			if h.turns() != "" {
				t.Errorf("it is the turn of %s, and nothing is settled", h.turns())
			}
			settle(h, held, first)
			late := h.gender(kaya, "other", noon.Add(5*time.Hour))
			if row := h.file(late); row.Reason == "" {
				t.Error("a new message overtook those that wait")
			}
			for i, f := range append(waiting, late) {
				if h.turns() != f.Inbound.ID {
					t.Fatalf("the turn of %q, want %q", h.turns(), f.Inbound.ID)
				}
				row, err := h.s.Replay(h.ctx(), record.Author{}, f.Inbound.ID, f)
				h.must(err)
				says := []string{"male", "unknown", "female", "other"}[i]
				if got := view[fhir.Patient](t, h.patient(p).Body).Gender; row.Fate != record.FateFiled || row.Reason != "" || got != says {
					t.Errorf("%d: %s (%s), gender %q, want %q", i, row.Fate, row.Reason, got, says)
				}
			}
			if h.turns() != "" {
				t.Errorf("it is still the turn of %s", h.turns())
			}
			h.filed(h.gender(kaya, "female", noon.Add(6*time.Hour)))
		})
	}
}

// Whoever waits behind two questions goes in when both are settled; a message in
// the line that is dismissed lets the next one through; and one that is held for
// a reason of its own holds the line.
func TestALineWithMoreThanOneQuestion(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "4B")
	h.admitted(again, "4B")
	by := record.Author{Sender: "admin", Name: "admin"}
	wrong := func(p person) record.Inbound {
		p.family, p.born = "Somebody", "1999-01-01"
		return h.file(h.adt(p, "v"+p.number, "4B", noon.Add(time.Hour)))
	}
	one, two := wrong(kaya), wrong(again)
	both := h.a40(kaya, again)
	h.heldFor(both, one.ID)
	behind := h.gender(again, "female", noon.Add(2*time.Hour))
	h.heldFor(behind, two.ID)
	last := h.gender(again, "male", noon.Add(3*time.Hour))
	h.heldFor(last, two.ID)
	dismiss := func(id string) {
		t.Helper()
		_, err := h.s.Dismiss(h.ctx(), by, id, "not ours")
		h.must(err)
	}
	dismiss(two.ID)
	if h.turns() != "" {
		t.Errorf("the turn of %s, which waits for another one as well", h.turns())
	}
	dismiss(one.ID)
	if h.turns() != both.Inbound.ID {
		t.Fatalf("the turn of %q, want the joining's", h.turns())
	}
	// Both are in a ward: the joining is held for a reason of its own.
	if row, err := h.s.Replay(h.ctx(), record.Author{}, both.Inbound.ID, both); err != nil || row.Fate != record.FateQuarantined || h.turns() != "" {
		t.Fatalf("%+v, %v; the turn of %q", row, err, h.turns())
	}
	dismiss(behind.Inbound.ID)
	dismiss(both.Inbound.ID)
	if h.turns() != last.Inbound.ID {
		t.Errorf("the turn of %q, want the last one's", h.turns())
	}
}
