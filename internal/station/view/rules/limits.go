package rules

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// Limits are the limits of the chosen rule that this hospital may set itself.
type Limits struct {
	Head    string
	Notes   []string // why nothing can be changed here, or what is on its way
	Lines   []LimitLine
	Changes []Change // newest first
	Form    *LimitForm
}

// LimitLine is one limit: what is in force, what the program's own is, and within which
// range it may be set.
type LimitLine struct {
	Key   string // by which the page's methods know it
	Name  string
	Value string
	Words []string
	May   bool // it can be changed
	Back  bool // it can go back
}

// Change is one time that a limit was set.
type Change struct{ Head, Words string }

// LimitForm is a limit that is being set.
type LimitForm struct {
	Key     string
	Title   string
	Value   string
	Unit    string
	Range   string // within which it may be set, for whom it is being set
	Reason  string
	Ward    bool // for this ward alone
	Choice  bool // both may be chosen
	Back    bool // back to what stands above it; no value is asked
	Bad     string
	Changed bool

	version uint64
	limit   ward.SiteLimit
}

// What LimitForm.Bad may name.
const (
	BadValue  = "value"
	BadReason = "reason"
)

// maxShownChanges bounds the history on the page; the record holds all of it.
const maxShownChanges = 40

func limitKey(l ward.SiteLimit) string { return l.Edge + "|" + l.Unit + "|" + l.Ages }

// limits are what stands on the page of a rule's limits; nil where a site sets none.
func (m *Model) limits(r ward.Rule, now time.Time) *Limits {
	s := r.Site
	if s == nil {
		return nil
	}
	out := &Limits{Head: words.T("Limits of this hospital: the program’s own"), Form: m.form}
	if s.Number > 0 {
		out.Head = words.F("Limits of this hospital: version %d", s.Number)
	}
	may := s.MaySite || s.MayWard
	switch {
	case s.Newer:
		out.Notes = append(out.Notes, words.T("A newer program wrote these limits and this one cannot read them. What the server calls critical by them is critical here, too."))
	case !may:
		out.Notes = append(out.Notes, words.T("A doctor sets these limits: those of the whole hospital one who covers it."))
	case m.book.Apart:
		out.Notes = append(out.Notes, words.T("The network is out: limits are not set now. This computer goes on with these."))
	}
	if s.Unsent {
		out.Notes = append(out.Notes, words.T("A limit that was set here is on its way: it is in force when the server has it."))
	}
	for _, l := range s.List {
		out.Lines = append(out.Lines, m.limitLine(l, s, now))
	}
	for _, c := range s.Changes[:min(len(s.Changes), maxShownChanges)] {
		out.Changes = append(out.Changes, change(c, now))
	}
	return out
}

func (m *Model) limitLine(l ward.SiteLimit, s *ward.RuleLimits, now time.Time) LimitLine {
	out := LimitLine{Key: limitKey(l), Name: limitName(l.Edge, l.Ages), Value: valued(l.Here, l.Shown)}
	free := !m.book.Apart && !s.Newer && !s.Unsent
	out.May = free && (s.MaySite || s.MayWard)
	out.Back = free && (s.MaySite && l.Set != nil || s.MayWard && l.WardSet != nil)
	out.Words = append(out.Words, words.F("The program’s own: %s. May be set from %s to %s (%s).", valued(l.Own, l.Shown), l.Low, valued(l.High, l.Shown), l.From))
	if l.Set != nil {
		out.Words = append(out.Words, words.F("The hospital’s: %s, version %d, set by %s, %s: %s", valued(l.Set.Value, l.Shown), l.Set.Number, ward.SayName(l.Set.By), ward.Stamp(l.Set.At, now), l.Set.Reason))
	}
	if l.WardSet != nil {
		out.Words = append(out.Words, words.F("Ward %s: %s, version %d, set by %s, %s: %s", l.WardSet.Ward, valued(l.WardSet.Value, l.Shown), l.WardSet.Number, ward.SayName(l.WardSet.By), ward.Stamp(l.WardSet.At, now), l.WardSet.Reason))
	}
	return out
}

