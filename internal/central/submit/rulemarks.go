package submit

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// What only marks (an urgent value, a change, a threshold of NEWS2, observations or a result
// that are late, a handover that waits) needs much of a patient's
// record and leaves no mark of its own in the journal. So it is read patient by patient:
// at first of all who were written about in the time that is counted, then of those who
// are written about.

// marks are what fired, or will, by one patient's record.
type marks struct {
	seen  []alert.Fired // of results and sets of observations
	waits []alert.Wait
}

func (m marks) fired(now time.Time) []alert.Fired {
	out := slices.Clone(m.seen)
	for _, w := range m.waits {
		if f, ok := w.Fired(now); ok {
			out = append(out, f)
		}
	}
	return out
}

// followMarks brings the marks up to the journal's head.
func (c *RuleCounts) followMarks(ctx context.Context) error {
	c.f.reading.Lock()
	defer c.f.reading.Unlock()
	s := c.f.s
	oldest := s.now().AddDate(0, 0, -slices.Max(alert.TallyDays))
	var at record.Position
	var touched []fhir.ID
	err := s.journal.View(ctx, func(r journal.Reader) (err error) {
		at = r.Head().Position
		if c.begun {
			touched, err = writtenAnew(r, c.marksAt, at)
			return err
		}
		touched, err = writtenSince(r, at, oldest)
		return err
	})
	if err != nil {
		return err
	}
	for _, id := range touched {
		err := s.journal.View(ctx, func(r journal.Reader) error {
			m, err := s.marksOf(r, id, oldest)
			if err != nil {
				return err
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			if delete(c.marked, id); len(m.seen)+len(m.waits) > 0 {
				c.marked[id] = m
			}
			return nil
		})
		if err != nil {
			return err
		}
		if c.Rest != nil {
			c.Rest(ctx)
		}
	}
	c.marksAt, c.begun = at, true
	return nil
}

// writtenAnew are the patients of whom something came after a position. Where the site's
// limits came with it, those belong to them too of whom something came since these were
// set: what is judged by the limits of its moment went by the ones before.
func writtenAnew(r journal.Reader, after, head record.Position) ([]fhir.ID, error) {
	touched, set, err := writtenAbout(r, after)
	if err != nil || set.IsZero() {
		return touched, err
	}
	from, err := positionAt(r, head, set.Add(-settingApart))
	if err == nil && from < after {
		touched, _, err = writtenAbout(r, from)
	}
	return touched, err
}

// writtenAbout are the patients of the entries after a position, as far as the rules that
// mark read what was written; set is when the oldest of the site's limits among them was set,
// zero where there is none.
func writtenAbout(r journal.Reader, after record.Position) (out []fhir.ID, set time.Time, err error) {
	for e, err := range r.Entries(after) {
		if err != nil {
			return nil, set, err
		}
		for _, ch := range e.Changes {
			if at := setIn(ch); !at.IsZero() && (set.IsZero() || at.Before(set)) {
				set = at
			}
			switch ch.Ref.Type {
			case fhir.TypeObservation, fhir.TypeTask, fhir.TypeServiceRequest, fhir.TypeEncounter, fhir.TypePatient, fhir.TypeFlag:
				if id := journal.PatientOf(ch); id != "" {
					out = append(out, id)
				}
			default: // they read no other
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out), set, nil
}

// setIn is when the newest limit in a change was set; zero where it holds none.
func setIn(ch record.Change) time.Time {
	if !record.IsLimits(ch.Ref) {
		return time.Time{}
	}
	set, err := limitsIn(ch.Body)
	if err != nil || set.Number() == 0 {
		return time.Time{}
	}
	return set.List[set.Number()-1].At
}

// positionAt is the last position before whatever was received since a time.
func positionAt(r journal.Reader, head record.Position, since time.Time) (record.Position, error) {
	var bad error
	from := sort.Search(int(head), func(n int) bool { //nolint:gosec // a position fits
		for e, err := range r.Trail(record.Position(n)) { //nolint:gosec // and back
			bad = cmp.Or(bad, err)
			return err != nil || e.Received >= since.UnixMilli()
		}
		return true
	})
	return record.Position(from), bad //nolint:gosec // as above
}

// writtenSince are the patients of whose record something came since a time.
func writtenSince(r journal.Reader, head record.Position, since time.Time) ([]fhir.ID, error) {
	from, err := positionAt(r, head, since)
	if err != nil {
		return nil, err
	}
	var out []fhir.ID
	for p, err := range r.All(fhir.TypePatient, "") {
		if err != nil {
			return nil, err
		}
		for st, err := range r.Standings(p.Ref.ID, fhir.Ref{}) {
			if err != nil {
				return nil, err
			}
			if st.At > from {
				out = append(out, p.Ref.ID)
				break
			}
		}
	}
	return out, nil
}

// markedResult is one of a patient's results.
type markedResult struct {
	c record.Change
	o fhir.Observation
}

// markedRecord is what of a patient's record the marks are made of.
type markedRecord struct {
	results         []markedResult
	orders, givings []record.Change
	stays           []alert.Stay
	observed        []alert.Observed
	scale2          alert.Prescription
}

// markedIn reads it.
func markedIn(r journal.Reader, id fhir.ID) (rec markedRecord, err error) {
	for ch, err := range r.Compartment(id) {
		if err != nil {
			return rec, err
		}
		switch ch.Ref.Type {
		case fhir.TypeObservation:
			rec.addObservation(ch)
		case fhir.TypeServiceRequest:
			rec.orders = append(rec.orders, ch)
		case fhir.TypeTask:
			if slices.Contains(ch.Tags, record.TagGiven) {
				rec.givings = append(rec.givings, ch)
			}
		case fhir.TypeEncounter:
			rec.addStay(ch)
		case fhir.TypeFlag:
			rec.scale2 = cmp.Or(rec.scale2, scale2In(ch))
		default: // nothing that marks reads it
		}
	}
	return rec, nil
}

func (rec *markedRecord) addObservation(ch record.Change) {
	o, bad := fhir.View[fhir.Observation](ch.Body)
	switch {
	case bad != nil:
	case vital(o):
		rec.observed = appendObserved(rec.observed, o)
	case counts(o):
		rec.results = append(rec.results, markedResult{ch, o})
	}
}

func (rec *markedRecord) addStay(ch record.Change) {
	e, bad := fhir.View[fhir.Encounter](ch.Body)
	if bad != nil {
		return
	}
	stay, ok := alert.StayOf(e)
	if e.Status == "finished" && stay.To.IsZero() { // its end is not sent: over since that was told
		stay.To, ok = time.UnixMilli(ch.Times.Central), true
	}
	if ok {
		rec.stays = append(rec.stays, stay)
	}
}

// marksOf are the marks of one patient.
func (s *Submitter) marksOf(r journal.Reader, id fhir.ID, oldest time.Time) (marks, error) {
	var m marks
	rec, err := markedIn(r, id)
	if err != nil {
		return m, err
	}
	if m.seen, err = s.markedResults(r, id, rec.results, oldest); err != nil {
		return m, err
	}
	observing, err := s.timesOf(r, id, alert.RuleOverdue)
	if err != nil {
		return m, err
	}
	awaiting, err := s.timesOf(r, id, alert.RuleLateOrder)
	if err != nil {
		return m, err
	}
	if m.waits, err = s.lateResults(r, rec.orders, rec.results, awaiting); err != nil {
		return m, err
	}
	who, err := whoIn(r, id, s.now())
	if err != nil {
		return m, err
	}
	who.Scale2 = rec.scale2
	scored, due := s.matcher.Rules.Watched(rec.observed, who, rec.stays, observing)
	m.waits = append(m.waits, due...)
	for _, x := range scored {
		if !x.At.Before(oldest) {
			m.seen = append(m.seen, x.Fired())
		}
	}
	given, err := handovers(r, rec.givings, rec.stays)
	m.waits = slices.DeleteFunc(append(m.waits, given...), func(w alert.Wait) bool { return w.Due.Before(oldest) })
	return m, err
}

func vital(o fhir.Observation) bool {
	return slices.ContainsFunc(o.Category, func(c fhir.CodeableConcept) bool {
		return c.Has(fhir.SystemObservationCat, fhir.CategoryVitalSigns)
	})
}

// markedResults are the urgent values and the changes, and what people did about them. A
// result that was only phoned is not among them: the laboratory's own comes.
func (s *Submitter) markedResults(r journal.Reader, id fhir.ID, results []markedResult, oldest time.Time) ([]alert.Fired, error) {
	who, err := whoIn(r, id, s.now())
	if err != nil {
		return nil, err
	}
	checking, err := s.timesOf(r, id, alert.RuleChange)
	if err != nil {
		return nil, err
	}
	rules := s.matcher.Rules
	var out []alert.Fired
	for _, x := range results {
		if _, phoned := fhir.PhoneCallOf(x.o); phoned || time.UnixMilli(x.c.Times.Central).Before(oldest) {
			continue
		}
		var fires []alert.RuleID
		judging := &rules
		if by, err := s.judgedBy(r, x.o, x.c.Tags); err != nil {
			return nil, err
		} else if by != nil {
			judging = by
		}
		if judging.Judge(x.o, who).Urgent && !slices.Contains(x.c.Tags, record.TagCritical) { // a site’s own limit may have made it critical
			fires = append(fires, alert.RuleUrgent)
		}
		if len(checking(time.UnixMilli(x.c.Times.Central)).Changed(x.o, sameTestAs(x.o, results))) > 0 {
			fires = append(fires, alert.RuleChange)
		}
		if len(fires) == 0 {
			continue
		}
		since, err := firstCame(r, x.c)
		if err != nil {
			return nil, err
		}
		acks, err := acksAbout(r, x.c.Ref, func(fhir.Task) (uint64, bool) { return 0, true })
		if err != nil {
			return nil, err
		}
		for _, rule := range fires {
			out = append(out, rules.Fired(alert.Story{Rule: rule, Acks: acks, Who: who, Editions: []alert.Edition{{Available: since, Result: x.o}}}, s.now())...)
		}
	}
	return out, nil
}

// sameTestAs are the results that share a code with one.
func sameTestAs(o fhir.Observation, results []markedResult) []fhir.Observation {
	var out []fhir.Observation
	for _, x := range results {
		if x.o.ID != o.ID && slices.ContainsFunc(o.Code.Coding, func(k fhir.Coding) bool { return x.o.Code.Has(k.System, k.Code) }) {
			out = append(out, x.o)
		}
	}
	return out
}

// lateResults are the orders for tests, and by when a result is looked for.
func (s *Submitter) lateResults(r journal.Reader, orders []record.Change, results []markedResult, inForce func(time.Time) alert.Rules) ([]alert.Wait, error) {
	var out []alert.Wait
	for _, ch := range orders {
		v, bad := fhir.View[fhir.ServiceRequest](ch.Body)
		if bad != nil || v.Status == "entered-in-error" || v.Status == "draft" || v.Status == "on-hold" {
			continue
		}
		first, ok, err := r.Version(ch.Ref, 1)
		if err != nil {
			return nil, err
		}
		if !ok {
			first = ch
		}
		o := alert.OpenOrder{Ref: ch.Ref, At: madeAt(first.Times), Stat: v.Priority == "stat", Sent: first.Author.Sender != ""}
		if v.Code != nil {
			o.Code = *v.Code
		}
		w := alert.Wait{Rule: alert.RuleLateOrder, Due: inForce(o.At).LateAt(o)}
		if w.Done, err = s.answeredAt(r, o, results); err != nil {
			return nil, err
		}
		switch {
		case v.Status == "completed" && w.Done.IsZero():
			w.Done = madeAt(ch.Times)
		case v.Status != "active" && v.Status != "completed":
			w.Over = madeAt(ch.Times)
		}
		out = append(out, w)
	}
	return out, nil
}

// answeredAt is when the results that answer an order were first all here; zero where they
// are not. A later result of the same test changes nothing.
func (s *Submitter) answeredAt(r journal.Reader, o alert.OpenOrder, results []markedResult) (time.Time, error) {
	type came struct {
		at time.Time
		o  fhir.Observation
	}
	var after []came
	for _, x := range results {
		if at, err := time.Parse(time.RFC3339Nano, x.o.EffectiveDateTime); err != nil || at.Before(o.At) {
			continue
		}
		at, err := firstCame(r, x.c)
		if err != nil {
			return time.Time{}, err
		}
		after = append(after, came{at, x.o})
	}
	slices.SortStableFunc(after, func(a, b came) int { return a.at.Compare(b.at) })
	var so []fhir.Observation
	for _, x := range after {
		if so = append(so, x.o); s.matcher.Rules.Answered(o, so) {
			return x.at, nil
		}
	}
	return time.Time{}, nil
}

// handovers are the givings of a patient, and until when each should be accepted. One
// that is taken back or replaced by a later one, and one of somebody who has left, waits
// for nobody.
func handovers(r journal.Reader, givings []record.Change, stays []alert.Stay) ([]alert.Wait, error) {
	slices.SortFunc(givings, func(a, b record.Change) int { return a.Clock.Compare(b.Clock) })
	var out []alert.Wait
	for i, g := range givings {
		w := alert.Wait{Rule: alert.RuleHandover, Due: alert.HandoverDue(madeAt(g.Times)), Over: alert.LeftAfter(stays, madeAt(g.Times))}
		over := func(at time.Time) {
			if w.Over.IsZero() || at.Before(w.Over) {
				w.Over = at
			}
		}
		if i+1 < len(givings) {
			over(madeAt(givings[i+1].Times))
		}
		for about, err := range tasksAbout(r, g.Ref) {
			if err != nil {
				return nil, err
			}
			switch at := madeAt(about.change.Times); {
			case about.inError():
			case about.is(fhir.TaskAccept) && (w.Done.IsZero() || at.Before(w.Done)):
				w.Done = at
			case about.is(fhir.TaskWithdraw):
				over(at)
			}
		}
		out = append(out, w)
	}
	return out, nil
}

// appendObserved adds the signs of an observation; one without a time belongs to no set.
func appendObserved(list []alert.Observed, o fhir.Observation) []alert.Observed {
	at, err := time.Parse(time.RFC3339Nano, o.EffectiveDateTime)
	if err != nil {
		return list
	}
	x := alert.Observed{Set: fhir.ExtString(o.Extension, fhir.ExtSet), At: at, Wrong: !counts(o)}
	if e, ok := fhir.ExtensionOf(o.Extension, fhir.ExtScale); ok && e.ValueInteger != nil {
		x.Scale = int(*e.ValueInteger)
	}
	for _, v := range alert.SignsOf(o) {
		x.SignValue = v
		list = append(list, x)
	}
	return list
}

// scale2In is a clinician's written choice of SpO2 scale 2, as a Flag holds it.
func scale2In(ch record.Change) alert.Prescription {
	f, bad := fhir.View[struct {
		Status    string           `json:"status"`
		Extension []fhir.Extension `json:"extension"`
	}](ch.Body)
	e, ok := fhir.ExtensionOf(f.Extension, fhir.ExtScale)
	if bad != nil || f.Status != "active" || !ok || e.ValueInteger == nil || *e.ValueInteger != 2 {
		return alert.Prescription{}
	}
	return alert.Prescription{By: ch.Author.Shown(), At: madeAt(ch.Times), Reason: "as the flag says"}
}

// timesOf are the rules with the times that the site set of one, as they were in force at
// a time, for the ward where somebody is now.
func (s *Submitter) timesOf(r journal.Reader, id fhir.ID, rule alert.RuleID) (func(at time.Time) alert.Rules, error) {
	c, ok, err := r.Current(record.LimitsOf(string(rule)))
	if err != nil {
		return nil, err
	}
	set, bad := limitsIn(c.Body)
	if !ok || bad != nil || set.Rule != rule {
		return func(time.Time) alert.Rules { return s.matcher.Rules }, nil
	}
	wards, err := wardsNow(r, id)
	ward := ""
	if len(wards) > 0 {
		ward = string(wards[0])
	}
	return func(at time.Time) alert.Rules { return s.matcher.Rules.Under(set, ward, set.NumberAt(at)) }, err
}
