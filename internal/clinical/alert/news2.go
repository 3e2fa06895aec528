package alert

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// Reading is one measured value in the digits that were entered. The zero
// Reading is not measured.
type Reading struct {
	Value string
	At    time.Time
}

// Vitals is one set of observations. Oxygen is "air" or "oxygen" (delivery, at
// any flow, not a fraction of 21 %); Consciousness is A, C, V, P or U, and
// confusion of unknown age is C, new, until known otherwise.
type Vitals struct {
	Respirations  Reading // per minute
	Saturation    Reading // SpO2, %
	Oxygen        Reading // "air" or "oxygen"
	Systolic      Reading // mmHg
	Pulse         Reading // per minute
	Consciousness Reading // A, C, V, P, U
	Temperature   Reading // °C
}

// VitalsOf reads a set as it is entered or shown.
func VitalsOf(s ward.VitalSet) Vitals {
	at := func(v string) Reading { return Reading{Value: v, At: s.At} }
	v := Vitals{
		Respirations: at(s.Respirations), Saturation: at(s.SpO2), Systolic: at(s.Systolic), Pulse: at(s.Pulse),
		Consciousness: at(s.Consciousness), Temperature: at(s.Temperature),
	}
	if s.Oxygen != nil && *s.Oxygen {
		v.Oxygen = at("oxygen")
	} else if s.Oxygen != nil {
		v.Oxygen = at("air")
	}
	return v
}

// Part is one parameter's share of a score.
type Part struct {
	Name    string // "respirations"
	Value   string // as entered; "" where it is missing
	Points  int
	Missing string // why it is not scored: "missing", "more than 15 min older than the rest", "not possible"
}

// Score is a NEWS2 score. With AtLeast it is incomplete: Total is a minimum,
// and never to be shown as a plain total.
type Score struct {
	Refused     string // why there is no score at all: "not scored: under 16"
	Total       int
	AtLeast     bool
	Parts       []Part   // in the order of the chart
	Missing     []string // names of what is missing
	Risk        ward.Risk
	Scale       int  // SpO2 scale 1 or 2
	SingleThree bool // a 3 in one parameter
	Interval    time.Duration
	Every       string // "every hour": how often to observe at least
	Continuous  bool
	Response    string
	Oldest      time.Time // of the values scored
	Due         time.Time // of the next set, if this one is complete
}

// ScoreRules are the figures around the chart that a hospital may set.
type ScoreRules struct {
	Window      time.Duration `json:"window"`      // values of one set lie within this
	Zero        time.Duration `json:"zero"`        // next set after a score of 0
	Low         time.Duration `json:"low"`         // 1 to 4: the chart says 4 to 6 hours
	SingleThree time.Duration `json:"singleThree"` // a 3 in one parameter
	Medium      time.Duration `json:"medium"`      // 5 to 6
	High        time.Duration `json:"high"`        // 7 and over: continuously, a set written at least so often

	by map[string]words.Sentence // whose a time is, by edge, where the site set it
}

func defaultScoreRules() ScoreRules {
	return ScoreRules{
		Window: 15 * time.Minute, Zero: 12 * time.Hour, Low: 4 * time.Hour,
		SingleThree: time.Hour, Medium: time.Hour, High: 30 * time.Minute,
	}
}

// band gives points up to and including a value.
type band struct {
	upTo   int64
	points int
}

const above = 1 << 40 // no upper end

// The chart (RCP, National Early Warning Score 2, 2017, chart 1).
var (
	bandsRespirations = []band{{8, 3}, {11, 1}, {20, 0}, {24, 2}, {above, 3}}
	bandsScale1       = []band{{91, 3}, {93, 2}, {95, 1}, {above, 0}}
	bandsScale2Air    = []band{{83, 3}, {85, 2}, {87, 1}, {above, 0}}
	bandsScale2Oxygen = []band{{83, 3}, {85, 2}, {87, 1}, {92, 0}, {94, 1}, {96, 2}, {above, 3}}
	bandsSystolic     = []band{{90, 3}, {100, 2}, {110, 1}, {219, 0}, {above, 3}}
	bandsPulse        = []band{{40, 3}, {50, 1}, {90, 0}, {110, 1}, {130, 2}, {above, 3}}
	bandsTemperature  = []band{{350, 3}, {360, 1}, {380, 0}, {390, 1}, {above, 2}} // tenths of a degree
)

