package alert

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"wardlight/internal/clinical/catalogue"
	"wardlight/internal/clinical/fhir"
)

// Rules are all limits in force, as a value: which version, who set it, when.
type Rules struct {
	Version   string     `json:"version"`
	ChangedBy string     `json:"changedBy"`
	ChangedAt time.Time  `json:"changedAt"`
	Score     ScoreRules `json:"score"`
	Critical  []Limit    `json:"critical"`
	Spellings Spellings  `json:"spellings"`
	Changes   []Delta    `json:"changes"`
	Ladders   []Ladder   `json:"ladders"`
	// What is asked of an order: when a test is too soon, by when its result is
	// looked for, and what does not go with an allergy.
	Catalogue   catalogue.Catalogue `json:"catalogue"`
	Windows     []Window            `json:"windows"`
	Turnarounds []Turnaround        `json:"turnarounds"`
	Crosses     []Cross             `json:"crosses"`
	Leaving     Leaving             `json:"leaving"`
	// Quiets are the tests whose repeats may be quiet; every other one is must-show.
	Quiets []Quiet `json:"quiets"`
	// Holds is for how long "I take it" stops the ladder until the action is
	// recorded.
	Holds time.Duration `json:"holds"`
}

// Limit is one row of the critical table. It says where it comes from.
type Limit struct {
	Analyte string   `json:"analyte"` // as Convert knows it, and as shown
	Codes   []Code   `json:"codes"`
	Bounds  []Bounds `json:"bounds"`
	// NoUnit: a number without a unit may be compared (pH, INR have none).
	NoUnit bool `json:"noUnit,omitempty"`
	// Finding: the result is words or a code, and anything found is critical,
	// already when preliminary.
	Finding bool   `json:"finding,omitempty"`
	From    string `json:"from"`
}

// Code is one code of a test, and which kind of unit it goes with: a LOINC code
// for moles with a mass unit, or the reverse, is an error of the sender, and
// the number means nothing.
type Code struct {
	System string `json:"system,omitempty"` // "" is LOINC
	Code   string `json:"code"`
	Kind   string `json:"kind,omitempty"` // moles, mass, count, pressure, INR, pH; "" for words
}

// Ages that bounds may be for.
const (
	AnyAge     = ""
	Adults     = "16 and over"
	Children   = "under 16"
	FirstDay   = "first day"
	FirstMonth = "1 to 30 days"
)

// Bounds are limits in one unit for one group of ages.
type Bounds struct {
	Unit       string `json:"unit"`
	Ages       string `json:"ages,omitempty"`
	CritLow    Edge   `json:"critLow,omitzero"`
	CritHigh   Edge   `json:"critHigh,omitzero"`
	UrgentLow  Edge   `json:"urgentLow,omitzero"`
	UrgentHigh Edge   `json:"urgentHigh,omitzero"`
}

// Edge is one limit: at or beyond it, or with Beyond only beyond it. The zero
// Edge is no limit.
type Edge struct {
	At     fhir.Decimal `json:"at,omitempty"`
	Beyond bool         `json:"beyond,omitempty"`
	Set    *Setting     `json:"-"` // by whom it was set at this site; nil: it came with the program
}

func at(s string) Edge     { return Edge{At: fhir.Decimal(s)} }
func beyond(s string) Edge { return Edge{At: fhir.Decimal(s), Beyond: true} }

func moles(codes ...string) []Code  { return ofKind("moles", codes) }
func masses(codes ...string) []Code { return ofKind("mass", codes) }

func ofKind(kind string, codes []string) []Code {
	var list []Code
	for _, c := range codes {
		list = append(list, Code{Code: c, Kind: kind})
	}
	return list
}

func both(a, b []Code) []Code { return append(a, b...) }

// Where limits come from.
const (
	rc     = "RCPath G158 (2017)"
	us     = "US laboratories' published critical lists"
	uk     = "UK laboratories' telephone limits"
	local  = "Wardlight default: the site enters its own"
	rcAge  = "RCPath G158 (2017); under 16 its own limit"
	babies = "University of Iowa critical list"
)

