package alert

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// Some values stay beyond their limit for days, whatever is done: the creatinine of
// somebody with failed kidneys, the platelets of somebody under chemotherapy.
// Laboratories phone such a value the first time only. So does the alert: a repeat that
// tells nobody anything new is quiet. It stands red in results and inbox, is counted,
// and interrupts nobody.
//
// Quiet is decided of what is written and of nothing else, in the same words at central
// and at a station, whatever came first over which line. Where anything is not known
// for certain it is loud.

// Quiet is one row of the table of tests whose repeats may be quiet. A test that is not
// in it is must-show: each of its critical results interrupts.
type Quiet struct {
	Analyte string        `json:"analyte"` // a row of the critical table
	Within  time.Duration `json:"within"`  // between the two samples, and between taking the first and the second's coming
	From    string        `json:"from"`
}

// mayBeQuiet are the tests that a site may put into the table. Every other critical
// value may kill within hours, and is must-show for good: no configuration mutes it.
var mayBeQuiet = []string{"creatinine", "urea", "platelets", "leucocytes", "neutrophils"}

// maxQuiet is the longest window that a site may set: within a day nobody has forgotten
// what they took.
const maxQuiet = 24 * time.Hour

func defaultQuiets() []Quiet {
	const firstOnly = "laboratories’ “first time only” rows; the time is chosen"
	var list []Quiet
	for _, a := range mayBeQuiet {
		list = append(list, Quiet{a, maxQuiet, firstOnly})
	}
	return list
}

func (q Quiet) check() error {
	switch {
	case !slices.Contains(mayBeQuiet, q.Analyte):
		return fmt.Errorf("alert: repeats of %s are must-show", q.Analyte)
	case q.Within <= 0 || q.Within > maxQuiet:
		return fmt.Errorf("alert: repeats of %s are quiet for %s at most", q.Analyte, maxQuiet)
	case q.From == "":
		return errors.New("alert: a quiet repeat says where its rule comes from")
	}
	return nil
}

// quietFor is the row of the table for a test; ok is false for a must-show one.
func (r Rules) quietFor(analyte string) (q Quiet, ok bool) {
	if !slices.Contains(mayBeQuiet, analyte) {
		return Quiet{}, false
	}
	i := slices.IndexFunc(r.Quiets, func(q Quiet) bool { return q.Analyte == analyte })
	if i < 0 {
		return Quiet{}, false
	}
	return r.Quiets[i], true
}

// MayBeQuiet says whether a result's test is one whose repeats may be quiet at all.
func (r Rules) MayBeQuiet(o fhir.Observation) bool {
	l, _, ok := r.limitFor(o.Code)
	_, may := r.quietFor(l.Analyte)
	return ok && may
}

// Firing is one result of a patient as the rule of quiet repeats needs it.
type Firing struct {
	ID        fhir.ID
	Result    fhir.Observation // as it stands
	Available time.Time        // from when what it says has been available
	Episode   string           // the stay in which its sample was taken, see EpisodeAt; "": not known
	Corrected bool             // it said something else before
	Rules     *Rules           // by which it was judged; nil: those that are asked
	Owned     time.Time        // when somebody first took it or acted on it, as it stands (Duty.Had); zero: nobody has
}

// Quieting says whether a critical result is a quiet repeat.
type Quieting struct {
	Quiet bool
	After fhir.ID // the result that somebody took, which this one repeats
	// Words say why: of a quiet one what it repeats, of a loud one that might have been
	// quiet what keeps it loud. "" where there is nothing to say.
	Words  string
	value  string // what it repeats, and within which time
	within string
}

const quietWords = "a repeat: no worse than %s, which somebody had taken within %s"

// Say is Words of a quiet one in the language in use.
func (q Quieting) Say() string { return words.F(quietWords, q.value, q.within) }

// What keeps a repeat loud.
const (
	LoudMust      = "must-show: each one interrupts"
	LoudFlag      = "the laboratory’s own critical flag interrupts each time"
	LoudCorrected = "it was corrected"
	LoudUnsure    = "its value, its sample’s time or the patient’s age is not known for certain"
	LoudEpisode   = "another stay, or nobody knows which"
	LoudNobody    = "nobody had taken an earlier one when it came"
	LoudOver      = "the time for quiet repeats is over"
	LoudWorse     = "it is worse than one before"
	LoudBand      = "the value before lay on no side of the limit, or on the other"
)

// Quieted says whether a critical result of a patient is a repeat that interrupts
// nobody. others are the patient's other results, in any order; those of other tests
// are passed over.
//
// It is quiet if all of this holds, and loud otherwise: its test is in the table; the
// ward's limit alone fired, surely, for somebody of 16 or over; it was never corrected;
// within the table's time and in the same stay there was a value beyond the same side
// of the limit that somebody took or acted on before this one came; and it is no worse
// than that value, nor than the latest one before it, which was critical itself.
func (r Rules) Quieted(f Firing, others []Firing, s Subject) Quieting {
	l, _, ok := r.limitFor(f.Result.Code)
	q, has := r.or(f.Rules).quietFor(l.Analyte)
	if !ok || !has {
		return Quieting{Words: LoudMust}
	}
	mine, loud := r.plainFiring(l, f, s)
	if loud != "" {
		return Quieting{Words: loud}
	}
	same := make([]measured, 0, len(others))
	for _, o := range others {
		m, ok := r.measured(l, o, mine, s)
		switch {
		case o.ID == f.ID || !ok:
			continue
		case m.taken.IsZero():
			return Quieting{Words: LoudUnsure}
		}
		same = append(same, m)
	}
	had, loud := anchor(same, mine, q.Within)
	if loud != "" {
		return Quieting{Words: loud}
	}
	if loud := latest(same, had, mine); loud != "" {
		return Quieting{Words: loud}
	}
	value, within := valueWords(had[0].Result), hours(q.Within)
	return Quieting{Quiet: true, After: had[0].ID, Words: fmt.Sprintf(quietWords, value, within), value: value, within: within}
}

