package v2tofhir

import (
	"encoding/json"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
)

// valueOf renders a value the way a person would write it down.
func valueOf(o fhir.Observation) string {
	q := func(q *fhir.Quantity) string {
		if q == nil {
			return "?"
		}
		s := q.Comparator + string(*q.Value)
		if q.Unit != "" {
			s += " " + q.Unit
		}
		if q.Code != "" {
			s += " {" + q.Code + "}"
		}
		return s
	}
	switch {
	case o.ValueQuantity != nil:
		return q(o.ValueQuantity)
	case o.ValueRange != nil:
		return q(o.ValueRange.Low) + " .. " + q(o.ValueRange.High)
	case o.ValueRatio != nil:
		return q(o.ValueRatio.Numerator) + " : " + q(o.ValueRatio.Denominator)
	case o.ValueCodeableConcept != nil:
		b, _ := json.Marshal(o.ValueCodeableConcept)
		return string(b)
	case o.ValueString != nil:
		return "'" + *o.ValueString + "'"
	case o.ValueDateTime != "":
		return o.ValueDateTime
	case o.ValueTime != "":
		return o.ValueTime
	}
	return "none"
}

func TestValuesKeepWhatWasSent(t *testing.T) {
	for _, c := range []struct{ kind, value, unit, want, flags string }{
		{"NM", "6.8", "mmol/L^mmol/L^UCUM", "6.8 mmol/L {mmol/L}", ""},
		{"NM", "1.10", "g/L", "1.10 g/L {g/L}", ""},
		{"NM", "144.90", "MMOLL", "144.90 MMOLL {mmol/L}", ""},
		{"NM", "7", "µmol/L", "7 µmol/L {umol/L}", ""},
		{"NM", "+7.0", "%", "7.0 % {%}", ""},
		{"NM", "-0.5", "mmol/L", "-0.5 mmol/L {mmol/L}", ""},
		{"NM", ".5", "mg/L", "0.5 mg/L {mg/L}", ""},
		{"NM", "007", "s", "7 s {s}", ""},
		{"NM", "5.", "s", "5 s {s}", ""},
		{"NM", "7.1", "", "7.1", "no-unit"},
		{"NM", "7.1", "mMoL/L", "7.1 mMoL/L", ""}, // not in the table: as sent, never compared
		{"NM", "7.1", "^^ISO+", "7.1", "no-unit"}, // a system alone is no unit
		{"NM", "60", "beats/min^^ISO", "60 beats/min {/min}", ""},
		{"NM", "31", "XYZ^xyz^L", "31 XYZ", ""},
		{"NM", "<0.1", "mmol/L", "<0.1 mmol/L {mmol/L}", "comparator-sent-with-the-number"},
		{"NM", ">= 25", "mmol/L", ">=25 mmol/L {mmol/L}", "comparator-sent-with-the-number"},
		{"NM", "haemolysed", "mmol/L", "'haemolysed'", "not-a-number"},
		{"NM", "see comment", "", "'see comment'", "not-a-number"},
		{"NM", "1e5", "mmol/L", "'1e5 mmol/L'", "not-a-number"},
		{"NM", "6.8 H", "mmol/L", "'6.8 H mmol/L'", "not-a-number"},
		{"NM", "0x10", "", "'0x10'", "not-a-number"},
		{"NM", "7.1.2", "g/L", "'7.1.2 g/L'", "not-a-number"},
		{"NM", "７.1", "g/L", "'７.1'", "not-a-number"}, // other scripts' digits are not NM
		{"NM", strings.Repeat("9", 41), "", "'" + strings.Repeat("9", 41) + "'", "not-a-number"},
		{"NM", "27~25", "mmol/L", "'27 mmol/L; 25 mmol/L'", "several-values"},
		{"SN", "^182", "mg/dl", "182 mg/dl {mg/dL}", ""},
		{"SN", "<^2.6", "mmol/L", "<2.6 mmol/L {mmol/L}", ""},
		{"SN", "=^5", "g/L", "5 g/L {g/L}", ""},
		{"SN", "^100^-^200", "mg/L", "100 mg/L {mg/L} .. 200 mg/L {mg/L}", ""},
		{"SN", "^1^:^128", "", "1 : 128", ""},
		{"SN", "^2^+", "", "'2+'", "not-a-number"},
		{"SN", ">^1^:^128", "", "'>1:128'", "not-a-number"},
		{"ST", "6.8", "mmol/L", "'6.8'", ""}, // text is text, even when it looks like a number
		{"TX", `A \T\ E \F\ x^y`, "", "'A & E | x^y'", ""},
		{"FT", `one\.br\two`, "", "'one\ntwo'", ""},
		{"TX", "one~two", "", "'one\ntwo'", ""},
		{"CE", "260415000^Not detected^SCT", "", `{"coding":[{"system":"http://snomed.info/sct","code":"260415000","display":"Not detected"}]}`, ""},
		{"CWE", "X1^local^L^^^^^^in words", "", `{"coding":[{"system":"urn:wardlight:codes:LAB:NORTH:L","code":"X1","display":"local"}],"text":"in words"}`, ""},
		{"CWE", "^Growth of E. coli", "", `{"text":"Growth of E. coli"}`, ""},
		{"DT", "20210606", "", "2021-06-06", ""},
		{"TS", "202611221405+0100", "", "2026-11-22T14:05:00+01:00", ""},
		{"DT", "20250230", "", "'20250230'", "time-not-readable"},
		{"TM", "1405", "", "14:05:00", ""},
		{"", "28", "MDC_DIM_PERCENT", "'28 MDC_DIM_PERCENT'", "no-value-type"},
		{"XX", "whatever^it&is", "", "'whatever^it&is'", ""},
		{"NM", "", "mmol/L", "none", "no-value"},
		{"NM", `""`, "mmol/L", "none", "no-value"},
		{"ED", "App5^IM^JPEG^Base64^aGFsbG8=", "", "none", ""},
		{"ED", "App5^IM^JPEG^Base64^not base64!", "", "none", "attachment-in-the-message-only"},
		{"ED", "App5^IM^JPEG^Uuencode^x", "", "none", "attachment-in-the-message-only"},
		{"RP", "http://x^App5^IM^JPEG", "", "none", "attachment-in-the-message-only"},
	} {
		o := oneOf(t, oru("OBX|1|"+c.kind+"|2823-3^K^LN||"+c.value+"|"+c.unit+"|||||F"))
		if got := valueOf(o); got != c.want {
			t.Errorf("%s %q %q: value %s, want %s", c.kind, c.value, c.unit, got, c.want)
		}
		if got := flagsOf(o.Extension); got != c.flags {
			t.Errorf("%s %q %q: flags %q, want %q", c.kind, c.value, c.unit, got, c.flags)
		}
	}
}

