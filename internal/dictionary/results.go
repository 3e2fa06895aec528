package dictionary

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"wardlight/internal/interop/hl7"
)

// analyte is what a laboratory measures: LOINC, name, UCUM unit, and the limits
// of what is usual.
type analyte struct {
	loinc, name, unit string
	low, high         float64
	digits            int
}

var analytes = []analyte{
	{"2951-2", "Sodium", "mmol/L", 133, 146, 0},
	{"2823-3", "Potassium", "mmol/L", 3.5, 5.3, 1},
	{"22664-7", "Urea", "mmol/L", 2.5, 7.8, 1},
	{"14682-9", "Creatinine", "umol/L", 45, 84, 0},
	{"718-7", "Haemoglobin", "g/L", 115, 165, 0},
	{"6690-2", "White cells", "10*9/L", 4, 11, 1},
	{"777-3", "Platelets", "10*9/L", 150, 400, 0},
	{"1988-5", "C-reactive protein", "mg/L", 0, 5, 0},
	{"2601-3", "Magnesium", "mmol/L", 0.7, 1.0, 2},
	{"14879-1", "Phosphate", "mmol/L", 0.8, 1.5, 2},
	{"1751-7", "Albumin", "g/L", 35, 50, 0},
	{"1742-6", "Alanine aminotransferase", "U/L", 0, 40, 0},
	{"6768-6", "Alkaline phosphatase", "U/L", 30, 130, 0},
	{"14631-6", "Bilirubin", "umol/L", 0, 21, 0},
	{"1995-0", "Calcium, ionised", "mmol/L", 1.15, 1.33, 2},
	{"2524-7", "Lactate", "mmol/L", 0.5, 2.2, 1},
	{"15074-8", "Glucose", "mmol/L", 3.5, 7.8, 1},
	{"10839-9", "Troponin I", "ng/L", 0, 34, 0},
	{"34714-6", "INR", "{INR}", 0.8, 1.2, 1},
	{"2744-1", "pH, arterial", "[pH]", 7.35, 7.45, 2},
	{"787-2", "Mean cell volume", "fL", 80, 99, 1},
	{"731-0", "Lymphocytes", "10*9/L", 1, 4, 1},
	{"751-8", "Neutrophils", "10*9/L", 2, 7.5, 1},
	{"2276-4", "Ferritin", "ug/L", 15, 300, 0},
}

var panels = [][2]string{{"UE", "Urea and electrolytes"}, {"FBC", "Full blood count"}, {"LFT", "Liver function tests"}, {"BONE", "Bone profile"}, {"SCREEN", "Screening panel"}}

// results is one report of some analytes.
func (p *person) results(rng *rand.Rand) []byte {
	at := p.at.Add(time.Duration(1+rng.IntN(4000)) * time.Minute)
	b := p.start("LAB", "ORU", "R01", "ORU_R01", at.Add(time.Duration(rng.IntN(3600))*time.Second))
	if rng.IntN(2) == 0 {
		p.stay(b)
	}
	status := pick(rng, "F", "F", "F", "P", "C")
	panel := panels[rng.IntN(len(panels))]
	filler := fmt.Sprintf("R%07d", rng.IntN(1e7))
	b.Add("OBR").Set(1, "1").Set(3, filler, "LAB").Set(4, panel[0], panel[1], "L").Set(7, hl7.FormatTime(at)).
		Set(22, hl7.FormatTime(at.Add(time.Duration(rng.IntN(7200))*time.Second))).Set(25, status)
	for i, n := range rng.Perm(len(analytes))[:3+rng.IntN(10)] {
		a := analytes[n]
		value := a.low + (a.high-a.low)*(rng.Float64()*1.4-0.2)
		flag := "N"
		if value < a.low {
			flag = "L"
		} else if value > a.high {
			flag = "H"
		}
		b.Add("OBX").Set(1, strconv.Itoa(i+1)).Set(2, "NM").Set(3, a.loinc, a.name, "LN").Set(5, strconv.FormatFloat(max(value, 0), 'f', a.digits, 64)).
			Set(6, a.unit, a.unit, "UCUM").Set(7, strconv.FormatFloat(a.low, 'f', a.digits, 64)+"-"+strconv.FormatFloat(a.high, 'f', a.digits, 64)).
			Set(8, flag).Set(11, status).Set(14, hl7.FormatTime(at))
		if rng.IntN(12) == 0 {
			b.Add("NTE").Set(1, "1").Set(3, "Specimen "+pick(rng, "slightly haemolysed", "lipaemic", "received late")+"; "+name(rng))
		}
	}
	return b.Bytes()
}
