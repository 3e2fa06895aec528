package submit

import (
	"slices"
	"strings"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/rbac"
)

// A site sets the limits of its alert rules itself, within their ranges. Like a rota
// they are never merged: whoever sets one has seen the newest. A result is judged by
// what was in force when it was received, and marked with it, so that every computer
// says the same of it and no later change says anything else. Where more than one limit
// was in force while it was on its way, or an earlier version of it was judged by
// another, the one counts by which it is critical: a limit that changes never takes an
// open critical result away.

// siteLimits is what the site set of one rule.
type siteLimits struct {
	alert.Settings
	since int64 // when its newest number came
}

// mayLimit says why the limits of a rule may not be set like this, or "".
func (w *work) mayLimit(a *attempt, body fhir.Resource) string {
	if !record.IsLimits(a.m.Ref) || body == nil {
		return ""
	}
	after, err := limitsIn(body)
	if err != nil || a.m.Patient != "" || a.m.Ref != record.LimitsOf(string(after.Rule)) {
		return "these are no limits of an alert rule"
	}
	before := alert.Settings{Rule: after.Rule}
	if a.exists {
		if a.m.Base != a.current.Version {
			return "somebody changed the limits meanwhile; look at them again"
		}
		if before, err = limitsIn(a.current.Body); err != nil {
			return "the limits as they stand cannot be read here, so they are not written over"
		}
	}
	rules := w.s.matcher.Rules
	if err := rules.Follows(before, after); err != nil {
		return "the limit is not set: " + err.Error()
	}
	x := after.List[len(after.List)-1]
	if why := a.maySet(x, w.now); why != "" {
		return why
	}
	a.changed = limitChange(rules, before, after, x)
	return ""
}

// How far a setting's own time may be from the mutation's, and how old it may be: it is
// not made while the network is out, because others set limits meanwhile.
const (
	settingApart = 5 * time.Minute
	settingOld   = time.Hour
)

func (a *attempt) maySet(x alert.Setting, now time.Time) string {
	site := slices.Contains(a.account.Wards, rbac.AnyWard)
	switch {
	case x.User != string(a.account.User) || x.By != a.account.Name && x.By != a.author.Name:
		return "a limit is set in one's own name"
	case x.At.Sub(a.when()).Abs() > settingApart || now.Sub(x.At) > settingOld || x.At.Sub(now) > settingApart:
		return "a limit is set while the network is there; look at it again"
	case x.Ward == "" && !site:
		return "a limit of the whole hospital is set by somebody who covers the whole hospital"
	case x.Ward != "" && !slices.Contains(a.device.Wards, record.Ward(x.Ward)):
		return "a ward's limit is set at a computer of that ward"
	case x.Ward != "" && !site && !slices.Contains(a.account.Wards, record.Ward(x.Ward)):
		return "a ward's limit is set by somebody of that ward"
	}
	return ""
}

// limitChange says in the audit trail what was in force and what is.
func limitChange(rules alert.Rules, before, after alert.Settings, x alert.Setting) []audit.Detail {
	name := strings.Join(slices.DeleteFunc([]string{string(x.Edge) + " limit of " + string(after.Rule), x.Ages, x.Ward}, func(s string) bool { return s == "" }), ", ")
	said := func(s alert.Settings) string {
		e, ok := rules.Effective(s, x.Ward, s.Number(), x.Unit, x.Ages, x.Edge)
		switch {
		case !ok || e.At == "":
			return "none"
		case e.Set == nil:
			return string(e.At) + " " + x.Unit + " (the program's own)"
		}
		return string(e.At) + " " + x.Unit
	}
	return append(audit.Changed(audit.Change{Name: name, Before: said(before), After: said(after)}), audit.Detail{Name: "reason", Value: x.Reason})
}

// limitsIn reads what a site set of a rule.
func limitsIn(body fhir.Resource) (alert.Settings, error) {
	b, err := fhir.View[struct {
		Extension []fhir.Extension `json:"extension"`
	}](body)
	if err != nil {
		return alert.Settings{}, alert.ErrSettings
	}
	return alert.ParseSettings(fhir.ExtString(b.Extension, fhir.ExtLimits))
}

// settings are what the site set of a rule; the zero value where nothing was set, or
// not in a form that this program reads: then the program's own limits are in force.
func (w *work) settings(rule alert.RuleID) (siteLimits, error) {
	if s, known := w.limits[rule]; known {
		return s, nil
	}
	c, ok, err := w.Current(record.LimitsOf(string(rule)))
	if err != nil {
		return siteLimits{}, err
	}
	var s siteLimits
	if ok {
		if read, err := limitsIn(c.Body); err == nil && read.Rule == rule {
			s = siteLimits{read, c.Times.Central}
		}
	}
	if w.limits == nil {
		w.limits = map[alert.RuleID]siteLimits{}
	}
	w.limits[rule] = s
	return s, nil
}

