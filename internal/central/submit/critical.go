package submit

import (
	"strings"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// counts says whether a result of this status stands (R4 value set
// observation-status).
func counts(o fhir.Observation) bool {
	switch o.Status {
	case "entered-in-error", "cancelled":
		return false
	}
	return true
}

// subjectAt is what the rules need to know of somebody's age. A birth date of
// which only the year is known makes an adult of nobody who may be a child.
func subjectAt(born string, now time.Time) alert.Subject {
	const day = "2006-01-02"
	t, err := time.Parse(day, born)
	if err != nil {
		last := map[int]string{4: born + "-12-31", 7: born + "-28"}[len(born)]
		t, err = time.Parse(day, last)
		if err != nil || years(t, now) < 18 {
			return alert.Subject{}
		}
	}
	if now.Before(t) {
		return alert.Subject{}
	}
	return alert.Subject{AgeKnown: true, Age: now.Sub(t), Years: years(t, now)}
}

func years(born, now time.Time) int {
	n := now.Year() - born.Year()
	if now.Month() < born.Month() || now.Month() == born.Month() && now.Day() < born.Day() {
		n--
	}
	return n
}

// grave is a value that is, or may be, critical, as the message has it.
type grave struct {
	value fhir.Observation
	maybe bool     // by one of the readings that its digits allow
	why   []string // by which limit or flag
}

func (g grave) words() string {
	is := "critical"
	if g.maybe {
		is = "may be critical"
	}
	return strings.TrimSpace(g.value.Code.Words()+" "+valueWords(g.value)) + ", " + is + " (" + strings.Join(g.why, ", ") + ")"
}

func graveWords(list []grave) string {
	words := make([]string, len(list))
	for i, g := range list {
		words[i] = g.words()
	}
	return strings.Join(words, ", ")
}

// criticals are the critical values of a group that cannot be filed: the rules look at a message even when nobody knows whose it is.
// A value that cannot be judged counts where one of its readings is critical:
// what is filed is seen by somebody, what is held back by nobody.
func (w *work) criticals(g record.Group) []grave {
	var list []grave
	s := subjectAt(g.Subject.BirthDate, w.now)
	for _, o := range observations(g.Drafts) {
		if !counts(o) {
			continue
		}
		if v := w.anyWard(o, func(j Judge) alert.Verdict { return j.Judge(o, s) }); v.Critical {
			list = append(list, grave{o, false, v.English()})
		} else if v := w.anyWard(o, func(j Judge) alert.Verdict { return j.Perhaps(o, s) }); v.Critical {
			list = append(list, grave{o, true, v.English()})
		}
	}
	return list
}

// unread are the values of a message that are filed as words, because their
// digits may mean several numbers, and that may be critical.
func (w *work) unread(groups []record.Group) (list []grave) {
	w.eachUnread(groups, func(o fhir.Observation, v alert.Verdict) {
		list = append(list, grave{o, true, v.English()})
	})
	return list
}

// unreadRefs are the results in which they stand.
func (w *work) unreadRefs(groups []record.Group) (refs []fhir.Ref) {
	w.eachUnread(groups, func(o fhir.Observation, _ alert.Verdict) {
		refs = append(refs, fhir.Ref{Type: fhir.TypeObservation, ID: o.ID})
	})
	return refs
}

func (w *work) eachUnread(groups []record.Group, do func(fhir.Observation, alert.Verdict)) {
	for _, g := range groups {
		s := subjectAt(g.Subject.BirthDate, w.now)
		for _, o := range observations(g.Drafts) {
			if !counts(o) || o.ValueString == nil {
				continue
			}
			if v := w.anyWard(o, func(j Judge) alert.Verdict { return j.Perhaps(o, s) }); v.Critical {
				do(o, v)
			}
		}
	}
}

func observations(drafts []record.Draft) []fhir.Observation {
	var list []fhir.Observation
	for _, d := range drafts {
		if d.Ref.Type != fhir.TypeObservation || len(d.Ops) == 0 || d.Ops[0].Kind != record.OpPut {
			continue
		}
		if o, err := fhir.View[fhir.Observation](d.Ops[0].Value); err == nil {
			list = append(list, o)
		}
	}
	return list
}

// mismatched says that code and unit of a result contradict one another, so
// that its number means nothing.
func (w *work) mismatched(d record.Draft) bool {
	for _, o := range observations([]record.Draft{d}) {
		if w.s.rules.Judge(o, alert.Subject{}).Mismatch {
			return true
		}
	}
	return false
}

// valueWords is a value in the sender's own digits.
func valueWords(o fhir.Observation) string {
	switch {
	case o.ValueQuantity != nil && o.ValueQuantity.Value != nil:
		q := o.ValueQuantity
		unit := q.Unit
		if unit == "" {
			unit = q.Code
		}
		return strings.TrimSpace(q.Comparator + string(*q.Value) + " " + unit)
	case o.ValueCodeableConcept != nil:
		return o.ValueCodeableConcept.Words()
	case o.ValueString != nil:
		words, unit := fhir.Said(o)
		return strings.TrimSpace(words + " " + unit)
	}
	return ""
}

// warnLate tells the ward that somebody left about a critical result that came
// after them: no station holds the patient any more, and it must not wait for
// one that does.
func (w *work) warnLate(fl *filing) error {
	for _, c := range fl.lates {
		if c.Ref.Type != fhir.TypeObservation {
			continue
		}
		if err := w.warnOfLate(fl, c); err != nil {
			return err
		}
	}
	return nil
}

// warnOfLate does so for one result, if it is critical. A ward whose screens show the
// result all the same is not warned. Where it has no computer every ward is warned, and
// nobody is named.
func (w *work) warnOfLate(fl *filing, c record.Change) error {
	j, err := w.judged(c, w.arrived(fl))
	if err != nil {
		return err
	}
	o, bad := fhir.View[fhir.Observation](c.Body)
	if !j.said.Critical || bad != nil {
		return nil
	}
	ward, err := lastWard(w, c.Patient)
	if err != nil {
		return err
	}
	wards, everybody, err := w.reaching(wardList(ward))
	if err != nil {
		return err
	}
	t := lateTask(fl.row.ID, c.Ref, grave{o, j.said.MayBe, j.said.English()}, w.now)
	if !everybody {
		if shown, err := w.shownAnyway(c.Ref, c.Patient); err != nil || shown {
			return err
		}
		p, err := w.patient(c.Patient)
		if err != nil {
			return err
		}
		nameLate(&t, p, ward)
	}
	return w.putTask(fl, t, wards)
}

// lateTask is the warning without a word on whom it is of.
func lateTask(message string, result fhir.Ref, g grave, now time.Time) fhir.Task {
	return fhir.Task{
		ResourceType: fhir.TypeTask, ID: LateWarning(message, result),
		Status: "requested", Intent: "order", Priority: "stat", Code: fhir.TaskCode(fhir.TaskHeldBack), AuthoredOn: stamp(now),
		Description: "Received after discharge: " + g.value.Code.Words() + " " + valueWords(g.value) + ", critical. It is filed; nobody's screen shows it. Tell the discharging team and the doctor on call.",
		Contained:   quoted([]grave{g}),
		Input:       []fhir.TaskParameter{param(fhir.ParamMessage, message), param(fhir.ParamFiled, fhir.FiledWhole)},
	}
}

// nameLate says whom a warning is of, for the ward that they left.
func nameLate(t *fhir.Task, p *fhir.Patient, ward record.Ward) {
	if who := calledIn(p); who != "" {
		t.Input = append(t.Input, param(fhir.ParamSaid, who))
		t.Description += " It is of " + who + "."
	}
	t.Input = append(t.Input, namedIn(p)...)
	t.Input = append(t.Input, fhir.TaskParameter{Type: fhir.Param(fhir.ParamWard), ValueString: fhir.Str(string(ward))})
}

// LateWarning is the id of the warning that a critical result which a message brought
// came after its patient had left.
func LateWarning(message string, result fhir.Ref) fhir.ID {
	return fhir.ID("hb" + shortHash(message, result.String()))
}

// shownAnyway says whether the ward that somebody left keeps them for this very
// result, a correction of one that was there before: its screens show it.
func (w *work) shownAnyway(ref fhir.Ref, patient fhir.ID) (bool, error) {
	l, err := left(w, patient)
	if err != nil || l.over(w.now) {
		return false, err
	}
	c, ok, err := w.Current(ref)
	if err != nil || !ok {
		return false, err
	}
	return w.s.keptResult(w, c, l)
}