func oneOf(t *testing.T, msg []byte) fhir.Observation {
	t.Helper()
	list := observations(t, Translate(msg, opts()))
	if len(list) != 1 {
		t.Fatalf("%d observations of %q", len(list), msg)
	}
	return list[0]
}

// A number that comes as a string stays one, and its unit is kept beside it.
func TestAStringKeepsItsUnitBesideIt(t *testing.T) {
	o := observations(t, Translate(oru("OBX|1|ST|6690-2^WBC^LN||<0.1|10*9/L|4-11|LL|||F"), opts()))
	if len(o) != 1 || o[0].ValueQuantity != nil {
		t.Fatalf("%+v", o)
	}
	if words, unit := fhir.Said(o[0]); words != "<0.1" || unit != "10*9/L" {
		t.Errorf("%q in %q", words, unit)
	}
}

// A comma may be a decimal or a thousand. Such a number is never read, and if
// nothing in the message is certain, all of it waits for the laboratory.
func TestCommaIsNeverRead(t *testing.T) {
	for _, s := range []string{"7,1", "5,2", "1,234", "1,234.5", "<7,1", "1.234,5"} {
		f := Translate(oru("OBX|1|NM|2823-3^K^LN||"+s+"|mmol/L|||||F"), opts())
		if f.Inbound.Fate != "quarantined" || len(f.Problems) != 1 || f.Problems[0].Partial || f.Problems[0].Owner != OwnerLaboratory {
			t.Errorf("%s: %s, %v", s, f.Inbound.Fate, f.Problems)
		}
		o := observations(t, f)
		if len(o) != 1 || o[0].ValueQuantity != nil || o[0].ValueString == nil || *o[0].ValueString != s+" mmol/L" {
			t.Errorf("%s: what was sent is not in the groups as it was sent", s)
		}
	}
	f := Translate(oru("OBX|1|NM|2823-3^K^LN||7,1|mmol/L|||||F", "OBX|2|NM|2951-2^Na^LN||140|mmol/L|||||F"), opts())
	if f.Inbound.Fate != "filed" || len(f.Problems) != 1 || !f.Problems[0].Partial {
		t.Errorf("beside a certain result: %s, %v", f.Inbound.Fate, f.Problems)
	}
}

func TestOtherUnitsOfAChannel(t *testing.T) {
	o := opts()
	o.Units = map[string]string{"MOLJES": "mmol/L"}
	got := observations(t, Translate(oru("OBX|1|NM|2823-3^K^LN||4.1|MOLJES|||||F"), o))
	if valueOf(got[0]) != "4.1 MOLJES {mmol/L}" {
		t.Error(valueOf(got[0]))
	}
}

