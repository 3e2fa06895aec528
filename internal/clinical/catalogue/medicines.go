package catalogue

// Names of classes, as the allergy table (package alert) uses them.
const (
	Penicillins       = "penicillins"
	Cephalosporins    = "cephalosporins"
	Carbapenems       = "carbapenems"
	Monobactams       = "monobactams"
	NSAIDs            = "non-selective NSAIDs"
	COX2              = "COX-2 inhibitors"
	SulfaAntibiotics  = "sulfonamide antibiotics"
	SulfaOthers       = "other sulfonamides"
	NaturalOpioids    = "codeine and morphine group"
	SyntheticOpioids  = "fentanyl and methadone"
	ACEInhibitors     = "ACE inhibitors"
	ARBs              = "angiotensin receptor blockers"
	Contrast          = "iodinated contrast"
	EsterAnaesthetics = "local anaesthetic esters"
	AmideAnaesthetics = "local anaesthetic amides"
)

func defaultClasses() []Class {
	return []Class{
		{Penicillins, []string{"penicillin", "penicillins"}, []string{"amoxicillin", "ampicillin", "benzylpenicillin", "phenoxymethylpenicillin", "flucloxacillin", "piperacillin", "pivmecillinam", "temocillin", "ticarcillin"}},
		{Cephalosporins, []string{"cephalosporin", "cefalosporin", "cefalosporins"}, []string{"cefalexin", "cefadroxil", "cefaclor", "cefazolin", "cefuroxime", "ceftriaxone", "cefotaxime", "cefepime", "ceftazidime"}},
		{Carbapenems, []string{"carbapenem"}, []string{"meropenem", "imipenem", "ertapenem"}},
		{Monobactams, nil, []string{"aztreonam"}},
		{NSAIDs, []string{"nsaid", "nsaids", "anti inflammatories"}, []string{"ibuprofen", "naproxen", "diclofenac", "indometacin", "ketorolac", "aspirin"}},
		{COX2, nil, []string{"celecoxib", "etoricoxib"}},
		{SulfaAntibiotics, []string{"sulfonamide", "sulfonamides", "sulphonamide", "sulphonamides", "sulfa", "sulpha", "sulfa drugs"}, []string{"sulfamethoxazole", "sulfadiazine"}},
		{SulfaOthers, nil, []string{"furosemide", "bendroflumethiazide", "indapamide"}},
		{NaturalOpioids, []string{"opiate", "opiates"}, []string{"codeine", "morphine", "dihydrocodeine", "oxycodone"}},
		{SyntheticOpioids, nil, []string{"fentanyl", "methadone"}},
		{ACEInhibitors, []string{"ace inhibitor"}, []string{"ramipril", "lisinopril", "enalapril", "perindopril"}},
		{ARBs, []string{"arb"}, []string{"losartan", "candesartan", "valsartan"}},
		{Contrast, []string{"contrast", "contrast medium", "x ray contrast", "iodine contrast"}, []string{"iohexol", "iodixanol", "iopamidol"}},
		{EsterAnaesthetics, nil, []string{"tetracaine", "procaine", "benzocaine"}},
		{AmideAnaesthetics, nil, []string{"lidocaine", "bupivacaine", "levobupivacaine"}},
	}
}

// plain is a medicine of one ingredient that is called like it.
func plain(name string, also ...string) Medicine {
	return Medicine{ID: Fold(name), Name: name, Also: also, Ingredients: []string{Fold(name)}}
}

