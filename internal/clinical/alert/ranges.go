package alert

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// Range is within which a site may set one limit. The loose end is the loosest that a
// published list has, and where only one list is known, that list's own: whoever goes
// beyond it would mute what has to be shown. The strict end keeps a slip of the
// keyboard from making everybody's result a critical one.
type Range struct {
	Edge   string
	Unit   string
	Ages   string
	Loose  fhir.Decimal
	Strict fhir.Decimal
	// Ward is a looser end for a ward alone, where medicine has a reason for one; "" none.
	Ward fhir.Decimal
	From words.Sentence // where the loose end comes from
}

var (
	onlyRC    = stricter(rc)
	onlyUS    = stricter(us)
	ukAndUS   = words.S("%s; %s", text(uk), text(us))
	assay     = words.S("the laboratory’s own assay, above its 99th centile; the range is chosen")
	onlyBaby  = stricter(babies)
	onlyChild = stricter(rcAge)
)

func stricter(source string) words.Sentence {
	return words.S("%s; no looser one is known, so only stricter", text(source))
}

func upTo(source, figures string) words.Sentence { return words.S("%s: %s", text(source), figures) }

// ranges are the rows that a site may set, by analyte.
var ranges = map[string][]Range{
	"potassium": {
		{Edge: EdgeLow, Unit: "mmol/L", Loose: "2.5", Strict: "3.2", From: onlyRC},
		{Edge: EdgeHigh, Unit: "mmol/L", Loose: "6.5", Strict: "5.5", From: onlyRC},
	},
	"sodium": {
		{Edge: EdgeLow, Unit: "mmol/L", Loose: "120", Strict: "130", From: onlyRC},
		{Edge: EdgeHigh, Unit: "mmol/L", Loose: "160", Strict: "150", From: onlyRC},
		{Edge: EdgeLow, Unit: "mmol/L", Ages: Children, Loose: "130", Strict: "133", From: onlyChild},
		{Edge: EdgeHigh, Unit: "mmol/L", Ages: Children, Loose: "160", Strict: "150", From: onlyChild},
	},
	"glucose": {
		{Edge: EdgeLow, Unit: "mmol/L", Loose: "2.5", Strict: "3.9", From: onlyRC},
		{Edge: EdgeHigh, Unit: "mmol/L", Loose: "25", Strict: "15", From: onlyRC},
		{Edge: EdgeLow, Unit: "mg/dL", Loose: "45", Strict: "70", From: upTo(us, "45, 50")},
		{Edge: EdgeHigh, Unit: "mg/dL", Loose: "500", Strict: "270", From: upTo(us, "400–500")},
		{Edge: EdgeLow, Unit: "mmol/L", Ages: Children, Loose: "2.5", Strict: "3.9", From: onlyChild},
		{Edge: EdgeHigh, Unit: "mmol/L", Ages: Children, Loose: "15", Strict: "11.1", From: onlyChild},
	},
	"haemoglobin": {
		{Edge: EdgeLow, Unit: "g/L", Ages: Adults, Loose: "70", Strict: "90", From: ukAndUS},
		{Edge: EdgeHigh, Unit: "g/L", Ages: Adults, Loose: "200", Strict: "180", From: ukAndUS},
		{Edge: EdgeLow, Unit: "g/L", Ages: Children, Loose: "70", Strict: "90", From: ukAndUS},
	},
	"platelets": {
		{Edge: EdgeLow, Unit: "10*9/L", Loose: "20", Strict: "70", From: words.S("%s; %s", upTo(us, "20"), upTo(uk, "50–70"))},
		{Edge: EdgeHigh, Unit: "10*9/L", Loose: "1000", Strict: "600", From: onlyUS},
	},
	"leucocytes": {
		{Edge: EdgeLow, Unit: "10*9/L", Loose: "1.0", Strict: "2.0", From: words.S("%s: %s", ukAndUS, "1.0–2.0")},
		{Edge: EdgeHigh, Unit: "10*9/L", Loose: "50", Strict: "25", From: words.S("%s: %s", ukAndUS, "25–50")},
	},
	"neutrophils": {{Edge: EdgeLow, Unit: "10*9/L", Loose: "0.5", Strict: "1.0", From: upTo(uk, "0.5–1.0")}},
	"INR":         {{Edge: EdgeHigh, Unit: "{INR}", Loose: "5.0", Strict: "4.0", From: words.S("%s: %s", ukAndUS, "> 5.0")}},
	"lactate":     {{Edge: EdgeHigh, Unit: "mmol/L", Loose: "5.5", Strict: "2.5", From: upTo(uk, "3.5–5.5")}},
	"troponin T":  {{Edge: EdgeHigh, Unit: "ng/L", Loose: "500", Strict: "5", From: assay}},
	"troponin I":  {{Edge: EdgeHigh, Unit: "ng/L", Loose: "500", Strict: "5", From: assay}},
	"creatinine": {
		{Edge: EdgeHigh, Unit: "umol/L", Loose: "354", Strict: "200", From: onlyRC},
		{Edge: EdgeHigh, Unit: "mg/dL", Loose: "4.0", Strict: "2.3", From: onlyRC},
		{Edge: EdgeHigh, Unit: "umol/L", Ages: Children, Loose: "200", Strict: "80", From: onlyChild},
	},
	"urea": {
		{Edge: EdgeHigh, Unit: "mmol/L", Loose: "30", Strict: "15", From: onlyRC},
		{Edge: EdgeHigh, Unit: "mmol/L", Ages: Children, Loose: "10", Strict: "7", From: onlyChild},
	},
	"pH": {
		{Edge: EdgeLow, Unit: "[pH]", Loose: "7.20", Strict: "7.30", From: onlyUS},
		{Edge: EdgeHigh, Unit: "[pH]", Loose: "7.60", Strict: "7.50", From: onlyUS},
	},
	"pCO2": {
		{Edge: EdgeLow, Unit: "mm[Hg]", Loose: "20", Strict: "28", From: onlyUS},
		{Edge: EdgeHigh, Unit: "mm[Hg]", Loose: "60", Strict: "50", From: onlyUS},
		{Edge: EdgeLow, Unit: "kPa", Loose: "2.7", Strict: "3.7", From: onlyUS},
		{Edge: EdgeHigh, Unit: "kPa", Loose: "8.0", Strict: "6.7", From: onlyUS},
	},
	"calcium": {
		{Edge: EdgeLow, Unit: "mmol/L", Loose: "1.8", Strict: "2.1", From: onlyRC},
		{Edge: EdgeHigh, Unit: "mmol/L", Loose: "3.5", Strict: "2.8", From: onlyRC},
	},
	"calcium, ionised": {
		{Edge: EdgeLow, Unit: "mmol/L", Loose: "0.75", Strict: "1.00", From: onlyUS},
		{Edge: EdgeHigh, Unit: "mmol/L", Loose: "1.50", Strict: "1.35", From: onlyUS},
	},
	"magnesium": {
		{Edge: EdgeLow, Unit: "mmol/L", Loose: "0.4", Strict: "0.6", From: onlyRC},
		{Edge: EdgeHigh, Unit: "mmol/L", Loose: "2.0", Strict: "1.3", Ward: "3.5", From: words.S("%s; a ward that gives magnesium for pre-eclampsia: %s", onlyUS, "3.5")},
	},
	"phosphate": {{Edge: EdgeLow, Unit: "mmol/L", Loose: "0.3", Strict: "0.6", From: onlyRC}},
	"bilirubin": {
		{Edge: EdgeHigh, Unit: "umol/L", Ages: FirstDay, Loose: "171", Strict: "85", From: onlyBaby},
		{Edge: EdgeHigh, Unit: "mg/dL", Ages: FirstDay, Loose: "10", Strict: "5", From: onlyBaby},
		{Edge: EdgeHigh, Unit: "umol/L", Ages: FirstMonth, Loose: "222", Strict: "120", From: onlyBaby},
		{Edge: EdgeHigh, Unit: "mg/dL", Ages: FirstMonth, Loose: "13", Strict: "7", From: onlyBaby},
	},
}

