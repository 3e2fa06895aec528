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
	"wardlight/internal/fault"
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

// Identity, rule by rule.
func TestWhoAMessageIsAbout(t *testing.T) {
	stranger := person{"9999", "Kaya", kaya.born}
	other := func(p person, change func(*fhir.Identifier)) record.Subject {
		s := p.subject(false)
		id := p.id()
		change(&id)
		s.Identifiers = []fhir.Identifier{id}
		return s
	}
	tests := map[string]struct {
		subject record.Subject
		why     string // "" means filed
	}{
		"all agrees":                       {kaya.subject(false), ""},
		"the family name differs":          {person{"1001", "Married", kaya.born}.subject(false), ""},
		"the birth date differs":           {person{"1001", "KAYA", "1999-01-01"}.subject(false), ""},
		"both differ":                      {person{"1001", "Wrong", "1999-01-01"}.subject(false), "possible wrong patient"},
		"neither is sent":                  {person{"1001", "", ""}.subject(false), "cannot be confirmed"},
		"one differs and one is not sent":  {person{"1001", "Wrong", ""}.subject(false), "cannot be confirmed"},
		"a year is enough":                 {person{"1001", "Wrong", "1954"}.subject(false), ""},
		"two people's identifiers":         {record.Subject{Identifiers: []fhir.Identifier{kaya.id(), odum.id()}, Family: "Kaya", BirthDate: kaya.born}, "different patients"},
		"unknown":                          {stranger.subject(false), "unknown patient"},
		"the number of another authority":  {other(kaya, func(id *fhir.Identifier) { id.System = "urn:elsewhere" }), "unknown patient"},
		"the number of another kind":       {other(kaya, func(id *fhir.Identifier) { id.Type = nil }), "unknown patient"},
		"a number without an authority":    {other(kaya, func(id *fhir.Identifier) { id.System = "" }), "no patient identifier"},
		"no identifier at all":             {record.Subject{Family: "Kaya", BirthDate: kaya.born}, "no patient identifier"},
		"known by one of two numbers":      {record.Subject{Identifiers: []fhir.Identifier{kaya.id(), stranger.id()}, Family: "Kaya"}, ""},
		"brought in unknown, number known": {record.Subject{Identifiers: []fhir.Identifier{kaya.id()}, Family: "Unknown", Temporary: true}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := open(t, nil)
			p := h.admitted(kaya, "4B")
			h.admitted(odum, "5A")
			f := h.oru(kaya, "4B", reading{"1", "4.1", "final", 1, 1})
			f.Groups[0].Subject = tt.subject
			row := h.file(f)
			c, there := h.current(obs("1"))
			if tt.why == "" {
				if row.Fate != record.FateFiled || !there || c.Patient != p {
					t.Errorf("%s %q", row.Fate, row.Reason)
				}
				return
			}
			if row.Fate != record.FateQuarantined || !strings.Contains(row.Reason, tt.why) || row.Owner == "" || there {
				t.Errorf("%s %q, owner %q", row.Fate, row.Reason, row.Owner)
			}
			for _, secret := range []string{"Kaya", "Odum", "1001", "1954"} {
				if strings.Contains(row.Reason, secret) {
					t.Errorf("the reason names %s", secret)
				}
			}
		})
	}
}

// A patient's id follows from the first identifier, so that any node makes the
// same one, and an admission of somebody unknown is marked as such.
func TestANewPatient(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	if q := open(t, nil).admitted(kaya, "4B"); p != q || len(p) != 21 || p[0] != 'p' {
		t.Errorf("ids %q and %q", p, q)
	}
	unknown := h.adt(person{"7", "Unknown", ""}, "v7", "4B", noon)
	unknown.Groups[0].Subject.Temporary = true
	q := h.filed(unknown)
	c, _ := h.current(fhir.Ref{Type: fhir.TypePatient, ID: q})
	if e, ok := fhir.ExtensionOf(view[fhir.Patient](t, c.Body).Extension, fhir.ExtTemporary); !ok || !*e.ValueBoolean {
		t.Errorf("no temporary mark: %s", c.Body)
	}
}