func defaultMedicines() []Medicine {
	combined := []Medicine{
		{ID: "co-amoxiclav", Name: "Co-amoxiclav", Also: []string{"Augmentin"}, Ingredients: []string{"amoxicillin", "clavulanic acid"}},
		{ID: "piperacillin-tazobactam", Name: "Piperacillin with tazobactam", Also: []string{"Tazocin"}, Ingredients: []string{"piperacillin", "tazobactam"}},
		{ID: "imipenem-cilastatin", Name: "Imipenem with cilastatin", Also: []string{"Primaxin"}, Ingredients: []string{"imipenem", "cilastatin"}},
		{ID: "co-trimoxazole", Name: "Co-trimoxazole", Also: []string{"Septrin"}, Ingredients: []string{"sulfamethoxazole", "trimethoprim"}},
		{ID: "sacubitril-valsartan", Name: "Sacubitril with valsartan", Also: []string{"Entresto"}, Ingredients: []string{"sacubitril", "valsartan"}},
		{ID: "co-codamol", Name: "Co-codamol", Ingredients: []string{"codeine", "paracetamol"}},
		{ID: "co-dydramol", Name: "Co-dydramol", Ingredients: []string{"dihydrocodeine", "paracetamol"}},
		{ID: "propofol", Name: "Propofol", Ingredients: []string{"propofol"}, Holds: []string{"egg", "soya"}},
		{ID: "influenza-vaccine-egg", Name: "Influenza vaccine, grown in egg", Ingredients: []string{"influenza vaccine"}, Holds: []string{"egg"}},
		{ID: "arachis-enema", Name: "Arachis oil enema", Ingredients: []string{"arachis oil"}, Holds: []string{"peanut"}},
		{ID: "urinary-catheter-latex", Name: "Urinary catheter, latex", Ingredients: []string{"catheter"}, Holds: []string{"latex"}},
	}
	return append(combined, single()...)
}

func single() []Medicine {
	return []Medicine{
		plain("Amoxicillin", "Amoxil"), plain("Ampicillin"), plain("Benzylpenicillin", "Penicillin G"), plain("Phenoxymethylpenicillin", "Penicillin V"),
		plain("Flucloxacillin"), plain("Pivmecillinam", "Selexid"), plain("Temocillin", "Negaban"),
		plain("Cefalexin", "Cephalexin"), plain("Cefadroxil"), plain("Cefaclor"), plain("Cefazolin"), plain("Cefuroxime", "Zinacef"),
		plain("Ceftriaxone", "Rocephin"), plain("Cefotaxime"), plain("Cefepime"), plain("Ceftazidime"),
		plain("Meropenem", "Meronem"), plain("Ertapenem", "Invanz"), plain("Aztreonam", "Azactam"),
		plain("Sulfadiazine"), plain("Sulfasalazine", "Salazopyrin"), plain("Trimethoprim"),
		plain("Gentamicin"), plain("Vancomycin"), plain("Clarithromycin"), plain("Doxycycline"), plain("Metronidazole"), plain("Ciprofloxacin"), plain("Nitrofurantoin"),
		plain("Aspirin", "Acetylsalicylic acid"), plain("Ibuprofen", "Nurofen"), plain("Naproxen"), plain("Diclofenac", "Voltarol"), plain("Indometacin"), plain("Ketorolac"),
		plain("Celecoxib"), plain("Etoricoxib"), plain("Paracetamol", "Acetaminophen"),
		plain("Codeine"), plain("Dihydrocodeine"), plain("Morphine", "Oramorph"), plain("Oxycodone", "OxyNorm"), plain("Fentanyl"), plain("Methadone"),
		plain("Ramipril"), plain("Lisinopril"), plain("Enalapril"), plain("Perindopril"), plain("Losartan"), plain("Candesartan"), plain("Valsartan"),
		plain("Furosemide", "Frusemide"), plain("Bendroflumethiazide"), plain("Indapamide"),
		plain("Iohexol", "Omnipaque"), plain("Iodixanol", "Visipaque"), plain("Iopamidol"),
		plain("Tetracaine", "Amethocaine"), plain("Procaine"), plain("Benzocaine"), plain("Lidocaine", "Lignocaine"), plain("Bupivacaine"), plain("Levobupivacaine"),
		plain("Insulin, soluble"), plain("Salbutamol"), plain("Omeprazole"), plain("Enoxaparin", "Clexane"), plain("Metoclopramide"), plain("Ondansetron"),
		plain("Calcium gluconate"), plain("Sodium chloride 0.9 %", "Saline"), plain("Glucose 20 %", "Dextrose"),
	}
}
