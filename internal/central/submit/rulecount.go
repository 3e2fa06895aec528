package submit

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/rbac"
)

// RuleCounts follows the journal and knows how often each alert rule fired and what
// people did, for as far back as is counted. A ward's computer holds the patients who
// are there now, so central counts, over all; the count goes to every computer. It
// names nobody, neither who was treated nor who treated. It is made anew of what is
// written, so a central that is restored counts right.
type RuleCounts struct {
	// Rest, where set, is called after each patient whose record was read: a record of
	// thousands of entries is work for some milliseconds, and of thousands of patients for
	// minutes, which nobody at a bedside is to wait for.
	Rest func(ctx context.Context)

	f    *Delivery // reads what is new
	mu   sync.Mutex
	held map[fhir.Ref]told
	// What only marks is read patient by patient; see rulemarks.go.
	marked  map[fhir.ID]marks
	marksAt record.Position
	begun   bool
}

// told is what fired by one resource.
type told struct {
	patient fhir.ID
	newest  time.Time
	story   *alert.Story  // of a result, or of what is held back
	orders  []alert.Fired // of an order
}

// NewRuleCounts makes one; Count fills it.
func NewRuleCounts(s *Submitter) *RuleCounts {
	f := NewDelivery(s)
	f.tags = append(f.tags, record.TagWasCritical)
	f.orders = true
	return &RuleCounts{f: f, held: map[fhir.Ref]told{}, marked: map[fhir.ID]marks{}}
}

// recountAfter is how old a count that still holds may become before it is written
// again, so that it says up to when it holds.
const recountAfter = 6 * time.Hour

// Count brings it up to the journal's head, and writes the count where it changed. It
// says whether it did.
func (c *RuleCounts) Count(ctx context.Context) (bool, error) {
	const op = "submit.countrules"
	if err := c.f.follow(ctx, c.judge); err != nil {
		return false, fault.Wrap(op, "", err)
	}
	if err := c.followMarks(ctx); err != nil {
		return false, fault.Wrap(op, "", err)
	}
	s := c.f.s
	t := c.tally(s.now())
	var had alert.RuleTally
	err := s.journal.View(ctx, func(r journal.Reader) (err error) {
		had, err = ruleTallyIn(r)
		return err
	})
	if err != nil {
		return false, fault.Wrap(op, "", err)
	}
	if sameRuleTally(had, t) && t.At.Sub(had.At) < recountAfter {
		return false, nil
	}
	_, err = s.update(ctx, op, "", func(w *work) error { return w.putRuleTally(t) })
	return err == nil, err
}

func (c *RuleCounts) tally(now time.Time) alert.RuleTally {
	c.mu.Lock()
	defer c.mu.Unlock()
	oldest := now.AddDate(0, 0, -slices.Max(alert.TallyDays))
	var list []alert.Tallied
	for ref, t := range c.held {
		if t.newest.Before(oldest) {
			delete(c.held, ref) // a new version of it brings it back
			continue
		}
		one := alert.Tallied{Patient: t.patient, Fired: t.orders}
		if t.story != nil {
			one.Fired = c.f.s.matcher.Rules.Fired(*t.story, now)
		}
		list = append(list, one)
	}
	for id, m := range c.marked {
		list = append(list, alert.Tallied{Patient: id, Fired: m.fired(now)})
	}
	t := alert.TallyRules(list, now)
	t.Marks = true
	return t
}

func (c *RuleCounts) judge(r journal.Reader, ref fhir.Ref) error {
	ch, ok, err := r.Current(ref)
	if err != nil {
		return err
	}
	t, fires := told{patient: ch.Patient}, false
	if ok && !ch.History {
		switch ref.Type {
		case fhir.TypeObservation:
			fires, err = c.result(r, ch, &t)
		case fhir.TypeTask:
			fires, err = c.warning(r, ch, &t)
		case fhir.TypeServiceRequest, fhir.TypeMedicationRequest:
			fires = t.order(ch)
		default: // nothing fires by it
		}
	}
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if delete(c.held, ref); fires {
		c.held[ref] = t
	}
	return nil
}

// result reads what fired by a result that is critical, or was.
func (c *RuleCounts) result(r journal.Reader, ch record.Change, t *told) (bool, error) {
	s := c.f.s
	c.f.hush(ch.Patient, ch.Ref, false)
	if ch.Patient == "" || !slices.Contains(ch.Tags, record.TagCritical) && !slices.Contains(ch.Tags, record.TagWasCritical) {
		return false, nil
	}
	book, err := s.callBook(r, ch.Patient, s.now())
	if err != nil {
		return false, err
	}
	st, err := s.stood(r, ch, book)
	if err != nil || st.sent || len(st.editions) == 0 {
		return false, err
	}
	story := &alert.Story{Editions: st.editions}
	if story.Acks, err = acksOf(r, ch, book); err != nil {
		return false, err
	}
	if story.Who, err = whoIn(r, ch.Patient, s.now()); err != nil {
		return false, err
	}
	away, err := remote(r, ch.Patient, false)
	if err != nil {
		return false, err
	}
	story.Ladder = s.matcher.Rules.Ladder(alert.LadderInpatient)
	if away {
		story.Ladder = s.matcher.Rules.Ladder(alert.LadderRemote)
	}
	if s.mayHush(ch, st, book) {
		c.f.hush(ch.Patient, ch.Ref, true)
		if story.Quiet, err = s.quieted(r, ch, st, book); err != nil {
			return false, err
		}
	}
	t.story, t.newest = story, st.editions[len(st.editions)-1].Available
	return true, nil
}