func hours(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d min", d/time.Minute)
}

// measured is a firing with its number in one unit.
type measured struct {
	Firing
	value   *big.Rat // nil: it cannot be compared
	taken   time.Time
	verdict Verdict // of the table alone
}

// plainFiring is the result in question; loud says why it cannot be a quiet repeat.
func (r Rules) plainFiring(l Limit, f Firing, s Subject) (m measured, loud string) {
	switch {
	case f.Corrected || f.Result.Status == "corrected" || f.Result.Status == "amended":
		return m, LoudCorrected
	case slices.ContainsFunc(interpretations(f.Result.Interpretation), critical):
		return m, LoudFlag
	case !s.AgeKnown || s.Years < 16:
		return m, LoudUnsure
	}
	m, ok := r.measured(l, f, measured{}, s)
	if !ok || m.value == nil || m.taken.IsZero() || !m.verdict.Critical || m.verdict.MayBe || f.Available.IsZero() {
		return m, LoudUnsure
	}
	if f.Episode == "" {
		return m, LoudEpisode
	}
	return m, ""
}

// measured reads a result of the same code as like (of any, where that is the zero one);
// ok is false for what does not stand, has no value yet or is of another test.
func (r Rules) measured(l Limit, f Firing, like measured, s Subject) (m measured, ok bool) {
	o := f.Result
	switch o.Status {
	case "entered-in-error", "cancelled", "registered":
		return m, false
	}
	if like.value != nil && !sameCode(o.Code, like.Result.Code) {
		return m, false
	}
	m = measured{Firing: f}
	if at, err := time.Parse(time.RFC3339Nano, o.EffectiveDateTime); err == nil {
		m.taken = at
	}
	o.Interpretation = nil
	m.verdict = r.or(f.Rules).Judge(o, s)
	if len(l.Bounds) > 0 && !m.verdict.Mismatch {
		if p, ok := r.point(l, o, l.Bounds[0].Unit); ok {
			m.value = p.value
		}
	}
	return m, true
}

// anchor finds the latest of the values that somebody had taken when this one came;
// several, where their samples were taken at one time.
func anchor(same []measured, mine measured, within time.Duration) (had []measured, loud string) {
	loud = LoudNobody
	for _, m := range same {
		switch {
		case !m.taken.Before(mine.taken) || m.Owned.IsZero() || m.Owned.After(mine.Available) || m.verdict.Direction != mine.verdict.Direction || !m.verdict.Critical || m.value == nil:
			continue
		case m.Episode != mine.Episode:
			if loud == LoudNobody {
				loud = LoudEpisode
			}
			continue
		case mine.taken.Sub(m.taken) > within || mine.Available.Sub(m.Owned) > within:
			loud = LoudOver
			continue
		case len(had) > 0 && m.taken.Before(had[0].taken):
			continue
		case len(had) > 0 && m.taken.After(had[0].taken):
			had = nil
		}
		had = append(had, m)
	}
	if len(had) == 0 {
		return nil, loud
	}
	slices.SortFunc(had, func(a, b measured) int { return cmp.Compare(a.ID, b.ID) })
	return had, ""
}

// latest holds a value to those that were taken and to the latest before it.
func latest(same, had []measured, mine measured) (loud string) {
	at, before := had[0].taken, slices.Clone(had)
	for _, m := range same {
		if m.taken.After(mine.taken) || m.taken.Before(at) {
			continue
		}
		if m.taken.After(at) {
			at, before = m.taken, slices.Clone(had)
		}
		before = append(before, m)
	}
	for _, m := range before { // what weighs most is said, in whatever order they stand
		switch {
		case m.value == nil:
			return LoudUnsure
		case !m.verdict.Critical || m.verdict.Direction != mine.verdict.Direction:
			loud = LoudBand
		case loud == "" && (mine.verdict.Direction == High && mine.value.Cmp(m.value) > 0 || mine.verdict.Direction == Low && mine.value.Cmp(m.value) < 0):
			loud = LoudWorse
		}
	}
	return loud
}

// Stay is one stay of a patient, for EpisodeAt.
type Stay struct {
	ID       fhir.ID
	From, To time.Time // To zero: it goes on
}

// StayOf reads one; ok is false for one that never was, or of which nobody knows when
// it began.
func StayOf(e fhir.Encounter) (s Stay, ok bool) {
	switch e.Status {
	case "planned", "cancelled", "entered-in-error", "unknown":
		return s, false
	}
	if e.Period == nil {
		return s, false
	}
	from, err := time.Parse(time.RFC3339Nano, e.Period.Start)
	if err != nil {
		return s, false
	}
	s = Stay{ID: e.ID, From: from}
	if e.Period.End != "" {
		if s.To, err = time.Parse(time.RFC3339Nano, e.Period.End); err != nil {
			return s, false
		}
	}
	return s, true
}

// EpisodeAt is the one stay that a sample was taken in; "" where there is none, or more
// than one.
func EpisodeAt(stays []Stay, o fhir.Observation) string {
	at, err := time.Parse(time.RFC3339Nano, o.EffectiveDateTime)
	if err != nil {
		return ""
	}
	found := ""
	for _, s := range stays {
		if at.Before(s.From) || !s.To.IsZero() && at.After(s.To) {
			continue
		}
		if found != "" {
			return ""
		}
		found = string(s.ID)
	}
	return found
}
