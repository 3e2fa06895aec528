package alert

import "wardlight/internal/words"

// Where the ends of what a site may set of an urgent limit come from: the loose end is the
// program's own, because no looser one is known; within the strict one is what a healthy
// person has, or what another source calls by its own name.
const (
	harmony = "UK consensus reference intervals (EJIFCC 2016;27:48)"
	jbds    = "hypoglycaemia below 4 mmol/L (JBDS); diabetes from 11.1 mmol/L (WHO)"
	ctcae   = "neutropenia of grade 2 below 1.5 (CTCAE 5)"
	bsh     = "target ranges of INR up to 4.0 (BSH 2011)"
	itp     = "thrombocytopenia below 100 (international working group, 2009)"
	sepsis  = "Surviving Sepsis Campaign: 2.0"
	gases   = "reference interval of arterial pH, 7.35 to 7.45"
)

func urgentUpTo(own, strict string) words.Sentence {
	return words.S("%s; no looser one is known, so only stricter; the strict end: %s", text(own), text(strict))
}

// urgentRanges are the urgent limits that a site may set, by analyte. Like the table they
// are for adults, and for both sexes.
var urgentRanges = map[string][]Range{
	"potassium": {
		{Edge: EdgeUrgentLow, Unit: "mmol/L", Loose: "2.9", Strict: "3.5", From: urgentUpTo(rc, harmony)},
		{Edge: EdgeUrgentHigh, Unit: "mmol/L", Loose: "6.0", Strict: "5.3", From: urgentUpTo(rc, harmony)},
	},
	"sodium": {
		{Edge: EdgeUrgentLow, Unit: "mmol/L", Loose: "125", Strict: "133", From: urgentUpTo(rc, harmony)},
		{Edge: EdgeUrgentHigh, Unit: "mmol/L", Loose: "155", Strict: "146", From: urgentUpTo(rc, harmony)},
	},
	"glucose": {
		{Edge: EdgeUrgentLow, Unit: "mmol/L", Loose: "3.0", Strict: "4.0", From: urgentUpTo(rc, jbds)},
		{Edge: EdgeUrgentHigh, Unit: "mmol/L", Loose: "20", Strict: "11.1", From: urgentUpTo(rc, jbds)},
	},
	"platelets":   {{Edge: EdgeUrgentLow, Unit: "10*9/L", Loose: "50", Strict: "100", From: urgentUpTo(uk, itp)}},
	"leucocytes":  {{Edge: EdgeUrgentHigh, Unit: "10*9/L", Loose: "30", Strict: "25", From: words.S("%s: %s", ukAndUS, "25–50")}},
	"neutrophils": {{Edge: EdgeUrgentLow, Unit: "10*9/L", Loose: "1.0", Strict: "1.5", From: urgentUpTo(uk, ctcae)}},
	"INR":         {{Edge: EdgeUrgentHigh, Unit: "{INR}", Loose: "4.5", Strict: "4.0", From: urgentUpTo(uk, bsh)}},
	"lactate":     {{Edge: EdgeUrgentHigh, Unit: "mmol/L", Loose: "3.5", Strict: "2.0", From: words.S("%s; %s", upTo(uk, "3.5–5.5"), text(sepsis))}},
	"pH":          {{Edge: EdgeUrgentLow, Unit: "[pH]", Loose: "7.25", Strict: "7.35", From: urgentUpTo(us, gases)}},
	"calcium":     {{Edge: EdgeUrgentHigh, Unit: "mmol/L", Loose: "3.0", Strict: "2.6", From: urgentUpTo(rc, harmony)}},
	"phosphate":   {{Edge: EdgeUrgentHigh, Unit: "mmol/L", Loose: "3.0", Strict: "1.5", From: urgentUpTo(rc, harmony)}},
}
