package alert_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// result reads "LOINC comparator+value unit flag…".
func result(s string) fhir.Observation {
	f := strings.Fields(s)
	o := fhir.Observation{Status: "final", Code: fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemLOINC, Code: f[0]}}}}
	value := strings.TrimLeft(f[1], "<>=")
	q := fhir.Quantity{Value: fhir.Dec(value), Comparator: strings.TrimSuffix(f[1], value)}
	if len(f) > 2 && f[2] != "-" {
		q.Unit = f[2]
	}
	o.ValueQuantity = &q
	for _, flag := range f[min(3, len(f)):] {
		o.Interpretation = append(o.Interpretation, fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemInterpretation, Code: flag}}})
	}
	return o
}

var (
	rules   = alert.Default()
	child   = alert.Subject{AgeKnown: true, Years: 8}
	newborn = alert.Subject{AgeKnown: true, Age: 5 * time.Hour}
	weekOld = alert.Subject{AgeKnown: true, Age: 7 * 24 * time.Hour}
	ageless = alert.Subject{}
)

func said(v alert.Verdict) string {
	var words []string
	if v.MayBe {
		words = append(words, "maybe")
	}
	switch {
	case v.Critical:
		words = append(words, "critical")
	case v.Urgent:
		words = append(words, "urgent")
	}
	switch v.Direction {
	case alert.Low:
		words = append(words, "low")
	case alert.High:
		words = append(words, "high")
	}
	if v.Mismatch {
		words = append(words, "mismatch")
	}
	return strings.Join(words, " ")
}

