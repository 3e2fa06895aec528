package alert

import (
	"slices"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// Which change check a setting is of.
const (
	EdgeChange    = "change"     // either way, against the last result
	EdgeFallDay   = "fall-1d"    // from the highest of a day
	EdgeFallWeek  = "fall-7d"    // from the highest of 7 days
	EdgeEarlyRise = "early-rise" // of creatinine, short of the algorithm's own stage 1
)

// changeRanges are the change checks that a site may set, never looser than the program's
// own: a smaller change marks more. Ages is the row. The stages of acute kidney injury are
// the algorithm's and fixed; what a site sets marks an earlier rise, under words of its own.
var changeRanges = []Range{
	{Edge: EdgeChange, Unit: "mmol/L", Ages: "sodium", Strict: "5", Loose: "13", From: words.S("AACC note on delta checks (2011), 13; reference change value 3.25 % (J Clin Lab Anal 2013;27:438)")},
	{Edge: EdgeChange, Unit: "mmol/L", Ages: "potassium", Strict: "0.6", Loose: "1.5", From: words.S("starter set, only smaller; reference change value 12.8 % (J Clin Lab Anal 2013;27:438)")},
	{Edge: EdgeChange, Unit: "fL", Ages: "MCV", Strict: "3", Loose: "5", From: words.S("starter set, only smaller; the strict end is chosen")},
	{Edge: EdgeFallDay, Unit: "g/L", Ages: "haemoglobin", Strict: "10", Loose: "20", From: words.S("starter set, only smaller; a unit of red cells raises it by about 10 g/L")},
	{Edge: EdgeFallWeek, Unit: "g/L", Ages: "haemoglobin", Strict: "10", Loose: "30", From: words.S("starter set, only smaller; a unit of red cells raises it by about 10 g/L")},
	{Edge: EdgeEarlyRise, Unit: "umol/L", Ages: "creatinine", Strict: "15", Loose: "26", From: words.S("NHS England AKI algorithm, 26 in 48 h, which stays; reference change value 14.5 % (J Clin Lab Anal 2013;27:438)")},
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
	}
	return false
}

// ownChange is one of the program's own change checks; of the early rise there is none.
func (r Rules) ownChange(edge, row string) (Edge, bool) {
	if edge == EdgeEarlyRise {
		return Edge{}, true
	}
	i := slices.IndexFunc(r.Changes, func(d Delta) bool { return d.is(edge, row) })
	if i < 0 {
		return Edge{}, false
	}
	return Edge{At: r.Changes[i].Fall}, true
}

// underChanges are the rules with a site's change checks.
func (r Rules) underChanges(s Settings, ward string, number int) Rules {
	r.Changes = slices.Clone(r.Changes)
	for _, g := range changeRanges {
		own, ok := r.ownChange(g.Edge, g.Ages)
		e := s.over(own, g.Edge, g.Unit, g.Ages, ward, number)
		if !ok || e.Set == nil {
			continue
		}
		if g.Edge == EdgeEarlyRise { // behind the algorithm's own stages, which speak first
			d := Delta{Analyte: g.Ages, Unit: g.Unit, Within: 2 * dayLong, Rise: e.At, More: true, From: nhsAKI}
			r.Changes = append(r.Changes, d.saying(words.S("rose by more than %s µmol/L in 48 h, short of AKI stage 1 (%s)", string(e.At), e.setWords())))
			continue
		}
		d := &r.Changes[slices.IndexFunc(r.Changes, func(d Delta) bool { return d.is(g.Edge, g.Ages) })]
		d.Fall = e.At
		said := words.S("%s (%s)", text(d.Words), e.setWords())
		switch g.Edge {
		case EdgeChange:
			d.Rise = e.At
		case EdgeFallDay:
			said = words.S("fell by %s g/L or more in a day: bleeding? (%s)", string(e.At), e.setWords())
		case EdgeFallWeek:
			said = words.S("fell by %s g/L or more in 7 days (%s)", string(e.At), e.setWords())
		}
		*d = d.saying(said)
	}
	return r
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
