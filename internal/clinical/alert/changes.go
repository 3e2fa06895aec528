package alert

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// Which change check a setting is of.
const (
	EdgeChange    = "change"     // either way, against the last result
	EdgeFallDay   = "fall-1d"    // from the highest of a day
	EdgeFallWeek  = "fall-7d"    // from the highest of 7 days
	EdgeFallPart  = "fall-part"  // a part of the last result, in per cent
	EdgeEarlyRise = "early-rise" // of creatinine, short of the algorithm's own stage 1
	// Within which time each of them looks back, in hours.
	EdgeChangeTime   = "change-within"
	EdgeFallDayTime  = "fall-1d-within"
	EdgeFallWeekTime = "fall-7d-within"
	EdgeFallPartTime = "fall-part-within"
)

// Percent is the unit of a part of the last result.
const Percent = "%"

// checkOf is the check whose time an edge sets; the other edges are of their own.
var checkOf = map[string]string{
	EdgeChangeTime: EdgeChange, EdgeFallDayTime: EdgeFallDay, EdgeFallWeekTime: EdgeFallWeek, EdgeFallPartTime: EdgeFallPart,
}

// changeRanges are the change checks that a site may set, never looser than the program's
// own: a smaller change marks more, and so does a longer time. Ages is the row. The stages
// of acute kidney injury are the algorithm's and fixed, times and all; what a site sets
// marks an earlier rise, under words of its own and within the algorithm's 48 h.
var changeRanges = []Range{
	{Edge: EdgeChange, Unit: "mmol/L", Ages: "sodium", Strict: "5", Loose: "13", From: words.S("AACC note on delta checks (2011), 13; reference change value 3.25 % (J Clin Lab Anal 2013;27:438)")},
	{Edge: EdgeChange, Unit: "mmol/L", Ages: "potassium", Strict: "0.6", Loose: "1.5", From: words.S("starter set, only smaller; reference change value 12.8 % (J Clin Lab Anal 2013;27:438)")},
	{Edge: EdgeChange, Unit: "fL", Ages: "MCV", Strict: "3", Loose: "5", From: words.S("starter set, only smaller; the strict end is chosen")},
	{Edge: EdgeFallDay, Unit: "g/L", Ages: "haemoglobin", Strict: "10", Loose: "20", From: words.S("starter set, only smaller; a unit of red cells raises it by about 10 g/L")},
	{Edge: EdgeFallWeek, Unit: "g/L", Ages: "haemoglobin", Strict: "10", Loose: "30", From: words.S("starter set, only smaller; a unit of red cells raises it by about 10 g/L")},
	{Edge: EdgeFallPart, Unit: Percent, Ages: "platelets", Strict: "30", Loose: "50", From: words.S("starter set, halved; the 4Ts score for heparin-induced thrombocytopenia counts a fall of 30 per cent (J Thromb Haemost 2006;4:759)")},
	lookBack(EdgeChangeTime, "sodium", "72", "168"),
	lookBack(EdgeChangeTime, "potassium", "72", "168"),
	lookBack(EdgeChangeTime, "MCV", "168", "672"),
	lookBack(EdgeFallDayTime, "haemoglobin", "24", "72"),
	lookBack(EdgeFallWeekTime, "haemoglobin", "168", "336"),
	{Edge: EdgeFallPartTime, Unit: Hours, Ages: "platelets", Strict: "240", Loose: "72", From: words.S("starter set, only longer; the 4Ts score has it begin 5 to 10 days after heparin (J Thromb Haemost 2006;4:759)")},
	{Edge: EdgeEarlyRise, Unit: "umol/L", Ages: "creatinine", Strict: "15", Loose: "26", From: words.S("NHS England AKI algorithm, 26 in 48 h, which stays; reference change value 14.5 % (J Clin Lab Anal 2013;27:438)")},
}

// lookBack is the range of a time: from the program's own to longer.
func lookBack(edge, row string, own, longest fhir.Decimal) Range {
	return Range{Edge: edge, Unit: Hours, Ages: row, Strict: longest, Loose: own, From: words.S("starter set, only longer; the long end is chosen")}
}

const dayLong = 24 * time.Hour

// is says whether a change check is the one that an edge sets.
func (d Delta) is(edge, row string) bool {
	switch {
	case d.Analyte != row:
		return false
	case edge == EdgeChange:
		return d.Rise != "" && d.Rise == d.Fall
	case edge == EdgeFallDay:
		return d.Fall != "" && d.Rise == "" && d.Within == dayLong
	case edge == EdgeFallWeek:
		return d.Fall != "" && d.Rise == "" && d.Within == 7*dayLong
	case edge == EdgeFallPart:
		return d.Halved
	}
	return false
}