// Both sides of every limit of the table.
func TestCriticalTable(t *testing.T) {
	for _, e := range []struct {
		in   string
		who  alert.Subject
		want string
	}{
		{"2823-3 2.5 mmol/L", adult, "critical low"},
		{"2823-3 2.51 mmol/L", adult, "urgent low"},
		{"2823-3 2.9 mmol/L", adult, "urgent low"},
		{"2823-3 3.0 mmol/L", adult, ""},
		{"2823-3 6.5 mmol/L", adult, "critical high"},
		{"2823-3 6.49 mmol/L", adult, "urgent high"},
		{"2823-3 6.0 mmol/L", adult, "urgent high"},
		{"2823-3 5.99 mmol/L", adult, ""},
		{"6298-4 6.8 mmol/L", adult, "critical high"},
		{"2823-3 6.8 mEq/L", adult, "critical high"},
		{"2823-3 6.8 MMOLL", adult, "critical high"},
		{"2951-2 120 mmol/L", adult, "critical low"},
		{"2951-2 121 mmol/L", adult, "urgent low"},
		{"2951-2 125 mmol/L", adult, "urgent low"},
		{"2951-2 126 mmol/L", adult, ""},
		{"2951-2 160 mmol/L", adult, "critical high"},
		{"2951-2 159 mmol/L", adult, "urgent high"},
		{"2951-2 155 mmol/L", adult, "urgent high"},
		{"2951-2 154 mmol/L", adult, ""},
		{"2951-2 130 mmol/L", child, "critical low"},
		{"2951-2 131 mmol/L", child, ""},
		{"14749-6 2.5 mmol/L", adult, "critical low"},
		{"14749-6 2.6 mmol/L", adult, "urgent low"},
		{"14749-6 3.0 mmol/L", adult, "urgent low"},
		{"14749-6 3.1 mmol/L", adult, ""},
		{"14749-6 25 mmol/L", adult, "critical high"},
		{"14749-6 24.9 mmol/L", adult, "urgent high"},
		{"14749-6 19.9 mmol/L", adult, ""},
		{"14749-6 15 mmol/L", child, "critical high"},
		{"14749-6 14.9 mmol/L", child, ""},
		{"2345-7 45 mg/dL", adult, "critical low"},
		{"2345-7 46 mg/dL", adult, ""},
		{"2345-7 450 MG/DL", adult, "critical high"},
		{"2345-7 449 mg/dL", adult, ""},
		{"2339-0 500 mg/dl", adult, "critical high"},
		{"2345-7 271 mg/dL", child, "critical high"},
		{"2345-7 270 mg/dL", child, ""}, // 15 mmol/L is 270.24
		{"718-7 70 g/L", adult, "critical low"},
		{"718-7 71 g/L", adult, ""},
		{"718-7 7.0 g/dL", adult, "critical low"},
		{"718-7 7.1 g/dL", adult, ""},
		{"718-7 200 g/L", adult, "critical high"},
		{"718-7 20.0 g/dL", adult, "critical high"},
		{"718-7 199 g/L", adult, ""},
		{"718-7 210 g/L", newborn, ""},
		{"718-7 65 g/L", newborn, "critical low"},
		{"777-3 20 10*9/L", adult, "critical low"},
		{"777-3 21 10*9/L", adult, "urgent low"},
		{"777-3 50 x10*9/L", adult, "urgent low"},
		{"777-3 51 K/uL", adult, ""},
		{"777-3 20 K/uL", adult, "critical low"},
		{"777-3 1000 10*9/L", adult, "critical high"},
		{"777-3 999 10*9/L", adult, ""},
		{"6690-2 1.0 10*9/L", adult, "critical low"},
		{"6690-2 1.1 10*9/L", adult, ""},
		{"6690-2 50 10*9/L", adult, "critical high"},
		{"6690-2 30 10*9/L", adult, "urgent high"},
		{"6690-2 29.9 10*9/L", adult, ""},
		{"751-8 0.5 10*9/L", adult, "critical low"},
		{"751-8 0.99 10*9/L", adult, "urgent low"},
		{"751-8 1.0 10*9/L", adult, ""},
		{"770-8 0.3 %", adult, ""},
		{"6301-6 5.0 INR", adult, "urgent high"},
		{"6301-6 5.1 {INR}", adult, "critical high"},
		{"6301-6 4.5 -", adult, ""},
		{"6301-6 5.1 -", adult, "critical high"},
		{"6301-6 60 sec", adult, ""},
		{"2524-7 4.0 mmol/L", adult, "critical high"},
		{"2518-9 3.9 mmol/L", adult, "urgent high"},
		{"32693-4 2.0 mmol/L", adult, "urgent high"},
		{"32693-4 1.9 mmol/L", adult, ""},
		{"67151-1 5000 ng/L", adult, ""},
		{"89579-7 5000 ng/L", adult, ""}, // none until the site enters its assay's limit
		{"14682-9 354 umol/L", adult, ""},
		{"14682-9 355 umol/L", adult, "critical high"},
		{"2160-0 4.0 mg/dL", adult, ""},
		{"2160-0 4.1 mg/dL", adult, "critical high"},
		{"14682-9 200 umol/L", child, "critical high"},
		{"14682-9 199 umol/L", child, ""},
		{"14682-9 355 µmol/L", adult, "critical high"},
		{"22664-7 30 mmol/L", adult, ""},
		{"22664-7 30.1 mmol/L", adult, "critical high"},
		{"22664-7 10 mmol/L", child, "critical high"},
		{"3094-0 84 mg/dL", adult, ""},
		{"3094-0 85 mg/dL", adult, "critical high"}, // 30 mmol/L is 84.03
		{"2744-1 7.20 [pH]", adult, "critical low"},
		{"2744-1 7.21 -", adult, "urgent low"},
		{"2744-1 7.26 pH", adult, ""},
		{"2744-1 7.60 -", adult, "critical high"},
		{"2744-1 7.59 -", adult, ""},
		{"2019-8 20 mmHg", adult, "critical low"},
		{"2019-8 60 mm[Hg]", adult, "critical high"},
		{"2019-8 59 mmHg", adult, ""},
		{"2019-8 8.0 kPa", adult, "critical high"},
		{"2019-8 7.9 kPa", adult, ""},
		{"2019-8 2.7 kPa", adult, "critical low"},
		{"29265-6 1.8 mmol/L", adult, "critical low"},
		{"2000-8 3.5 mmol/L", adult, "critical high"},
		{"2000-8 3.0 mmol/L", adult, "urgent high"},
		{"2000-8 2.9 mmol/L", adult, ""},
		{"17861-6 14.0 mg/dL", adult, "urgent high"},
		{"17861-6 14.1 mg/dL", adult, "critical high"},
		{"17861-6 7.2 mg/dL", adult, "critical low"}, // 3.5 is 14.028
		{"1994-3 0.75 mmol/L", adult, "critical low"},
		{"1994-3 0.76 mmol/L", adult, ""},
		{"1994-3 1.50 mmol/L", adult, "critical high"},
		{"2601-3 0.4 mmol/L", adult, "critical low"},
		{"2601-3 2.0 mmol/L", adult, "critical high"},
		{"19123-9 4.9 mg/dL", adult, "critical high"},
		{"19123-9 4.8 mg/dL", adult, ""}, // 2.0 is 4.861
		{"14879-1 0.3 mmol/L", adult, "critical low"},
		{"14879-1 3.0 mmol/L", adult, "urgent high"},
		{"2777-1 0.9 mg/dL", adult, "critical low"},
		{"14631-6 171 umol/L", newborn, "critical high"},
		{"14631-6 170 umol/L", newborn, ""},
		{"14631-6 221 umol/L", weekOld, ""},
		{"14631-6 222 umol/L", weekOld, "critical high"},
		{"1975-2 10 mg/dL", newborn, "critical high"},
		{"14631-6 400 umol/L", adult, ""},
		// comparators
		{"2823-3 <2.6 mmol/L", adult, "maybe critical low"},
		{"2823-3 <2.5 mmol/L", adult, "critical low"},
		{"14749-6 >25 mmol/L", adult, "critical high"},
		{"14749-6 >24 mmol/L", adult, "maybe critical high"},
		{"14749-6 >=25 mmol/L", adult, "critical high"},
		{"14682-9 >354 umol/L", adult, "critical high"},
		{"14682-9 >=354 umol/L", adult, "maybe critical high"},
		{"2823-3 <=2.5 mmol/L", adult, "critical low"},
		// the sender's flags
		{"2823-3 4.0 mmol/L HH", adult, "critical high"},
		{"2823-3 4.0 mmol/L LL", adult, "critical low"},
		{"2823-3 4.0 mmol/L AA", adult, "critical"},
		{"1988-5 300 mg/L HH", adult, "critical high"},
		{"2823-3 6.8 mmol/L N", adult, "critical high"},
		{"2823-3 4.0 mmol/L H", adult, ""},
		{"2823-3 4.0 mmol/L R", adult, ""},
		{"2823-3 4.0 mmol/L >", adult, ""},
		{"2823-3 4.0 mmol/L HU", adult, "urgent"},
		// units
		{"2823-3 26 mg/dL", adult, "mismatch"},
		{"2345-7 25 mmol/L", adult, "mismatch"},
		{"718-7 4.1 mmol/L", adult, "mismatch"},
		{"2823-3 26 mg/dL HH", adult, "critical high mismatch"},
		{"2823-3 6.8 -", adult, ""},
		{"2823-3 6.8 furlongs", adult, ""},
		{"2777-1 1.0 mEq/L", adult, "mismatch"},
		{"6690-2 0.5 G/L", adult, ""},
		// age not known: every limit that may hold counts
		{"2951-2 128 mmol/L", ageless, "critical low"},
		{"2823-3 6.5 mmol/L", ageless, "critical high"},
		{"2823-3 6.5 mmol/L", child, "critical high"},
		{"2823-3 6.2 mmol/L", child, ""},
	} {
		if got := said(rules.Judge(result(e.in), e.who)); got != e.want {
			t.Errorf("%s, %d years: %q, want %q", e.in, e.who.Years, got, e.want)
		}
	}
}

