package ward

import (
	"strconv"
	"strings"

	"wardlight/internal/words"
)

// Slip is one typed value of a set of observations that is not possible. The table
// catches slips of the hand; it holds no clinical limits. Screens mark a slip where
// it stands while somebody types, and a station refuses it.
type Slip struct {
	Field string // "pulse"
	Value string // as typed
	Words string // beside the field: "not possible: 0 to 350"
	Whole string // by itself: "Pulse 950 is not possible."
}

// entry is what a typed value must keep to.
type entry struct {
	field    string
	name     words.Key
	low, top float64
	whole    bool
	example  string
	of       func(VitalSet) string
}

var entries = []entry{
	{"respirations", words.K("Respirations"), 0, 120, true, "32", func(s VitalSet) string { return s.Respirations }},
	{"spo2", words.K("SpO2"), 0, 100, true, "85", func(s VitalSet) string { return s.SpO2 }},
	{"systolic", words.K("Systolic pressure"), 0, 350, true, "155", func(s VitalSet) string { return s.Systolic }},
	{"diastolic", words.K("Diastolic pressure"), 0, 250, true, "87", func(s VitalSet) string { return s.Diastolic }},
	{"pulse", words.K("Pulse"), 0, 350, true, "105", func(s VitalSet) string { return s.Pulse }},
	{"temperature", words.K("Temperature"), 20, 46, false, "37.2", func(s VitalSet) string { return s.Temperature }},
	{"pain", words.K("Pain"), 0, 10, true, "5", func(s VitalSet) string { return s.Pain }},
}

// Slips are all of a set's values that are not possible, in the order of the form.
func Slips(s VitalSet) []Slip {
	var out []Slip
	for _, e := range entries {
		v := strings.TrimSpace(e.of(s))
		if v == "" {
			continue
		}
		f, ok := Decimal(v)
		slip := Slip{Field: e.field, Value: v}
		switch {
		case !ok:
			slip.Words = words.F("type a number such as %s", e.example)
			slip.Whole = words.F("%s: type a number such as %s.", e.name.Say(), e.example)
		case f < e.low || f > e.top:
			slip.Words = words.F("not possible: %g to %g", e.low, e.top)
			slip.Whole = words.F("%s %s is not possible.", e.name.Say(), v)
		case e.whole && strings.Contains(v, "."):
			slip.Words, slip.Whole = words.T("a whole number"), words.F("%s is a whole number.", e.name.Say())
		default:
			continue
		}
		out = append(out, slip)
	}
	return out
}

// Decimal reads digits with at most one point, and nothing else: "1e3", "38,4" and
// "+7" are not what anybody means to enter.
func Decimal(s string) (float64, bool) {
	if s == "" || len(s) > 8 || strings.Trim(s, "0123456789.") != "" || strings.Count(s, ".") > 1 || s[0] == '.' || s[len(s)-1] == '.' {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}
