package v2tofhir

import (
	"regexp"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/interop/hl7"
)

// What OBX-5 says. OBX-2 names its type; a value that is not of its type is
// kept as text and flagged, never bent until it fits.

// numberForm is data type NM: a sign, digits, and at most one point.
var numberForm = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)$`)

// comparedForm is a number behind a comparator, which NM does not allow and
// laboratories send: unlike a comma it can only be read one way.
var comparedForm = regexp.MustCompile(`^(<=|>=|<|>)\s*([+-]?(?:\d+\.?\d*|\.\d+))$`)

// groupedForm is a number with a comma in it, which is a thousand to some and a
// decimal to others: 7,1 may be 7.1 or 71.
var groupedForm = regexp.MustCompile(`^[<>]?=?\s*[+-]?\d{1,3}(,\d+)+(\.\d+)?$|^[<>]?=?\s*[+-]?\d+,\d+$|^[+-]?\d{1,3}([.' ]\d{3})+,\d+$`)

// maxDigits bounds a number; no measurement has more.
const maxDigits = 40

// decimal makes a JSON number of NM's digits. They stay as they were sent; only
// what JSON cannot write goes: a plus, leading zeros, a bare point.
func decimal(s string) (*fhir.Decimal, bool) {
	if len(s) > maxDigits || !numberForm.MatchString(s) {
		return nil, false
	}
	sign := ""
	if s[0] == '-' {
		sign = "-"
	}
	digits := strings.TrimLeft(s, "+-")
	whole, fraction, point := strings.Cut(digits, ".")
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if point && fraction != "" {
		whole += "." + fraction
	}
	return fhir.Dec(sign + whole), true
}

// reading is a value as far as it could be read.
type reading struct {
	quantity  *fhir.Quantity
	rng       *fhir.Range
	ratio     *fhir.Ratio
	concept   *fhir.CodeableConcept
	text      *string
	time      string
	dateTime  string
	parts     []fhir.ObservationComponent
	documents []*fhir.Attachment // in the value's place
	note      string             // goes to the observation's notes
	flags     []string
	grouped   bool // a number with a comma: see groupedForm
}

// empty says whether there is no value.
func (v reading) empty() bool {
	return v.quantity == nil && v.rng == nil && v.ratio == nil && v.concept == nil && v.text == nil &&
		v.time == "" && v.dateTime == "" && len(v.parts) == 0
}

func (v *reading) flag(f string) { v.flags = append(v.flags, f) }

// value reads OBX-5.
func (m *message) value(obx hl7.Segment) reading {
	f := obx.Field(5)
	if f.Presence() != hl7.Present || strings.TrimSpace(f.Raw()) == "" {
		return reading{}
	}
	switch kind := strings.ToUpper(text(obx.Field(2))); kind {
	case "ST", "TX", "FT", "GTS":
		return plainText(f)
	case "ED", "RP":
		return attachments(kind, f)
	default:
		var reps []hl7.Rep
		for _, r := range f.Reps() { // delimiters at a field's end hold nothing (chapter 2.10)
			if strings.TrimSpace(bareRep(r)) != "" {
				reps = append(reps, r)
			}
		}
		switch len(reps) {
		case 0:
			return reading{}
		case 1:
			return m.single(obx, reps[0], kind)
		}
		return m.several(obx, reps, kind)
	}
}

// bareRep is a repetition as it stands, without the empty parts at its end.
func bareRep(r hl7.Rep) string { return strings.TrimRight(r.Raw(), r.Ending()) }

// single reads one repetition of OBX-5.
func (m *message) single(obx hl7.Segment, r hl7.Rep, kind string) reading {
	switch kind {
	case "NM":
		return m.number(obx, strings.TrimSpace(prose(r)))
	case "SN":
		return m.structured(obx, r)
	case "CE", "CWE", "CNE", "CF":
		if c, ok := m.concept(r); ok {
			return reading{concept: &c}
		}
		if strings.Trim(bareRep(r), r.Ending()+`" `) == "" {
			return reading{} // its parts are all empty
		}
	case "DT", "TS", "DTM":
		if t, err := hl7.ParseTime(toDegree(r), m.zone); err == nil && !t.IsZero() {
			v := reading{dateTime: t.FHIR()}
			if t.Shifted || t.Ambiguous {
				v.flag(FlagTimeShifted)
				m.note("a time in a value falls into the change of the clock; ask the sender to send offsets")
			}
			return v
		}
		return asText(r, FlagTimeUnreadable)
	case "TM":
		if clock, err := hl7.ParseClock(text(r)); err == nil && clock != "" {
			return reading{time: clock}
		}
		return asText(r, FlagTimeUnreadable)
	case "":
		v := m.textWithUnit(obx, strings.TrimSpace(r.Whole()))
		v.flag(FlagNoValueType)
		return v
	}
	return asText(r)
}

func asText(r hl7.Rep, flags ...string) reading {
	return reading{text: fhir.Str(strings.TrimSpace(r.Whole())), flags: flags}
}

// plainText joins the repetitions of a text as its lines.
func plainText(f hl7.Field) reading {
	var lines []string
	for _, r := range f.Reps() {
		lines = append(lines, strings.TrimRight(prose(r), " \t"))
	}
	s := strings.Join(lines, "\n")
	if strings.TrimSpace(s) == "" {
		return reading{}
	}
	return reading{text: &s}
}

// number reads NM.
func (m *message) number(obx hl7.Segment, s string) reading {
	comparator, digits := "", s
	if g := comparedForm.FindStringSubmatch(s); g != nil {
		comparator, digits = g[1], g[2]
	}
	d, ok := decimal(digits)
	if !ok {
		v := m.textWithUnit(obx, s)
		v.flag(FlagNotANumber)
		v.grouped = groupedForm.MatchString(s)
		return v
	}
	v := reading{quantity: m.quantity(obx, d)}
	v.quantity.Comparator = comparator
	if comparator != "" {
		v.flag(FlagComparator)
	}
	if v.quantity.Unit == "" {
		v.flag(FlagNoUnit)
	}
	return v
}

func (m *message) quantity(obx hl7.Segment, d *fhir.Decimal) *fhir.Quantity {
	q := &fhir.Quantity{Value: d}
	q.Unit, q.System, q.Code = m.unit(obx.Field(6))
	if q.Code == "" {
		if q.Code = m.gramsOrGiga(obx, q.Unit); q.Code != "" {
			q.System = fhir.SystemUCUM
		}
	}
	return q
}

// textWithUnit keeps what looks like a measurement together with its unit: a
// value is never shown without.
func (m *message) textWithUnit(obx hl7.Segment, s string) reading {
	if s != "" && strings.ContainsAny(s[:1], "0123456789<>=+-.") && strings.ContainsAny(s, "0123456789") {
		if unit, _, _ := m.unit(obx.Field(6)); unit != "" && !strings.HasSuffix(s, unit) {
			s += " " + unit
		}
	}
	return reading{text: &s}
}

// structured reads SN: comparator, number, separator or suffix, number.
func (m *message) structured(obx hl7.Segment, r hl7.Rep) reading {
	comparator, one, sep, two := text(r.Comp(1)), text(r.Comp(2)), text(r.Comp(3)), text(r.Comp(4))
	a, okA := decimal(one)
	b, okB := decimal(two)
	if comparator == "=" {
		comparator = ""
	}
	plain := comparator == ""
	switch {
	case okA && sep == "" && two == "" && (plain || set("<", "<=", ">", ">=")[comparator]):
		q := m.quantity(obx, a)
		q.Comparator = comparator
		v := reading{quantity: q}
		if q.Unit == "" {
			v.flag(FlagNoUnit)
		}
		return v
	case okA && okB && plain && sep == "-" && notAbove(one, two):
		return reading{rng: &fhir.Range{Low: m.quantity(obx, a), High: m.quantity(obx, b)}}
	case okA && okB && plain && (sep == ":" || sep == "/"):
		// A titre: both numbers are counts, and a unit would belong to neither.
		return reading{ratio: &fhir.Ratio{Numerator: &fhir.Quantity{Value: a}, Denominator: &fhir.Quantity{Value: b}}}
	}
	v := m.textWithUnit(obx, strings.Join(strings.Fields(strings.Join([]string{text(r.Comp(1)), one, sep, two}, "")), " "))
	v.flag(FlagNotANumber)
	return v
}

// several keeps all values of an OBX-5 that repeats. Which of them is meant
// cannot be known: coded ones become components, all are shown as one text.
func (m *message) several(obx hl7.Segment, reps []hl7.Rep, kind string) reading {
	out := reading{flags: []string{FlagSeveralValues}}
	var words []string
	code, _ := m.concept(obx.Field(3).Rep(1))
	of := func(q *fhir.Quantity) string {
		return strings.TrimSpace(q.Comparator + string(*q.Value) + " " + q.Unit)
	}
	for _, r := range reps {
		v := m.single(obx, r, kind)
		switch {
		case v.concept != nil:
			out.parts = append(out.parts, fhir.ObservationComponent{Code: code, ValueCodeableConcept: v.concept})
			words = append(words, v.concept.Words())
		case v.quantity != nil:
			words = append(words, of(v.quantity))
		case v.rng != nil:
			words = append(words, string(*v.rng.Low.Value)+"-"+of(v.rng.High))
		case v.ratio != nil:
			words = append(words, string(*v.ratio.Numerator.Value)+":"+string(*v.ratio.Denominator.Value))
		case prose(r) != "":
			words = append(words, strings.TrimSpace(prose(r)))
		}
	}
	out.text = fhir.Str(strings.Join(words, "; "))
	return out
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// Reference ranges (OBX-7) that can be read with certainty: two numbers, low
// and high. Everything else is text: "<0.21" excludes its limit, and R4's
// limits are included.
var rangeForm = regexp.MustCompile(`^[\[(]?\s*(-?\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(-?\d+(?:\.\d+)?)\s*[\])]?$`)

var boundForm = regexp.MustCompile(`^[\[(]?\s*(<=|>=)\s*(-?\d+(?:\.\d+)?)\s*[\])]?$`)

func (m *message) referenceRange(obx hl7.Segment) []fhir.ReferenceRange {
	s := strings.TrimSpace(obx.Field(7).Whole())
	if s == "" {
		return nil
	}
	r := fhir.ReferenceRange{Text: s}
	if g := rangeForm.FindStringSubmatch(s); g != nil {
		low, okL := decimal(g[1])
		high, okH := decimal(g[2])
		if okL && okH && notAbove(g[1], g[2]) {
			r.Low, r.High = m.quantity(obx, low), m.quantity(obx, high)
		}
	} else if g := boundForm.FindStringSubmatch(s); g != nil {
		if d, ok := decimal(g[2]); ok && g[1] == "<=" {
			r.High = m.quantity(obx, d)
		} else if ok {
			r.Low = m.quantity(obx, d)
		}
	}
	return []fhir.ReferenceRange{r}
}
