package catalogue

// The codes below are those of the critical table (package alert), each read
// with its full name in a checked list. Whatever has none is known by its names.
var (
	sodium     = Analyte{Name: "Sodium", Codes: []string{"2951-2"}}
	potassium  = Analyte{Name: "Potassium", Codes: []string{"2823-3"}, Also: []string{"K", "K+"}}
	urea       = Analyte{Name: "Urea", Codes: []string{"22664-7", "3094-0"}, Also: []string{"BUN"}}
	creatinine = Analyte{Name: "Creatinine", Codes: []string{"14682-9", "2160-0"}, Also: []string{"Crea"}}
	hb         = Analyte{Name: "Haemoglobin", Codes: []string{"718-7"}, Also: []string{"Hemoglobin", "Hb"}}
	leucocytes = Analyte{Name: "White cells", Codes: []string{"6690-2"}, Also: []string{"Leucocytes", "Leukocytes", "WBC", "White cell count"}}
	platelets  = Analyte{Name: "Platelets", Codes: []string{"777-3"}}
	bilirubin  = Analyte{Name: "Bilirubin", Codes: []string{"14631-6", "1975-2"}, Also: []string{"Total bilirubin"}}
	alt        = Analyte{Name: "ALT", Also: []string{"Alanine aminotransferase", "Alanine transaminase"}}
	alp        = Analyte{Name: "ALP", Also: []string{"Alkaline phosphatase"}}
	calcium    = Analyte{Name: "Calcium", Codes: []string{"29265-6", "2000-8", "17861-6"}, Also: []string{"Adjusted calcium", "Corrected calcium"}}
	phosphate  = Analyte{Name: "Phosphate", Codes: []string{"14879-1", "2777-1"}}
	magnesium  = Analyte{Name: "Magnesium", Codes: []string{"2601-3", "19123-9"}}
	crp        = Analyte{Name: "C-reactive protein", Also: []string{"CRP"}}
	inr        = Analyte{Name: "INR", Codes: []string{"6301-6"}}
	glucose    = Analyte{Name: "Glucose", Codes: []string{"14749-6", "2345-7", "2339-0"}, Also: []string{"Blood sugar"}}
	lactate    = Analyte{Name: "Lactate", Codes: []string{"2524-7", "2518-9", "32693-4"}}
	ph         = Analyte{Name: "pH", Codes: []string{"2744-1"}}
	pco2       = Analyte{Name: "pCO2", Codes: []string{"2019-8"}}
	tnt        = Analyte{Name: "Troponin T", Codes: []string{"67151-1"}, Also: []string{"hs-TnT"}}
	tni        = Analyte{Name: "Troponin I", Codes: []string{"89579-7"}, Also: []string{"hs-TnI"}}
	culture    = Analyte{Name: "Blood culture", Codes: []string{"600-7"}}
)

const (
	serum   = "blood, serum"
	edta    = "blood, EDTA"
	citrate = "blood, citrate"
)

// one is a test of one analyte, known by nothing but its names.
func one(id, name, sample string, also ...string) Test {
	return Test{ID: id, Name: name, Also: also, Sample: sample, Members: []Analyte{{Name: name, Also: also}}}
}

// of is a test of one analyte that has a code.
func of(id string, a Analyte, sample string, also ...string) Test {
	t := Test{ID: id, Name: a.Name, Also: append(also, a.Also...), Sample: sample, Members: []Analyte{a}}
	if len(a.Codes) > 0 {
		t.LOINC = a.Codes[0]
	}
	return t
}

func defaultTests() []Test {
	return []Test{
		{ID: "fbc", Name: "Full blood count", Also: []string{"FBC", "CBC", "Blood count"}, Sample: edta, Members: []Analyte{hb, leucocytes, platelets}},
		{ID: "ue", Name: "Urea and electrolytes", Also: []string{"U&E", "UE", "Kidney function", "Renal profile"}, Sample: serum, Members: []Analyte{sodium, potassium, urea, creatinine}},
		{ID: "lft", Name: "Liver tests", Also: []string{"LFT", "Liver function", "Liver profile"}, Sample: serum, Members: []Analyte{bilirubin, alt, alp}},
		{ID: "bone", Name: "Calcium, phosphate, magnesium", Also: []string{"Bone profile"}, Sample: serum, Members: []Analyte{calcium, phosphate, magnesium}},
		of("crp", crp, serum), of("potassium", potassium, serum), of("sodium", sodium, serum), of("creatinine", creatinine, serum),
		of("hb", hb, edta), of("platelets", platelets, edta), of("calcium", calcium, serum), of("magnesium", magnesium, serum),
		of("phosphate", phosphate, serum), of("inr", inr, citrate, "Clotting"), of("glucose", glucose, "blood, fluoride"),
		of("lactate", lactate, "blood, fluoride, on ice"), of("tnt", tnt, serum, "Troponin"), of("tni", tni, serum, "Troponin"),
		{ID: "gas", Name: "Arterial blood gas", Also: []string{"ABG", "Blood gas"}, Sample: "arterial blood, heparin syringe", Members: []Analyte{ph, pco2}},
		of("culture", culture, "blood culture bottles, two sites"),
		one("crossmatch", "Crossmatch", "blood, EDTA, labelled by hand", "Group and save", "Blood group"),
		one("gentamicin-level", "Gentamicin level", serum), one("vancomycin-level", "Vancomycin level", serum), one("digoxin-level", "Digoxin level", serum),
		one("esr", "ESR", edta, "Erythrocyte sedimentation rate"), one("folate", "Folate", serum), one("ferritin", "Ferritin", serum),
		one("b12", "Vitamin B12", serum, "B12", "Cobalamin"), one("ig", "Immunoglobulins", serum), one("vitd", "Vitamin D", serum),
		one("lipids", "Lipids", serum, "Cholesterol", "Lipid profile"), one("psa", "PSA", serum, "Prostate specific antigen"),
		one("autoantibodies", "Autoantibodies", serum, "ANA", "ANCA"), one("tft", "Thyroid tests", serum, "TSH", "Thyroid function", "TFT"),
		one("hba1c", "HbA1c", edta, "Glycated haemoglobin"),
		one("urine-culture", "Urine culture", "midstream urine", "MSU"),
	}
}

// defaultSets are asked for with one key or press: what a ward asks for together.
func defaultSets() []Set {
	return []Set{
		{Name: "Morning bloods", Tests: []string{"fbc", "ue", "crp"}},
		{Name: "Sepsis", Tests: []string{"fbc", "ue", "lft", "crp", "lactate", "culture"}},
		{Name: "Chest pain", Tests: []string{"tnt", "fbc", "ue", "glucose"}},
		{Name: "Admission", Tests: []string{"fbc", "ue", "lft", "bone", "crp", "glucose"}},
		{Name: "Before an operation", Tests: []string{"fbc", "ue", "inr", "crossmatch"}},
	}
}