func TestWhyItFired(t *testing.T) {
	for _, e := range []struct {
		in   string
		who  alert.Subject
		why  string
		then string // NotJudged
	}{
		{"2823-3 6.8 mmol/L HH", adult, "limit 6.5 of the program, table default-1 of 30-Nov-2026; laboratory flag HH", ""},
		{"2823-3 <2.6 mmol/L", adult, "may be beyond the limit 2.5 of the program, table default-1 of 30-Nov-2026", ""},
		{"17861-6 14.1 mg/dL", adult, "limit 3.5 of the program, table default-1 of 30-Nov-2026; compared in mmol/L", ""},
		{"2823-3 6.8 mmol/L", child, "limit 6.5 of the program, table default-1 of 30-Nov-2026 (adult limit: none is set for children)", ""},
		{"2823-3 6.8 mmol/L", ageless, "limit 6.5 of the program, table default-1 of 30-Nov-2026 (age not known)", ""},
		{"2823-3 6.8 furlongs HH", adult, "laboratory flag HH", "not compared with a limit: the unit is not known (furlongs)"},
		{"2823-3 6.8 -", adult, "", "not compared with a limit: no unit was sent"},
		{"2823-3 6.8 mg/dL", adult, "", "the code is for moles and the unit (mg/dL) is not: the number means nothing"},
		{"1988-5 300 mg/L", adult, "", "no limit is set for this test"},
	} {
		v := rules.Judge(result(e.in), e.who)
		if got := strings.Join(words.InEnglish(v.Why), "; "); got != e.why || v.NotJudged.English() != e.then {
			t.Errorf("%s: %q, %q", e.in, got, v.NotJudged)
		}
	}
}

