package v2tofhir

import (
	"regexp"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/interop/hl7"
)

// DefaultUnits are spellings of units that senders use without naming a code
// system, and the UCUM code of each. The table is explicit: a unit that is not
// in it is shown as sent and never compared with anything.
var DefaultUnits = map[string]string{
	"mmol/L": "mmol/L", "mmol/l": "mmol/L", "MMOLL": "mmol/L", "MMOL/L": "mmol/L",
	"umol/L": "umol/L", "umol/l": "umol/L", "UMOLL": "umol/L", "UMOL/L": "umol/L", "µmol/L": "umol/L", "μmol/L": "umol/L", "µmol/l": "umol/L", "μmol/l": "umol/L",
	"nmol/L": "nmol/L", "pmol/L": "pmol/L", "mmol/mol": "mmol/mol",
	"mEq/L": "meq/L", "meq/L": "meq/L", "mEq/l": "meq/L", "meq/l": "meq/L", "MEQ/L": "meq/L", "mval/l": "meq/L", "mval/L": "meq/L",
	"g/L": "g/L", "g/l": "g/L", "g/dL": "g/dL", "g/dl": "g/dL", "G/DL": "g/dL",
	"mg/dL": "mg/dL", "mg/dl": "mg/dL", "MG/DL": "mg/dL", "mg/L": "mg/L", "mg/l": "mg/L",
	"ug/dL": "ug/dL", "ug/dl": "ug/dL", "ug/L": "ug/L", "ug/l": "ug/L", "µg/L": "ug/L", "μg/L": "ug/L",
	"ng/mL": "ng/mL", "ng/ml": "ng/mL", "ng/L": "ng/L", "ng/l": "ng/L", "pg/mL": "pg/mL",
	"U/L": "U/L", "u/L": "U/L",
	"x10*9/L": "10*9/L", "10*9/L": "10*9/L", "10^9/L": "10*9/L", "x10^9/L": "10*9/L", "10*9/l": "10*9/L",
	"10E9/L": "10*9/L", "x10E9/L": "10*9/L", "10e9/L": "10*9/L", "10^9/l": "10*9/L", "x10(9)/L": "10*9/L", "Gpt/l": "10*9/L", "Gpt/L": "10*9/L", "/nl": "10*9/L", "/nL": "10*9/L",
	"10E12/L": "10*12/L", "x10E12/L": "10*12/L", "10^12/l": "10*12/L", "Tpt/l": "10*12/L", "Tpt/L": "10*12/L", "/pl": "10*12/L", "/pL": "10*12/L",
	"x10*12/L": "10*12/L", "10*12/L": "10*12/L", "10^12/L": "10*12/L", "x10^12/L": "10*12/L",
	"10*3/uL": "10*3/uL", "K/uL": "10*3/uL", "K/µL": "10*3/uL", "K/μL": "10*3/uL", "K/UL": "10*3/uL", "10^3/uL": "10*3/uL", "x10^3/uL": "10*3/uL", "x10*3/uL": "10*3/uL",
	"Thousand/uL": "10*3/uL", "THOUSAND/UL": "10*3/uL", "thousand/uL": "10*3/uL", "K/mcL": "10*3/uL", "K/mm3": "10*3/uL", "K/cumm": "10*3/uL", "10*3/mcL": "10*3/uL", "10^3/mcL": "10*3/uL", "x10*3/mcL": "10*3/uL",
	"x10^3/mcL": "10*3/uL", "10^3/mm3": "10*3/uL", "10^3/mm³": "10*3/uL", "mil/mm3": "10*3/uL", "mil/mm³": "10*3/uL", "x10(3)/mcL": "10*3/uL", "x10(3)/uL": "10*3/uL", "10^3/µL": "10*3/uL", "10^3/μL": "10*3/uL",
	"10³/µL": "10*3/uL", "10³/μL": "10*3/uL", "x10³/µL": "10*3/uL", "x10³/μL": "10*3/uL", "×10³/µL": "10*3/uL", "×10³/μL": "10*3/uL",
	"10⁹/L": "10*9/L", "x10⁹/L": "10*9/L", "×10⁹/L": "10*9/L", "10⁹/l": "10*9/L", "x10^9/l": "10*9/L", "x10*9/l": "10*9/L", "10^9 /L": "10*9/L",
	"Million/uL": "10*6/uL", "MILLION/UL": "10*6/uL", "M/mcL": "10*6/uL", "10*6/mcL": "10*6/uL",
	"mcg/dL": "ug/dL", "mcg/L": "ug/L", "mcmol/L": "umol/L", "micromol/L": "umol/L",
	"10E3/uL": "10*3/uL", "x10E3/uL": "10*3/uL", "10*3/mm3": "10*3/uL", "10*6/uL": "10*6/uL", "10^6/uL": "10*6/uL", "x10^6/uL": "10*6/uL", "M/uL": "10*6/uL", "10E6/uL": "10*6/uL", "x10E6/uL": "10*6/uL",
	"fL": "fL", "pg": "pg", "%": "%", "PERCENT": "%", "MDC_DIM_PERCENT": "%",
	"mmHg": "mm[Hg]", "mm Hg": "mm[Hg]", "mm[Hg]": "mm[Hg]", "MDC_DIM_MMHG": "mm[Hg]", "kPa": "kPa",
	"{beat}/min": "/min", "{beats}/min": "/min", "{breath}/min": "/min", "{breaths}/min": "/min", "bpm": "/min",
	"/min": "/min", "beats/min": "/min", "breaths/min": "/min", "MDC_DIM_BEAT_PER_MIN": "/min", "MDC_DIM_RESP_PER_MIN": "/min",
	"Cel": "Cel", "°C": "Cel", "degC": "Cel", "MDC_DIM_DEGC": "Cel", "degF": "[degF]", "°F": "[degF]", "MDC_DIM_FAHR": "[degF]",
	"L/min": "L/min", "MDC_DIM_X_L_PER_MIN": "L/min",
	"kg": "kg", "g": "g", "cm": "cm", "m": "m", "s": "s",
}

