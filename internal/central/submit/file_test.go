package submit_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// One message: its resources, its row, its provenance with the control id and
// its audit event stand in one entry.
func TestAMessageIsOneEntry(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	before := h.j.Head().Position
	row := h.file(h.oru(kaya, "4B", reading{"1", "4.1", "final", 1, 1}))
	if row.Fate != record.FateFiled || h.j.Head().Position != before+1 {
		t.Fatalf("row = %+v, positions %d to %d", row, before, h.j.Head().Position)
	}
	e := h.entries()[before]
	if len(e.Audits) != 1 || len(e.Inbound) != 1 || !strings.Contains(string(e.Audits[0]), row.ID) {
		t.Errorf("audits %d, rows %d", len(e.Audits), len(e.Inbound))
	}
	c, _ := h.current(obs("1"))
	o := view[fhir.Observation](t, c.Body)
	if c.Patient != p || o.Subject.Reference != "Patient/"+string(p) {
		t.Errorf("patient %q, subject %q", c.Patient, o.Subject.Reference)
	}
	found := false
	for _, c := range e.Changes {
		if c.Ref.Type == fhir.TypeProvenance {
			found = strings.Contains(string(c.Body), row.ControlID) && strings.Contains(string(c.Body), "Observation/o1/_history/1")
		}
	}
	if !found {
		t.Error("no provenance names the control id and the version")
	}
}

// The same message again: the same row, counted, and nothing else.
func TestAMessageComesTwice(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "4B")
	f := h.oru(kaya, "4B", reading{"1", "6.8", "final", 1, 1})
	first := h.file(f)
	for i := 1; i <= 2; i++ {
		again := h.file(f)
		if again.Copies != i {
			t.Errorf("copies = %d, want %d", again.Copies, i)
		}
		again.Copies = 0
		if !reflect.DeepEqual(again, first) {
			t.Errorf("again: %+v, first: %+v", again, first)
		}
	}
	if n := len(h.history(obs("1"))); n != 1 {
		t.Errorf("%d versions", n)
	}
	rows := 0
	h.read(func(r journal.Reader) error {
		for range r.Inbounds() {
			rows++
		}
		return nil
	})
	if rows != 2 {
		t.Errorf("%d rows, want one for each message", rows)
	}
}

// The same content under a new control id: a row of its own, no new version.
func TestTheSameContentUnderAnotherNumber(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "4B")
	h.file(h.oru(kaya, "4B", reading{"1", "4.1", "final", 1, 1}))
	row := h.file(h.oru(kaya, "4B", reading{"1", "4.1", "final", 1, 2}))
	if row.Fate != record.FateDuplicate || len(h.history(obs("1"))) != 1 {
		t.Errorf("fate %s, %d versions", row.Fate, len(h.history(obs("1"))))
	}
	// But it counts for the order: what was sent between the two is older.
	h.file(h.oru(kaya, "4B", reading{"1", "4.4", "final", 1, 1}))
	if c, _ := h.current(obs("1")); valueOf(t, c) != "final 4.1" {
		t.Errorf("current = %s", valueOf(t, c))
	}
	if row := h.file(h.oru(kaya, "4B", reading{"2", "4.1", "final", 1, 1})); row.Fate != record.FateFiled {
		t.Errorf("another result of the same value: %s", row.Fate)
	}
}

// A control id that comes again with another content is noted, and held back
// where the channel says so.
func TestAControlIDComesAgain(t *testing.T) {
	for _, strict := range []bool{false, true} {
		h := open(t, nil)
		h.s = submit.New(submit.Options{
			Journal: h.j, Now: func() time.Time { return h.now }, Strict: func(string) bool { return strict },
		})
		h.admitted(kaya, "4B")
		a, b := h.oru(kaya, "4B", reading{"1", "4.1", "final", 1, 1}), h.oru(kaya, "4B", reading{"2", "4.2", "final", 1, 1})
		b.Inbound.ControlID = a.Inbound.ControlID
		h.file(a)
		row := h.file(b)
		want := map[bool]record.Fate{false: record.FateFiled, true: record.FateQuarantined}[strict]
		if row.Fate != want || !slices.Contains(row.Notes, "control id reused") {
			t.Errorf("strict %v: %s %v", strict, row.Fate, row.Notes)
		}
	}
}