// warning reads a warning of central's: a critical value that is held back, or one that
// came after its patient had left.
func (c *RuleCounts) warning(r journal.Reader, ch record.Change, t *told) (bool, error) {
	task, err := fhir.View[fhir.Task](ch.Body)
	if err != nil || !slices.Contains(ch.Tags, record.TagHeldBack) || task.Priority == "asap" {
		return false, nil
	}
	rule := alert.RuleHeldBack
	if p, ok := fhir.ParamOf(task.Input, fhir.ParamFiled); ok && p.ValueString != nil && *p.ValueString == fhir.FiledWhole {
		rule = alert.RuleLeft
	}
	since, err := firstCame(r, ch)
	if err != nil {
		return false, err
	}
	acks, err := acksAbout(r, ch.Ref, func(fhir.Task) (uint64, bool) { return 0, true })
	if err != nil {
		return false, err
	}
	t.newest = since
	t.story = &alert.Story{
		Rule: rule, Acks: acks, Ladder: c.f.s.matcher.Rules.Ladder(alert.LadderInpatient), Editions: []alert.Edition{{Available: since, Critical: true}},
	}
	return true, nil
}

// firstCame is when the first version of a resource came.
func firstCame(r journal.Reader, c record.Change) (time.Time, error) {
	first := time.UnixMilli(c.Times.Central)
	for v, err := range r.History(c.Ref) {
		if err != nil {
			return first, err
		}
		if at := time.UnixMilli(v.Times.Central); !v.History && at.Before(first) {
			first = at
		}
	}
	return first, nil
}

// order reads the warnings that an order's author went against. Whoever heeded one wrote
// nothing, so those are not known.
func (t *told) order(ch record.Change) bool {
	o, err := fhir.View[struct {
		Status    string           `json:"status"`
		Extension []fhir.Extension `json:"extension"`
	}](ch.Body)
	if err != nil || o.Status == "entered-in-error" {
		return false
	}
	for _, w := range fhir.Overrides(o.Extension) {
		rule := alert.RuleAllergy
		switch w.Level {
		case "repeat":
			rule = alert.RuleRepeat
		case "caution", "stop":
		default:
			continue // nothing was asked
		}
		at, err := time.Parse(time.RFC3339Nano, w.At)
		if err != nil {
			continue
		}
		t.orders = append(t.orders, alert.Fired{Rule: rule, At: at, Overruled: w.Level})
		if at.After(t.newest) {
			t.newest = at
		}
	}
	return len(t.orders) > 0
}

func whoIn(r journal.Reader, patient fhir.ID, now time.Time) (alert.Subject, error) {
	c, ok, err := r.Current(fhir.Ref{Type: fhir.TypePatient, ID: patient})
	if err != nil || !ok {
		return alert.Subject{}, err
	}
	p, bad := fhir.View[fhir.Patient](c.Body)
	if bad != nil {
		return alert.Subject{}, nil
	}
	return subjectAt(p.BirthDate, now), nil
}

// ruleTallyIn is the count that is kept; none is one of nothing.
func ruleTallyIn(r journal.Reader) (alert.RuleTally, error) {
	text, err := useIn(r, record.UseOfRules(), fhir.ExtRuleUse)
	if err != nil || text == "" {
		return alert.RuleTally{}, err
	}
	t, err := alert.ParseRuleTally(text)
	if err != nil {
		return alert.RuleTally{}, nil // of another program: it is written anew
	}
	return t, nil
}

// sameRuleTally says whether two counts say the same, whenever each was made.
func sameRuleTally(a, b alert.RuleTally) bool {
	a.At = b.At
	x, err1 := a.String()
	y, err2 := b.String()
	return err1 == nil && err2 == nil && x == y
}

func (w *work) putRuleTally(t alert.RuleTally) error {
	const op = "submit.ruletally"
	text, err := t.String()
	if err != nil {
		return fault.As(fault.Invalid, op, "", err)
	}
	n := 0
	for _, c := range t.Days[slices.Max(alert.TallyDays)] {
		n += c.Fired
	}
	return w.putUse(use{
		ref: record.UseOfRules(), code: fhir.BasicRuleUse, url: fhir.ExtRuleUse, text: text, wards: []record.Ward{rbac.AnyWard},
		detail: audit.Detail{Name: "rule-use", Value: strconv.Itoa(n) + " firings"},
	})
}