// judgedBy are the rules by which a version of a result was judged, by its marks; nil for
// the program's own, and where the settings cannot be read any more.
func (s *Submitter) judgedBy(r journal.Reader, o fhir.Observation, tags []string) (*alert.Rules, error) {
	number, ward, marked := alert.TagIn(tags)
	rule, has := s.matcher.Rules.RuleFor(o)
	if !marked || !has {
		return nil, nil
	}
	c, ok, err := r.Current(record.LimitsOf(string(rule)))
	if err != nil || !ok {
		return nil, err
	}
	set, err := limitsIn(c.Body)
	if err != nil {
		return nil, nil
	}
	rules := s.matcher.Rules.Under(set, ward, number)
	return &rules, nil
}

// judgement is what was said of a result, and by which of the site's limits.
type judgement struct {
	said   alert.Verdict
	number int // of its rule's settings; 0: the program's own
	ward   string
}

func (j judgement) tags() []string {
	if j.number == 0 {
		return nil
	}
	return []string{alert.Tag(j.number, j.ward)}
}

// judged judges a version of a result that was received then.
func (w *work) judged(c record.Change, received int64) (judgement, error) {
	o, err := fhir.View[fhir.Observation](c.Body)
	if err != nil || !counts(o) {
		return judgement{}, nil
	}
	p, err := w.patient(c.Patient)
	if err != nil {
		return judgement{}, err
	}
	s := alert.Subject{}
	if p != nil {
		s = subjectAt(p.BirthDate, w.now)
	}
	rules, ours := w.s.rules.(alert.Rules)
	rule, has := rules.RuleFor(o)
	if !ours || !has {
		return judgement{said: w.s.rules.Judge(o, s)}, nil
	}
	set, err := w.settings(rule)
	if err != nil {
		return judgement{}, err
	}
	list, err := w.inForce(set, c, received)
	if err != nil {
		return judgement{}, err
	}
	var out judgement
	for i, j := range list {
		j.said = rules.Under(set.Settings, j.ward, j.number).Judge(o, s)
		if i == 0 || weight(j.said) > weight(out.said) {
			out = j
		}
	}
	return out, nil
}

// weight orders verdicts by what must not be lost.
func weight(v alert.Verdict) int {
	switch {
	case v.Critical && !v.MayBe:
		return 3
	case v.Critical:
		return 2
	case v.Urgent:
		return 1
	}
	return 0
}

// inForce are the numbers by which a result is judged, the newest first, for each ward
// where its patient is: that in force now, those since it was on its way, and that by
// which it was judged before.
func (w *work) inForce(set siteLimits, c record.Change, received int64) ([]judgement, error) {
	if set.Number() == 0 {
		return []judgement{{}}, nil
	}
	wards := []string{""}
	if set.ByWard() && c.Patient != "" {
		on, err := wardsNow(w, c.Patient)
		if err != nil {
			return nil, err
		}
		if len(on) > 0 {
			wards = wards[:0]
		}
		for _, ward := range on {
			wards = append(wards, string(ward))
		}
	}
	first, err := w.numberAt(set, onItsWay(c, received))
	if err != nil {
		return nil, err
	}
	var list []judgement
	for n := set.Number(); n >= first; n-- {
		for _, ward := range wards {
			list = append(list, judgement{number: n, ward: ward})
		}
	}
	if c.Version > 1 {
		had, ok, err := w.Current(c.Ref)
		if err != nil {
			return nil, err
		}
		if ok {
			n, ward, _ := alert.TagIn(had.Tags)
			list = append(list, judgement{number: n, ward: ward})
		}
	}
	return list, nil
}

// onItsWay is since when a result was on its way to central: what a computer wrote in
// an outage was judged there by the limits that it held.
func onItsWay(c record.Change, received int64) int64 {
	switch {
	case c.Times.Station == 0:
		return received
	case !c.Times.Measured:
		return 0 // nobody knows: every limit that ever was counts
	}
	return min(received, madeAt(c.Times).Add(-settingApart).UnixMilli())
}

// numberAt is the number that was in force at an instant.
func (w *work) numberAt(set siteLimits, at int64) (int, error) {
	if set.since <= at {
		return set.Number(), nil
	}
	n := 0
	for v, err := range w.History(record.LimitsOf(string(set.Rule))) {
		if err != nil {
			return 0, err
		}
		if s, err := limitsIn(v.Body); err == nil && !v.History && v.Times.Central <= at {
			n = max(n, s.Number())
		}
	}
	return n, nil
}

// anyWard judges what is held back: nobody knows whose it is, so what is critical on
// any ward is critical.
func (w *work) anyWard(o fhir.Observation, judge func(Judge) alert.Verdict) alert.Verdict {
	rules, ours := w.s.rules.(alert.Rules)
	rule, has := rules.RuleFor(o)
	if !ours || !has {
		return judge(w.s.rules)
	}
	set, err := w.settings(rule)
	if err != nil {
		w.unset = err
		return judge(rules)
	}
	out := judge(rules.Under(set.Settings, "", set.Number()))
	for _, ward := range set.Wards() {
		if v := judge(rules.Under(set.Settings, ward, set.Number())); v.Critical && !out.Critical {
			out = v
		}
	}
	return out
}