// Ranges are the limits of a rule that a site may set, each with its range; none for a
// rule whose limits are fixed.
func Ranges(rule RuleID) []Range {
	if times, ok := timeRanges[rule]; ok {
		return slices.Clone(times)
	}
	analyte, critical := strings.CutPrefix(string(rule), criticalRule)
	if !critical {
		return nil
	}
	return slices.Concat(ranges[analyte], urgentRanges[analyte], quietRange(analyte))
}

// Settable are the rules of which a site may set something, in order.
func (r Rules) Settable() []RuleID {
	var out []RuleID
	for _, l := range r.Critical {
		if id := RuleCritical(l.Analyte); len(Ranges(id)) > 0 {
			out = append(out, id)
		}
	}
	return append(out, slices.Sorted(maps.Keys(timeRanges))...)
}

func rangeOf(rule RuleID, unit, ages, edge string) (Range, bool) {
	list := Ranges(rule)
	i := slices.IndexFunc(list, func(g Range) bool { return g.Unit == unit && g.Ages == ages && g.Edge == edge })
	if i < 0 {
		return Range{}, false
	}
	return list[i], true
}

func rangeUnits(rule RuleID, ages, edge string) []string {
	var out []string
	for _, g := range Ranges(rule) {
		if u := cmp.Or(shownUnit(g.Unit), g.Unit); g.Ages == ages && g.Edge == edge && !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	return out
}

// Ends are the lowest and the highest value that may be set, for a ward or for the
// whole hospital.
func (g Range) Ends(ward string) (low, high fhir.Decimal) {
	loose := g.Loose
	if ward != "" && g.Ward != "" {
		loose = g.Ward
	}
	if g.Edge == EdgeLow || g.Edge == EdgeUrgentLow || checkOf[g.Edge] != "" { // who looks back longer marks more
		return loose, g.Strict
	}
	return g.Strict, loose
}

// maxLimitDigits bounds what is written: no limit is more exact than this.
const maxLimitDigits = 8

func (g Range) allows(x Setting) error {
	v, ok := number(string(x.Value))
	if !ok || len(x.Value) > maxLimitDigits || strings.ContainsAny(string(x.Value), "eE+-") || (g.Unit == Minutes || g.Unit == Hours) && !v.IsInt() {
		return words.Errorf("the limit is not a number such as %s", g.Loose)
	}
	low, high := g.Ends(x.Ward)
	if v.Cmp(must(string(low))) < 0 || v.Cmp(must(string(high))) > 0 {
		return words.Errorf("it may be set from %s to %s %s: beyond that what has to be shown would not be (%s)", low, high, shownUnit(g.Unit), g.From)
	}
	return nil
}

// clamped is a setting's value, not beyond the range: a looser one than this program
// allows is never in force.
func (g Range) clamped(x Setting) fhir.Decimal {
	v, ok := number(string(x.Value))
	low, high := g.Ends(x.Ward)
	switch {
	case !ok:
		return g.Loose
	case v.Cmp(must(string(low))) < 0:
		return low
	case v.Cmp(must(string(high))) > 0:
		return high
	}
	return x.Value
}