// defaultLimits are the defaults for adults unless a row says otherwise. A
// clinical safety officer signs them off before real use.
func defaultLimits() []Limit {
	return []Limit{
		{Analyte: "potassium", Codes: moles("2823-3", "6298-4"), From: rc, Bounds: []Bounds{
			{Unit: "mmol/L", CritLow: at("2.5"), CritHigh: at("6.5"), UrgentLow: at("2.9"), UrgentHigh: at("6.0")},
		}},
		{Analyte: "sodium", Codes: moles("2951-2"), From: rcAge, Bounds: []Bounds{
			{Unit: "mmol/L", CritLow: at("120"), CritHigh: at("160"), UrgentLow: at("125"), UrgentHigh: at("155")},
			{Unit: "mmol/L", Ages: Children, CritLow: at("130"), CritHigh: at("160")},
		}},
		{Analyte: "glucose", Codes: both(moles("14749-6"), masses("2345-7", "2339-0")), From: rcAge + "; mg/dL: " + us, Bounds: []Bounds{
			{Unit: "mmol/L", CritLow: at("2.5"), CritHigh: at("25"), UrgentLow: at("3.0"), UrgentHigh: at("20")},
			{Unit: "mg/dL", CritLow: at("45"), CritHigh: at("450")},
			{Unit: "mmol/L", Ages: Children, CritLow: at("2.5"), CritHigh: at("15")},
		}},
		{Analyte: "haemoglobin", Codes: masses("718-7"), From: uk + "; " + us, Bounds: []Bounds{
			{Unit: "g/L", Ages: Adults, CritLow: at("70"), CritHigh: at("200")},
			{Unit: "g/L", Ages: Children, CritLow: at("70")},
		}}, // newborns have 200 in health
		{Analyte: "platelets", Codes: ofKind("count", []string{"777-3"}), From: us + "; urgent: " + uk, Bounds: []Bounds{
			{Unit: "10*9/L", CritLow: at("20"), CritHigh: at("1000"), UrgentLow: at("50")},
		}},
		{Analyte: "leucocytes", Codes: ofKind("count", []string{"6690-2"}), From: uk + "; " + us, Bounds: []Bounds{
			{Unit: "10*9/L", CritLow: at("1.0"), CritHigh: at("50"), UrgentHigh: at("30")},
		}},
		{Analyte: "neutrophils", Codes: ofKind("count", []string{"751-8"}), From: uk, Bounds: []Bounds{
			{Unit: "10*9/L", CritLow: at("0.5"), UrgentLow: beyond("1.0")},
		}},
		{Analyte: "INR", Codes: ofKind("INR", []string{"6301-6"}), NoUnit: true, From: uk + "; " + us, Bounds: []Bounds{
			{Unit: "{INR}", CritHigh: beyond("5.0"), UrgentHigh: beyond("4.5")},
		}},
		{Analyte: "lactate", Codes: moles("2524-7", "2518-9", "32693-4"), From: uk + ", 3.5 to 5.5; 4.0 chosen", Bounds: []Bounds{
			{Unit: "mmol/L", CritHigh: at("4.0"), UrgentHigh: at("2.0")},
		}},
		{Analyte: "troponin T", Codes: masses("67151-1"), From: rc + ": the site's own assay; " + local, Bounds: []Bounds{{Unit: "ng/L"}}},
		{Analyte: "troponin I", Codes: masses("89579-7"), From: rc + ": the site's own assay; " + local, Bounds: []Bounds{{Unit: "ng/L"}}},
		{Analyte: "creatinine", Codes: both(moles("14682-9"), masses("2160-0")), From: rcAge, Bounds: []Bounds{
			{Unit: "umol/L", CritHigh: beyond("354")},
			{Unit: "mg/dL", CritHigh: beyond("4.0")},
			{Unit: "umol/L", Ages: Children, CritHigh: at("200")},
		}},
		{Analyte: "urea", Codes: both(moles("22664-7"), masses("3094-0")), From: rcAge, Bounds: []Bounds{
			{Unit: "mmol/L", CritHigh: beyond("30")}, {Unit: "mmol/L", Ages: Children, CritHigh: at("10")},
		}},
		{Analyte: "pH", Codes: ofKind("pH", []string{"2744-1"}), NoUnit: true, From: us, Bounds: []Bounds{
			{Unit: "[pH]", CritLow: at("7.20"), CritHigh: at("7.60"), UrgentLow: at("7.25")},
		}},
		{Analyte: "pCO2", Codes: ofKind("pressure", []string{"2019-8"}), From: us, Bounds: []Bounds{
			{Unit: "mm[Hg]", CritLow: at("20"), CritHigh: at("60")}, {Unit: "kPa", CritLow: at("2.7"), CritHigh: at("8.0")},
		}},
		{Analyte: "calcium", Codes: both(moles("29265-6", "2000-8"), masses("17861-6")), From: rc, Bounds: []Bounds{
			{Unit: "mmol/L", CritLow: at("1.8"), CritHigh: at("3.5"), UrgentHigh: at("3.0")},
		}},
		{Analyte: "calcium, ionised", Codes: moles("1994-3"), From: us, Bounds: []Bounds{
			{Unit: "mmol/L", CritLow: at("0.75"), CritHigh: at("1.50")},
		}},
		{Analyte: "magnesium", Codes: both(moles("2601-3"), masses("19123-9")), From: rc + ", low; " + us + ", high", Bounds: []Bounds{
			{Unit: "mmol/L", CritLow: at("0.4"), CritHigh: at("2.0")},
		}},
		{Analyte: "phosphate", Codes: both(moles("14879-1"), masses("2777-1")), From: rc, Bounds: []Bounds{
			{Unit: "mmol/L", CritLow: at("0.3"), UrgentHigh: at("3.0")},
		}},
		{Analyte: "bilirubin", Codes: both(moles("14631-6"), masses("1975-2")), From: babies, Bounds: []Bounds{
			{Unit: "umol/L", Ages: FirstDay, CritHigh: at("171")},
			{Unit: "mg/dL", Ages: FirstDay, CritHigh: at("10")},
			{Unit: "umol/L", Ages: FirstMonth, CritHigh: at("222")},
			{Unit: "mg/dL", Ages: FirstMonth, CritHigh: at("13")},
		}},
		{Analyte: "blood culture", Codes: []Code{{Code: "600-7"}}, Finding: true, From: "every laboratory's list"},
	}
}

