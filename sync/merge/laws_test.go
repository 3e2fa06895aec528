package merge

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// A row of the policy table, as the laws see it: a base, and edits that people
// may make of it.
type row struct {
	name  string
	t     fhir.Type
	base  string
	edits []string // operations, see edit
}

// edit writes operations as "set field json", "remove field", "add field json",
// "drop field json" (the element that goes).
func edit(t interface{ Fatalf(string, ...any) }, ops ...string) []record.Op {
	var out []record.Op
	for _, op := range ops {
		var kind, field, rest string
		if n, _ := fmt.Sscanf(op, "%s %s", &kind, &field); n != 2 {
			t.Fatalf("operation %q", op)
		}
		if len(op) > len(kind)+len(field)+2 {
			rest = op[len(kind)+len(field)+2:]
		}
		var value []byte
		if rest != "" {
			v, err := fhir.Canonical([]byte(rest))
			if err != nil {
				t.Fatalf("operation %q: %v", op, err)
			}
			value = v
		}
		o := record.Op{Field: field, Value: value}
		switch kind {
		case "set":
			o.Kind = record.OpSet
		case "remove":
			o.Kind = record.OpRemove
		case "add":
			o.Kind, o.Key = record.OpAdd, ElementKey(field, value)
		case "drop":
			o.Kind, o.Key, o.Value = record.OpDrop, ElementKey(field, value), nil
		default:
			t.Fatalf("operation %q", op)
		}
		out = append(out, o)
	}
	return out
}

var (
	refuted   = `{"coding":[{"system":"` + fhir.SystemAllergyVerified + `","code":"refuted"}]}`
	confirmed = `{"coding":[{"system":"` + fhir.SystemAllergyVerified + `","code":"confirmed"}]}`
	mistaken  = `{"coding":[{"system":"` + fhir.SystemAllergyVerified + `","code":"entered-in-error"}]}`
	unsure    = `{"coding":[{"system":"` + fhir.SystemAllergyVerified + `","code":"unconfirmed"}]}`
	active    = `{"coding":[{"system":"` + fhir.SystemAllergyClinical + `","code":"active"}]}`
	resolved  = `{"coding":[{"system":"` + fhir.SystemAllergyClinical + `","code":"resolved"}]}`
)

// problem is a status of a Condition.
func problem(system, code string) string {
	return `{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-` + system + `","code":"` + code + `"}]}`
}

func ward(w string) string { return `{"url":"` + fhir.ExtWard + `","valueString":"` + w + `"}` }

