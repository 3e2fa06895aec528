package alert

import (
	"math/big"
	"slices"
	"strings"

	"wardlight/internal/clinical/catalogue"
	"wardlight/internal/clinical/fhir"
)

// SaysTheSame says whether a value that somebody was told on the phone is the
// one that the laboratory sent. The numbers are compared in the unit that was
// said, by the exact table of units. Who says fewer digits than were measured
// says the same where the laboratory's value, rounded to them, is it: but only of
// two digits and more, and never across a limit of the critical table, nor across one by
// which either was judged: by are the rules with the site's limits of that time, nil for
// none. Units that cannot be compared, a comparator on one side only, and no value are no
// such agreement: a person looks.
func (r Rules) SaysTheSame(said, sent fhir.Observation, s Subject, by ...*Rules) bool {
	a, b := said.ValueQuantity, sent.ValueQuantity
	switch {
	case !hasValue(said) || !hasValue(sent):
		return false
	case a == nil && b == nil:
		x, y := catalogue.Fold(valueWords(said)), catalogue.Fold(valueWords(sent))
		return x != "" && x == y
	case a == nil || b == nil || a.Comparator != b.Comparator:
		return false
	}
	x, ok1 := number(string(*a.Value))
	y, ok2 := number(string(*b.Value))
	if !ok1 || !ok2 {
		return false
	}
	if y, ok1 = r.inUnitOf(y, said, sent); !ok1 {
		return false
	}
	if x.Cmp(y) == 0 {
		return true
	}
	return rounds(string(*a.Value), x, y) && r.alikeJudged(said, sent, s) &&
		!slices.ContainsFunc(by, func(b *Rules) bool { return b != nil && !b.alikeJudged(said, sent, s) })
}

// inUnitOf is the number that was sent, in the unit that was said.
func (r Rules) inUnitOf(y *big.Rat, said, sent fhir.Observation) (*big.Rat, bool) {
	l, _, found := r.limitFor(sent.Code)
	if !found {
		l, _, _ = r.limitFor(said.Code)
	}
	to, known1 := r.unitOf(said, l)
	from, known2 := r.unitOf(sent, l)
	if !known1 || !known2 {
		return y, from == to // the same words for a unit that nobody knows are the same unit
	}
	z, err := convert(l.Analyte, y, from, to)
	return z, err == nil
}

// unitOf is a value's unit as it may be computed with; of pH and INR none is
// needed.
func (r Rules) unitOf(o fhir.Observation, l Limit) (unit string, known bool) {
	unit, known = r.UCUM(*o.ValueQuantity, senderOf(o))
	if !known && l.NoUnit && (unit == "" || unit == "1") && len(l.Bounds) > 0 {
		return l.Bounds[0].Unit, true
	}
	return unit, known
}

// rounds says whether y, rounded to the digits in which x was said, is x.
func rounds(digits string, x, y *big.Rat) bool {
	if significant(digits) < 2 || strings.ContainsAny(digits, "eE") {
		return false
	}
	places := 0
	if _, after, point := strings.Cut(digits, "."); point {
		places = len(after)
	}
	return new(big.Rat).SetFrac(roundHalfUp(y, places), pow10(places).Num()).Cmp(x) == 0
}

// alikeJudged says whether the critical table says the same of both.
func (r Rules) alikeJudged(said, sent fhir.Observation, s Subject) bool {
	said.Interpretation, sent.Interpretation = nil, nil
	a, b := r.Judge(said, s), r.Judge(sent, s)
	return a.Critical == b.Critical && a.Urgent == b.Urgent && a.Direction == b.Direction
}

// Analyte is the row of the critical table, or the one of the catalogue, that a
// code belongs to; "" where neither knows it. A code that a table knows is never
// overruled by the words beside it.
func (r Rules) Analyte(code fhir.CodeableConcept) string {
	if l, _, ok := r.limitFor(code); ok {
		return catalogue.Fold(l.Analyte)
	}
	for _, a := range r.Analytes() {
		if a.Is(code) {
			return r.nameOf(a)
		}
	}
	return ""
}

// nameOf calls an analyte of the catalogue as the critical table does, where a
// code of it stands there.
func (r Rules) nameOf(a catalogue.Analyte) string {
	for _, code := range a.Codes {
		if l, _, ok := r.limitFor(fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemLOINC, Code: code}}}); ok {
			return catalogue.Fold(l.Analyte)
		}
	}
	return catalogue.Fold(a.Name)
}

// Analytes is all that a laboratory measures, as far as the catalogue and the
// critical table know it, each once.
func (r Rules) Analytes() []catalogue.Analyte {
	var out []catalogue.Analyte
	seen, codes := map[string]bool{}, map[string]bool{}
	for _, t := range r.Catalogue.Tests {
		for _, m := range t.Members {
			if seen[m.Name] {
				continue
			}
			seen[m.Name] = true
			for _, c := range m.Codes {
				codes[c] = true
			}
			out = append(out, m)
		}
	}
	for _, l := range r.Critical {
		a := catalogue.Analyte{Name: strings.ToUpper(l.Analyte[:1]) + l.Analyte[1:]}
		known := false
		for _, c := range l.Codes {
			known = known || codes[c.Code]
			if c.System == "" {
				a.Codes = append(a.Codes, c.Code)
			}
		}
		if !known {
			out = append(out, a)
		}
	}
	return out
}

// Units are the units in which an analyte is told, as a person reads them; none
// where no table knows. words says that it is told in words (a culture).
func (r Rules) Units(a catalogue.Analyte) (units []string, words bool) {
	l, ok := r.rowOf(a)
	if !ok {
		return nil, false
	}
	add := func(u string) {
		if u = shownUnit(u); u != "" && !slices.Contains(units, u) {
			units = append(units, u)
		}
	}
	for _, b := range l.Bounds {
		add(b.Unit)
	}
	for _, c := range conversions {
		if c.analyte == l.Analyte {
			add(c.from)
			add(c.to)
		}
	}
	return units, l.Finding
}

func (r Rules) rowOf(a catalogue.Analyte) (Limit, bool) {
	for _, code := range a.Codes {
		if l, _, ok := r.limitFor(fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemLOINC, Code: code}}}); ok {
			return l, true
		}
	}
	return Limit{}, false
}

// Told is a value as somebody writes it down from a call: its code is the one of
// the analyte that goes with the unit, because a number in the unit of another
// code means nothing.
func (r Rules) Told(a catalogue.Analyte, unit string) (code fhir.CodeableConcept, q fhir.Quantity) {
	q = fhir.Quantity{Unit: strings.TrimSpace(unit)}
	code.Text = a.Name
	ucum, known := r.readUnit(q.Unit)
	if known {
		q.System, q.Code = fhir.SystemUCUM, ucum
	}
	loinc := ""
	if len(a.Codes) > 0 {
		loinc = a.Codes[0]
	}
	if l, ok := r.rowOf(a); ok && known {
		for _, c := range l.Codes {
			if c.System == "" && !clash(c.Kind, dimension(ucum)) {
				loinc = c.Code
				break
			}
		}
	}
	if loinc != "" {
		code.Coding = []fhir.Coding{{System: fhir.SystemLOINC, Code: loinc}}
	}
	return code, q
}

// readUnit reads a unit as a person reads or writes it.
func (r Rules) readUnit(unit string) (ucum string, known bool) {
	for u := range dimensions {
		if shownUnit(u) == unit && unit != "" {
			return u, true
		}
	}
	return r.UCUM(fhir.Quantity{Unit: unit}, "")
}
