package submit_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

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
	for _, word := range []string{"Not filed", "identity unconfirmed", "potassium 6.8 mmol/L", "limit 6.5 of the program", "Kaya"} {
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

// A critical value of nobody we know, for a ward that nobody named or that has no
// computer: every ward that has one reads it, without a name, and the first that
// shows it has it.
func TestACriticalValueForNoWardWarnsEveryWard(t *testing.T) {
	for _, named := range []record.Ward{"", "elsewhere"} {
		t.Run("ward "+string(named), func(t *testing.T) {
			h := open(t, nil)
			gone := h.station("stc", "6C")
			gone.peer.Device.Revoked = 1
			h.must(h.s.PutDevice(h.ctx(), record.Author{User: "root"}, gone.peer.Device))
			if row := h.file(h.oru(kaya, named, reading{"1", "6.8", "final", 1, 1})); row.Fate != record.FateQuarantined {
				t.Fatalf("row = %+v", row)
			}
			list := h.tasks(fhir.TaskHeldBack)
			if len(list) != 1 {
				t.Fatalf("%d warnings", len(list))
			}
			c := list[0]
			if !hasWard(c.Wards, "4B") || !hasWard(c.Wards, "5A") || hasWard(c.Wards, "6C") {
				t.Errorf("it goes to %v", c.Wards)
			}
			task := view[fhir.Task](t, c.Body)
			for _, word := range []string{"potassium 6.8 mmol/L", "call the laboratory", "nobody here knows"} {
				if !strings.Contains(task.Description, word) {
					t.Errorf("%q does not say %q", task.Description, word)
				}
			}
			for _, secret := range []string{kaya.family, kaya.born, kaya.number} {
				if strings.Contains(string(c.Body), secret) {
					t.Errorf("every ward is told of %q", secret)
				}
			}
			if _, meant := fhir.ParamOf(task.Input, fhir.ParamWard); meant {
				t.Error("it is meant for one ward")
			}
			if u := h.undelivered(); len(u) != 1 || u[0].Ref != c.Ref {
				t.Errorf("undelivered = %+v", u)
			}
			h.w5A.sent(h.w5A.about("", fhir.TaskShown, "", c.Ref, c.Version))
			if u := h.undelivered(); len(u) != 0 {
				t.Errorf("a ward has shown it, and yet undelivered = %+v", u)
			}
			// A harmless one is nobody's alarm.
			h.file(h.oru(kaya, named, reading{"2", "4.1", "final", 1, 1}))
			if n := len(h.tasks(fhir.TaskHeldBack)); n != 1 {
				t.Errorf("%d warnings", n)
			}
		})
	}
}

// Somebody registers the patient and replays: the result is in the chart,
// the row says so, and the warning is over.
func TestAReplayFilesWhatWasHeldBack(t *testing.T) {
	h := open(t, nil)
	f := h.oru(kaya, "4B", reading{"1", "6.8", "final", 1, 1})
	held := h.file(f)
	p := h.admitted(kaya, "4B")
	row, err := h.s.Replay(h.ctx(), record.Author{}, held.ID, f)
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
	if _, err := h.s.Replay(h.ctx(), record.Author{}, held.ID, f); !fault.Is(err, fault.Exists) {
		t.Errorf("a second replay: %v", err)
	}
	if _, err := h.s.Replay(h.ctx(), record.Author{}, "no such message", f); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown message: %v", err)
	}
}