var rows = []row{
	{
		"AllergyIntolerance", fhir.TypeAllergyIntolerance,
		`{"resourceType":"AllergyIntolerance","id":"a1","patient":{"reference":"Patient/p1"},"verificationStatus":` + unsure + `,"clinicalStatus":` + active + `,
		  "criticality":"low","code":{"text":"penicillin"},"category":["medication"],
		  "reaction":[{"manifestation":[{"text":"rash"}],"severity":"mild"}]}`,
		[]string{
			"set verificationStatus " + refuted, "set verificationStatus " + confirmed, "set verificationStatus " + mistaken,
			"remove verificationStatus", "set clinicalStatus " + resolved,
			"set criticality \"high\"", "set criticality \"unable-to-assess\"", "remove criticality",
			`set code {"text":"amoxicillin"}`, `set code {"text":"penicillin V"}`,
			`add reaction {"manifestation":[{"text":"rash"}],"severity":"severe"}`,
			`add reaction {"manifestation":[{"text":"rash"}],"severity":"moderate"}`,
			`drop reaction {"manifestation":[{"text":"rash"}]}`,
			`add reaction {"manifestation":[{"text":"anaphylaxis"}],"severity":"severe"}`,
			`add note {"text":"GP letter"}`, `add note {"text":"mother says so"}`,
			`add category "food"`, `drop category "medication"`,
			`set recordedDate "2026-11-22"`, `set recordedDate "2026-11-23"`,
		},
	},
	{
		"Task to do", fhir.TypeTask,
		`{"resourceType":"Task","id":"t1","intent":"order","status":"requested","code":{"coding":[{"system":"` + fhir.SystemTaskCode + `","code":"todo"}]},
		  "description":"weigh","priority":"routine"}`,
		[]string{
			`set status "accepted"`, `set status "in-progress"`, `set status "completed"`, `set status "cancelled"`, `set status "draft"`,
			`set owner {"display":"Tom"}`, `set owner {"display":"Grace"}`,
			`add note {"text":"done at 03:10"}`, `add note {"text":"done at 03:12"}`,
			`set priority "stat"`, `set priority "urgent"`, `set description "weigh twice"`, `set description "weigh in bed"`, `remove description`,
		},
	},
	{
		"review", fhir.TypeTask,
		`{"resourceType":"Task","id":"r1","intent":"order","status":"requested","code":{"coding":[{"system":"` + fhir.SystemTaskCode + `","code":"review"}]}}`,
		[]string{
			`set status "completed"`, `set status "cancelled"`,
			`add output {"type":{"coding":[{"system":"` + fhir.SystemTaskParam + `","code":"chosen"}]},"valueString":"a"}`,
			`add output {"type":{"coding":[{"system":"` + fhir.SystemTaskParam + `","code":"chosen"}]},"valueString":"b"}`,
			`add note {"text":"chose a"}`, `add note {"text":"chose b"}`,
		},
	},
	{
		"ServiceRequest", fhir.TypeServiceRequest,
		`{"resourceType":"ServiceRequest","id":"o1","intent":"order","status":"active","subject":{"reference":"Patient/p1"},"priority":"routine"}`,
		[]string{
			`set status "revoked"`, `set status "completed"`, `set status "on-hold"`, `set status "entered-in-error"`,
			`set priority "stat"`, `set priority "urgent"`, `remove priority`, `add note {"text":"fasting"}`,
		},
	},
	{
		"MedicationRequest", fhir.TypeMedicationRequest,
		`{"resourceType":"MedicationRequest","id":"m1","intent":"order","status":"active","subject":{"reference":"Patient/p1"},"dosageInstruction":[{"text":"5 mg"}]}`,
		[]string{
			`set status "stopped"`, `set status "cancelled"`, `set status "on-hold"`, `set status "completed"`,
			`set dosageInstruction [{"text":"10 mg"}]`, `set priority "urgent"`, `set priority "stat"`, `set priority "asap"`,
			`set statusReason {"text":"kidney"}`, `set statusReason {"text":"rash"}`,
		},
	},
	{
		"Communication", fhir.TypeCommunication,
		`{"resourceType":"Communication","id":"n1","status":"completed","subject":{"reference":"Patient/p1"},"payload":[{"contentString":"slept well"}]}`,
		[]string{
			`drop payload {"contentString":"slept well"}`, `add payload {"contentString":"slept badly"}`, `add payload {"contentString":"in pain"}`,
			`set payload [{"contentString":"slept until 3"}]`, `remove payload`, `set status "entered-in-error"`, `set status "on-hold"`,
			`set topic {"text":"night"}`, `set topic {"text":"sleep"}`,
		},
	},
	{
		"Patient", fhir.TypePatient,
		`{"resourceType":"Patient","id":"p1","active":true,"name":[{"use":"official","family":"Rossi","given":["Giulia"]}],"birthDate":"1979-03-04","gender":"female",
		  "identifier":[{"system":"urn:h","value":"1"}],"telecom":[{"system":"phone","value":"1"}]}`,
		[]string{
			`set birthDate "1979-04-03"`, `set birthDate "1978-03-04"`, `remove birthDate`, `set gender "male"`, `set gender "other"`,
			`add name {"use":"official","family":"Rossi","given":["Giulietta"]}`, `add name {"use":"official","family":"Russo","given":["Giulia"]}`,
			`drop name {"use":"official"}`, `add name {"use":"nickname","given":["Giu"]}`,
			`add identifier {"system":"urn:h","value":"2"}`, `add identifier {"system":"urn:h","value":"1","use":"old"}`, `drop identifier {"system":"urn:h","value":"1"}`,
			`set active false`, `add telecom {"system":"phone","value":"2"}`, `set deceasedBoolean true`, `set _birthDate {"extension":[{"url":"urn:x","valueString":"about"}]}`,
		},
	},
	{
		"Encounter", fhir.TypeEncounter,
		`{"resourceType":"Encounter","id":"e1","status":"in-progress","subject":{"reference":"Patient/p1"},"class":{"code":"IMP"},
		  "extension":[` + ward("4B") + `]}`,
		[]string{
			"add extension " + ward("4C"), "add extension " + ward("5A"), "add extension " + ward("ITU"), `set status "finished"`,
			`set class {"code":"AMB"}`, `set class {"code":"EMER"}`, `set priority {"text":"high"}`,
		},
	},
	{
		"Flag", fhir.TypeFlag,
		`{"resourceType":"Flag","id":"f1","status":"active","code":{"text":"falls"},"subject":{"reference":"Patient/p1"}}`,
		[]string{
			`set status "inactive"`, `set status "entered-in-error"`, `set code {"text":"falls, high"}`, `set code {"text":"falls, low"}`,
			`set period {"end":"2026-11-22"}`, `add category {"text":"safety"}`,
		},
	},
	{
		"default", "Condition",
		`{"resourceType":"Condition","id":"c1","status":"active","code":{"text":"AKI"},"note":[{"text":"x"}],"bodySite":[{"text":"left"}]}`,
		[]string{
			`set code {"text":"AKI 2"}`, `set code {"text":"AKI 3"}`, `remove code`, `set severity {"text":"mild"}`, `set severity {"text":"severe"}`,
			`set status "entered-in-error"`, `set status "inactive"`, `set status "remission"`, `add note {"text":"y"}`, `drop note {"text":"x"}`,
			`drop bodySite {"text":"left"}`, `add bodySite {"text":"right"}`, `set meta {"versionId":"7"}`, `set meta {"versionId":"8"}`,
		},
	},
	{
		"MedicationStatement", fhir.TypeMedicationStatement,
		`{"resourceType":"MedicationStatement","id":"ms1","status":"active","subject":{"reference":"Patient/p1"},"dosage":[{"text":"5 mg"}]}`,
		[]string{
			`set status "stopped"`, `set status "on-hold"`, `set status "completed"`, `set status "entered-in-error"`,
			`set dosage [{"text":"10 mg"}]`, `set dosage [{"text":"2.5 mg"}]`, `set informationSource {"display":"wife"}`, `set informationSource {"display":"GP"}`,
		},
	},
	{
		"vital signs", fhir.TypeObservation,
		`{"resourceType":"Observation","id":"v1","status":"final","category":[{"coding":[{"system":"` + fhir.SystemObservationCat + `","code":"vital-signs"}]}],"valueQuantity":{"value":70}}`,
		[]string{`set status "entered-in-error"`, `add note {"text":"wrong arm"}`, `add note {"text":"wrong patient"}`},
	},
	{
		"Consent", fhir.TypeConsent,
		`{"resourceType":"Consent","id":"co1","status":"active","patient":{"reference":"Patient/p1"},"scope":{"text":"photographs"},"provision":{"type":"deny"}}`,
		[]string{
			`set status "inactive"`, `set status "rejected"`, `set status "entered-in-error"`, `set provision {"type":"permit"}`,
			`set provision {"type":"deny","period":{"end":"2027-01-01"}}`, `remove provision`, `set scope {"text":"research"}`, `set scope {"text":"teaching"}`,
		},
	},
	{
		"routine's run", fhir.TypeTask,
		runBody,
		[]string{
			`set status "completed"`, `set status "entered-in-error"`, `set statusReason {"text":"went home"}`, `set statusReason {"text":"wrong bed"}`,
			`add output ` + tick("step-done", "v1-1 2026-11-22T12:01:00Z grace Grace"), `add output ` + tick("step-done", "v1-1 2026-11-22T12:02:00Z tom Tom"),
			`add output ` + tick("step-not-needed", "v1-1 2026-11-22T12:03:00Z tom Tom\\nasked before"), `add output ` + tick("step-done", "v1-2 2026-11-22T12:04:00Z tom Tom"),
			`drop output ` + tick("step-done", "v1-3 2026-11-22T11:00:00Z grace Grace"),
		},
	},
	{
		"Condition", fhir.TypeCondition,
		`{"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/p1"},"code":{"text":"pneumonia"},
		  "clinicalStatus":` + problem("clinical", "active") + `,"verificationStatus":` + problem("ver-status", "provisional") + `}`,
		[]string{
			"set clinicalStatus " + problem("clinical", "resolved"), "set clinicalStatus " + problem("clinical", "inactive"), "set clinicalStatus " + problem("clinical", "recurrence"),
			"remove clinicalStatus", "set verificationStatus " + problem("ver-status", "confirmed"), "set verificationStatus " + problem("ver-status", "refuted"),
			"set verificationStatus " + problem("ver-status", "entered-in-error"), `set code {"text":"lobar pneumonia"}`, `set code {"text":"heart failure"}`,
			`set abatementDateTime "2026-11-22"`, `set abatementDateTime "2026-11-23"`, `add note {"text":"X-ray clear"}`, `add note {"text":"afebrile"}`,
		},
	},
}

