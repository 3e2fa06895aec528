package merge

import (
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Two people, cut off from one another, change the same entry. Whoever is heard
// first, the record ends the same.
func TestTwoPeopleApart(t *testing.T) {
	allergy, task, order, medicine, note, patient, flag := rows[0].base, rows[1].base, rows[3].base, rows[4].base, rows[5].base, rows[6].base, rows[8].base
	condition, statement, consent := rows[9].base, rows[10].base, rows[12].base
	stories := []struct {
		name     string
		base     string
		a, b     []string
		inForce  map[string]string // element → JSON that must stand in the body
		outcome  record.Outcome    // of whoever is heard second
		disputed string            // the element that a person must decide
		keeps    []string          // what must still be in the body or in a kept version
	}{
		{
			"the more severe wins", allergy,
			[]string{`set criticality "high"`},
			[]string{`set criticality "unable-to-assess"`},
			map[string]string{"criticality": `"high"`},
			record.Merged, "",
			[]string{"unable-to-assess"},
		},
		{
			"confirmed beats removed certainty", allergy,
			[]string{"set verificationStatus " + confirmed},
			[]string{"remove verificationStatus"},
			map[string]string{"verificationStatus": confirmed},
			record.Merged, "", nil,
		},
		{
			"two reactions are both kept", allergy,
			[]string{`add reaction {"manifestation":[{"text":"anaphylaxis"}],"severity":"severe"}`},
			[]string{`add reaction {"manifestation":[{"text":"wheeze"}],"severity":"moderate"}`},
			nil, record.Merged, "",
			[]string{"anaphylaxis", "wheeze", "rash"},
		},
		{
			"the same reaction, worse and milder", allergy,
			[]string{`add reaction {"manifestation":[{"text":"rash"}],"severity":"severe"}`},
			[]string{`add reaction {"manifestation":[{"text":"rash"}],"severity":"moderate"}`},
			map[string]string{"reaction": `[{"manifestation":[{"text":"rash"}],"severity":"severe"}]`},
			record.Merged, "",
			[]string{"moderate"},
		},
		{
			"refuted here, made worse there: it stays in force", allergy,
			[]string{"set verificationStatus " + refuted},
			[]string{`set criticality "high"`},
			map[string]string{"verificationStatus": unsure, "criticality": `"high"`},
			record.Review, "verificationStatus",
			[]string{"refuted"},
		},
		{
			"refuted here, confirmed there", allergy,
			[]string{"set verificationStatus " + refuted},
			[]string{"set verificationStatus " + confirmed},
			map[string]string{"verificationStatus": confirmed},
			record.Review, "verificationStatus",
			[]string{"refuted"},
		},
		{
			"resolved here, a reaction there", allergy,
			[]string{"set clinicalStatus " + resolved},
			[]string{`add note {"text":"hives again today"}`},
			map[string]string{"clinicalStatus": active},
			record.Review, "clinicalStatus",
			[]string{"resolved", "hives"},
		},
		{
			"refuted by both", allergy,
			[]string{"set verificationStatus " + refuted},
			[]string{"set verificationStatus " + refuted},
			map[string]string{"verificationStatus": refuted},
			record.Applied, "", nil,
		},
		{
			"two names for what it is", allergy,
			[]string{`set code {"text":"amoxicillin"}`},
			[]string{`set code {"text":"penicillin V"}`},
			nil, record.Review, "code",
			[]string{"amoxicillin", "penicillin V"},
		},

		{
			"the further state", task,
			[]string{`set status "accepted"`},
			[]string{`set status "completed"`},
			map[string]string{"status": `"completed"`},
			record.Merged, "", nil,
		},
		{
			"done here, called off there: it was done", task,
			[]string{`set status "completed"`},
			[]string{`set status "cancelled"`},
			map[string]string{"status": `"completed"`},
			record.Merged, "",
			[]string{"cancelled"},
		},
		{
			"done twice: both entries stay", task,
			[]string{`set status "completed"`, `set owner {"display":"Tom"}`, `add note {"text":"61.2 kg"}`},
			[]string{`set status "completed"`, `set owner {"display":"Grace"}`, `add note {"text":"61.4 kg"}`},
			map[string]string{"status": `"completed"`},
			record.Merged, "",
			[]string{"Tom", "Grace", "61.2", "61.4"},
		},

		{
			"revoked against on hold", order,
			[]string{`set status "revoked"`},
			[]string{`set status "on-hold"`},
			map[string]string{"status": `"revoked"`},
			record.Merged, "", nil,
		},
		{
			"revoked after it was carried out", order,
			[]string{`set status "revoked"`},
			[]string{`set status "completed"`},
			map[string]string{"status": `"completed"`},
			record.Merged, "",
			[]string{"revoked"},
		},

		{
			"stopped here, dose changed there", medicine,
			[]string{`set status "stopped"`},
			[]string{`set status "on-hold"`, `set priority "urgent"`},
			map[string]string{"status": `"stopped"`, "priority": `"urgent"`},
			record.Merged, "", nil,
		},
		{"two doses", medicine, []string{`set priority "stat"`}, []string{`set priority "urgent"`}, nil, record.Review, "priority", []string{"stat", "urgent"}},

		{
			"one note, two edits: both are shown", note,
			[]string{`drop payload {"contentString":"slept well"}`, `add payload {"contentString":"slept badly"}`},
			[]string{`drop payload {"contentString":"slept well"}`, `add payload {"contentString":"in pain"}`},
			map[string]string{"payload": `[{"contentString":"in pain"},{"contentString":"slept badly"}]`},
			record.Merged, "", nil,
		},
		{
			"a note deleted here, added to there: it stays", note,
			[]string{`set status "entered-in-error"`},
			[]string{`add payload {"contentString":"in pain"}`},
			map[string]string{"status": `"completed"`},
			record.Review, "status",
			[]string{"entered-in-error", "in pain"},
		},

		{
			"different elements merge", patient,
			[]string{`add telecom {"system":"phone","value":"2"}`},
			[]string{`set deceasedBoolean true`},
			map[string]string{"deceasedBoolean": "true"},
			record.Merged, "",
			[]string{`"2"`},
		},
		{
			"two dates of birth", patient,
			[]string{`set birthDate "1979-04-03"`},
			[]string{`set birthDate "1978-03-04"`},
			nil, record.Review, "birthDate",
			[]string{"1979-04-03", "1978-03-04"},
		},
		{
			"two names", patient,
			[]string{`add name {"use":"official","family":"Russo","given":["Giulia"]}`},
			[]string{`add name {"use":"official","family":"Rossi","given":["Giulietta"]}`},
			nil, record.Review, "name/use:official",
			[]string{"Russo", "Giulietta"},
		},
		{
			"a number deleted here, changed there: it stays", patient,
			[]string{`drop identifier {"system":"urn:h","value":"1"}`},
			[]string{`add identifier {"system":"urn:h","value":"1","use":"old"}`},
			map[string]string{"identifier": `[{"system":"urn:h","use":"old","value":"1"}]`},
			record.Review, "identifier/urn:h|1", nil,
		},

		{
			"a warning ended here, changed there: it holds", flag,
			[]string{`set status "inactive"`},
			[]string{`set code {"text":"falls, high"}`},
			map[string]string{"status": `"active"`},
			record.Review, "status",
			[]string{"inactive", "falls, high"},
		},

		{
			"a note sent at two moments is nobody's question", note,
			[]string{`set sent "2026-11-22T03:10:00Z"`},
			[]string{`set sent "2026-11-22T03:12:00Z"`},
			nil,
			record.Merged, "", nil,
		},
		{
			"a medicine stopped here, its dose changed there", statement,
			[]string{`set status "stopped"`},
			[]string{`set dosage [{"text":"10 mg"}]`},
			map[string]string{"status": `"stopped"`},
			record.Merged, "",
			[]string{"10 mg"},
		},
		{
			"a refusal ended here, confirmed there: it holds", consent,
			[]string{`set status "inactive"`},
			[]string{`set scope {"text":"all photographs"}`},
			map[string]string{"status": `"active"`},
			record.Review, "status",
			[]string{"inactive", "all photographs"},
		},
		{
			"consent given here, a narrower refusal there: refused until somebody decides", consent,
			[]string{`set provision {"type":"permit"}`},
			[]string{`set provision {"type":"deny","period":{"end":"2027-01-01"}}`},
			map[string]string{"provision": `{"period":{"end":"2027-01-01"},"type":"deny"}`},
			record.Review, "provision",
			[]string{"permit"},
		},

		{
			"delete against edit: the edit is in force, the deletion is not lost", condition,
			[]string{`remove code`},
			[]string{`set code {"text":"AKI 3"}`},
			map[string]string{"code": `{"text":"AKI 3"}`},
			record.Review, "code",
			[]string{`"absent"`},
		},
		{"deleted by both", condition, []string{`remove code`}, []string{`remove code`}, map[string]string{"code": ""}, record.Applied, "", nil},
		{"bookkeeping is no dispute", condition, []string{`set meta {"versionId":"8"}`}, []string{`set meta {"versionId":"9"}`}, nil, record.Merged, "", nil},
	}
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			one, two := heard(t, s.base, s.a, s.b), heard(t, s.base, s.b, s.a)
			alike(t, "whoever is heard first", one.body, two.body)
			for _, h := range []hearing{one, two} {
				if h.last.Outcome != s.outcome {
					t.Errorf("outcome %v, want %v (%s)", h.last.Outcome, s.outcome, h.last.Reason)
				}
				if h.last.Field != s.disputed {
					t.Errorf("disputed %q, want %q", h.last.Field, s.disputed)
				}
				o := parse(t, h.body)
				for field, want := range s.inForce {
					if want != "" {
						canon, err := fhir.Canonical([]byte(want))
						if err != nil {
							t.Fatal(err)
						}
						want = string(canon)
					}
					if string(o[field]) != want {
						t.Errorf("%s is %s, want %s", field, o[field], want)
					}
				}
				for _, words := range s.keeps {
					if !strings.Contains(h.kept, words) && !strings.Contains(h.kept, strings.ReplaceAll(words, `"`, `\"`)) {
						t.Errorf("%s is lost from the body and from history", words)
					}
				}
				if Disputed(kindOf(t, h.body), h.body) != (s.disputed != "") {
					t.Errorf("Disputed says otherwise")
				}
			}
		})
	}
}

