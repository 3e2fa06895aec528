package v2tofhir

import (
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

const visitLine = `PV1|1|I|4B^B01^01^NORTH||||1001^Osei^H^^^Dr||||||||||||V177^^^NORTH^VN|||||||||||||||||||||||||20261121080000`

func draft(t *testing.T, f record.Filing, typ fhir.Type) record.Draft {
	t.Helper()
	d := drafts(f, typ)
	if len(d) != 1 {
		t.Fatalf("%d drafts of %s", len(d), typ)
	}
	return d[0]
}

func want(t *testing.T, what, got string, lines ...string) {
	t.Helper()
	for _, l := range lines {
		if no, ok := strings.CutPrefix(l, "not "); ok {
			if strings.Contains(got, no) {
				t.Errorf("%s: should not have %q:\n%s", what, no, got)
			}
		} else if !strings.Contains(got, l+"\n") {
			t.Errorf("%s: lacks %q:\n%s", what, l, got)
		}
	}
}

func TestAdmission(t *testing.T) {
	f := Translate(adt("A01", "EVN|A01|20261121081000|||x|20261121080500", pidLine, visitLine, "AL1|1|DA|^Sulfonamides^L|SV|Stevens-Johnson syndrome"), opts())
	s := f.Groups[0].Subject
	if !s.MayCreate || s.Family != "Mbeki" || s.BirthDate != "1992-04-11" || len(s.Identifiers) != 2 ||
		s.Identifiers[0].System != fhir.SystemNHSNumber || s.Identifiers[1].System != "urn:hl7v2:authority:NORTH" || s.Identifiers[1].Value != "W177" {
		t.Errorf("subject %+v", s)
	}
	want(t, "patient", opsOf(draft(t, f, fhir.TypePatient).Ops),
		`add name use:official {"family":"Mbeki","given":["Thandiwe"],"prefix":["Ms"],"use":"official"}`,
		`set birthDate "1992-04-11"`, `set gender "female"`, "not telecom", "not address", "not remove")
	d := draft(t, f, fhir.TypeEncounter)
	want(t, "stay", opsOf(d.Ops), `set subject {"reference":"Patient/-subject-"}`, `set status "in-progress"`,
		`set period {"start":"2026-11-21T08:00:00+00:00"}`, `add extension urn:wardlight:ward {"url":"urn:wardlight:ward","valueString":"4B"}`,
		`add extension urn:wardlight:bed {"url":"urn:wardlight:bed","valueString":"01"}`)
	if d.Event != 1795248300000 { // EVN-6: when it occurred, not when it was typed
		t.Errorf("event %d", d.Event)
	}
	a := view[fhir.AllergyIntolerance](t, draft(t, f, fhir.TypeAllergyIntolerance))
	if a.Criticality != "high" || a.Code.Words() != "Sulfonamides" || a.Reaction[0].Severity != "severe" || a.Category[0] != "medication" {
		t.Errorf("allergy %+v", a)
	}
	if f.Inbound.Fate != record.FateFiled || f.Inbound.Answer != "AA" || f.Inbound.Ward != "4B" || f.Inbound.Sender != "PAS|NORTH" || f.Inbound.Type != "ADT^A01" {
		t.Errorf("row %+v", f.Inbound)
	}
}

func TestEventsAndTheStay(t *testing.T) {
	first := draft(t, Translate(adt("A01", "EVN|A01|20261121080000", pidLine, visitLine), opts()), fhir.TypeEncounter)
	for _, c := range []struct {
		event string
		want  []string
	}{
		{"A02", []string{`set status "in-progress"`, `add extension urn:wardlight:ward {"url":"urn:wardlight:ward","valueString":"4B"}`}},
		{"A03", []string{`set status "finished"`, `set period {"end":"2026-11-22T10:00:00+00:00","start":"2026-11-21T08:00:00+00:00"}`, "not urn:wardlight:ward"}},
		{"A04", []string{`set status "in-progress"`}},
		{"A05", []string{`set status "planned"`, "not urn:wardlight:ward"}},
		{"A08", []string{"not set status", `add extension urn:wardlight:ward {"url":"urn:wardlight:ward","valueString":"4B"}`}},
		{"A11", []string{`set status "cancelled"`}},
		{"A12", []string{`set status "in-progress"`, `add extension urn:wardlight:bed {"url":"urn:wardlight:bed","valueString":"01"}`}},
		{"A13", []string{`set status "in-progress"`, `set period {"start":"2026-11-21T08:00:00+00:00"}`}},
	} {
		d := draft(t, Translate(adt(c.event, "EVN|"+c.event+"|20261122100000", pidLine, visitLine), opts()), fhir.TypeEncounter)
		if d.Ref != first.Ref {
			t.Errorf("%s: another stay", c.event)
		}
		want(t, c.event, opsOf(d.Ops), c.want...)
		if (len(d.IfNew) > 0) != (c.event == "A08") {
			t.Errorf("%s: assumes %v of an unknown stay", c.event, d.IfNew)
		}
	}
	f := Translate(adt("A08", pidLine, visitLine+"|20261121200000"), opts())
	want(t, "A08 after the discharge", opsOf(draft(t, f, fhir.TypeEncounter).Ops), `set status "finished"`)
	for _, event := range []string{"A28", "A31"} {
		if f := Translate(adt(event, pidLine, visitLine), opts()); len(drafts(f, fhir.TypeEncounter)) != 0 || len(drafts(f, fhir.TypePatient)) != 1 {
			t.Errorf("%s speaks of the person, not of a stay", event)
		}
	}
}

func TestWhichStay(t *testing.T) {
	id := func(event, pv1 string) fhir.ID {
		d := drafts(Translate(adt(event, "EVN|"+event+"|20261122100000", pidLine, pv1), opts()), fhir.TypeEncounter)
		if len(d) == 0 {
			return ""
		}
		return d[0].Ref.ID
	}
	noVisit := func(admitted string) string { return "PV1|1|I|4B^B01^01" + strings.Repeat("|", 41) + admitted }
	if a, b := id("A01", noVisit("20261121080000")), id("A02", noVisit("20261121080000")); a == "" || a != b {
		t.Errorf("no visit number: patient and admission time make the stay: %q, %q", a, b)
	}
	if id("A01", noVisit("20261121080000")) == id("A01", noVisit("20261122080000")) {
		t.Error("two admissions are one stay")
	}
	if id("A01", noVisit("")) == "" {
		t.Error("an admission without PV1-44 begins when the event says")
	}
	f := Translate(adt("A02", "EVN|A02|20261122100000", pidLine, noVisit("")), opts())
	if len(drafts(f, fhir.TypeEncounter)) != 0 || len(f.Problems) != 1 || !f.Problems[0].Partial || len(drafts(f, fhir.TypePatient)) != 1 {
		t.Errorf("a transfer of an unknown stay: %v", f.Problems)
	}
	if f := Translate(adt("A08", pidLine, "PV1|1|N|"), opts()); len(f.Problems) != 0 || len(drafts(f, fhir.TypeEncounter)) != 0 {
		t.Errorf("an update that says nothing about the stay: %v", f.Problems)
	}
	if id("A01", strings.Replace(visitLine, "^NORTH^VN", "^SOUTH^VN", 1)) == id("A01", visitLine) {
		t.Error("two hospitals' visit numbers are one stay")
	}
}

func TestBedWithoutRoomAndMoveWithoutBed(t *testing.T) {
	place := func(pl string) string {
		return opsOf(draft(t, Translate(adt("A02", pidLine, strings.Replace(visitLine, "4B^B01^01^NORTH", pl, 1)), opts()), fhir.TypeEncounter).Ops)
	}
	want(t, "room for bed", place("4C^R9"), `add extension urn:wardlight:bed {"url":"urn:wardlight:bed","valueString":"R9"}`)
	want(t, "no bed", place("4C"), `drop extension urn:wardlight:bed`, `add extension urn:wardlight:ward {"url":"urn:wardlight:ward","valueString":"4C"}`)
	want(t, "room and bed", place("4C^R9^1"), `add extension urn:wardlight:bed {"url":"urn:wardlight:bed","valueString":"1"}`,
		`set location [{"location":{"display":"4C, R9, 1"},"status":"active"},{"location":{"display":"R9"},"physicalType":{"coding":[{"code":"ro","system":"http://terminology.hl7.org/CodeSystem/location-physical-type"}]},"status":"active"}]`)
	want(t, "room alone", place("4C^R9"), `set location [{"location":{"display":"4C, R9"},"status":"active"}]`)
	want(t, "nothing said", place(""), "not extension", "not location")
	want(t, "nowhere", place(`""`), `drop extension urn:wardlight:ward`, `remove location`)
}

// Empty changes nothing; "" removes.
func TestEmptyIsNotNull(t *testing.T) {
	pid := func(fields map[int]string) string {
		seg := make([]string, 41)
		seg[0], seg[3] = "PID", "W177^^^NORTH^MR"
		for i, v := range fields {
			seg[i] = v
		}
		return strings.Join(seg, "|")
	}
	ops := func(fields map[int]string) string {
		return opsOf(draft(t, Translate(adt("A08", pid(fields)), opts()), fhir.TypePatient).Ops)
	}
	if got := ops(nil); got != "add identifier urn:hl7v2:authority:NORTH|W177 {\"system\":\"urn:hl7v2:authority:NORTH\",\"type\":{\"coding\":[{\"code\":\"MR\",\"system\":\"http://terminology.hl7.org/CodeSystem/v2-0203\"}]},\"value\":\"W177\"}\n" {
		t.Errorf("a PID with nothing but an identifier changes more: %s", got)
	}
	const null = `""`
	want(t, "nulls", ops(map[int]string{7: null, 8: null, 11: null, 13: null, 15: null, 16: null, 29: null, 24: null, 5: null}),
		"remove birthDate", "remove gender", "remove address", "remove telecom", "remove communication", "remove maritalStatus",
		"remove deceasedDateTime", "remove multipleBirthBoolean", "drop name use:official")
	want(t, "one number of two", ops(map[int]string{13: "111"}), `add telecom phone|111 {"system":"phone","use":"home","value":"111"}`, "not set telecom")
	want(t, "both numbers", ops(map[int]string{13: "111", 14: "222^^CP"}),
		`set telecom [{"system":"phone","use":"home","value":"111"},{"system":"phone","use":"mobile","value":"222"}]`)
	want(t, "one number and a null", ops(map[int]string{13: null, 14: "222"}), `set telecom [{"system":"phone","use":"work","value":"222"}]`)
	want(t, "dead", ops(map[int]string{29: "20261120", 30: "Y"}), `set deceasedDateTime "2026-11-20"`, "remove deceasedBoolean")
	want(t, "dead, time unknown", ops(map[int]string{30: "Y"}), "set deceasedBoolean true", "not remove")
	want(t, "twin", ops(map[int]string{24: "Y", 25: "2"}), "set multipleBirthInteger 2")
	want(t, "sex", ops(map[int]string{8: "A"}), `set gender "other"`, `set _gender {"extension":[{"url":"urn:wardlight:v2-sex","valueString":"A"}]}`)
}

func TestNames(t *testing.T) {
	ops := opsOf(draft(t, Translate(adt("A08", `PID|1||W177^^^NORTH^MR||O'Neil-Müller^Zoë^Ann^III^Dr^^L~Zed^^^^^^N||1960||Smith^Zoë^^^^^M`), opts()), fhir.TypePatient).Ops)
	want(t, "names", ops,
		`add name use:official {"family":"O'Neil-Müller","given":["Zoë","Ann"],"prefix":["Dr"],"suffix":["III"],"use":"official"}`,
		`add name use:nickname {"family":"Zed","use":"nickname"}`, `add name use:maiden {"family":"Smith","given":["Zoë"],"use":"maiden"}`,
		`set birthDate "1960"`)
}

// A birth date is a date: no zone and no clock time moves it.
func TestBirthDateIsNotAnInstant(t *testing.T) {
	for sent, want := range map[string]string{"19441223": "1944-12-23", "19441223000000": "1944-12-23", "19441223003000+1400": "1944-12-23", "194412": "1944-12", "1944": "1944"} {
		f := Translate(adt("A08", "PID|1||W177^^^NORTH^MR||A^B||"+sent), opts())
		if got := f.Groups[0].Subject.BirthDate; got != want {
			t.Errorf("%s: %s", sent, got)
		}
	}
	f := Translate(adt("A08", "PID|1||W177^^^NORTH^MR||A^B||19440230"), opts())
	if f.Groups[0].Subject.BirthDate != "" || len(f.Inbound.Notes) != 1 {
		t.Errorf("30 February: %q, %v", f.Groups[0].Subject.BirthDate, f.Inbound.Notes)
	}
}

func TestIdentifiers(t *testing.T) {
	for sent, want := range map[string]string{
		"123^^^NORTH^MR":                                    "urn:hl7v2:authority:NORTH|123",
		"123^^^NORTH&1.2.840.1&ISO^MR":                      "urn:oid:1.2.840.1|123",
		"123^^^&1.2.840.1&ISO^MR":                           "urn:oid:1.2.840.1|123",
		"123^^^X&550E8400-e29b-41d4-a716-446655440000&UUID": "urn:uuid:550e8400-e29b-41d4-a716-446655440000|123",
		"123^^^Lab&12D4567890&CLIA^PI":                      "urn:hl7v2:authority:Lab|123",
		"123^^^&12D4567890&CLIA^PI":                         "urn:hl7v2:authority:12D4567890|123",
		"999 041 7377^^^NHS^NH":                             fhir.SystemNHSNumber + "|9990417377",
		"1410688836^^^NHSNBR^NHSNMBR":                       fhir.SystemNHSNumber + "|1410688836",
		"12345^^^NHS^NH":                                    "urn:hl7v2:authority:NHS|12345", // not ten digits: no NHS number
		"9990417377^^^NORTH^MR":                             "urn:hl7v2:authority:NORTH|9990417377",
		"123":                                               "",
		"123^^^^MR":                                         "",
		`""`:                                                "",
	} {
		s := Translate(adt("A08", "PID|1|OLD2^^^NORTH|"+sent+"|OLD4^^^NORTH|A^B||1960"), opts()).Groups[0].Subject
		got := ""
		if len(s.Identifiers) > 0 {
			got = s.Identifiers[0].System + "|" + s.Identifiers[0].Value
		}
		if got != want || len(s.Identifiers) > 1 {
			t.Errorf("%s: %q, want %q (PID-2 and PID-4 are never used)", sent, got, want)
		}
	}
	o := opts()
	o.DefaultSystem = "urn:hl7v2:authority:HERE"
	if s := Translate(adt("A08", "PID|1||123||A^B||1960"), o).Groups[0].Subject; len(s.Identifiers) != 1 || s.Identifiers[0].System != o.DefaultSystem {
		t.Errorf("the channel's default: %+v", s)
	}
	if !nhsCheck("9990417377") || nhsCheck("9990417378") || nhsCheck("9990417370") {
		t.Error("the check digit of an NHS number")
	}
	f := Translate(adt("A08", "PID|1||9990417378^^^NHS^NH||A^B||1960"), opts())
	if len(f.Inbound.Notes) != 1 {
		t.Errorf("a wrong check digit: %v", f.Inbound.Notes)
	}
}

func TestWithoutIdentityNothingIsFiled(t *testing.T) {
	for _, pid := range []string{"PID|1||||A^B||1960", "PID|1||123||A^B||1960", "NTE|1||no PID at all"} {
		for _, msg := range [][]byte{adt("A01", pid, visitLine), lines(oruHead, pid, obrLine, "OBX|1|NM|2823-3^K^LN||7|mmol/L|||||F")} {
			f := Translate(msg, opts())
			if f.Inbound.Fate != record.FateQuarantined || len(f.Problems) != 1 || f.Problems[0].Owner != OwnerInterface || f.Inbound.Answer != "AA" {
				t.Errorf("%s: %s, %v", pid, f.Inbound.Fate, f.Problems)
			}
		}
	}
}

func TestTemporaryIdentity(t *testing.T) {
	for pid, temp := range map[string]bool{
		"PID|1||E1^^^NORTH^MR||Unknown^Male":                                     true,
		"PID|1||E1^^^NORTH^MR||UNKNOWN":                                          true,
		"PID|1||E1^^^NORTH^MR||A^B||1960" + strings.Repeat("|", 24) + "Y":        true,
		"PID|1||E1^^^NORTH^MR||Mbeki^Thandiwe||19920411":                         false,
		"PID|1||E1^^^NORTH^MR||Mbeki^Thandiwe||" + strings.Repeat("|", 24) + "N": false,
	} {
		f := Translate(adt("A01", pid, visitLine), opts())
		if f.Groups[0].Subject.Temporary != temp {
			t.Errorf("%s: temporary %v", pid, !temp)
		}
		verb := map[bool]string{true: "add", false: "drop"}[temp]
		if got := opsOf(draft(t, f, fhir.TypePatient).Ops); !strings.Contains(got, verb+" extension "+fhir.ExtTemporary) {
			t.Errorf("%s: %s", pid, got)
		}
	}
}

func TestAllergies(t *testing.T) {
	read := func(al1 ...string) []fhir.AllergyIntolerance {
		var list []fhir.AllergyIntolerance
		for _, d := range drafts(Translate(adt("A01", append([]string{pidLine, visitLine}, al1...)...), opts()), fhir.TypeAllergyIntolerance) {
			list = append(list, view[fhir.AllergyIntolerance](t, d))
		}
		return list
	}
	a := read("AL1|1|FA|91934008^Nut^SCT|MO|Hives~Swelling|20200101", "AL1|2|DA|^Penicillin|MI", "AL1|3|DA|^penicillin ", "AL1|4|XX||SV")
	if len(a) != 2 || len(a[0].Reaction[0].Manifestation) != 2 || a[0].Reaction[0].Severity != "moderate" || a[0].OnsetDateTime != "2020-01-01" || a[0].Criticality != "" {
		t.Fatalf("%+v", a)
	}
	if len(a[1].Reaction) != 0 || len(a[1].Note) != 1 {
		t.Errorf("a severity without a reaction: %+v", a[1])
	}
	for sent, none := range map[string]bool{"^No known allergies": true, "NKA^^L": true, "716186003^No known allergy^SCT": true, "^NKDA": false, "^Known allergies": false} {
		a := read("AL1|1|MA|" + sent)
		if len(a) != 1 || a[0].Code.Has(fhir.SystemSNOMED, fhir.CodeNoKnownAllergies) != none {
			t.Errorf("%s: %+v", sent, a)
		}
	}
	first := draft(t, Translate(adt("A01", pidLine, visitLine, "AL1|1|DA|^Penicillin|MI"), opts()), fhir.TypeAllergyIntolerance)
	again := draft(t, Translate(adt("A03", pidLine, visitLine, "AL1|7|DA|^PENICILLIN|SV|Shock"), opts()), fhir.TypeAllergyIntolerance)
	if first.Ref != again.Ref {
		t.Error("the same allergy, described better, is another one")
	}
	other := draft(t, Translate(adt("A01", "PID|1||W178^^^NORTH^MR||A^B", visitLine, "AL1|1|DA|^Penicillin|MI"), opts()), fhir.TypeAllergyIntolerance)
	if first.Ref == other.Ref {
		t.Error("two patients share an allergy")
	}
}