// A caret that was not escaped cuts a unit in two: 10^9/L, 1.73m^2. "10" alone would be
// another unit, and the number another number.
var (
	tenTo     = regexp.MustCompile(`(?:^|[^\d.])10\^[+-]?\d{1,2}(?:[^\d*].*)?$`)
	squaredIn = regexp.MustCompile(`m\^-?[23](?:/.*)?$`)
)

// byTest are the tests of which a unit with two meanings can only be the one: G/L is
// gigaparticles per litre of a count, and grams in the capitals of an old laboratory.
var byTest = map[string]string{
	"718-7": "g/L", "777-3": "10*9/L", "6690-2": "10*9/L", "751-8": "10*9/L", "26464-8": "10*9/L", "26515-7": "10*9/L", "26499-4": "10*9/L",
}

// gramsOrGiga reads G/L by the test's LOINC code; "" where that does not tell.
func (m *message) gramsOrGiga(obx hl7.Segment, sent string) string {
	if sent != "G/L" && sent != "G/l" {
		return ""
	}
	code, _ := m.concept(obx.Field(3).Rep(1))
	return byTest[code.Code(fhir.SystemLOINC)]
}

// unit reads OBX-6. The unit is kept as sent; it gets a UCUM code only where
// the sender says that it is one, or the table knows the spelling. Senders call their
// own spellings UCUM, too (x10E9/L^^UCUM): what the table knows is read by the table, or
// no limit would ever be applied to it.
func (m *message) unit(f hl7.Field) (sent, system, code string) {
	r := f.Rep(1)
	id, words, named := text(r.Comp(1)), text(r.Comp(2)), text(r.Comp(3))
	if id == "" && words == "" { // the second coding alone
		id, words, named = text(r.Comp(4)), text(r.Comp(5)), text(r.Comp(6))
	}
	if sent = id; words != "" && (id == "" || isDigits(id) && len(id) >= 5) {
		sent = words // 264864^MDC_DIM_BEAT_PER_MIN^MDC: nobody reads the number as a unit
	}
	if cut := id + "^" + words; id != "" && words != "" && m.raw.Delimiters().Component == '^' && (tenTo.MatchString(cut) || squaredIn.MatchString(cut)) {
		sent = cut
	} else if named != "" && m.systemOf(named, id) == fhir.SystemUCUM && id != "" {
		return sent, fhir.SystemUCUM, orElse(DefaultUnits[id], id)
	}
	if second := text(r.Comp(6)); second != "" && text(r.Comp(4)) != "" && m.systemOf(second, "") == fhir.SystemUCUM {
		return sent, fhir.SystemUCUM, text(r.Comp(4))
	}
	if c, ok := m.o.Units[sent]; ok {
		return sent, fhir.SystemUCUM, c
	}
	if c, ok := DefaultUnits[sent]; ok {
		return sent, fhir.SystemUCUM, c
	}
	if c, ok := DefaultUnits[words]; ok { // a code of the sender's own, with the unit beside it
		return sent, fhir.SystemUCUM, c
	}
	return sent, "", ""
}