type hearing struct {
	body fhir.Resource
	last Result
	kept string // every body that the journal would hold
}

// heard is what central makes of two mutations against one version.
func heard(t *testing.T, base string, first, second []string) hearing {
	t.Helper()
	h := hearing{body: fhir.Resource(base), kept: base}
	for i, ops := range [][]string{first, second} {
		h.last = Apply(Input{
			Base: fhir.Resource(base), Current: h.body, Diverged: i > 0, Mutation: mutation(t, base, i+1, ops...),
		})
		if h.last.Body != nil {
			h.body = h.last.Body
		}
		h.kept += string(h.last.Body) + string(h.last.Loser)
	}
	return h
}

func mutation(t *testing.T, base string, seq int, ops ...string) record.Mutation {
	t.Helper()
	ref, err := fhir.Resource(base).Ref()
	if err != nil {
		t.Fatal(err)
	}
	return record.Mutation{
		ID: record.MutationOf("sabcdefghijkl", uint64(seq)), Ref: ref, Base: 1,
		Author: record.Author{User: "tom", Name: "Tom Blake, nurse"}, Reason: "because", Ops: edit(t, ops...),
	}
}

func kindOf(t *testing.T, r fhir.Resource) fhir.Type {
	t.Helper()
	ref, err := r.Ref()
	if err != nil {
		t.Fatal(err)
	}
	return ref.Type
}