// tick is what somebody says of a step of a routine's run.
func tick(kind, words string) string {
	return `{"type":{"coding":[{"system":"` + fhir.SystemTaskParam + `","code":"` + kind + `"}]},"valueString":"` + words + `"}`
}

// runBody is a routine's run of which one step is ticked.
var runBody = `{"resourceType":"Task","id":"u1","intent":"order","status":"in-progress","code":{"coding":[{"system":"` + fhir.SystemTaskCode + `","code":"routine"}]},
  "instantiatesCanonical":"PlanDefinition/r1|1","description":"Admission","output":[` + tick("step-done", "v1-3 2026-11-22T11:00:00Z grace Grace") + `]}`

func (r row) draw(t *rapid.T, label string, base fhir.Resource) fhir.Resource {
	n := rapid.IntRange(0, 4).Draw(t, label+" edits")
	var ops []string
	for i := range n {
		ops = append(ops, rapid.SampledFrom(r.edits).Draw(t, fmt.Sprint(label, i)))
	}
	out, err := ApplyOps(base, edit(t, ops...))
	if err != nil {
		t.Fatalf("apply: %v", err)
	}
	if r.t == fhir.TypeEncounter {
		o, b := parse(t, out), parse(t, base)
		stampMove(b, o, record.Mutation{
			Author: rapid.SampledFrom([]record.Author{{User: "u"}, {Sender: "EHR"}}).Draw(t, label+" author"),
			Times: record.Times{
				Clinical: fmt.Sprintf("2026-11-22T03:%02d:00Z", rapid.IntRange(0, 14).Draw(t, label+" minute")),
				Measured: rapid.Bool().Draw(t, label+" measured"),
			},
		})
		return bodyOf(o)
	}
	return out
}