// Words are never read as a number, whatever digits they hold.
func TestTextResults(t *testing.T) {
	text := func(loinc, words string) fhir.Observation {
		return fhir.Observation{Status: "final", ValueString: fhir.Str(words), Code: fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemLOINC, Code: loinc}}}}
	}
	if v := rules.Judge(text("2823-3", "6.8"), adult); v.Critical || v.NotJudged.English() != "the result is words; read it" {
		t.Errorf("a potassium in words: %+v", v)
	}
	for words, want := range map[string]bool{
		"No growth after 2 days": false, "NEGATIVE": false, "pending": false, "": false, "Sterile": false,
		"Staphylococcus aureus": true, "Gram positive cocci in clusters": true, "growth": true, "Positive": true,
	} {
		o := text("600-7", words)
		o.Status = "preliminary"
		if v := rules.Judge(o, adult); v.Critical != want {
			t.Errorf("blood culture %q: critical %v", words, v.Critical)
		}
	}
	coded := fhir.Observation{Status: "final", Code: text("600-7", "").Code, ValueCodeableConcept: &fhir.CodeableConcept{Coding: []fhir.Coding{{Code: "NEG", Display: "x"}}}}
	if rules.Judge(coded, adult).Critical {
		t.Error("a coded negative")
	}
	gone := result("2823-3 6.8 mmol/L HH")
	gone.Status = "entered-in-error"
	if v := rules.Judge(gone, adult); v.Critical {
		t.Error("a withdrawn result")
	}
	huge := result("2823-3 1e999999999 mmol/L")
	if v := rules.Judge(huge, adult); v.Critical || v.NotJudged.IsZero() {
		t.Error("a number out of all bounds")
	}
}