// NEWS2 scores a set by the default rules.
func NEWS2(v Vitals, s Subject, now time.Time) Score {
	return Rules{Score: defaultScoreRules()}.NEWS2(v, s, now)
}

// NEWS2 scores a set of observations. Values lie within one window; none is
// carried forward. The score is refused where the chart does not hold (RCP
// NEWS2 2017: not under 16, not in pregnancy) and where nobody knows whether
// it holds.
func (r Rules) NEWS2(v Vitals, s Subject, now time.Time) Score {
	score := Score{Scale: 1}
	switch {
	case !s.AgeKnown:
		score.Refused = "not scored: age not known"
	case s.Years < 16:
		score.Refused = "not scored: under 16, use the children's chart"
	case s.Pregnant:
		score.Refused = "not scored: pregnant, use the maternity chart"
	}
	if score.Refused != "" {
		return score
	}
	newest := v.newest()
	if s.Scale2.holds(newest) {
		score.Scale = 2
	}
	v.outside(newest, r.Score.Window)
	score.Parts = v.parts(score.Scale)
	for _, p := range score.Parts {
		score.Total += p.Points
		score.SingleThree = score.SingleThree || p.Points == 3
		if p.Missing != "" {
			score.AtLeast = true
			score.Missing = append(score.Missing, p.Name)
		}
	}
	score.Oldest = v.oldest()
	r.Score.respond(&score)
	if !score.AtLeast {
		score.Due = score.Oldest.Add(score.Interval)
	}
	return score
}

// holds: scale 2 counts from when a named clinician chose it, with a reason.
func (p Prescription) holds(at time.Time) bool {
	return p.By != "" && p.Reason != "" && !p.At.IsZero() && !at.Before(p.At)
}

func (v *Vitals) all() []*Reading {
	return []*Reading{&v.Respirations, &v.Saturation, &v.Oxygen, &v.Systolic, &v.Pulse, &v.Consciousness, &v.Temperature}
}

func (v *Vitals) newest() time.Time {
	var t time.Time
	for _, r := range v.all() {
		if r.Value != "" && r.At.After(t) {
			t = r.At
		}
	}
	return t
}

func (v *Vitals) oldest() time.Time {
	var t time.Time
	for _, r := range v.all() {
		if r.Value != "" && (t.IsZero() || r.At.Before(t)) {
			t = r.At
		}
	}
	return t
}

// outside takes away what was measured too long before the newest value: a
// score of two different times is a score of nobody.
func (v *Vitals) outside(newest time.Time, window time.Duration) {
	for _, r := range v.all() {
		if newest.Sub(r.At) > window {
			*r = Reading{}
		}
	}
}

func (v *Vitals) parts(scale int) []Part {
	saturation := v.scoreSaturation(scale)
	oxygen := Part{Name: "air or oxygen", Value: v.Oxygen.Value}
	switch v.Oxygen.Value {
	case "oxygen":
		oxygen.Points = 2
	case "air":
	default:
		oxygen.Missing = "missing"
	}
	return []Part{
		whole("respirations", v.Respirations, bandsRespirations, 0, 150),
		saturation,
		oxygen,
		whole("systolic blood pressure", v.Systolic, bandsSystolic, 0, 350),
		whole("pulse", v.Pulse, bandsPulse, 0, 350),
		consciousness(v.Consciousness),
		temperature(v.Temperature),
	}
}

// scoreSaturation: on scale 2 from 93 % on it depends on whether oxygen is
// given. Where that is missing, the least that it can be counts.
func (v *Vitals) scoreSaturation(scale int) Part {
	bands := bandsScale1
	switch {
	case scale == 2 && v.Oxygen.Value == "oxygen":
		bands = bandsScale2Oxygen
	case scale == 2:
		bands = bandsScale2Air
	}
	return whole("oxygen saturation", v.Saturation, bands, 0, 100)
}

// whole scores a value as a whole number, rounded half up.
func whole(name string, r Reading, bands []band, low, high int64) Part {
	return scored(name, r, bands, 0, low, high)
}

// temperature is scored at one decimal, rounded half up.
func temperature(r Reading) Part {
	return scored("temperature", r, bandsTemperature, 1, 100, 500)
}