// A potassium of 6.8 for nobody we know: not in any chart, and the ward that
// the message names reads it.
func TestACriticalValueOfAnUnknownPatientWarnsTheWard(t *testing.T) {
	h := open(t, nil)
	row := h.file(h.oru(kaya, "4B", reading{"1", "6.8", "final", 1, 1}))
	if row.Fate != record.FateQuarantined {
		t.Fatalf("row = %+v", row)
	}
	list := h.tasks(fhir.TaskHeldBack)
	if len(list) != 1 {
		t.Fatalf("%d warnings", len(list))
	}
	c := list[0]
	task := view[fhir.Task](t, c.Body)
	if c.Patient != "" || !hasWard(c.Wards, "4B") || !slices.Contains(c.Tags, record.TagHeldBack) {
		t.Errorf("patient %q, wards %v, tags %v", c.Patient, c.Wards, c.Tags)
	}
	for _, word := range []string{"Not filed", "identity unconfirmed", "potassium 6.8 mmol/L", "ward limit 6.5", "Kaya"} {
		if !strings.Contains(task.Description, word) {
			t.Errorf("%q does not say %q", task.Description, word)
		}
	}
	if u := h.undelivered(); len(u) != 1 || u[0].Ref != c.Ref {
		t.Errorf("undelivered = %+v", u)
	}
	// A harmless value of the same patient warns nobody.
	h.file(h.oru(kaya, "4B", reading{"2", "4.1", "final", 1, 1}))
	if n := len(h.tasks(fhir.TaskHeldBack)); n != 1 {
		t.Errorf("%d warnings after a harmless value", n)
	}
}

// Somebody registers the patient and replays: the result is in the chart,
// the row says so, and the warning is over.
func TestAReplayFilesWhatWasHeldBack(t *testing.T) {
	h := open(t, nil)
	f := h.oru(kaya, "4B", reading{"1", "6.8", "final", 1, 1})
	held := h.file(f)
	p := h.admitted(kaya, "4B")
	row, err := h.s.Replay(h.ctx(), held.ID, f)
	h.must(err)
	if row.Fate != record.FateFiled || row.Replays != 1 || row.Reason != "" || row.Received != held.Received {
		t.Errorf("row = %+v", row)
	}
	if c, ok := h.current(obs("1")); !ok || c.Patient != p || !slices.Contains(c.Tags, record.TagCritical) {
		t.Errorf("result = %+v", c)
	}
	warning := h.tasks(fhir.TaskHeldBack)[0]
	if len(warning.Tags) != 0 || view[fhir.Task](t, warning.Body).Status != "completed" {
		t.Errorf("the warning still stands: %s", warning.Body)
	}
	if _, err := h.s.Replay(h.ctx(), held.ID, f); !fault.Is(err, fault.Exists) {
		t.Errorf("a second replay: %v", err)
	}
	if _, err := h.s.Replay(h.ctx(), "no such message", f); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown message: %v", err)
	}
}

// One unreadable line: the rest is filed, the row says what is missing, and
// the ward is told.
func TestOneBadLineHoldsBackItselfOnly(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "4B")
	f := h.oru(kaya, "4B", reading{"1", "4.1", "final", 1, 1})
	f.Problems = []record.Problem{{Reason: "OBX 2: the number cannot be read; ask the laboratory", Owner: "laboratory", Partial: true}}
	row := h.file(f)
	if row.Fate != record.FateFiled || !strings.Contains(row.Reason, "filed in part: OBX 2") || row.Owner != "laboratory" {
		t.Errorf("row = %+v", row)
	}
	if _, ok := h.current(obs("1")); !ok {
		t.Error("the good line is missing")
	}
	if list := h.tasks(fhir.TaskHeldBack); len(list) != 1 || !hasWard(list[0].Wards, "4B") {
		t.Errorf("warnings = %+v", list)
	}
}

// A whole message that cannot be read is kept back whole, and looked at all the
// same.
func TestAProblemHoldsBackTheMessage(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "4B")
	f := h.oru(kaya, "4B", reading{"1", "6.8", "final", 1, 1})
	f.Problems = []record.Problem{{Reason: "the character set is not known; ask the sender", Owner: "interface manager"}}
	row := h.file(f)
	if row.Fate != record.FateQuarantined || row.Owner != "interface manager" {
		t.Errorf("row = %+v", row)
	}
	if _, ok := h.current(obs("1")); ok {
		t.Error("it was filed")
	}
	if len(h.tasks(fhir.TaskHeldBack)) != 1 {
		t.Error("the critical value warns nobody")
	}
}