func parse(t interface{ Fatalf(string, ...any) }, r fhir.Resource) fhir.Object {
	o, err := fhir.Parse(r)
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return o
}

func merged(t *rapid.T, typ fhir.Type, base, a, b fhir.Resource) fhir.Resource {
	m, _, err := Three(typ, base, a, b)
	if err != nil {
		t.Fatalf("merge: %v", err)
	}
	return m
}

func alike(t interface{ Fatalf(string, ...any) }, law string, x, y fhir.Resource) {
	if string(x) != string(y) {
		t.Fatalf("%s\n%s\n%s", law, x, y)
	}
}

// Every row keeps the laws, over bases that were disputed before as well.
func TestMergeOfStatesIsCommutativeAssociativeIdempotent(t *testing.T) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				base := fhir.Resource(r.base)
				if rapid.Bool().Draw(t, "disputed before") {
					base = merged(t, r.t, base, r.draw(t, "x", base), r.draw(t, "y", base))
				}
				a, b, c := r.draw(t, "a", base), r.draw(t, "b", base), r.draw(t, "c", base)
				m := func(x, y fhir.Resource) fhir.Resource { return merged(t, r.t, base, x, y) }
				alike(t, "a·b = b·a", m(a, b), m(b, a))
				alike(t, "(a·b)·c = a·(b·c)", m(m(a, b), c), m(a, m(b, c)))
				alike(t, "(a·b)·c = (a·c)·b", m(m(a, b), c), m(m(a, c), b))
				alike(t, "(a·b)·a = a·b", m(m(a, b), a), m(a, b))
				n := m(a, a)
				alike(t, "a·a = a, in normal form", m(n, n), n)
				alike(t, "a·base = a", m(a, base), n)
			})
		})
	}
}