// tableOf is the day of the table: whoever changes a limit of the program's own gives it
// another version and day (TestTheTableHasTheDayOfItsLastChange).
var tableOf = time.Date(2026, time.November, 30, 12, 0, 0, 0, time.UTC)

// Default are the rules of a new installation.
func Default() Rules {
	return Rules{
		Version: "default-1", ChangedBy: "Wardlight's own defaults, not signed off by this site", ChangedAt: tableOf,
		Score: defaultScoreRules(), Critical: defaultLimits(), Spellings: defaultSpellings(),
		Changes: defaultDeltas(), Ladders: defaultLadders(), Holds: 30 * time.Minute,
		Catalogue: catalogue.Default(), Windows: defaultWindows(), Turnarounds: defaultTurnarounds(), Crosses: defaultCrosses(), Leaving: defaultLeaving(),
		Quiets: defaultQuiets(),
	}
}

// Encode writes rules for keeping.
func (r Rules) Encode() ([]byte, error) { return json.MarshalIndent(r, "", "  ") }

// ParseRules reads what Encode wrote, and refuses rules that could be
// misunderstood: unknown members, a limit that is no number, nobody's name.
func ParseRules(b []byte) (Rules, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	var r Rules
	if err := dec.Decode(&r); err != nil {
		return Rules{}, fmt.Errorf("alert: the rules cannot be read: %w", err)
	}
	r.orders()
	return r, r.Check()
}

// orders gives rules that were written before there were orders the defaults: a
// table that is missing must not mean that nothing is checked.
func (r *Rules) orders() {
	d := Default()
	if r.Catalogue.Version == "" {
		r.Catalogue = d.Catalogue
	}
	if r.Windows == nil {
		r.Windows = d.Windows
	}
	if r.Turnarounds == nil {
		r.Turnarounds = d.Turnarounds
	}
	if r.Crosses == nil {
		r.Crosses = d.Crosses
	}
	if r.Leaving.Words == "" {
		r.Leaving = d.Leaving
	}
	if r.Quiets == nil {
		r.Quiets = d.Quiets
	}
}

// Check says what is wrong with rules, or nil.
func (r Rules) Check() error {
	if r.Version == "" || r.ChangedBy == "" {
		return errors.New("alert: rules have a version and the name of whoever set them")
	}
	if r.Score.Window <= 0 || r.Score.Zero <= 0 || r.Score.Low <= 0 || r.Score.SingleThree <= 0 || r.Score.Medium <= 0 || r.Score.High <= 0 || r.Holds <= 0 {
		return errors.New("alert: a time in the rules is missing")
	}
	for _, l := range r.Critical {
		if err := l.check(); err != nil {
			return err
		}
	}
	for _, l := range r.Ladders {
		if err := l.check(); err != nil {
			return err
		}
	}
	return r.checkOrders()
}

func (r Rules) checkOrders() error {
	if r.Catalogue.Version == "" || r.Catalogue.ChangedBy == "" {
		return errors.New("alert: a catalogue has a version and the name of whoever set it")
	}
	var bad []error
	for _, w := range r.Windows {
		bad = append(bad, w.check(r.Catalogue))
	}
	for _, t := range r.Turnarounds {
		bad = append(bad, t.check(r.Catalogue))
	}
	for _, c := range r.Crosses {
		bad = append(bad, c.check())
	}
	for _, q := range r.Quiets {
		bad = append(bad, q.check())
	}
	return errors.Join(bad...)
}

func (l Limit) check() error {
	bad := func(why string) error { return fmt.Errorf("alert: limits of %s: %s", l.Analyte, why) }
	if l.Analyte == "" || len(l.Codes) == 0 || l.From == "" {
		return bad("a row names its test, its codes and where it comes from")
	}
	for _, b := range l.Bounds {
		if dimension(b.Unit) == "" {
			return bad("a unit is not known")
		}
		for _, e := range []Edge{b.CritLow, b.CritHigh, b.UrgentLow, b.UrgentHigh} {
			if _, ok := number(string(e.At)); e.At != "" && !ok {
				return bad("a limit is not a number")
			}
		}
		low, ok1 := number(string(b.CritLow.At))
		high, ok2 := number(string(b.CritHigh.At))
		if ok1 && ok2 && low.Cmp(high) >= 0 {
			return bad("the low limit is not below the high one")
		}
	}
	return nil
}