// Results that cannot belong together are held back alone: a code and a unit
// that contradict one another, a number that is another patient's, a
// declaration that something unknown is final.
func TestResultsThatAreHeldBackAlone(t *testing.T) {
	tests := map[string]struct {
		change func(h *hospital, f *record.Filing)
		why    string
	}{
		"mass and moles": {func(h *hospital, f *record.Filing) {
			o := potassium(reading{"2", "16", "final", 1, 1})
			o.ValueQuantity.Unit = "mg/dL"
			f.Groups[0].Drafts = append(f.Groups[0].Drafts, draftOf(o, reading{changed: 1}))
		}, "do not belong together"},
		"another patient's number": {func(h *hospital, f *record.Filing) {
			h.admitted(odum, "4B")
			h.file(h.oru(odum, "4B", reading{"2", "4.0", "final", 1, 1}))
			f.Groups[0].Drafts = append(f.Groups[0].Drafts, draftOf(potassium(reading{"2", "4.4", "corrected", 2, 2}), reading{changed: 2}))
		}, "belongs to another patient"},
		"final, without a value": {func(h *hospital, f *record.Filing) {
			f.Groups[0].Drafts = append(f.Groups[0].Drafts, record.Draft{
				Ref: obs("2"), PromoteOnly: true, Stamps: &record.Stamps{StatusChanged: 2},
				Ops: []record.Op{{Kind: record.OpSet, Field: "status", Value: []byte(`"final"`)}},
			})
		}, "has not arrived"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := open(t, nil)
			h.admitted(kaya, "4B")
			f := h.oru(kaya, "4B", reading{"1", "4.1", "final", 1, 1})
			tt.change(h, &f)
			before, _ := h.current(obs("2"))
			row := h.file(f)
			if row.Fate != record.FateFiled || row.Reason == "" || !strings.Contains(row.Reason, tt.why) && tt.why != "has not arrived" {
				t.Errorf("row = %s %q", row.Fate, row.Reason)
			}
			if after, _ := h.current(obs("2")); after.Version != before.Version {
				t.Error("the held result was written")
			}
			if _, ok := h.current(obs("1")); !ok {
				t.Error("the other result is missing")
			}
			if len(h.tasks(fhir.TaskHeldBack)) != 1 {
				t.Error("the ward is not told")
			}
		})
	}
}

// OBX-11 U: the preliminary value becomes final as it stands.
func TestAPreliminaryIsDeclaredFinal(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "4B")
	h.file(h.oru(kaya, "4B", reading{"1", "4.1", "preliminary", 1, 1}))
	f := h.message("ORU^R01", record.Group{Subject: kaya.subject(false), Drafts: []record.Draft{{
		Ref: obs("1"), PromoteOnly: true, Stamps: &record.Stamps{StatusChanged: 2},
		Ops: []record.Op{{Kind: record.OpSet, Field: "status", Value: []byte(`"final"`)}},
	}}})
	h.file(f)
	if c, _ := h.current(obs("1")); valueOf(t, c) != "final 4.1" {
		t.Errorf("current = %s", valueOf(t, c))
	}
}

// Two people in one message: the known one is filed, the other is not.
func TestTwoPeopleInOneMessage(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "4B")
	a, b := h.oru(kaya, "4B", reading{"1", "4.1", "final", 1, 1}), h.oru(odum, "4B", reading{"2", "6.8", "final", 1, 1})
	a.Groups = append(a.Groups, b.Groups...)
	row := h.file(a)
	if row.Fate != record.FateFiled || !strings.Contains(row.Reason, "unknown patient") {
		t.Errorf("row = %s %q", row.Fate, row.Reason)
	}
	if _, ok := h.current(obs("2")); ok || len(h.tasks(fhir.TaskHeldBack)) != 1 {
		t.Error("the unknown one was filed, or warns nobody")
	}
}

// A result after discharge is filed and says so; a critical one tells the ward
// that the patient left.
func TestAResultAfterDischarge(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	h.now = h.now.Add(time.Hour)
	h.filed(h.adt(kaya, "v1001", "", h.now))
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