// Preliminary, final, corrected, a repeated final and a late one: whatever the
// order of arrival, the same value is current in the end, everything is kept,
// and nothing twice.
func TestResultsInEveryOrder(t *testing.T) {
	life := []reading{
		{"1", "6.8", "preliminary", 10, 10},
		{"1", "6.9", "final", 20, 20},
		{"1", "6.9", "final", 20, 25},
		{"1", "4.2", "corrected", 30, 30},
	}
	var want string
	for _, order := range permutations(len(life)) {
		h := open(t, nil)
		h.admitted(kaya, "4B")
		for _, i := range order {
			if row := h.file(h.oru(kaya, "4B", life[i])); row.Fate == record.FateQuarantined {
				t.Fatalf("order %v: %s", order, row.Reason)
			}
		}
		c, _ := h.current(obs("1"))
		if got := string(c.Body); want == "" {
			want = got
		} else if got != want {
			t.Errorf("order %v: current\n%s\nwant\n%s", order, got, want)
		}
		if valueOf(t, c) != "corrected 4.2" {
			t.Errorf("order %v: %s", order, valueOf(t, c))
		}
		said, late := map[string]bool{}, map[string]int{}
		for _, v := range h.history(obs("1")) {
			said[valueOf(t, v)] = true
			if v.History {
				late[valueOf(t, v)]++
			}
		}
		if late["final 6.9"] > 1 {
			t.Errorf("order %v: a late result is kept twice", order)
		}
		if len(said) != 3 {
			t.Errorf("order %v: history says %v", order, said)
		}
		if len(h.undelivered()) != 0 {
			t.Errorf("order %v: a corrected value is still undelivered", order)
		}
	}
}

func permutations(n int) (all [][]int) {
	var rec func(done []int)
	rec = func(done []int) {
		if len(done) == n {
			all = append(all, slices.Clone(done))
			return
		}
		for i := range n {
			if !slices.Contains(done, i) {
				rec(append(done, i))
			}
		}
	}
	rec(nil)
	return all
}

// Movements in every order: the latest event says where somebody is, and a
// discharge stays one.
func TestMovementsInEveryOrder(t *testing.T) {
	for _, end := range []record.Ward{"CLINIC", ""} {
		for _, order := range permutations(3) {
			h := open(t, nil)
			moves := []record.Filing{
				h.adt(kaya, "v", "4B", noon), h.adt(kaya, "v", "5A", noon.Add(time.Hour)), h.adt(kaya, "v", end, noon.Add(2*time.Hour)),
			}
			for _, i := range order {
				h.file(moves[i])
			}
			c, _ := h.current(fhir.Ref{Type: fhir.TypeEncounter, ID: "vv"})
			e := view[fhir.Encounter](t, c.Body)
			if got := record.Ward(fhir.ExtString(e.Extension, fhir.ExtWard)); end != "" && got != end || (end == "") != (e.Status == "finished") {
				t.Errorf("end %q, order %v: %s in %q", end, order, e.Status, got)
			}
		}
	}
}

// A message that only repeats where somebody is writes nothing, and still makes
// an older movement older.
func TestARepeatedPlaceCounts(t *testing.T) {
	for _, order := range permutations(3) {
		h := open(t, nil)
		moves := []record.Filing{
			h.adt(kaya, "v", "4B", noon), h.adt(kaya, "v", "5A", noon.Add(time.Hour)), h.adt(kaya, "v", "4B", noon.Add(2*time.Hour)),
		}
		seen := map[string]bool{}
		for _, i := range order {
			h.file(moves[i])
		}
		ref := fhir.Ref{Type: fhir.TypeEncounter, ID: "vv"}
		c, _ := h.current(ref)
		for _, v := range h.history(ref) {
			seen[fhir.ExtString(view[fhir.Encounter](t, v.Body).Extension, fhir.ExtWard)] = true
		}
		if got := fhir.ExtString(view[fhir.Encounter](t, c.Body).Extension, fhir.ExtWard); got != "4B" || !seen["5A"] {
			t.Errorf("order %v: in %q, history %v", order, got, seen)
		}
	}
}

