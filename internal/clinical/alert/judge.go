package alert

import (
	"math/big"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// Judge says whether a result is critical: by the sender's own flag, by the
// table, or by both, and which. The table speaks where the sender is silent or
// says normal, and the sender where the table is silent.
func (r Rules) Judge(o fhir.Observation, s Subject) Verdict {
	var v Verdict
	switch o.Status {
	case "entered-in-error", "cancelled":
		v.NotJudged = words.S("no result")
		return v
	}
	l, code, ok := r.limitFor(o.Code)
	if ok {
		r.table(&v, l, code, o, s)
	} else {
		v.NotJudged = words.S("no limit is set for this test")
	}
	if v.Mismatch {
		v.Critical, v.Urgent, v.Direction, v.UrgentBy = false, false, None, nil
	}
	if v.Critical {
		v.Rule = RuleCritical(l.Analyte)
	}
	flags(&v, o)
	if v.Critical && v.Rule == "" {
		v.Rule = RuleFlag
	}
	if v.Urgent = v.Urgent && !v.Critical; !v.Urgent {
		v.UrgentBy = nil
	}
	return v
}

// limitFor finds a test's row by any of its codes.
func (r Rules) limitFor(c fhir.CodeableConcept) (Limit, Code, bool) {
	for _, l := range r.Critical {
		for _, code := range l.Codes {
			system := code.System
			if system == "" {
				system = fhir.SystemLOINC
			}
			if c.Has(system, code.Code) {
				return l, code, true
			}
		}
	}
	return Limit{}, Code{}, false
}

func (r Rules) table(v *Verdict, l Limit, code Code, o fhir.Observation, s Subject) {
	switch {
	case o.DataAbsentReason != nil:
		v.NotJudged = words.S("no result")
	case l.Finding:
		finding(v, o)
	case o.ValueQuantity == nil && o.ValueString != nil, o.ValueQuantity == nil && o.ValueCodeableConcept != nil:
		v.NotJudged = words.S("the result is words; read it")
	case o.ValueQuantity == nil:
		v.NotJudged = words.S("the result is not a number")
	default:
		r.quantity(v, l, code, o, s)
	}
}

// quantity compares a number.
func (r Rules) quantity(v *Verdict, l Limit, code Code, o fhir.Observation, s Subject) {
	q := *o.ValueQuantity
	if q.Value == nil {
		v.NotJudged = words.S("the result is not a number")
		return
	}
	x, ok := number(string(*q.Value))
	if !ok {
		v.NotJudged = words.S("the result is not a number")
		return
	}
	unit, known := r.UCUM(q, senderOf(o))
	if unit == "" && l.NoUnit && len(l.Bounds) > 0 || unit == "1" && l.NoUnit {
		unit, known = l.Bounds[0].Unit, true
	}
	if !known {
		v.NotJudged = unitWords(ErrUnknownUnit, unit)
		return
	}
	if clash(code.Kind, dimension(unit)) {
		v.Mismatch = true
		v.NotJudged = words.S("the code is for %s and the unit (%s) is not: the number means nothing", kindWords(code.Kind), unit)
		return
	}
	compared := false
	for _, b := range l.boundsFor(s, unit) {
		y, err := convert(l.Analyte, x, unit, b.Unit)
		if err != nil {
			continue
		}
		compared = true
		b.compare(r, v, y, q.Comparator, s)
		if b.Unit != unit && v.Critical {
			v.add(words.S("compared in %s", shownUnit(b.Unit)))
		}
		if b.Unit != unit && v.Urgent {
			v.UrgentBy = with(v.UrgentBy, words.S("compared in %s", shownUnit(b.Unit)))
		}
	}
	switch {
	case !compared && len(l.boundsFor(s, "")) == 0:
		v.NotJudged = words.S("no limit is set for this age")
	case !compared:
		v.NotJudged = unitWords(ErrNoWay, unit)
	}
}

// clash: moles against mass is an error; other units of another dimension are
// only not compared.
func clash(kind, dim string) bool {
	return kind == "moles" && dim == "mass" || kind == "mass" && dim == "moles"
}

// boundsFor are the bounds for somebody's age: of those in the unit that was
// sent if there are any, else of those in the row's first unit. Nobody knows
// the age: every bound for adults and children counts, because a warning too
// many is safer than one too few.
func (l Limit) boundsFor(s Subject, unit string) []Bounds {
	var group []Bounds
	var own bool
	for _, b := range l.Bounds {
		if !b.forAge(s) {
			continue
		}
		group = append(group, b)
		own = own || b.Ages != AnyAge
	}
	if own && s.AgeKnown { // a bound for this very age replaces the one for all
		group = slices.DeleteFunc(group, func(b Bounds) bool { return b.Ages == AnyAge })
	}
	if unit == "" || len(group) == 0 {
		return group
	}
	same := slices.DeleteFunc(slices.Clone(group), func(b Bounds) bool { return b.Unit != unit })
	if len(same) > 0 {
		return same
	}
	first := group[0].Unit
	return slices.DeleteFunc(group, func(b Bounds) bool { return b.Unit != first })
}

func (b Bounds) forAge(s Subject) bool {
	const day = 24 * time.Hour
	newborn := s.AgeKnown && s.Years == 0 && s.Age > 0
	switch b.Ages {
	case Adults:
		return !s.AgeKnown || s.Years >= 16
	case Children:
		return !s.AgeKnown || s.Years < 16
	case FirstDay:
		return newborn && s.Age < day
	case FirstMonth:
		return newborn && s.Age >= day && s.Age <= 30*day
	}
	return true
}

// reach is how surely a value lies at or beyond an edge.
type reach int8

const (
	not reach = iota
	perhaps
	surely
)

// compare holds a value to the four edges. Urgent limits are for adults; of a
// child only critical ones are known.
func (b Bounds) compare(r Rules, v *Verdict, x *big.Rat, comparator string, s Subject) {
	low, high := below(b.CritLow, x, comparator), over(b.CritHigh, x, comparator)
	switch {
	case low == surely || low == perhaps && high != surely:
		v.fire(r, Low, b.CritLow, b, low == perhaps, s)
	case high != not:
		v.fire(r, High, b.CritHigh, b, high == perhaps, s)
	}
	if s.AgeKnown && s.Years < 16 {
		return
	}
	switch {
	case below(b.UrgentLow, x, comparator) == surely:
		v.urgent(Low, aged(r.limitWords(b.UrgentLow), b, s))
	case over(b.UrgentHigh, x, comparator) == surely:
		v.urgent(High, aged(r.limitWords(b.UrgentHigh), b, s))
	}
}

func (v *Verdict) urgent(d Direction, why words.Sentence) {
	v.Urgent, v.UrgentBy = true, with(v.UrgentBy, why)
	if v.Direction == None {
		v.Direction = d
	}
}

// add says one more reason, once.
func (v *Verdict) add(why words.Sentence) { v.Why = with(v.Why, why) }

// with is a list of reasons with one more, once.
func with(list []words.Sentence, why words.Sentence) []words.Sentence {
	if slices.ContainsFunc(list, func(w words.Sentence) bool { return w.English() == why.English() }) {
		return list
	}
	return append(list, why)
}

// aged is a limit with what it leaves open of somebody's age.
func aged(why words.Sentence, b Bounds, s Subject) words.Sentence {
	switch {
	case !s.AgeKnown:
		return words.S("%s (age not known)", why)
	case s.Years < 16 && b.Ages == AnyAge:
		return words.S("%s (adult limit: none is set for children)", why)
	}
	return why
}

// kindWords is the kind of unit that a code goes with; of what is no word of ours, as it is.
func kindWords(kind string) any {
	if k, ok := kinds[kind]; ok {
		return k
	}
	return kind
}

var kinds = map[string]words.Key{"moles": words.KC("kind of unit", "moles"), "mass": words.KC("kind of unit", "mass")}

func (v *Verdict) fire(r Rules, d Direction, e Edge, b Bounds, maybe bool, s Subject) {
	if v.Critical && (!v.MayBe || maybe) {
		return // an earlier bound said so already
	}
	v.Critical, v.MayBe, v.Direction = true, maybe, d
	v.Limit = strings.TrimSpace(string(e.At) + " " + shownUnit(b.Unit))
	v.Set = e.Set
	why := r.limitWords(e)
	if maybe {
		why = r.maybeWords(e)
	}
	v.Why = []words.Sentence{aged(why, b, s)}
}

// below says whether a value, as its comparator leaves it, is at or below an
// edge. "<2.6" may be 2.5.
func below(e Edge, x *big.Rat, comparator string) reach {
	if e.At == "" {
		return not
	}
	edge := must(string(e.At))
	in := x.Cmp(edge) < 0 || x.Cmp(edge) == 0 && !e.Beyond
	switch comparator {
	case "<", "<=":
		if x.Cmp(edge) < 0 || x.Cmp(edge) == 0 && (comparator == "<" || !e.Beyond) {
			return surely
		}
		return perhaps
	case ">":
		if x.Cmp(edge) < 0 {
			return perhaps
		}
		return not
	case ">=":
		if in {
			return perhaps
		}
		return not
	}
	if in {
		return surely
	}
	return not
}

// over is below, the other way up: ">25" is beyond 25.
func over(e Edge, x *big.Rat, comparator string) reach {
	if e.At == "" {
		return not
	}
	flip := map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<="}
	negative := Edge{At: fhir.Decimal(negate(string(e.At))), Beyond: e.Beyond}
	return below(negative, new(big.Rat).Neg(x), flip[comparator])
}

func negate(s string) string {
	if n, ok := strings.CutPrefix(s, "-"); ok {
		return n
	}
	return "-" + strings.TrimPrefix(s, "+")
}

// shownUnit writes a UCUM unit as a person reads it.
func shownUnit(u string) string {
	if shown, ok := map[string]string{
		"umol/L": "µmol/L", "mm[Hg]": "mmHg", "10*9/L": "×10⁹/L", "{INR}": "", "[pH]": "",
	}[u]; ok {
		return shown
	}
	return u
}

// senderOf is who sent a result, as far as the resource says.
func senderOf(o fhir.Observation) string {
	if o.Meta == nil {
		return ""
	}
	return o.Meta.Source
}

// nothingFound are the beginnings of reports that say that nothing was found,
// or nothing yet.
var nothingFound = []string{
	"no growth", "no organism", "no bacteri", "no significant growth", "negative", "neg", "not detected", "not isolated", "none", "sterile",
	"pending", "in progress", "to follow", "see comment", "result to follow", "culture in progress", "specimen", "sample", "not done", "cancel",
}

// finding: anything that grew is critical. Words that say nothing, or nothing
// yet, are not; words that are not understood are, because an organism's name
// is just that.
func finding(v *Verdict, o fhir.Observation) {
	said := ""
	switch {
	case o.ValueCodeableConcept != nil:
		for _, c := range o.ValueCodeableConcept.Coding {
			if slices.Contains([]string{"NEG", "ND", "260385009", "264868006"}, c.Code) {
				return
			}
		}
		said = o.ValueCodeableConcept.Words()
	case o.ValueString != nil:
		said = *o.ValueString
	}
	said = strings.ToLower(strings.TrimSpace(said))
	if said == "" {
		v.NotJudged = words.S("no result")
		return
	}
	for _, start := range nothingFound {
		if strings.HasPrefix(said, start) {
			return
		}
	}
	v.Critical = true
	v.add(words.S("any growth is critical"))
}

// flags adds the sender's own interpretation.
func flags(v *Verdict, o fhir.Observation) {
	for _, code := range interpretations(o.Interpretation) {
		switch code {
		case "HH", "LL", "AA":
			v.Critical, v.MayBe = true, false
			v.add(words.S("laboratory flag %s", code))
			if d := map[string]Direction{"HH": High, "LL": Low}[code]; d != None {
				v.Direction = d
			}
		case "HU", "LU":
			v.urgent(None, words.S("laboratory flag %s", code))
		}
	}
}

// interpretations are the codes of HL7 table 0078 in a result, in order.
func interpretations(list []fhir.CodeableConcept) []string {
	var codes []string
	for _, c := range list {
		for _, k := range c.Coding {
			if k.System == fhir.SystemInterpretation || strings.HasSuffix(k.System, "v2-0078") {
				codes = append(codes, k.Code)
			}
		}
	}
	return codes
}

// Band is the critical limits of a test for drawing, in the unit of o; ok is
// false where there are none that may be compared with it.
func (r Rules) Band(o fhir.Observation, s Subject) (low, high fhir.Decimal, ok bool) {
	l, code, found := r.limitFor(o.Code)
	if !found || o.ValueQuantity == nil {
		return "", "", false
	}
	unit, known := r.UCUM(*o.ValueQuantity, senderOf(o))
	if unit == "" && l.NoUnit && len(l.Bounds) > 0 {
		unit, known = l.Bounds[0].Unit, true
	}
	if !known || clash(code.Kind, dimension(unit)) {
		return "", "", false
	}
	for _, b := range l.boundsFor(s, unit) {
		if e, err := Convert(l.Analyte, b.CritLow.At, b.Unit, unit); err == nil && low == "" {
			low = e.Value
		}
		if e, err := Convert(l.Analyte, b.CritHigh.At, b.Unit, unit); err == nil && high == "" {
			high = e.Value
		}
	}
	return low, high, low != "" || high != ""
}
