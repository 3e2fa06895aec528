package alert

import (
	"fmt"
	"math/big"
	"slices"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// Delta is one change check: the result against the last one within a time. It
// marks; it never hides or delays a result.
type Delta struct {
	Analyte string        `json:"analyte"`         // a row of the critical table, or the name of what Codes are
	Codes   []string      `json:"codes,omitempty"` // LOINC, of a test that has no row there
	Unit    string        `json:"unit"`
	Within  time.Duration `json:"within"`
	Rise    fhir.Decimal  `json:"rise,omitempty"`   // at least so much more
	Fall    fhir.Decimal  `json:"fall,omitempty"`   // at least so much less
	More    bool          `json:"more,omitempty"`   // more than Rise, not as much
	Times   fhir.Decimal  `json:"times,omitempty"`  // at least so many times the lowest
	Median  bool          `json:"median,omitempty"` // Times counts from the median of the time before After
	After   time.Duration `json:"after,omitempty"`  // only results at least so old count
	Halved  bool          `json:"halved,omitempty"`
	Part    fhir.Decimal  `json:"part,omitempty"` // less by at least so many per cent of the last
	Words   string        `json:"words"`
	From    string        `json:"from"`

	said words.Sentence // Words, where the site set it
}

const (
	starter  = "starter set, for the site's laboratory to confirm"
	nhsAKI   = "NHS England AKI algorithm"
	identity = "unexpected change: check identity and sample"
)

func defaultDeltas() []Delta {
	const day = 24 * time.Hour
	return []Delta{
		{Analyte: "sodium", Unit: "mmol/L", Within: 3 * day, Rise: "13", Fall: "13", Words: identity, From: "AACC note on delta checks (2011)"},
		{Analyte: "potassium", Unit: "mmol/L", Within: 3 * day, Rise: "1.5", Fall: "1.5", Words: identity, From: starter},
		{Analyte: "haemoglobin", Unit: "g/L", Within: day, Fall: "20", Words: "fell by 20 g/L or more in a day: bleeding?", From: starter},
		{Analyte: "haemoglobin", Unit: "g/L", Within: 7 * day, Fall: "30", Words: "fell by 30 g/L or more in 7 days", From: starter},
		{Analyte: "MCV", Codes: []string{"787-2"}, Unit: "fL", Within: 7 * day, Rise: "5", Fall: "5", Words: identity + ", unless there was a transfusion", From: starter},
		{Analyte: "platelets", Unit: "10*9/L", Within: 3 * day, Halved: true, Words: "halved: clot in the sample, or heparin?", From: starter},
		{Analyte: "creatinine", Unit: "umol/L", Within: 7 * day, Times: "3", Words: "AKI stage 3", From: nhsAKI},
		{Analyte: "creatinine", Unit: "umol/L", Within: 365 * day, After: 8 * day, Median: true, Times: "3", Words: "AKI stage 3", From: nhsAKI},
		{Analyte: "creatinine", Unit: "umol/L", Within: 7 * day, Times: "2", Words: "AKI stage 2", From: nhsAKI},
		{Analyte: "creatinine", Unit: "umol/L", Within: 365 * day, After: 8 * day, Median: true, Times: "2", Words: "AKI stage 2", From: nhsAKI},
		{Analyte: "creatinine", Unit: "umol/L", Within: 7 * day, Times: "1.5", Words: "AKI stage 1", From: nhsAKI},
		{Analyte: "creatinine", Unit: "umol/L", Within: 365 * day, After: 8 * day, Median: true, Times: "1.5", Words: "AKI stage 1", From: nhsAKI},
		{Analyte: "creatinine", Unit: "umol/L", Within: 2 * day, Rise: "26", More: true, Words: "AKI stage 1: rose by more than 26 µmol/L in 48 h", From: nhsAKI},
	}
}

// point is a result as a change check sees it.
type point struct {
	value *big.Rat // in the check's unit
	at    time.Time
}

// Changed are the remarks of the change checks on a result, given the patient's
// earlier ones in any order; of several about one test the first of the table.
// Only like is compared with like: the same code, a plain number, a unit that
// converts.
func (r Rules) Changed(o fhir.Observation, earlier []fhir.Observation) []string {
	if d, holds := r.changed(o, earlier); holds {
		return []string{d.Words}
	}
	return nil
}

// changed is the change check that holds.
func (r Rules) changed(o fhir.Observation, earlier []fhir.Observation) (Delta, bool) {
	l, _, listed := r.limitFor(o.Code)
	for _, d := range r.Changes {
		switch {
		case slices.ContainsFunc(d.Codes, func(c string) bool { return o.Code.Has(fhir.SystemLOINC, c) }):
			l = Limit{Analyte: d.Analyte}
		case !listed || d.Analyte != l.Analyte:
			continue
		}
		now, ok := r.point(l, o, d.Unit)
		if !ok {
			continue
		}
		var before []point
		for _, e := range earlier {
			at, err := time.Parse(time.RFC3339Nano, e.EffectiveDateTime)
			if age := now.at.Sub(at); err != nil || age <= 0 || age < d.After || age > d.Within || !sameCode(o.Code, e.Code) {
				continue // before its number is read, which takes longer
			}
			if p, ok := r.point(l, e, d.Unit); ok {
				before = append(before, p)
			}
		}
		if len(before) > 0 && d.holds(now, before) {
			return d, true
		}
	}
	return Delta{}, false
}

func (r Rules) point(l Limit, o fhir.Observation, unit string) (point, bool) {
	q := o.ValueQuantity
	if q == nil || q.Value == nil || q.Comparator != "" || o.Status == "entered-in-error" || o.Status == "cancelled" {
		return point{}, false
	}
	x, ok := number(string(*q.Value))
	at, err := time.Parse(time.RFC3339Nano, o.EffectiveDateTime)
	u, known := r.UCUM(*q, senderOf(o))
	if !ok || err != nil || !known {
		return point{}, false
	}
	y, err := convert(l.Analyte, x, u, unit)
	return point{y, at}, err == nil
}

func sameCode(a, b fhir.CodeableConcept) bool {
	return slices.ContainsFunc(a.Coding, func(c fhir.Coding) bool { return b.Has(c.System, c.Code) })
}

func (d Delta) holds(now point, before []point) bool {
	last, lowest, highest := before[0], before[0], before[0]
	for _, p := range before {
		if p.at.After(last.at) {
			last = p
		}
		if p.value.Cmp(lowest.value) < 0 {
			lowest = p
		}
		if p.value.Cmp(highest.value) > 0 {
			highest = p
		}
	}
	from := func(p point) *big.Rat { return new(big.Rat).Sub(now.value, p.value) }
	switch {
	case d.Times != "" && d.Median:
		base := median(before)
		return base.Sign() > 0 && now.value.Cmp(new(big.Rat).Mul(base, must(string(d.Times)))) >= 0
	case d.Times != "":
		return lowest.value.Sign() > 0 && now.value.Cmp(new(big.Rat).Mul(lowest.value, must(string(d.Times)))) >= 0
	case d.Halved:
		return new(big.Rat).Add(now.value, now.value).Cmp(last.value) <= 0
	case d.Part != "": // of 30 %: a hundred times the value is no more than 70 times the last
		left := new(big.Rat).Sub(big.NewRat(100, 1), must(string(d.Part)))
		return new(big.Rat).Mul(now.value, big.NewRat(100, 1)).Cmp(left.Mul(left, last.value)) <= 0
	case d.Fall != "" && d.Rise == "": // a fall counts from the highest in the time
		return new(big.Rat).Neg(from(highest)).Cmp(must(string(d.Fall))) >= 0
	case d.Rise != "" && d.Fall == "":
		c := from(lowest).Cmp(must(string(d.Rise)))
		return c > 0 || c == 0 && !d.More
	}
	return from(last).Cmp(must(string(d.Rise))) >= 0 || new(big.Rat).Neg(from(last)).Cmp(must(string(d.Fall))) >= 0
}

// median of points; of an even number the mean of the two in the middle.
func median(list []point) *big.Rat {
	sorted := slices.Clone(list)
	slices.SortFunc(sorted, func(a, b point) int { return a.value.Cmp(b.value) })
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2].value
	}
	sum := new(big.Rat).Add(sorted[n/2-1].value, sorted[n/2].value)
	return sum.Mul(sum, big.NewRat(1, 2))
}

// ChangeWords describes a correction for whoever saw the earlier value:
// "7.1 → 4.3 mmol/L".
func ChangeWords(was, is fhir.Observation) string {
	return fmt.Sprintf("%s → %s", valueWords(was), valueWords(is))
}
