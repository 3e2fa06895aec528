package alert_test

import (
	"strings"
	"testing"

	"wardlight/internal/clinical/alert"
)

// Every row of the starter table, and what must not fire beside it.
func TestAllergyAgainstOrder(t *testing.T) {
	const (
		stop, caution, inform, unchecked, nothing = "stop", "caution", "inform", "unchecked", ""
	)
	words := map[alert.Level]string{alert.Stop: stop, alert.Caution: caution, alert.Inform: inform, alert.Unchecked: unchecked}
	for _, e := range []struct{ allergy, reaction, order, want string }{
		{"Penicillin", "rash", "amoxicillin", stop},
		{"Penicillin", "", "co-amoxiclav", stop}, // a combination is what it holds
		{"Penicillins", "", "piperacillin-tazobactam", stop},
		{"Amoxicillin", "rash", "flucloxacillin", stop},
		{"Augmentin", "", "amoxicillin", stop}, // a brand is what it holds
		{"Penicillin", "", "cefalexin", caution},
		{"Penicillin", "", "cefaclor", caution},
		{"Penicillin", "", "cefazolin", caution},
		{"Penicillin", "", "ceftriaxone", inform},
		{"Penicillin", "", "meropenem", inform},
		{"Penicillin", "", "aztreonam", inform},
		{"Penicillin", "", "gentamicin", nothing},
		{"Ceftriaxone", "", "ceftriaxone", stop},
		{"Ceftriaxone", "", "cefotaxime", stop}, // the same side chain
		{"Ceftriaxone", "", "cefalexin", caution},
		{"Ceftriaxone", "", "amoxicillin", caution},
		{"Ceftazidime", "", "aztreonam", stop},
		{"Aztreonam", "", "ceftazidime", stop},
		{"Cephalosporins", "", "cefuroxime", stop}, // nobody knows which it was
		{"Penicillin", "Stevens-Johnson syndrome", "meropenem", stop},
		{"Cefalexin", "DRESS", "aztreonam", stop},
		{"Penicillin", "tenderness of the arm", "meropenem", inform}, // is no TEN
		{"Meropenem", "", "ertapenem", stop},
		{"Meropenem", "", "amoxicillin", caution},
		{"Aspirin", "asthma", "ibuprofen", stop},
		{"NSAIDs", "", "ketorolac", stop},
		{"Ibuprofen", "bleeding ulcer", "naproxen", caution},
		{"Ibuprofen", "bleeding ulcer", "ibuprofen", stop},
		{"Aspirin", "urticaria", "celecoxib", caution},
		{"Aspirin", "urticaria", "paracetamol", caution},
		{"Sulfonamide antibiotics", "", "co-trimoxazole", stop},
		{"Septrin", "rash", "sulfasalazine", caution},
		{"Sulfa drugs", "", "furosemide", inform},
		{"Codeine", "anaphylaxis", "morphine", stop},
		{"Morphine", "itch, nausea", "codeine", caution},
		{"Morphine", "itch", "morphine", caution},
		{"Morphine", "itch, anaphylaxis", "codeine", stop},
		{"Codeine", "", "fentanyl", caution},
		{"Ramipril", "angioedema", "lisinopril", stop},
		{"Ramipril", "angioedema", "sacubitril-valsartan", stop},
		{"Ramipril", "cough", "lisinopril", caution},
		{"Lisinopril", "angioedema", "losartan", caution},
		{"Iohexol", "", "iohexol", stop},
		{"Iohexol", "", "iodixanol", caution},
		{"Shellfish", "", "iohexol", inform},
		{"Iodine", "", "iohexol", inform},
		{"Tetracaine", "", "benzocaine", stop},
		{"Tetracaine", "", "lidocaine", caution},
		{"Egg", "", "propofol", stop},
		{"Latex", "", "urinary-catheter-latex", stop},
		{"Peanuts", "", "arachis-enema", stop},
		{"Latex", "", "propofol", nothing},
		{"that red tablet", "", "amoxicillin", unchecked},
		{"Penicillin", "", "Wonderdrug 5", unchecked},
		{"Iodinated contrast", "", "CT with contrast", stop}, // words name the class, too
	} {
		got := rules.Clashes(e.order, []alert.Allergy{{ID: "a1", Words: e.allergy, Reaction: e.reaction}})
		level := nothing
		if len(got) > 0 {
			level = words[got[0].Level]
		}
		if level != e.want || len(got) > 1 {
			t.Errorf("%s (%s) against %s: %q %+v, want %q", e.allergy, e.reaction, e.order, level, got, e.want)
		}
		if len(got) > 0 && (got[0].From == "" || !strings.Contains(got[0].Words.English(), e.allergy)) {
			t.Errorf("%s against %s does not say whose allergy or from where: %+v", e.allergy, e.order, got[0])
		}
	}
}

// An intolerance never stops; the strongest of several comes first, and none
// hides another.
func TestSeveralAllergiesAgainstOneOrder(t *testing.T) {
	got := rules.Clashes("co-amoxiclav", []alert.Allergy{
		{ID: "a1", Words: "that red tablet"}, {ID: "a2", Words: "Ceftriaxone"}, {ID: "a3", Words: "Penicillin"}, {ID: "a4", Words: "Latex"},
	})
	if len(got) != 3 || got[0].Allergy.ID != "a3" || got[0].Level != alert.Stop || got[1].Allergy.ID != "a2" || got[2].Level != alert.Unchecked {
		t.Errorf("%+v", got)
	}
	got = rules.Clashes("amoxicillin", []alert.Allergy{{ID: "a1", Words: "Amoxicillin", Intolerance: true}})
	if len(got) != 1 || got[0].Level != alert.Caution || !strings.Contains(got[0].Words.English(), "intolerance") {
		t.Errorf("an intolerance: %+v", got)
	}
}
