package obschart

import (
	"math"
	"strconv"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// parameter is one measurement of the chart.
type parameter struct {
	name, unit words.Key
	always     bool // shown although nothing was recorded
	line       bool // neighbours are joined
	said       bool // its values are words of the vocabulary
	places     int  // decimals that count
	ranges     []span
	value      func(ward.VitalSet) string // as entered, with what belongs to it
	number     func(ward.VitalSet) string // what is placed; value where nil
}

// span is one range: of numbers, both ends in it, or a word.
type span struct {
	label  string    // of numbers
	named  words.Key // of a word
	points int
	from   float64
	to     float64
	word   string
}

// key is what of a set is placed.
type key struct {
	number float64
	isNum  bool
	word   string
}

func (r span) holds(k key) bool {
	if r.word != "" {
		return r.word == k.word
	}
	return k.isNum && k.number >= r.from && k.number <= r.to
}

// key rounds half up to the decimals that count, as the score does.
func (p parameter) key(s ward.VitalSet) key {
	text := p.value(s)
	if p.number != nil {
		text = p.number(s)
	}
	k := key{word: text}
	if n, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(n) && !math.IsInf(n, 0) {
		f := math.Pow(10, float64(p.places))
		k.number, k.isNum = math.Floor(n*f+0.5+1e-9)/f, true
	}
	return k
}

var inf = math.Inf(1)

func over(label string, from float64, points int) span {
	return span{label: label, from: from, to: inf, points: points}
}

func under(label string, to float64, points int) span {
	return span{label: label, from: -inf, to: to, points: points}
}

func between(label string, from, to float64, points int) span {
	return span{label: label, from: from, to: to, points: points}
}

func named(label words.Key, word string, points int) span {
	return span{named: label, word: word, points: points}
}

// parameters are the rows of the chart, from the top (RCP NEWS2 2017, chart 1).
var parameters = []parameter{
	{name: words.K("Respirations"), unit: words.K("per minute"), always: true, line: true, value: func(s ward.VitalSet) string { return s.Respirations }, ranges: []span{
		over("≥25", 25, 3), between("21–24", 21, 24, 2), between("18–20", 18, 20, 0), between("15–17", 15, 17, 0), between("12–14", 12, 14, 0), between("9–11", 9, 11, 1), under("≤8", 8, 3),
	}},
	{name: words.K("SpO₂ scale 1"), unit: words.K("%"), always: true, line: true, value: saturation(1), ranges: []span{
		over("≥96", 96, 0), between("94–95", 94, 95, 1), between("92–93", 92, 93, 2), under("≤91", 91, 3),
	}},
	{name: words.K("SpO₂ scale 2, on oxygen"), unit: words.K("%"), line: true, value: scale2(true), ranges: []span{
		over("≥97", 97, 3), between("95–96", 95, 96, 2), between("93–94", 93, 94, 1), between("88–92", 88, 92, 0), between("86–87", 86, 87, 1), between("84–85", 84, 85, 2), under("≤83", 83, 3),
	}},
	{name: words.K("SpO₂ scale 2, on air"), unit: words.K("%"), line: true, value: scale2(false), ranges: []span{
		over("≥93", 93, 0), between("88–92", 88, 92, 0), between("86–87", 86, 87, 1), between("84–85", 84, 85, 2), under("≤83", 83, 3),
	}},
	{name: words.K("Air or oxygen"), always: true, said: true, value: oxygen, ranges: []span{named(words.K("Air"), "air", 0), named(words.K("Oxygen"), "oxygen", 2)}},
	{name: words.K("Blood pressure"), unit: words.K("mmHg, by systolic"), always: true, line: true, value: pressure, number: func(s ward.VitalSet) string { return s.Systolic }, ranges: []span{
		over("≥220", 220, 3), between("201–219", 201, 219, 0), between("181–200", 181, 200, 0), between("161–180", 161, 180, 0), between("141–160", 141, 160, 0), between("121–140", 121, 140, 0), between("111–120", 111, 120, 0),
		between("101–110", 101, 110, 1), between("91–100", 91, 100, 2), between("81–90", 81, 90, 3), between("71–80", 71, 80, 3), between("51–70", 51, 70, 3), under("≤50", 50, 3),
	}},
	{name: words.K("Pulse"), unit: words.K("per minute"), always: true, line: true, value: func(s ward.VitalSet) string { return s.Pulse }, ranges: []span{
		over("≥131", 131, 3), between("121–130", 121, 130, 2), between("111–120", 111, 120, 2), between("101–110", 101, 110, 1), between("91–100", 91, 100, 1), between("81–90", 81, 90, 0), between("71–80", 71, 80, 0), between("61–70", 61, 70, 0), between("51–60", 51, 60, 0),
		between("41–50", 41, 50, 1), between("31–40", 31, 40, 3), under("≤30", 30, 3),
	}},
	{name: words.K("Consciousness"), always: true, value: awake, ranges: []span{
		named(words.KC("consciousness", "Alert"), "A", 0), named(words.KC("consciousness", "New confusion"), "C", 3), named(words.KC("consciousness", "Voice"), "V", 3), named(words.KC("consciousness", "Pain"), "P", 3), named(words.KC("consciousness", "None"), "U", 3),
	}},
	{name: words.K("Temperature"), unit: words.K("°C"), always: true, line: true, places: 1, value: func(s ward.VitalSet) string { return s.Temperature }, ranges: []span{
		over("≥39.1", 39.1, 2), between("38.1–39.0", 38.1, 39.0, 1), between("37.1–38.0", 37.1, 38.0, 0), between("36.1–37.0", 36.1, 37.0, 0), between("35.1–36.0", 35.1, 36.0, 1), under("≤35.0", 35.0, 3),
	}},
	{name: words.K("Pain 0–10"), value: func(s ward.VitalSet) string { return s.Pain }},
	{name: words.K("Urine"), value: func(s ward.VitalSet) string { return s.Urine }},
}

// saturation is the value where the set was made with this scale; a set without a
// score stands on scale 1, which holds unless somebody chose otherwise.
func saturation(scale int) func(ward.VitalSet) string {
	return func(s ward.VitalSet) string {
		if on2 := s.Early.Scale == 2; on2 != (scale == 2) {
			return ""
		}
		return s.SpO2
	}
}

// scale2 is the value on scale 2, whose points depend on oxygen. Where nobody
// recorded which, it stands with the values on air, and the set is incomplete.
func scale2(onOxygen bool) func(ward.VitalSet) string {
	return func(s ward.VitalSet) string {
		if (s.Oxygen != nil && *s.Oxygen) != onOxygen {
			return ""
		}
		return saturation(2)(s)
	}
}

func oxygen(s ward.VitalSet) string {
	switch {
	case s.Oxygen == nil:
		return ""
	case *s.Oxygen:
		return "oxygen"
	}
	return "air"
}

func pressure(s ward.VitalSet) string {
	switch {
	case s.Systolic == "" && s.Diastolic == "":
		return ""
	case s.Diastolic == "":
		return s.Systolic
	case s.Systolic == "":
		return "–/" + s.Diastolic
	}
	return s.Systolic + "/" + s.Diastolic
}

func awake(s ward.VitalSet) string { return s.Consciousness }

func total(e ward.Early) string {
	if e.AtLeast {
		return "≥" + strconv.Itoa(e.Total)
	}
	return strconv.Itoa(e.Total)
}