// The clock of a replayed critical result runs since the message came, not since
// somebody got round to replaying it; so does that of the warning.
func TestTheClockOfAReplayedResultRunsSinceItCame(t *testing.T) {
	h := open(t, nil)
	came := h.now
	f := h.oru(kaya, "4B", reading{"1", "6.8", "final", 1, 1})
	held := h.file(f)
	h.now = h.now.Add(40 * time.Minute)
	f.Groups[0].Ward = "5A" // somebody found out where she is
	if row, err := h.s.Replay(h.ctx(), record.Author{}, held.ID, f); err != nil || row.Fate != record.FateQuarantined {
		t.Fatal(row, err)
	}
	if u := h.undelivered(); len(u) != 1 || !u[0].Since.Equal(came) {
		t.Errorf("the warning's clock: %+v, want since %s", u, came)
	}
	h.now = h.now.Add(40 * time.Minute)
	h.admitted(kaya, "4B")
	row, err := h.s.Replay(h.ctx(), record.Author{}, held.ID, f)
	h.must(err)
	if row.Fate != record.FateFiled {
		t.Fatalf("row = %+v", row)
	}
	if c, _ := h.current(obs("1")); c.Times.Central != came.UnixMilli() {
		t.Errorf("received %s, want %s", time.UnixMilli(c.Times.Central).UTC(), came)
	}
	if u := h.undelivered(); len(u) != 1 || !u[0].Since.Equal(came) || u[0].Ref != obs("1") {
		t.Errorf("the result's clock: %+v, want since %s", u, came)
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
		"a body of the wrong shape": {func(h *hospital, f *record.Filing) {
			f.Groups[0].Drafts = append(f.Groups[0].Drafts, record.Draft{
				Ref: obs("2"), Ops: []record.Op{{Kind: record.OpPut, Value: body(map[string]any{
					"resourceType": "Observation", "id": "o2", "status": "final", "identifier": "not a list",
				})}},
			})
		}, "wrong shape"},
		"final, without a value": {func(h *hospital, f *record.Filing) {
			f.Groups[0].Drafts = append(f.Groups[0].Drafts, record.Draft{
				Ref: obs("2"), PromoteOnly: true, Stamps: &record.Stamps{StatusChanged: 2},
				Ops: []record.Op{{Kind: record.OpSet, Field: "status", Value: []byte(`"final"`)}},
			})
		}, "whose value is not here"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := open(t, nil)
			h.admitted(kaya, "4B")
			f := h.oru(kaya, "4B", reading{"1", "4.1", "final", 1, 1})
			tt.change(h, &f)
			before, _ := h.current(obs("2"))
			row := h.file(f)
			if row.Fate != record.FateFiled || !strings.Contains(row.Reason, tt.why) {
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

// A record that was merged into another gets nothing new: what comes for it
// goes to the survivor.
func TestAMergedRecordPassesItsMailOn(t *testing.T) {
	h := open(t, nil)
	old, kept := h.admitted(kaya, "4B"), h.admitted(odum, "4B")
	f := h.adt(kaya, "v1001", "4B", noon.AddDate(0, 0, 1))
	link := fhir.PatientLink{Other: fhir.To(fhir.Ref{Type: fhir.TypePatient, ID: kept}), Type: "replaced-by"}
	f.Groups[0].Drafts = f.Groups[0].Drafts[:1]
	f.Groups[0].Drafts[0].Ops = []record.Op{{Kind: record.OpSet, Field: "link", Value: append(append([]byte("["), body(link)...), ']')}}
	h.filed(f)
	g := h.oru(kaya, "4B", reading{"1", "4.1", "final", 1, 1})
	g.Groups[0].Subject.Family = odum.family
	h.file(g)
	if c, _ := h.current(obs("1")); c.Patient != kept || c.Patient == old {
		t.Errorf("filed to %s, want the survivor %s", c.Patient, kept)
	}
}

// A message without anything critical, held back whole: the ward of whoever it may
// be about hears of it, quietly, until it is filed or dismissed. Of nobody known,
// it is the interface manager's alone.
func TestAHarmlessMessageThatIsHeldBackIsToldWhereItMayBelong(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	f := h.oru(kaya, "", reading{"1", "4.1", "final", 1, 1})
	f.Groups[0].Subject = person{"1001", "Wrong", "1999-01-01"}.subject(false)
	row := h.file(f)
	list := h.tasks(fhir.TaskHeldBack)
	if len(list) != 1 || !hasWard(list[0].Wards, "4B") || hasWard(list[0].Wards, "5A") || list[0].Patient != "" {
		t.Fatalf("%d warnings: %+v", len(list), list)
	}
	task := view[fhir.Task](t, list[0].Body)
	perhaps, _ := fhir.ParamOf(task.Input, fhir.ParamPerhaps)
	if task.Priority != "asap" || len(task.Contained) != 0 || perhaps.ValueReference == nil || perhaps.ValueReference.Reference != "Patient/"+string(p) {
		t.Errorf("%+v", task)
	}
	if strings.Contains(task.Description, "4.1") || !strings.Contains(task.Description, "could not be filed") {
		t.Errorf("it says %q", task.Description)
	}
	_, err := h.s.Dismiss(h.ctx(), record.Author{Name: "Ada Root"}, row.ID, "sent again under the right number")
	h.must(err)
	if task := view[fhir.Task](t, h.tasks(fhir.TaskHeldBack)[0].Body); task.Status != "cancelled" {
		t.Errorf("dismissed, and still %s", task.Status)
	}
	stranger := h.oru(odum, "4B", reading{"2", "4.1", "final", 1, 1})
	if h.file(stranger); len(h.tasks(fhir.TaskHeldBack)) != 1 {
		t.Error("a message of nobody known is told to a ward")
	}
}