// Three people, three values: a third joins the same dispute, and every one of
// them is on the screen.
func TestManyValuesOfOneElementAreAllShown(t *testing.T) {
	base := fhir.Resource(rows[6].base)
	current, reviews := base, 0
	const people = 40
	for i := range people {
		m := mutation(t, rows[6].base, i+1, `set birthDate "19`+string(rune('0'+i/10))+string(rune('0'+i%10))+`-01-01"`)
		r := Apply(Input{Base: base, Current: current, Mutation: m})
		if r.Outcome == record.Review {
			reviews++
		}
		current = r.Body
	}
	d := disputesOf(parse(t, current))[path{field: "birthDate"}]
	if len(d.values) != people || reviews != people-1 {
		t.Fatalf("%d values shown of %d, %d reviews", len(d.values), people, reviews)
	}
	if got := string(parse(t, current)["birthDate"]); got != `"1900-01-01"` {
		t.Fatalf("in force %s: not chosen by content", got)
	}
}

// Whoever writes a disputed element had all values in view, so it is settled;
// two who settle it differently dispute again.
func TestSettlingADispute(t *testing.T) {
	h := heard(t, rows[6].base, []string{`set gender "male"`}, []string{`set gender "other"`})
	disputed := h.body
	settle := func(current fhir.Resource, word string) Result {
		return Apply(Input{Base: disputed, Current: current, Mutation: mutation(t, rows[6].base, 3, `set gender "`+word+`"`)})
	}
	male := settle(disputed, "male")
	if male.Outcome != record.Applied || Disputed(fhir.TypePatient, male.Body) {
		t.Fatalf("choosing settles: %v", male.Outcome)
	}
	both := settle(male.Body, "other")
	if both.Outcome != record.Review || !Disputed(fhir.TypePatient, both.Body) {
		t.Fatalf("two choices: %v, want a review again", both.Outcome)
	}
	other := settle(settle(disputed, "other").Body, "male")
	alike(t, "the other way round", both.Body, other.Body)
	if same := settle(male.Body, "male"); same.Outcome != record.Applied || Disputed(fhir.TypePatient, male.Body) {
		t.Fatalf("the same choice twice: %v", same.Outcome)
	}
}