// changeOf is which of the program's own change checks an edge sets, or -1.
func (r Rules) changeOf(edge, row string) int {
	check := cmp.Or(checkOf[edge], edge)
	return slices.IndexFunc(r.Changes, func(d Delta) bool { return d.is(check, row) })
}

// ownChange is one of the program's own change checks, or the time of one; of the early
// rise there is none.
func (r Rules) ownChange(edge, row string) (Edge, bool) {
	if edge == EdgeEarlyRise {
		return Edge{}, true
	}
	i := r.changeOf(edge, row)
	switch {
	case i < 0:
		return Edge{}, false
	case checkOf[edge] != "":
		return Edge{At: fhir.Decimal(strconv.Itoa(int(r.Changes[i].Within / time.Hour)))}, true
	case edge == EdgeFallPart:
		return Edge{At: half}, true
	}
	return Edge{At: r.Changes[i].Fall}, true
}

// half is what is halved, in per cent.
const half = fhir.Decimal("50")

// underChanges are the rules with a site's change checks.
func (r Rules) underChanges(s Settings, ward string, number int) Rules {
	own := r // a check is found by what the program has, whatever was set of it
	r.Changes = slices.Clone(r.Changes)
	newest := map[int]Edge{} // of each check that the site set something of, what it set last
	for _, g := range changeRanges {
		was, ok := own.ownChange(g.Edge, g.Ages)
		e := s.over(was, g.Edge, g.Unit, g.Ages, ward, number)
		if !ok || e.Set == nil {
			continue
		}
		if g.Edge == EdgeEarlyRise { // behind the algorithm's own stages, which speak first
			d := Delta{Analyte: g.Ages, Unit: g.Unit, Within: 2 * dayLong, Rise: e.At, More: true, From: nhsAKI}
			r.Changes = append(r.Changes, d.saying(words.S("rose by more than %s µmol/L in 48 h, short of AKI stage 1 (%s)", string(e.At), e.setWords())))
			continue
		}
		i := own.changeOf(g.Edge, g.Ages)
		if !r.Changes[i].take(g.Edge, e.At) {
			continue
		}
		if last, is := newest[i]; !is || last.Set.Number < e.Set.Number {
			newest[i] = e
		}
	}
	for i, e := range newest {
		r.Changes[i] = r.Changes[i].saying(r.Changes[i].setSentence(own.Changes[i], e.setWords()))
	}
	return r
}

// take puts what a site set into a change check; false for what is no number of hours.
func (d *Delta) take(edge string, at fhir.Decimal) bool {
	switch {
	case checkOf[edge] != "":
		n, err := strconv.Atoi(string(at))
		if err != nil {
			return false
		}
		d.Within = time.Duration(n) * time.Hour
	case edge == EdgeFallPart:
		d.Halved, d.Part = false, at
	case edge == EdgeChange:
		d.Rise, d.Fall = at, at
	default:
		d.Fall = at
	}
	return true
}

// setSentence is what a check says that a site set: how much, within which time, and by
// whose word.
func (d Delta) setSentence(own Delta, by words.Sentence) words.Sentence {
	longer := d.Within != own.Within
	switch {
	case own.is(EdgeFallPart, d.Analyte):
		return words.S("fell by %s %% or more in %s: clot in the sample, or heparin? (%s)", string(cmp.Or(d.Part, half)), lasting(d.Within), by)
	case own.is(EdgeFallDay, d.Analyte) && longer:
		return words.S("fell by %s g/L or more in %s: bleeding? (%s)", string(d.Fall), lasting(d.Within), by)
	case own.is(EdgeFallDay, d.Analyte):
		return words.S("fell by %s g/L or more in a day: bleeding? (%s)", string(d.Fall), by)
	case own.is(EdgeFallWeek, d.Analyte):
		return words.S("fell by %s g/L or more in %s (%s)", string(d.Fall), lasting(d.Within), by)
	case longer:
		return words.S("%s, within %s (%s)", text(own.Words), lasting(d.Within), by)
	}
	return words.S("%s (%s)", text(own.Words), by)
}

// lasting is a time in words that can be said in any language.
func lasting(d time.Duration) words.Sentence {
	if n := int(d / dayLong); n > 1 && d%dayLong == 0 {
		return words.S("%d days", n)
	}
	return words.S("%d h", int(d/time.Hour))
}

// saying is a change check with the words of the site's limit.
func (d Delta) saying(s words.Sentence) Delta {
	d.Words, d.said = s.English(), s
	return d
}

// Say are the words of a change check in the language in use.
func (d Delta) Say() string {
	if d.said.IsZero() {
		return Said(d.Words)
	}
	return d.said.Say()
}

// Remarks are Changed in the language in use.
func (r Rules) Remarks(o fhir.Observation, earlier []fhir.Observation) []string {
	if d, holds := r.changed(o, earlier); holds {
		return []string{d.Say()}
	}
	return nil
}