func TestReferenceRange(t *testing.T) {
	for _, c := range []struct{ sent, low, high string }{
		{"3.5-5.3", "3.5", "5.3"},
		{"3.5 - 5.3", "3.5", "5.3"},
		{"[ 80 - 98 ]", "80", "98"},
		{"4.3 to 6.2", "4.3", "6.2"},
		{"-2-2", "-2", "2"},
		{"-5 - -1", "-5", "-1"},
		{"(0.04 – 0.40)", "0.04", "0.40"},
		{"<=5.0", "", "5.0"},
		{"[ >= 60 ]", "60", ""},
		{"<0.21", "", ""},
		{"[ > 1.5]", "", ""},
		{"70_105", "", ""},
		{"9-5", "", ""},
		{"3,5-5,3", "", ""},
		{"adults 3-5", "", ""},
		{"3.5-5.3-9", "", ""},
	} {
		o := one(t, "OBX|1|NM|2823-3^K^LN||4|mmol/L|"+c.sent+"||||F")
		if len(o.ReferenceRange) != 1 || o.ReferenceRange[0].Text != c.sent {
			t.Errorf("%q is not kept as sent: %v", c.sent, o.ReferenceRange)
			continue
		}
		num := func(q *fhir.Quantity) string {
			if q == nil {
				return ""
			}
			return string(*q.Value)
		}
		if low, high := num(o.ReferenceRange[0].Low), num(o.ReferenceRange[0].High); low != c.low || high != c.high {
			t.Errorf("%q: %q to %q, want %q to %q", c.sent, low, high, c.low, c.high)
		}
	}
}

// R, S and I belong to susceptibility, "<" to the instrument; a code that FHIR
// has not is never painted as one that it has.
func TestInterpretation(t *testing.T) {
	for sent, want := range map[string]string{
		"HH": "code HH", "L~A": "code L, code A", "<": "code <", "AA^Critical^HL70078": "code AA",
		"TOX": "text TOX", "null": "text null", "AC": "text AC", "QCF": "text QCF", "hh": "text hh",
		"A^Abnormal^HL70078~B^B": "code A, code B", "XX^very odd": "text XX (very odd)", "": "",
	} {
		o := one(t, "OBX|1|NM|2823-3^K^LN||4|mmol/L||"+sent+"|||F")
		var got []string
		for _, c := range o.Interpretation {
			if code := c.Code(fhir.SystemInterpretation); code != "" {
				got = append(got, "code "+code)
			} else {
				got = append(got, "text "+c.Text)
			}
		}
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("%q: %q, want %q", sent, s, want)
		}
	}
}

func TestCodeSystemsAreNotBelievedBlindly(t *testing.T) {
	for sent, want := range map[string]string{
		"2823-3^K^LN": fhir.SystemLOINC, "2823-3^K^LOINC": fhir.SystemLOINC,
		"tt-0005-01^AVPU^LOINC": SystemLocal + "LAB:NORTH:LOINC", "K^K^LN": SystemLocal + "LAB:NORTH:LN",
		"tt-0005-08^RR^MDC": SystemLocal + "LAB:NORTH:MDC", "147842^HR^MDC": "urn:iso:std:iso:11073:10101",
		"K^K^WinPath": SystemLocal + "LAB:NORTH:WinPath", "K^K": "", "A^A^HL70078": fhir.SystemInterpretation,
		"X^x^HL70487": "http://terminology.hl7.org/CodeSystem/v2-0487", "X^x^1.2.840.10008": "urn:oid:1.2.840.10008",
	} {
		o := one(t, "OBX|1|ST|"+sent+"||x||||||F")
		if got := o.Code.Coding[0].System; got != want {
			t.Errorf("%s: %q, want %q", sent, got, want)
		}
	}
}

// TestARangeThatRunsBackwardsIsWords: R4's low is never above its high.
func TestARangeThatRunsBackwardsIsWords(t *testing.T) {
	if o := one(t, "OBX|1|SN|2823-3^K^LN||^2^-^1|mmol/L|||||F"); o.ValueRange != nil || flagsOf(o.Extension) != FlagNotANumber || valueOf(o) != "'2-1 mmol/L'" {
		t.Errorf("%s, %s", valueOf(o), flagsOf(o.Extension))
	}
	if o := one(t, "OBX|1|SN|2823-3^K^LN||^1^-^2|mmol/L|||||F"); o.ValueRange == nil {
		t.Error("a range that is one")
	}
}