func TestUnitsConvertExactly(t *testing.T) {
	for _, e := range []struct{ analyte, value, from, to, want string }{
		{"glucose", "5.5", "mmol/L", "mg/dL", "99"},
		{"glucose", "99", "mg/dL", "mmol/L", "5.5"},
		{"glucose", "2.50", "mmol/L", "mg/dL", "45.0"},
		{"creatinine", "1.0", "mg/dL", "umol/L", "88"},
		{"creatinine", "354", "umol/L", "mg/dL", "4.00"},
		{"urea", "7.1", "mmol/L", "mg/dL", "20"},
		{"bilirubin", "10.0", "mg/dL", "umol/L", "171"},
		{"calcium", "2.50", "mmol/L", "mg/dL", "10.0"},
		{"calcium", "5.0", "meq/L", "mmol/L", "2.5"},
		{"calcium", "5.0", "meq/L", "mg/dL", "10"},
		{"magnesium", "2.0", "meq/L", "mmol/L", "1.0"},
		{"phosphate", "1.00", "mmol/L", "mg/dL", "3.10"},
		{"lactate", "4.0", "mmol/L", "mg/dL", "36"},
		{"HbA1c", "6.5", "%", "mmol/mol", "48"},
		{"HbA1c", "48", "mmol/mol", "%", "6.5"},
		{"haemoglobin", "7.0", "g/dL", "g/L", "70"},
		{"haemoglobin", "70", "g/L", "g/dL", "7.0"},
		{"platelets", "250", "10*3/uL", "10*9/L", "250"},
		{"pCO2", "8.0", "kPa", "mm[Hg]", "60"},
		{"temperature", "98.6", "[degF]", "Cel", "37.0"},
		{"temperature", "-40", "Cel", "[degF]", "-40"},
		{"troponin T", "0.014", "ng/mL", "ng/L", "14"},
		{"potassium", "4.5", "meq/L", "mmol/L", "4.5"},
		{"cholesterol", "5.00", "mmol/L", "mg/dL", "193"},
		{"triglyceride", "1.00", "mmol/L", "mg/dL", "88.6"},
		{"weight", "150", "[lb_av]", "kg", "68.0"},
		{"glucose", "1.10", "mmol/L", "mmol/L", "1.10"},
		{"glucose", "0", "mmol/L", "mg/dL", "0"},
	} {
		c, err := alert.Convert(e.analyte, fhir.Decimal(e.value), e.from, e.to)
		if err != nil || string(c.Value) != e.want || c.Original != e.value+" "+e.from || c.Unit != e.to {
			t.Errorf("%s %s %s → %s: %s %v, want %s", e.analyte, e.value, e.from, e.to, c.Value, err, e.want)
		}
	}
	for _, e := range []struct{ analyte, value, from, to string }{
		{"haemoglobin", "8", "mmol/L", "g/L"},
		{"glucose", "5", "", "mg/dL"},
		{"glucose", "5", "furlong", "mg/dL"},
		{"troponin", "5", "ng/mL", "ng/L"},
		{"INR", "60", "s", "{INR}"},
		{"neutrophils", "60", "%", "10*9/L"},
		{"phosphate", "2", "meq/L", "mmol/L"},
		{"potassium", "20", "mg/dL", "mmol/L"},
		{"potassium", "high", "mmol/L", "meq/L"},
		{"insulin", "5", "m[IU]/L", "ng/L"},
		{"potassium", "Infinity", "mmol/L", "meq/L"},
		{"potassium", "1/2", "mmol/L", "meq/L"},
		{"potassium", "0x10", "mmol/L", "meq/L"},
	} {
		if c, err := alert.Convert(e.analyte, fhir.Decimal(e.value), e.from, e.to); err == nil {
			t.Errorf("%v was converted to %s", e, c.Value)
		}
	}
}

func TestBandForDrawing(t *testing.T) {
	for in, want := range map[string]string{
		"2823-3 4 mmol/L": "2.5 6.5", "2345-7 90 mg/dL": "45 450", "718-7 12 g/dL": "7.0 20.0", "14682-9 90 umol/L": " 354", "2823-3 4 mg/dL": " ", "1988-5 4 mg/L": " ", "2744-1 7.4 -": "7.20 7.60",
	} {
		low, high, ok := rules.Band(result(in), adult)
		if got := string(low) + " " + string(high); got != want || ok == (want == " ") {
			t.Errorf("%s: %q %v, want %q", in, got, ok, want)
		}
	}
}