// A dispute about one element is no reason to hold back a change of another.
func TestOtherElementsGoOnDuringADispute(t *testing.T) {
	h := heard(t, rows[6].base, []string{`set gender "male"`}, []string{`set gender "other"`})
	r := Apply(Input{Base: fhir.Resource(rows[6].base), Current: h.body, Diverged: true, Mutation: mutation(t, rows[6].base, 3, `set deceasedBoolean true`)})
	if r.Outcome != record.Merged || !Disputed(fhir.TypePatient, r.Body) || r.Loser != nil {
		t.Fatalf("outcome %v", r.Outcome)
	}
}

func TestWhatNoMergeMayDo(t *testing.T) {
	done := strings.Replace(rows[1].base, `"requested"`, `"completed"`, 1)
	carried := strings.Replace(rows[3].base, `"active"`, `"completed"`, 1)
	taken := `{"resourceType":"Task","id":"k1","intent":"order","status":"completed","code":{"coding":[{"system":"` + fhir.SystemTaskCode + `","code":"acknowledge"}]}}`
	vitals := `{"resourceType":"Observation","id":"v1","status":"final","code":{"text":"pulse"},"category":[{"coding":[{"system":"` + fhir.SystemObservationCat + `","code":"vital-signs"}]}],"valueString":"88"}`
	result := `{"resourceType":"Observation","id":"l1","status":"final","code":{"text":"K"},"category":[{"coding":[{"system":"` + fhir.SystemObservationCat + `","code":"laboratory"}]}]}`
	tests := []struct {
		name, base string
		ops        []string
		change     func(*record.Mutation)
		want       record.Outcome
	}{
		{"an allergy overwritten by none known", rows[0].base, []string{`set code {"coding":[{"system":"` + fhir.SystemSNOMED + `","code":"716186003"}]}`}, nil, record.Refused},
		{"a task reopened without a word", done, []string{`set status "requested"`}, func(m *record.Mutation) { m.Reason = "" }, record.Refused},
		{"a task reopened by a machine", done, []string{`set status "requested"`}, func(m *record.Mutation) { m.Author = record.Author{Sender: "EHR"} }, record.Refused},
		{"a task reopened by a person who says why", done, []string{`set status "requested"`}, nil, record.Applied},
		{"an acknowledgement changed", taken, []string{`set status "cancelled"`}, nil, record.Refused},
		{"a revoked request that was carried out", carried, []string{`set status "revoked"`}, nil, record.Refused},
		{"a measurement changed", vitals, []string{`set valueString "86"`}, nil, record.Refused},
		{"a measurement entered in error, no reason", vitals, []string{`set status "entered-in-error"`}, func(m *record.Mutation) { m.Reason = "" }, record.Refused},
		{"a measurement entered in error", vitals, []string{`set status "entered-in-error"`}, nil, record.Applied},
		{"a measurement taken out of error", strings.Replace(vitals, "final", "entered-in-error", 1), []string{`set status "final"`}, nil, record.Refused},
		{"a laboratory result changed on the ward", result, []string{`set valueString "4.0"`}, nil, record.Refused},
		{"an operation that makes it another resource", rows[0].base, []string{`set id "a2"`}, nil, record.Refused},
		{"a change of something that has another id", rows[0].base, []string{`set criticality "high"`}, func(m *record.Mutation) { m.Ref.ID = "a9" }, record.Refused},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := mutation(t, test.base, 1, test.ops...)
			if test.change != nil {
				test.change(&m)
			}
			r := Apply(Input{Base: fhir.Resource(test.base), Current: fhir.Resource(test.base), Mutation: m})
			if r.Outcome != test.want {
				t.Fatalf("%v, want %v (%s)", r.Outcome, test.want, r.Reason)
			}
			if r.Outcome == record.Refused && (r.Reason == "" || r.Body != nil) {
				t.Fatalf("a refusal says why and changes nothing")
			}
		})
	}
}

