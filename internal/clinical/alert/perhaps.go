package alert

import (
	"regexp"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// What cannot be read with certainty may still be critical, and somebody must
// look at it when nobody else will: a result that is held back is on no screen.
//
// Perhaps therefore judges every reading that the digits allow. A comma, a blank
// or an apostrophe may be a decimal point, and, where three digits follow each,
// may group thousands: "6,8" can only be meant as 6.8, "1,234" as 1.234 or 1234.
// A number without a unit that is known may be in any unit in which the table
// has limits. If one of these readings is critical, the result may be. The
// readings serve the warning and nothing else: no number that nobody sent ever
// stands on a chart.

// Perhaps says whether a result that Judge cannot judge may be critical, and by
// which reading. It is not critical, the zero Verdict, where Judge knows better
// or where there are no digits to read.
func (r Rules) Perhaps(o fhir.Observation, s Subject) Verdict {
	known := r.Judge(o, s)
	limit, _, has := r.limitFor(o.Code)
	if known.Critical || known.NotJudged.IsZero() || !has || limit.Finding {
		return Verdict{}
	}
	for _, unit := range r.unitsOf(o, limit) {
		for _, n := range readings(o) {
			maybe := o
			maybe.ValueString = nil
			maybe.ValueQuantity = &fhir.Quantity{Value: fhir.Dec(n.number), Comparator: n.comparator, Unit: unit}
			if v := r.Judge(maybe, s); v.Critical {
				v.MayBe = true
				v.Why = append([]words.Sentence{words.S("if read as %s", strings.TrimSpace(n.comparator+n.number+" "+unit))}, v.Why...)
				return v
			}
		}
	}
	return Verdict{}
}

// Bounds of what counts as a number that came as words: a comment that has
// digits in it ("see request 123 of yesterday") does not.
const (
	maxNumberText = 40 // characters of the first line
	maxReadings   = 8
)

var (
	// numberFirst is a text that begins with a number, behind marks and flags.
	numberFirst = regexp.MustCompile(`^[*;HL ]*(?:[<>]=?)? ?[+-]?\d`)
	numbersIn   = regexp.MustCompile(`([<>]=?)? ?(\d+(?:[.,' ]\d+)*)`)
	// thousands are digits in groups of three, apart by anything but one point.
	thousands = regexp.MustCompile(`^\d{1,3}(?:(?:[,' ]\d{3})+|(?:\.\d{3}){2,})$`)
)

// reading is one number that a result's digits may mean.
type reading struct{ comparator, number string }

// readings are the numbers that a result's digits may mean.
func readings(o fhir.Observation) (list []reading) {
	if q := o.ValueQuantity; q != nil && q.Value != nil {
		return []reading{{q.Comparator, string(*q.Value)}}
	}
	if o.ValueString == nil {
		return nil
	}
	line, _, _ := strings.Cut(asTyped(*o.ValueString), "\n")
	if len([]rune(line)) > maxNumberText || !numberFirst.MatchString(line) {
		return nil
	}
	for _, g := range numbersIn.FindAllStringSubmatch(line, maxReadings) {
		for _, n := range numbers(g[2]) {
			list = append(list, reading{g[1], n})
		}
	}
	return list
}

// numbers are what digits with separators between them may mean.
func numbers(digits string) []string {
	cut := strings.LastIndexAny(digits, ".,' ")
	if cut < 0 {
		return []string{plainDigits(digits)}
	}
	decimal := plainDigits(digits[:cut]) + "." + digits[cut+1:]
	if !thousands.MatchString(digits) {
		return []string{decimal}
	}
	return []string{decimal, plainDigits(digits)}
}

// asTyped writes digits and signs of other scripts and fonts as an English
// keyboard would.
func asTyped(s string) string {
	s = strings.NewReplacer("≥", ">=", "≤", "<=", "＜", "<", "＞", ">", "．", ".", "·", ".", "，", ",", "٫", ",", "\u00a0", " ", "\u2009", " ").Replace(s)
	return strings.Map(func(r rune) rune {
		for _, zero := range []rune{'０', '٠', '۰'} {
			if r >= zero && r <= zero+9 {
				return '0' + r - zero
			}
		}
		return r
	}, s)
}

// plainDigits takes the separators out, and zeros that JSON's numbers may not
// begin with.
func plainDigits(s string) string {
	s = strings.NewReplacer(".", "", ",", "", "'", "", " ", "").Replace(s)
	if s = strings.TrimLeft(s, "0"); s == "" {
		s = "0"
	}
	return s
}

// unitsOf are the units that a result may be in: the one that was sent, where it
// is known, else those in which the table has limits.
func (r Rules) unitsOf(o fhir.Observation, l Limit) []string {
	if l.NoUnit {
		return []string{""}
	}
	sent := fhir.ExtString(o.Extension, fhir.ExtSentUnit)
	if o.ValueQuantity != nil {
		sent = o.ValueQuantity.Unit
	}
	sent, _, _ = strings.Cut(sent, "^")
	if sent != "" {
		if _, known := r.UCUM(fhir.Quantity{Unit: sent}, senderOf(o)); known {
			return []string{sent}
		}
	}
	var units []string
	for _, b := range l.Bounds {
		units = append(units, b.Unit)
	}
	return units
}