// Three movements in one second: they count in the order in which they came,
// an end stays the end, and nobody on the ward is asked.
func TestMovementsInOneSecond(t *testing.T) {
	h := open(t, nil)
	h.filed(h.adt(kaya, "v", "4B", noon))
	h.filed(h.adt(kaya, "v", "5A", noon))
	ref := fhir.Ref{Type: fhir.TypeEncounter, ID: "vv"}
	place := func() string {
		c, _ := h.current(ref)
		e := view[fhir.Encounter](t, c.Body)
		return e.Status + " " + fhir.ExtString(e.Extension, fhir.ExtWard)
	}
	if got := place(); got != "in-progress 5A" {
		t.Errorf("after the transfer: %s", got)
	}
	h.filed(h.adt(kaya, "v", "", noon))
	h.file(h.adt(kaya, "v", "CLINIC", noon))
	if got := place(); !strings.HasPrefix(got, "finished") {
		t.Errorf("after the discharge: %s", got)
	}
	if n := len(h.tasks(fhir.TaskReview)); n != 0 {
		t.Errorf("%d questions to the ward", n)
	}
}

// A stay told field by field, as a connector does: a transfer without a bed
// leaves no old bed behind, an older transfer changes nothing, and what a
// message does not say stays.
func TestAStayToldFieldByField(t *testing.T) {
	h := open(t, nil)
	stay := func(at time.Time, ops ...record.Op) record.Filing {
		f := h.adt(kaya, "v", "x", at)
		f.Groups[0].Drafts[1].Ops = ops
		return f
	}
	text := func(field, value string) record.Op {
		return record.Op{Kind: record.OpSet, Field: field, Value: []byte(value)}
	}
	place := func(url, value string) record.Op {
		if value == "" {
			return record.Op{Kind: record.OpDrop, Field: "extension", Key: url}
		}
		return record.Op{Kind: record.OpAdd, Field: "extension", Key: url, Value: body(fhir.Extension{URL: url, ValueString: fhir.Str(value)})}
	}
	subject := text("subject", `{"reference":"Patient/-subject-"}`)
	status := text("status", `"in-progress"`)
	h.filed(stay(noon, subject, status, text("class", `{"code":"IMP"}`), place(fhir.ExtWard, "4B"), place(fhir.ExtBed, "7")))
	h.filed(stay(noon.Add(2*time.Hour), subject, status, place(fhir.ExtWard, "5A"), place(fhir.ExtBed, "")))
	h.filed(stay(noon.Add(time.Hour), subject, status, place(fhir.ExtWard, "CLINIC"), place(fhir.ExtBed, "9")))
	ref := fhir.Ref{Type: fhir.TypeEncounter, ID: "vv"}
	c, _ := h.current(ref)
	e := view[fhir.Encounter](t, c.Body)
	if w, b := fhir.ExtString(e.Extension, fhir.ExtWard), fhir.ExtString(e.Extension, fhir.ExtBed); w != "5A" || b != "" || e.Class == nil {
		t.Errorf("ward %q, bed %q: %s", w, b, c.Body)
	}
	said := ""
	for _, v := range h.history(ref) {
		said += string(v.Body)
	}
	if !strings.Contains(said, "CLINIC") {
		t.Error("the older transfer is not in the history")
	}
}

// An older admission message does not bring back an old name, and still adds
// what nobody has said since.
func TestAnOlderMessageChangesNoName(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(person{"1001", "Newname", kaya.born}, "4B")
	old := h.adt(person{"1001", "Oldname", kaya.born}, "v1001", "4B", noon.Add(-time.Hour))
	old.Groups[0].Drafts[0].Ops[0].Value = body(map[string]any{
		"resourceType": "Patient", "id": "-subject-", "gender": "female", "name": []fhir.HumanName{{Family: "Oldname"}},
	})
	h.file(old)
	c, _ := h.current(fhir.Ref{Type: fhir.TypePatient, ID: p})
	got := view[fhir.Patient](t, c.Body)
	if got.Name[0].Family != "Newname" || got.Gender != "female" {
		t.Errorf("patient = %s", c.Body)
	}
}

