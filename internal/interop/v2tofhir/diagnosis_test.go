package v2tofhir

import (
	"bytes"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

const dg1Visit = pv1Line + "||||||||||||||||V1^^^NORTH^VN"

// conditions are the Conditions of a message, in its order.
func conditions(t *testing.T, f record.Filing) []fhir.Condition {
	t.Helper()
	var out []fhir.Condition
	for _, d := range drafts(f, fhir.TypeCondition) {
		out = append(out, view[fhir.Condition](t, d))
	}
	return out
}

func dg1(t *testing.T, event, pv1 string, segs ...string) []fhir.Condition {
	t.Helper()
	return conditions(t, Translate(adt(event, append([]string{"EVN|" + event + "|20261122100000", pidLine, pv1}, segs...)...), opts()))
}

func TestADiagnosisIsReadFieldByField(t *testing.T) {
	list := dg1(t, "A01", dg1Visit,
		"DG1|1|I10|N17.9^Acute kidney failure, unspecified^I10|Acute kidney injury|20261121|W|||||||||1|005454^DIAG^ROBIN^B~^OSEI^H^^^Dr||Y|20261122093000|DX7^NORTH|A",
		"DG1|2||29857009^Chest pain^SCT||20260230|F|||||||||0",
		"DG1|3|||Frailty||",
		"DG1|4")
	if len(list) != 3 {
		t.Fatalf("%d diagnoses", len(list))
	}
	c := list[0]
	if c.Code.Coding[0] != (fhir.Coding{System: "http://hl7.org/fhir/sid/icd-10", Code: "N17.9", Display: "Acute kidney failure, unspecified"}) || c.Code.Text != "Acute kidney injury" {
		t.Errorf("code %+v", c.Code)
	}
	if c.OnsetDateTime != "2026-11-21" || c.RecordedDate != "2026-11-22T09:30:00+00:00" || c.Asserter.Display != "ROBIN B DIAG, Dr H OSEI" || c.Identifier[0] != (fhir.Identifier{System: SystemAuthority + "NORTH", Value: "DX7"}) {
		t.Errorf("%+v by %s", c, c.Asserter.Display)
	}
	if fhir.ExtString(c.Extension, fhir.ExtDiagnosisUse) != "W" || fhir.ExtInteger(c.Extension, fhir.ExtDiagnosisRank) != 1 || flagsOf(c.Extension) != FlagConfidential {
		t.Errorf("%+v", c.Extension)
	}
	if c.Subject.Reference != record.SubjectRef || c.Encounter == nil || !strings.HasPrefix(c.Encounter.Reference, "Encounter/e") || c.ClinicalStatus != nil {
		t.Errorf("of %v in %v, status %v", c.Subject, c.Encounter, c.ClinicalStatus)
	}
	for i, want := range []string{"provisional", "confirmed", "unconfirmed"} {
		if got := list[i].VerificationStatus.Code(fhir.SystemConditionVerified); got != want {
			t.Errorf("%d is %s, want %s", i+1, got, want)
		}
	}
	if pain := list[1]; pain.OnsetDateTime != "" || fhir.ExtString(pain.Extension, ExtTime) != "DG1-5: 20260230" || !strings.Contains(flagsOf(pain.Extension), FlagTimeUnreadable) || fhir.ExtInteger(pain.Extension, fhir.ExtDiagnosisRank) != 0 {
		t.Errorf("a time that cannot be read: %+v", pain)
	}
	if f := list[2]; f.Code.Text != "Frailty" || len(f.Code.Coding) != 0 {
		t.Errorf("words alone: %+v", f.Code)
	}
	f := Translate(adt("A01", pidLine, dg1Visit, "DG1|1"), opts())
	if !strings.Contains(strings.Join(f.Inbound.Notes, "|"), "a diagnosis that could not be read was left out") {
		t.Errorf("notes %q", f.Inbound.Notes)
	}
}

// The same diagnosis is the same Condition in every message, whatever its place in
// the list, its words and its use; another visit, another code, another patient or
// another sender is another.
func TestARepeatedDiagnosisIsOneCondition(t *testing.T) {
	id := func(event, pv1 string, segs ...string) fhir.ID {
		t.Helper()
		list := dg1(t, event, pv1, segs...)
		if len(list) != 1 {
			t.Fatalf("%d conditions of %v", len(list), segs)
		}
		return list[0].ID
	}
	const code = "DG1|1||N17.9^Acute kidney failure^I10|AKI||A"
	one := id("A01", dg1Visit, code)
	for name, same := range map[string]fhir.ID{
		"place and words": id("A08", dg1Visit, "DG1|7||N17.9^Acute renal failure^I10|Kidney failure|20261121|F"),
		"discharge":       id("A03", dg1Visit, code),
		"twice in a list": id("A08", dg1Visit, code, "DG1|2||N17.9^^I10|||F"),
		"taken back":      id("A08", dg1Visit, code+"|||||||||||||||D"),
	} {
		if same != one {
			t.Errorf("%s: the same diagnosis is another Condition", name)
		}
	}
	other := map[string]fhir.ID{
		"visit":    id("A01", strings.Replace(dg1Visit, "V1", "V2", 1), code),
		"no visit": id("A31", dg1Visit, code),
		"code":     id("A01", dg1Visit, strings.Replace(code, "N17.9", "N18.9", 1)),
		"system":   id("A01", dg1Visit, strings.Replace(code, "I10", "I9C", 1)),
		"number":   id("A01", dg1Visit, code+"||||||||||||||DX7^NORTH"),
	}
	for name, got := range other {
		if got == one {
			t.Errorf("another %s, and it is the same Condition", name)
		}
	}
	stranger := conditions(t, Translate(adt("A01", strings.NewReplacer("9990417377", "9434765919", "W177", "W178").Replace(pidLine), dg1Visit, code), opts()))
	if stranger[0].ID == one {
		t.Error("two patients share a diagnosis")
	}
	sender := conditions(t, Translate(bytes.Replace(adt("A01", pidLine, dg1Visit, code), []byte("|PAS|"), []byte("|HIS|"), 1), opts()))
	if sender[0].ID == one {
		t.Error("two senders share a diagnosis")
	}
	// By its number it is the same also where its code becomes another.
	if a, b := id("A01", dg1Visit, code+"||||||||||||||DX7^NORTH"), id("A08", dg1Visit, "DG1|1||N18.9^CKD^I10|||F||||||||||||||DX7^NORTH"); a != b {
		t.Error("one number, and two Conditions")
	}
	// Of several segments about one the last counts, with the uses of all and the best rank.
	two := dg1(t, "A08", dg1Visit, "DG1|1||N17.9^AKI^I10|AKI||A|||||||||1", "DG1|2||N17.9^AKI^I10|AKI stage 2||F|||||||||3")[0]
	if two.Code.Text != "AKI stage 2" || fhir.ExtString(two.Extension, fhir.ExtDiagnosisUse) != "A F" || fhir.ExtInteger(two.Extension, fhir.ExtDiagnosisRank) != 1 {
		t.Errorf("%+v %+v", two.Code, two.Extension)
	}
}

// What a sender takes back stands as entered in error, by its number alone too.
func TestADiagnosisThatIsTakenBack(t *testing.T) {
	for _, seg := range []string{"DG1|1||N17.9^AKI^I10|AKI||F|||||||||||||||D", "DG1|1||||||||||||||||||DX7^NORTH|D"} {
		seg = strings.Replace(seg, "||||||||||||||||||DX7", "|||||||||||||||||||DX7", 1)
		list := dg1(t, "A08", dg1Visit, seg)
		if len(list) != 1 || list[0].VerificationStatus.Code(fhir.SystemConditionVerified) != "entered-in-error" {
			t.Errorf("%s: %+v", seg, list)
		}
	}
}

// Every message of the test data that says a diagnosis and is of a kind that is
// taken gives it, once, with its code.
func TestTheDiagnosesOfTheRealMessages(t *testing.T) {
	with, read, refused := 0, 0, 0
	messagesIn(t, dataDir(t), func(name string, _ int, msg []byte) {
		segs := bytes.FieldsFunc(msg, func(r rune) bool { return r == '\r' || r == '\n' })
		n := 0
		for _, s := range segs {
			if bytes.HasPrefix(s, []byte("DG1|")) {
				n++
			}
		}
		if n == 0 {
			return
		}
		with++
		f := Translate(msg, opts())
		got := conditions(t, f)
		if f.Inbound.Fate == record.FateRefused {
			refused++
			if len(got) != 0 {
				t.Errorf("%s is refused, and gives diagnoses", name)
			}
			return
		}
		if strings.Contains(f.Inbound.Type, "ADT") {
			read++
			if len(got) != n {
				t.Errorf("%s: %d of %d diagnoses", name, len(got), n)
			}
			for _, c := range got {
				if c.Code == nil || len(c.Code.Coding) == 0 || c.Code.Coding[0].System == "" || c.Code.Words() == "" {
					t.Errorf("%s: %+v", name, c.Code)
				}
			}
		}
	})
	if with != 22 || read != 10 {
		t.Errorf("%d messages with DG1, of which %d were read and %d refused", with, read, refused)
	}
	t.Logf("%d with DG1, %d read, %d refused", with, read, refused)
}