// Grace finishes a task and takes it back; Tom, apart, finishes it too. What was
// taken back was hers: his word stays, whoever is heard first.
func TestATaskFinishedTwiceAndTakenBackOnce(t *testing.T) {
	base := fhir.Resource(rows[1].base)
	word := func(by string) string {
		return `{"type":{"coding":[{"system":"` + fhir.SystemTaskParam + `","code":"done"}]},"valueString":"2026-11-22T12:00:00Z ` + by + `"}`
	}
	finish := mutation(t, string(base), 1, `set status "completed"`, "add output "+word("Grace"))
	back := mutation(t, string(base), 2, `set status "requested"`, "drop output "+word("Grace"))
	tom := mutation(t, string(base), 3, `set status "completed"`, "add output "+word("Tom"))
	hear := func(m record.Mutation, on, current fhir.Resource, diverged bool) fhir.Resource {
		r := Apply(Input{Base: on, Current: current, Diverged: diverged, Mutation: m})
		if r.Outcome == record.Refused || r.Body == nil {
			t.Fatalf("%v: %s", r.Outcome, r.Reason)
		}
		return r.Body
	}
	done := hear(finish, base, base, false)
	orders := map[string]fhir.Resource{
		"Tom last":    hear(tom, base, hear(back, done, done, false), true),
		"Tom first":   hear(back, done, hear(finish, base, hear(tom, base, base, false), true), true),
		"Tom between": hear(back, done, hear(tom, base, done, true), true),
	}
	for name, got := range orders {
		if o := string(parse(t, got)["output"]); !strings.Contains(o, "Tom") || strings.Contains(o, "Grace") {
			t.Errorf("%s: %s", name, o)
		}
	}
}

// What is made once: the same body again changes nothing; two bodies under one
// id end the same whoever is first, and both are kept.
func TestMadeOnce(t *testing.T) {
	body := func(by string) fhir.Resource {
		r, err := fhir.Make(fhir.Task{
			ResourceType: fhir.TypeTask, ID: "k1", Status: "completed", Intent: "order",
			Code: fhir.TaskCode(fhir.TaskAcknowledge), Owner: &fhir.Reference{Display: by},
		})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	put := func(current, b fhir.Resource) Result {
		return Apply(Input{Current: current, Mutation: record.Mutation{
			ID: "x", Ref: fhir.Ref{Type: fhir.TypeTask, ID: "k1"},
			Author: record.Author{User: "u"}, Ops: []record.Op{{Kind: record.OpPut, Value: b}},
		}})
	}
	grace, tom := body("Grace"), body("Tom")
	if r := put(nil, grace); r.Outcome != record.Applied || string(r.Body) != string(grace) {
		t.Fatalf("made: %v", r.Outcome)
	}
	if r := put(grace, grace); r.Outcome != record.Applied || r.Body != nil || r.Loser != nil {
		t.Fatalf("again: %v", r.Outcome)
	}
	if r := put(grace, tom); r.Body != nil || string(r.Loser) != string(tom) {
		t.Fatalf("Grace's stands, Tom's is kept: %v", r.Outcome)
	}
	if r := put(tom, grace); string(r.Body) != string(grace) {
		t.Fatalf("whoever is first: %v", r.Outcome)
	}
}

// A sender that repeats its side of a dispute has not seen the other: nothing is
// settled, whether it sends a whole body or single elements. Something new from
// it joins.
func TestASenderSettlesNothing(t *testing.T) {
	h := heard(t, rows[6].base, []string{`set gender "male"`}, []string{`set gender "other"`})
	for _, whole := range []bool{false, true} {
		for word, sides := range map[string]int{"male": 2, "other": 2, "unknown": 3} {
			m := mutation(t, rows[6].base, 3, `set gender "`+word+`"`, `set deceasedBoolean true`)
			if whole {
				m.Ops = []record.Op{{Kind: record.OpPut, Value: []byte(`{"resourceType":"Patient","id":"p1","deceasedBoolean":true,"gender":"` + word + `"}`)}}
			}
			m.Author = record.Author{Sender: "EHR"}
			r := Apply(Input{Base: h.body, Current: h.body, Mutation: m})
			o := parse(t, r.Body)
			if d := disputesOf(o)[path{field: "gender"}]; len(d.values) != sides || string(o["deceasedBoolean"]) != "true" {
				t.Errorf("whole %v, %s: %d sides, want %d", whole, word, len(d.values), sides)
			}
			if (r.Outcome == record.Review) != (sides == 3) {
				t.Errorf("whole %v, %s: %v", whole, word, r.Outcome)
			}
		}
	}
}
