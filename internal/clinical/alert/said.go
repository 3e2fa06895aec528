package alert

import "wardlight/internal/words"

// What a table says in its own words (who is told at a step, what a change may mean,
// where a limit comes from) is a value like its limits: a site writes its own, and it
// reads as the site wrote it. The words that the defaults came with are known, and are
// said in the language in use where they are shown. What is stored or sent is English.

// Said is a text of a table in the language in use; one that is not of the defaults stays
// as it is.
func Said(english string) string {
	if k, ok := vocabulary[english]; ok {
		return k.Say()
	}
	return english
}

// SaidAll says each of a list.
func SaidAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = Said(s)
	}
	return out
}

// text is a table's text as a part of a sentence.
type text string

// Say is the text in the language in use.
func (t text) Say() string { return Said(string(t)) }

var vocabulary = byEnglish(
	// Whom the ladders tell, and how; the roles of a step one by one, too.
	words.K("named nurse and covering doctor"), words.K("charge nurse and registrar"), words.K("consultant on call"), words.K("site manager"),
	words.K("covering doctor"), words.K("team consultant"), words.K("duty manager"),
	words.K("clinic's on-duty and requester"), words.K("second on call"), words.K("hub duty doctor"), words.K("patient, at home"), words.K("whoever comes on"),
	words.K("named nurse"), words.K("charge nurse"), words.K("registrar"), words.K("clinic's on-duty"), words.K("requester"),
	words.K("shown on the screens of the ward"), words.K("the laboratory is to phone, too"), words.K("work list"), words.K("badge"),
	words.K("phone number shown"), words.K("if out of reach and life at risk: check by site policy"),
	// What a change may mean, and what is said of a result after discharge.
	words.K("unexpected change: check identity and sample"), words.K("fell by 20 g/L or more in a day: bleeding?"), words.K("fell by 30 g/L or more in 7 days"),
	words.K("unexpected change: check identity and sample, unless there was a transfusion"), words.K("halved: clot in the sample, or heparin?"),
	words.K("AKI stage 1"), words.K("AKI stage 2"), words.K("AKI stage 3"), words.K("AKI stage 1: rose by more than 26 µmol/L in 48 h"),
	words.K("came after the patient had left: for the discharging team and who is on call"),
	// Notes of the table of cross-reactions.
	words.K("severe skin reaction to a beta-lactam: none of them, and no test dose"), words.K("cefalexin, cefadroxil and cefaclor have a side chain like ampicillin and amoxicillin; carbapenems under 1 %"),
	words.K("the same side chain"), words.K("an effect of the whole class; paracetamol only in high dose"), words.K("with furosemide and thiazides a cross-reaction is not expected"),
	words.K("nausea and itch are no allergy"), words.K("another agent of the same kind"), words.K("shellfish and iodine are not contrast"),
	// Tests by the names that the tables have for them; how a sender names them stays as sent.
	words.K("potassium"), words.K("sodium"), words.K("glucose"), words.K("haemoglobin"), words.K("platelets"), words.K("leucocytes"), words.K("neutrophils"), words.K("INR"),
	words.K("lactate"), words.K("troponin T"), words.K("troponin I"), words.K("creatinine"), words.K("urea"), words.K("pH"), words.K("pCO2"), words.K("calcium"), words.K("calcium, ionised"),
	words.K("magnesium"), words.K("phosphate"), words.K("bilirubin"), words.K("blood culture"), words.K("MCV"),
	// Ages that bounds are for.
	words.K(Adults), words.K(Children), words.K(FirstDay), words.K(FirstMonth),
	// Where a table's row comes from, where that is no title.
	words.K("chosen to meet laboratories' usual 30 and 60 min; the site sets its own"), words.K("chosen; the site's laboratory sets its own"), words.K("chosen: a result after discharge is nobody's by the bed"),
	words.K("starter set, for the site's laboratory to confirm"), words.K("laboratories’ “first time only” rows; the time is chosen"), words.K("every laboratory's list"),
	words.K("starter row, not checked against a source: a pharmacist signs it off"), words.K("the site's own list of products"),
	words.K(jbds), words.K(ctcae), words.K(bsh), words.K(itp), words.K(gases), words.K(harmony), words.K(sepsis),
	words.K("not in the table"), words.K("the same ingredient"), words.K("the class as recorded"), words.K("a request that waits always counts"), words.K("taken in series: no interval"),
	words.K("RCPath G158 (2017); under 16 its own limit"), words.K("RCPath G158 (2017); under 16 its own limit; mg/dL: US laboratories' published critical lists"),
	words.K("US laboratories' published critical lists"), words.K("UK laboratories' telephone limits"), words.K("University of Iowa critical list"),
	words.K("UK laboratories' telephone limits; US laboratories' published critical lists"), words.K("US laboratories' published critical lists; urgent: UK laboratories' telephone limits"),
	words.K("UK laboratories' telephone limits, 3.5 to 5.5; 4.0 chosen"), words.K("RCPath G158 (2017): the site's own assay; Wardlight default: the site enters its own"),
	words.K("RCPath G158 (2017), low; US laboratories' published critical lists, high"),
	words.K("J Clin Path, minimum retesting intervals; Leeds has 40 days"),
	words.K("Wardlight's own defaults, not signed off by this site"),
)

func byEnglish(list ...words.Key) map[string]words.Key {
	out := make(map[string]words.Key, len(list))
	for _, k := range list {
		out[k.English()] = k
	}
	return out
}