// Mutations made against one version end in the same body whatever the order
// in which central hears of them; and nothing that somebody entered is lost
// from the body and from history both.
func TestEveryOrderOfArrivalEndsInTheSameBody(t *testing.T) {
	for _, r := range rows {
		if r.name == "Encounter" {
			continue // see TestMovements: times come with the mutation
		}
		t.Run(r.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				base := fhir.Resource(r.base)
				n := rapid.IntRange(2, 4).Draw(t, "mutations")
				var muts []record.Mutation
				for i := range n {
					ops, err := Diff(base, r.draw(t, fmt.Sprint("m", i), base))
					if err != nil {
						t.Fatalf("diff: %v", err)
					}
					ref, _ := base.Ref()
					muts = append(muts, record.Mutation{
						ID: record.MutationID(fmt.Sprintf("sabcdefghijkl-%d", i+1)), Ref: ref, Base: 1,
						Author: record.Author{User: "u"}, Reason: "because", Ops: ops,
					})
				}
				order := rapid.Permutation(muts).Draw(t, "order")
				alike(t, "order of arrival", arrive(t, base, muts), arrive(t, base, order))
			})
		})
	}
}

func arrive(t *rapid.T, base fhir.Resource, muts []record.Mutation) fhir.Resource {
	current, kept := base, string(base)
	for _, m := range muts {
		r := Apply(Input{Base: base, Current: current, Diverged: string(current) != string(base), Mutation: m})
		if r.Outcome == record.Refused {
			t.Fatalf("refused: %s", r.Reason)
		}
		if r.Body != nil {
			current = r.Body
		}
		if r.Outcome == record.Review && r.Loser == nil {
			t.Fatalf("a side of a review is not kept")
		}
		kept += strings.ReplaceAll(string(r.Body)+string(r.Loser), `\"`, `"`) // a dispute keeps its values quoted
		for _, op := range m.Ops {
			for _, e := range ungroup(string(op.Value)) {
				if !strings.Contains(kept, string(e)) {
					t.Fatalf("%s is neither in a body nor in history", e)
				}
			}
		}
	}
	o := parse(t, current)
	pol := policyOf(muts[0].Ref.Type, o)
	return bodyOf(normal(pol, parse(t, base), o))
}

func TestDiffThenApplyGivesWhatWasEdited(t *testing.T) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				base := fhir.Resource(r.base)
				edited := r.draw(t, "a", base)
				ops, err := Diff(base, edited)
				if err != nil {
					t.Fatalf("diff: %v", err)
				}
				again, err := ApplyOps(base, ops)
				if err != nil {
					t.Fatalf("apply: %v", err)
				}
				if more, err := Diff(edited, again); err != nil || len(more) > 0 {
					t.Fatalf("still differs by %d operations, %v", len(more), err)
				}
			})
		})
	}
}