// edgeWords are the limits that are a time.
var edgeWords = map[string]words.Key{
	"score-0": words.K("Score 0: the next set within"), "score-1-4": words.K("Score 1 to 4: the next set within"), "score-3": words.K("A 3 in one parameter: the next set within"),
	"score-5-6": words.K("Score 5 to 6: the next set within"), "score-7": words.K("Score 7 and over: the next set within"),
	"quiet": words.K("A repeat may be quiet within (0 is never)"), "within": words.K("No result after"),
	"urgent-low": words.K("Urgent, low"), "urgent-high": words.K("Urgent, high"), "retest": words.K("Not usually asked for again within"),
	"change": words.K("Marked from a change of"), "fall-1d": words.K("Marked from a fall in a day of"), "fall-7d": words.K("Marked from a fall in 7 days of"), "early-rise": words.K("Marked from an early rise in 48 h of more than"),
	"fall-part": words.K("Marked from a fall, in per cent of the last one, of"), "change-within": words.K("A change is marked against the last one within"),
	"fall-1d-within": words.K("The fall in a day is looked for within"), "fall-7d-within": words.K("The fall in 7 days is looked for within"), "fall-part-within": words.K("The fall in per cent is looked for within"),
	"unsent": words.K("Not sent for"),
}

// limitName is "High, under 16".
func limitName(edge, ages string) string {
	name := words.C("limit", "High")
	if edge == "low" {
		name = words.C("limit", "Low")
	}
	if k, ok := edgeWords[edge]; ok {
		name = k.Say()
		if test, stat := strings.CutSuffix(ages, "stat"); stat {
			return strings.TrimSuffix(name+", "+strings.TrimSpace(test), ", ") + ", " + words.T("at once")
		}
	}
	if ages == "" {
		return name
	}
	return name + ", " + said(ages)
}

// agesWords are the groups of ages of the table.
var agesWords = map[string]words.Key{
	"16 and over": words.K("16 and over"), "under 16": words.K("under 16"), "first day": words.K("first day"), "1 to 30 days": words.K("1 to 30 days"),
	"sodium": words.K("sodium"), "potassium": words.K("potassium"), "MCV": words.K("MCV"), "haemoglobin": words.K("haemoglobin"), "creatinine": words.K("creatinine"),
	"platelets": words.K("platelets"),
}

func said(ages string) string {
	if k, ok := agesWords[ages]; ok {
		return k.Say()
	}
	return ages
}

func valued(value, unit string) string {
	if value == "" {
		return words.T("none")
	}
	if n, err := strconv.Atoi(value); err == nil && unit == "min" && n >= 120 && n%60 == 0 {
		return words.F("%s min (%d h)", value, n/60)
	}
	if n, err := strconv.Atoi(value); err == nil && unit == "h" && n >= 48 && n%24 == 0 {
		return words.F("%s h (%d d)", value, n/24)
	}
	return strings.TrimSpace(value + " " + unit)
}

func change(c ward.LimitChange, now time.Time) Change {
	what := words.T("back to the program’s own")
	if c.Ward != "" {
		what = words.T("back to the hospital’s")
	}
	if c.Value != "" {
		what = valued(c.Value, c.Shown)
	}
	whose := words.T("whole hospital")
	if c.Ward != "" {
		whose = words.F("ward %s", c.Ward)
	}
	return Change{
		Head:  words.F("Version %d: %s, %s: %s", c.Number, limitName(c.Edge, c.Ages), whose, what),
		Words: words.F("%s, %s: %s", ward.SayName(c.By), ward.Stamp(c.At, now), c.Reason),
	}
}

// ChangeLimit opens the form of a limit.
func (m *Model) ChangeLimit(key string) { m.open(key, false) }

// BackLimit opens it to take the limit back to what stands above it.
func (m *Model) BackLimit(key string) { m.open(key, true) }

func (m *Model) open(key string, back bool) {
	r, ok := m.rule()
	if !ok || r.Site == nil || m.state.Busy || m.book.Apart || r.Site.Newer {
		return
	}
	s := r.Site
	i := slices.IndexFunc(s.List, func(l ward.SiteLimit) bool { return limitKey(l) == key })
	if i < 0 || !s.MaySite && !s.MayWard {
		return
	}
	l := s.List[i]
	f := &LimitForm{Key: key, Title: limitName(l.Edge, l.Ages), Unit: l.Shown, Ward: !s.MaySite, Choice: s.MaySite && s.MayWard, Back: back, version: s.Version, limit: l}
	if back {
		f.Ward = l.WardSet != nil && s.MayWard
		f.Choice = l.WardSet != nil && s.MayWard && l.Set != nil && s.MaySite
	}
	f.ranged()
	m.form, m.state.Error, m.state.Saved = f, "", ""
	m.arrange()
	m.show(m.state)
}