func scored(name string, r Reading, bands []band, places int, low, high int64) Part {
	p := Part{Name: name, Value: r.Value}
	if r.Value == "" {
		p.Missing = "missing"
		return p
	}
	x, ok := number(strings.Replace(r.Value, ",", ".", 1))
	if !ok {
		p.Missing = "not a number"
		return p
	}
	n := roundHalfUp(x, places)
	if n.Cmp(big.NewInt(low)) < 0 || n.Cmp(big.NewInt(high)) > 0 {
		p.Missing = "not possible"
		return p
	}
	for _, b := range bands {
		if n.Int64() <= b.upTo {
			p.Points = b.points
			break
		}
	}
	return p
}

func consciousness(r Reading) Part {
	p := Part{Name: "consciousness", Value: r.Value}
	switch r.Value {
	case "A":
	case "C", "V", "P", "U":
		p.Points = 3
	default:
		p.Missing = "missing"
	}
	return p
}

// respond is the clinical response (RCP NEWS2 2017, charts 2 and 4). An
// incomplete set that crosses a threshold already has crossed it: what is
// missing can only add.
func (rules ScoreRules) respond(s *Score) {
	switch {
	case s.Total >= 7:
		s.Risk, s.Interval, s.Continuous, s.Every = ward.RiskHigh, rules.High, true, "continuously"
		s.Response = "Emergency threshold. Tell at least a specialist registrar at once; critical care team with airway skills; consider level 2 or 3 care."
	case s.Total >= 5:
		s.Risk, s.Interval, s.Every = ward.RiskMedium, rules.Medium, every(rules.Medium)
		s.Response = "Urgent threshold. Tell the team at once; urgent assessment by a clinician competent in acute illness; monitored place."
	case s.SingleThree:
		s.Risk, s.Interval, s.Every = ward.RiskLowMedium, rules.SingleThree, every(rules.SingleThree)
		s.Response = "A 3 in one parameter. Tell the medical team, who review and decide."
	case s.Total >= 1:
		s.Risk, s.Interval, s.Every = ward.RiskLow, rules.Low, rules.low()
		s.Response = "A registered nurse assesses, and decides on frequency or escalation."
	default:
		s.Risk, s.Interval, s.Every = ward.RiskLow, rules.Zero, every(rules.Zero)
		s.Response = "Routine observations."
	}
}

// low is how often at a score of 1 to 4: the chart has a span, a site one time.
func (rules ScoreRules) low() string {
	if rules.Low == defaultScoreRules().Low {
		return "every 4 to 6 hours"
	}
	return every(rules.Low)
}

func every(d time.Duration) string {
	if d == time.Hour {
		return "every hour"
	}
	if d%time.Hour == 0 {
		return fmt.Sprintf("every %d hours", d/time.Hour)
	}
	return fmt.Sprintf("every %d min", d/time.Minute)
}

// DueAfter is when the next set is due: the last complete set and the interval
// of the newest score, so that a rise shortens it at once.
func DueAfter(lastComplete time.Time, newest Score) time.Time {
	if lastComplete.IsZero() {
		return newest.Oldest.Add(newest.Interval)
	}
	return lastComplete.Add(newest.Interval)
}

// Overdue says how long ago a set was due; zero where it is not.
func Overdue(due, now time.Time) time.Duration {
	if due.IsZero() || !now.After(due) {
		return 0
	}
	return now.Sub(due)
}

// Early is the score as shown. Trend, what it was before and whether it has
// been sent are for the caller to add.
func (s Score) Early() ward.Early {
	e := ward.Early{
		Known: s.Refused == "" && len(s.Missing) < len(s.Parts), Total: s.Total, AtLeast: s.AtLeast, Missing: slices.Clone(s.Missing),
		Risk: s.Risk, Scale: s.Scale, Refused: s.Refused, At: s.Oldest, Due: s.Due, Continuous: s.Continuous, Response: s.Response,
	}
	for _, p := range s.Parts {
		e.Parts = append(e.Parts, ward.Part{Name: p.Name, Value: p.Value, Points: p.Points, Missing: p.Missing != ""})
		if p.Name == "air or oxygen" {
			e.Oxygen = p.Value == "oxygen"
		}
	}
	return e
}
