package alert

import (
	"math/big"
	"strings"
	"sync"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// Why a value is not converted. A value that cannot be converted is shown as it
// was sent and compared with nothing.
var (
	ErrNoUnit      = words.Errorf("no unit was sent")
	ErrUnknownUnit = words.Errorf("the unit is not known")
	ErrNoWay       = words.Errorf("these units are not converted for this test")
	ErrNoNumber    = words.Errorf("the value is not a number")
)

// conversion is one line of the table: to = (from − less) × times ÷ by, all
// exact. The way back follows from it.
type conversion struct {
	analyte         string // "" where it holds for any test
	from, to        string // UCUM
	less, times, by string
}

// exact is a line of the table with its numbers read.
type exact struct {
	conversion
	less, times, by *big.Rat
}

// exacts are all lines, read once: a chart converts thousands of times, and to read the
// numbers anew each time took most of what it takes to open one whose units differ.
// Nobody changes them.
var exacts = sync.OnceValue(func() []exact {
	list := make([]exact, len(conversions))
	for i, c := range conversions {
		list[i] = exact{c, must(c.less), must(c.times), must(c.by)}
	}
	return list
})

// The factors are the usual published ones, by molar mass or by definition.
// What is not here is refused: haemoglobin in mmol/L (monomer or tetramer),
// D-dimer FEU and DDU, units of activity and mass, seconds and INR, percentage
// and count.
var conversions = []conversion{
	{"glucose", "mmol/L", "mg/dL", "0", "18.016", "1"},
	{"creatinine", "mg/dL", "umol/L", "0", "88.4", "1"},
	{"urea", "mmol/L", "mg/dL", "0", "2.801", "1"}, // as urea nitrogen (BUN)
	{"bilirubin", "mg/dL", "umol/L", "0", "17.104", "1"},
	{"calcium", "mmol/L", "mg/dL", "0", "4.008", "1"},
	{"magnesium", "mmol/L", "mg/dL", "0", "2.4305", "1"},
	{"phosphate", "mmol/L", "mg/dL", "0", "3.097", "1"}, // as phosphorus
	{"lactate", "mmol/L", "mg/dL", "0", "9.008", "1"},
	{"cholesterol", "mmol/L", "mg/dL", "0", "38.67", "1"},
	{"triglyceride", "mmol/L", "mg/dL", "0", "88.57", "1"},
	{"HbA1c", "%", "mmol/mol", "2.152", "1", "0.09148"}, // NGSP to IFCC
	{"haemoglobin", "g/dL", "g/L", "0", "10", "1"},
	{"sodium", "meq/L", "mmol/L", "0", "1", "1"},
	{"potassium", "meq/L", "mmol/L", "0", "1", "1"},
	{"chloride", "meq/L", "mmol/L", "0", "1", "1"},
	{"bicarbonate", "meq/L", "mmol/L", "0", "1", "1"},
	{"calcium", "meq/L", "mmol/L", "0", "0.5", "1"},
	{"calcium, ionised", "meq/L", "mmol/L", "0", "0.5", "1"},
	{"calcium, ionised", "mmol/L", "mg/dL", "0", "4.008", "1"},
	{"magnesium", "meq/L", "mmol/L", "0", "0.5", "1"},
	{"troponin T", "ng/mL", "ng/L", "0", "1000", "1"},
	{"troponin I", "ng/mL", "ng/L", "0", "1000", "1"},
	{"troponin T", "pg/mL", "ng/L", "0", "1", "1"},
	{"troponin I", "pg/mL", "ng/L", "0", "1", "1"},
	{"", "10*3/uL", "10*9/L", "0", "1", "1"},
	{"pCO2", "kPa", "mm[Hg]", "0", "7.50062", "1"},
	{"pO2", "kPa", "mm[Hg]", "0", "7.50062", "1"},
	{"temperature", "[degF]", "Cel", "32", "1", "1.8"},
	{"weight", "[lb_av]", "kg", "0", "0.45359237", "1"},
}

// Converted is a value in another unit, beside what was sent.
type Converted struct {
	Value    fhir.Decimal // as many digits as were sent, halves up
	Unit     string
	Original string // "6.8 mmol/L"
	Exact    *big.Rat
}

// Convert turns a value of an analyte (a Limit's Analyte, or one of the table)
// from one UCUM unit into another.
func Convert(analyte string, value fhir.Decimal, from, to string) (Converted, error) {
	x, ok := number(string(value))
	if !ok {
		return Converted{}, ErrNoNumber
	}
	if from == "" || to == "" {
		return Converted{}, ErrNoUnit
	}
	y, err := convert(analyte, x, from, to)
	if err != nil {
		return Converted{}, err
	}
	c := Converted{Unit: to, Original: string(value) + " " + from, Exact: y, Value: value}
	if from != to {
		c.Value = show(y, max(significant(string(value)), 2))
	}
	return c, nil
}

func convert(analyte string, x *big.Rat, from, to string) (*big.Rat, error) {
	if from == to {
		return new(big.Rat).Set(x), nil
	}
	if y, ok := step(analyte, x, from, to); ok {
		return y, nil
	}
	for _, c := range conversions { // at most one unit between: mEq/L, mmol/L, mg/dL
		for _, via := range []string{c.from, c.to} {
			if y, ok := step(analyte, x, from, via); ok {
				if z, ok := step(analyte, y, via, to); ok {
					return z, nil
				}
			}
		}
	}
	if dimension(from) == "" {
		return nil, ErrUnknownUnit
	}
	return nil, ErrNoWay
}

func step(analyte string, x *big.Rat, from, to string) (*big.Rat, bool) {
	all := exacts()
	for i := range all {
		c := &all[i]
		if c.analyte != "" && c.analyte != analyte {
			continue
		}
		switch {
		case c.from == from && c.to == to:
			y := new(big.Rat).Sub(x, c.less)
			return y.Quo(y.Mul(y, c.times), c.by), true
		case c.from == to && c.to == from:
			y := new(big.Rat).Mul(x, c.by)
			return y.Add(y.Quo(y, c.times), c.less), true
		}
	}
	return nil, false
}

// dimensions of the units that we compare in.
var dimensions = map[string]string{
	"mmol/L": "moles", "umol/L": "moles", "nmol/L": "moles", "pmol/L": "moles", "meq/L": "moles", "mmol/mol": "mole ratio",
	"g/L": "mass", "g/dL": "mass", "mg/dL": "mass", "mg/L": "mass", "ug/dL": "mass", "ug/L": "mass",
	"ng/L": "mass", "ng/mL": "mass", "ng/dL": "mass", "pg/mL": "mass",
	"10*9/L": "count", "10*3/uL": "count", "10*12/L": "count", "10*6/uL": "count",
	"mm[Hg]": "pressure", "kPa": "pressure", "{INR}": "INR", "[pH]": "pH", "%": "fraction",
	"Cel": "temperature", "[degF]": "temperature", "kg": "weight", "[lb_av]": "weight", "g": "weight",
	"fL": "volume", "s": "time", "[IU]/L": "activity", "U/L": "activity", "m[IU]/L": "activity",
}

func dimension(unit string) string { return dimensions[unit] }

// Spellings turn what senders write into UCUM, exactly as it is written: UCUM
// tells upper from lower case, so nothing is guessed. The key "" holds for
// every sender, another key for one.
type Spellings map[string]map[string]string

func defaultSpellings() Spellings {
	all := map[string]string{
		"mmol/l": "mmol/L", "MMOL/L": "mmol/L", "MMOLL": "mmol/L", "mmoll": "mmol/L", "mM": "mmol/L",
		"umol/l": "umol/L", "UMOL/L": "umol/L", "UMOLL": "umol/L", "µmol/L": "umol/L", "μmol/L": "umol/L", "µmol/l": "umol/L", "μmol/l": "umol/L",
		"mg/dl": "mg/dL", "MG/DL": "mg/dL", "mg/l": "mg/L", "MG/L": "mg/L",
		"g/dl": "g/dL", "G/DL": "g/dL", "gm/dL": "g/dL", "g/l": "g/L",
		"ug/dl": "ug/dL", "UG/DL": "ug/dL", "µg/dL": "ug/dL", "ng/ml": "ng/mL", "NG/ML": "ng/mL", "ng/l": "ng/L", "NG/L": "ng/L",
		"PERCENT": "%", "percent": "%", "per cent": "%", "pct": "%",
		"x10*9/L": "10*9/L", "x10^9/L": "10*9/L", "10^9/L": "10*9/L", "10E9/L": "10*9/L", "10*9/l": "10*9/L", "x10(9)/L": "10*9/L", "10e9/L": "10*9/L",
		"K/uL": "10*3/uL", "K/µL": "10*3/uL", "K/μL": "10*3/uL", "x10*3/uL": "10*3/uL", "x10^3/uL": "10*3/uL", "10^3/uL": "10*3/uL", "10*3/mm3": "10*3/uL", "K/UL": "10*3/uL",
		"mEq/L": "meq/L", "MEQ/L": "meq/L", "mEq/l": "meq/L", "meq/l": "meq/L",
		"mmHg": "mm[Hg]", "mm Hg": "mm[Hg]", "MMHG": "mm[Hg]", "kpa": "kPa", "KPA": "kPa",
		"INR": "{INR}", "inr": "{INR}", "pH": "[pH]", "PH": "[pH]",
		"degC": "Cel", "°C": "Cel", "C": "Cel", "degF": "[degF]", "°F": "[degF]", "lb": "[lb_av]",
		"fl": "fL", "FL": "fL", "IU/L": "[IU]/L", "sec": "s", "seconds": "s",
	}
	return Spellings{"": all}
}

// UCUM is the unit that may be computed with: the quantity's own UCUM code, or
// what a sender's spelling stands for. Known is false for a unit that is shown
// as sent and never compared.
func (r Rules) UCUM(q fhir.Quantity, sender string) (unit string, known bool) {
	for _, written := range []string{q.Code, q.Unit} {
		if written == q.Code && q.System != fhir.SystemUCUM && q.Unit != "" {
			continue // a code of another system means nothing here
		}
		written = strings.TrimSpace(written)
		if dimension(written) != "" {
			return written, true
		}
		for _, of := range []string{sender, ""} {
			if u, ok := r.Spellings[of][written]; ok && dimension(u) != "" {
				return u, true
			}
		}
		if written != "" && unit == "" {
			unit = written
		}
	}
	return unit, false
}

func unitWords(err error, unit string) words.Sentence {
	if unit == "" {
		return words.S("not compared with a limit: no unit was sent")
	}
	return words.S("not compared with a limit: %v (%s)", err, unit)
}