// ranged says within which range the form's limit may be set.
func (f *LimitForm) ranged() {
	low, high := f.limit.Low, f.limit.High
	if f.Ward {
		low, high = f.limit.WardLow, f.limit.WardHigh
	}
	switch {
	case !f.Back:
		f.Range = words.F("From %s to %s. Nothing is converted.", low, valued(high, f.Unit))
	case f.Ward:
		f.Range = words.F("Back to the hospital’s: %s.", valued(f.limit.Hospital, f.Unit))
	default:
		f.Range = words.F("Back to the program’s own: %s.", valued(f.limit.Own, f.Unit))
	}
}

// SetLimitValue takes what is typed.
func (m *Model) SetLimitValue(text string) {
	m.edit(func(f *LimitForm) bool { was := f.Value; f.Value = text; return was != text })
}

// SetLimitReason takes what is typed.
func (m *Model) SetLimitReason(text string) {
	m.edit(func(f *LimitForm) bool { was := f.Reason; f.Reason = text; return was != text })
}

// SetLimitWard chooses for whom.
func (m *Model) SetLimitWard(here bool) {
	m.edit(func(f *LimitForm) bool {
		if !f.Choice || f.Ward == here {
			return false
		}
		f.Ward = here
		f.ranged()
		return true
	})
}

func (m *Model) edit(do func(*LimitForm) bool) {
	if m.form == nil || m.state.Busy {
		return
	}
	f := *m.form
	if !do(&f) {
		return
	}
	f.Changed, f.Bad = f.Value != "" || f.Reason != "", ""
	m.form, m.state.Error = &f, ""
	m.arrange()
	m.show(m.state)
}

// LeaveLimit closes the form; what was typed is gone. It reports whether there was one.
func (m *Model) LeaveLimit() bool {
	if m.form == nil || m.state.Busy {
		return false
	}
	m.form, m.state.Error = nil, ""
	m.arrange()
	m.show(m.state)
	return true
}

// SaveLimit sets the limit. What was refused stays in the form.
func (m *Model) SaveLimit() {
	r, ok := m.rule()
	if m.form == nil || m.state.Busy || !ok || r.Site == nil {
		return
	}
	f := *m.form
	f.Bad = ""
	switch {
	case !f.Back && strings.TrimSpace(f.Value) == "":
		f.Bad, m.state.Error = BadValue, words.T("Write the limit. Nothing was saved.")
	case strings.TrimSpace(f.Reason) == "":
		f.Bad, m.state.Error = BadReason, words.T("Say why, so that whoever comes after you knows. Nothing was saved.")
	}
	if m.form = &f; f.Bad != "" {
		m.arrange()
		m.show(m.state)
		return
	}
	cmd := ward.SetLimit{
		Rule: r.ID, Version: f.version, Edge: f.limit.Edge, Ages: f.limit.Ages, Unit: f.limit.Unit, Value: strings.TrimSpace(f.Value), Reason: strings.TrimSpace(f.Reason),
	}
	if f.Back {
		cmd.Value = ""
	}
	if f.Ward {
		cmd.Ward = r.Site.Ward
	}
	m.state.Busy, m.state.Error, m.state.Saved = true, "", ""
	m.arrange()
	m.show(m.state)
	go func() {
		_, err := m.desk.Do(context.Background(), cmd)
		m.d.Do(func() { m.set(err) })
	}()
}

// set is told what became of a limit.
func (m *Model) set(err error) {
	m.state.Busy = false
	if err == nil {
		m.form = nil
		m.state.Saved = words.T("Saved, and on its way to the server: it is in force when the server has it. What came before stays as it was judged.")
	} else {
		m.state.Error = base.Words(err)
		if r, ok := m.rule(); ok && r.Site != nil && m.form != nil {
			f := *m.form
			f.version = r.Site.Version // the newest stands on the page now
			m.form = &f
		}
	}
	m.arrange()
	m.show(m.state)
	m.loader.Reload()
}

// rule is the rule that is chosen.
func (m *Model) rule() (ward.Rule, bool) {
	if len(m.book.List) == 0 {
		return ward.Rule{}, false
	}
	return m.book.List[max(slices.IndexFunc(m.book.List, func(r ward.Rule) bool { return r.ID == m.chosen }), 0)], true
}