// A result after discharge is filed and says so; a critical one tells the ward
// that the patient left.
func TestAResultAfterDischarge(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	h.now = h.now.Add(time.Hour)
	h.filed(h.adt(kaya, "v1001", "", h.now))
	h.now = h.now.Add(time.Minute)
	f := h.oru(kaya, "", reading{"1", "6.8", "final", 1, 1})
	row := h.file(f)
	c, ok := h.current(obs("1"))
	if row.Fate != record.FateFiled || !ok || c.Patient != p || !strings.Contains(string(c.Body), submit.FlagAfterDischarge) {
		t.Fatalf("row %+v, result %s", row, c.Body)
	}
	if list := h.tasks(fhir.TaskHeldBack); len(list) != 1 || !hasWard(list[0].Wards, "4B") {
		t.Errorf("warnings = %+v", list)
	}
	left := false
	for _, u := range h.undelivered() {
		left = left || u.Left && hasWard(u.Wards, "4B")
	}
	if !left {
		t.Errorf("undelivered = %+v", h.undelivered())
	}
	if h.file(h.oru(kaya, "", reading{"1", "6.8", "final", 1, 2})); len(h.history(obs("1"))) != 1 {
		t.Error("the mark made a repeated result a new one")
	}
}

// An allergy that was refuted on the ward does not come back because the next
// admission message repeats its list; a new one does arrive.
func TestARepeatedAllergyListRevivesNothing(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	list := func(certainty string) record.Filing {
		f := h.adt(kaya, "v1001", "4B", h.now)
		f.Groups[0].Drafts = append(f.Groups[0].Drafts, record.Draft{
			Ref: fhir.Ref{Type: fhir.TypeAllergyIntolerance, ID: "a1"},
			Ops: []record.Op{{Kind: record.OpPut, Value: body(allergyBody("a1", record.SubjectID, "Penicillin", certainty))}},
		})
		return f
	}
	h.filed(list("confirmed"))
	a := fhir.Ref{Type: fhir.TypeAllergyIntolerance, ID: "a1"}
	h.w4B.sent(h.w4B.write("g.mensah", p, a, set(1, "verificationStatus",
		`{"coding":[{"code":"refuted","system":"`+fhir.SystemAllergyVerified+`"}]}`)))
	h.now = h.now.Add(time.Hour)
	h.file(list("confirmed"))
	if c, _ := h.current(a); c.Version != 2 || !strings.Contains(string(c.Body), "refuted") {
		t.Errorf("version %d: %s", c.Version, c.Body)
	}
}

// A message that was refused has its row and its audit event and writes
// nothing.
func TestARefusedMessageHasItsRow(t *testing.T) {
	h := open(t, nil)
	f := h.message("ORU^R01")
	f.Inbound.Fate, f.Inbound.Answer, f.Inbound.Reason = record.FateRefused, "AR", "processing id T is not taken here"
	row := h.file(f)
	if row.Fate != record.FateRefused || row.Reason == "" || len(h.audits(submit.DetailInbound, row.ID)) != 1 {
		t.Errorf("row = %+v", row)
	}
}

// Whatever was filed: each message has its audit event, and what it wrote is
// there.
func TestEveryMessageIsAudited(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "4B")
	for i := range 5 {
		h.file(h.oru(kaya, "4B", reading{fmt.Sprint(i), "4.1", "final", 1, 1}))
		h.file(h.oru(odum, "4B", reading{fmt.Sprint("x", i), "7.1", "final", 1, 1}))
	}
	if missing := unaudited(h.entries()); len(missing) > 0 {
		t.Errorf("without an audit event: %v", missing)
	}
}