func TestFlagAndStatusWords(t *testing.T) {
	for in, want := range map[string]ward.Flag{
		"2823-3 6.8 mmol/L": ward.FlagCriticalHigh, "2823-3 2.1 mmol/L L": ward.FlagCriticalLow, "2823-3 5.5 mmol/L H": ward.FlagHigh, "2823-3 4 mmol/L": ward.FlagNone,
		"2823-3 4 mmol/L N": ward.FlagNone, "2823-3 4 mmol/L AA": ward.FlagCritical, "1988-5 4 mg/L >": ward.FlagNone, "1988-5 4 mg/L R": ward.FlagNone, "1988-5 4 mg/L A": ward.FlagAbnormal,
		"1988-5 4 mg/L LL": ward.FlagCriticalLow, "2823-3 6.1 mmol/L": ward.FlagHigh,
	} {
		o := result(in)
		if got := alert.FlagOf(o, rules.Judge(o, adult)); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
	for status, want := range map[string]string{"entered-in-error": "withdrawn", "registered": "in laboratory", "corrected": "corrected", "nonsense": "status not known"} {
		if got := alert.StatusWord(status); got != want {
			t.Errorf("%s: %q", status, got)
		}
	}
}

func TestRulesAreKeptWhole(t *testing.T) {
	b, err := rules.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := alert.ParseRules(b)
	if err != nil {
		t.Fatal(err)
	}
	c, err := again.Encode()
	if err != nil || string(b) != string(c) {
		t.Fatalf("%v", err)
	}
	if v := again.Judge(result("2823-3 6.8 mmol/L"), adult); !v.Critical {
		t.Error("the rules read again judge otherwise")
	}
	for name, change := range map[string]func(*alert.Rules){
		"nobody's name":             func(r *alert.Rules) { r.ChangedBy = "" },
		"a limit that is no number": func(r *alert.Rules) { r.Critical[0].Bounds[0].CritLow.At = "two" },
		"a low above the high":      func(r *alert.Rules) { r.Critical[0].Bounds[0].CritLow.At = "9" },
		"an unknown unit":           func(r *alert.Rules) { r.Critical[0].Bounds[0].Unit = "stone" },
		"a row without a source":    func(r *alert.Rules) { r.Critical[0].From = "" },
		"a ladder that ends":        func(r *alert.Rules) { r.Ladders[0].Again = 0 },
		"no window":                 func(r *alert.Rules) { r.Score.Window = 0 },
	} {
		r := alert.Default()
		change(&r)
		if r.Check() == nil {
			t.Errorf("%s was taken", name)
		}
		if b, err := r.Encode(); err == nil {
			if _, err := alert.ParseRules(b); err == nil {
				t.Errorf("%s was read", name)
			}
		}
	}
	if _, err := alert.ParseRules([]byte(`{"version":"1","changedBy":"x","critcal":[]}`)); err == nil {
		t.Error("a misspelt member was taken")
	}
	for _, l := range rules.Critical {
		if l.From == "" {
			t.Errorf("%s does not say where it comes from", l.Analyte)
		}
	}
}

func TestChangeChecks(t *testing.T) {
	day := 24 * time.Hour
	for _, e := range []struct {
		now    string
		before []string
		ago    time.Duration
		want   string
	}{
		{"2951-2 140 mmol/L", []string{"2951-2 127 mmol/L"}, 3 * day, "unexpected change"},
		{"2951-2 139 mmol/L", []string{"2951-2 127 mmol/L"}, day, ""},
		{"2951-2 140 mmol/L", []string{"2951-2 127 mmol/L"}, 3*day + time.Minute, ""},
		{"2823-3 5.5 mmol/L", []string{"2823-3 4.0 mEq/L"}, day, "unexpected change"},
		{"2823-3 5.4 mmol/L", []string{"2823-3 4.0 mmol/L"}, day, ""},
		{"2823-3 5.5 mmol/L", []string{"6298-4 4.0 mmol/L"}, day, ""},
		{"718-7 100 g/L", []string{"718-7 12.0 g/dL"}, 20 * time.Hour, "in a day"},
		{"718-7 101 g/L", []string{"718-7 120 g/L"}, 20 * time.Hour, ""},
		{"718-7 90 g/L", []string{"718-7 120 g/L"}, 6 * day, "in 7 days"},
		{"718-7 140 g/L", []string{"718-7 110 g/L"}, day, ""},
		{"777-3 100 10*9/L", []string{"777-3 200 10*9/L"}, day, "halved"},
		{"777-3 101 10*9/L", []string{"777-3 200 10*9/L"}, day, ""},
		{"14682-9 270 umol/L", []string{"14682-9 90 umol/L"}, 5 * day, "stage 3"},
		{"14682-9 180 umol/L", []string{"14682-9 90 umol/L"}, 5 * day, "stage 2"},
		{"14682-9 135 umol/L", []string{"14682-9 90 umol/L"}, 5 * day, "stage 1"},
		{"14682-9 134 umol/L", []string{"14682-9 90 umol/L"}, 5 * day, ""},
		{"14682-9 127 umol/L", []string{"14682-9 100 umol/L"}, 2 * day, "48 h"},
		{"14682-9 126 umol/L", []string{"14682-9 100 umol/L"}, 2 * day, ""},
		{"14682-9 135 umol/L", []string{"14682-9 90 umol/L"}, 30 * day, "stage 1"},
		{"14682-9 270 umol/L", []string{"14682-9 90 umol/L", "14682-9 400 umol/L", "14682-9 89 umol/L"}, 200 * day, "stage 3"}, // the median, not the highest
		{"14682-9 134 umol/L", []string{"14682-9 80 umol/L", "14682-9 100 umol/L"}, 30 * day, ""},                              // of two the mean: 90
		{"14682-9 135 umol/L", []string{"14682-9 90 umol/L"}, 366 * day, ""},
		{"787-2 95 fL", []string{"787-2 90 fL"}, 6 * day, "check identity"},
		{"787-2 94 fL", []string{"787-2 90 fL"}, 6 * day, ""},
		{"787-2 95 fL", []string{"787-2 90 fL"}, 8 * day, ""},
		{"2951-2 >140 mmol/L", []string{"2951-2 120 mmol/L"}, day, ""},
	} {
		o := result(e.now)
		o.EffectiveDateTime = t0.Format(time.RFC3339)
		var before []fhir.Observation
		for _, s := range e.before {
			b := result(s)
			b.EffectiveDateTime = t0.Add(-e.ago).Format(time.RFC3339)
			before = append(before, b)
		}
		got := strings.Join(rules.Changed(o, before), "; ")
		if (got == "") != (e.want == "") || !strings.Contains(got, e.want) {
			t.Errorf("%s after %v: %q, want %q", e.now, e.before, got, e.want)
		}
	}
}

// The median is of what is 8 days old and older: what came since is compared by
// the other row, and does not raise the base.
func TestTheMedianIsOfThePast(t *testing.T) {
	at := func(in string, days float64) fhir.Observation {
		o := result(in)
		o.EffectiveDateTime = t0.Add(-time.Duration(days * 24 * float64(time.Hour))).Format(time.RFC3339)
		return o
	}
	got := rules.Changed(at("14682-9 135 umol/L", 0), []fhir.Observation{at("14682-9 90 umol/L", 30), at("14682-9 300 umol/L", 7.5)})
	if len(got) != 1 || !strings.Contains(got[0], "stage 1") {
		t.Errorf("%v", got)
	}
}

func TestAllergySentence(t *testing.T) {
	for _, e := range []struct {
		available bool
		n         int
		none      bool
		want      string
	}{{false, 1, false, "Allergies unavailable"}, {true, 2, true, "Known allergies"}, {true, 0, true, "No known allergies"}, {true, 0, false, "Allergies not recorded"}} {
		if _, got := alert.AllergyWords(e.available, e.n, e.none); got != e.want {
			t.Errorf("%+v: %s", e, got)
		}
	}
}

// A repeated run gives the same; rules are shared between goroutines.
func TestJudgingChangesNothing(t *testing.T) {
	before, _ := rules.Encode()
	for range 3 {
		rules.Judge(result("2951-2 128 mmol/L"), child)
		rules.Judge(result("2951-2 128 mmol/L"), ageless)
	}
	if after, _ := rules.Encode(); !slices.Equal(before, after) {
		t.Error("judging changed the rules")
	}
}
