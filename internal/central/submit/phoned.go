package submit

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/phoned"
	"wardlight/internal/clinical/record"
	"wardlight/sync/merge"
)

// Results that were told on the phone. Which of the laboratory's results they are
// is derived here as on every station (package phoned); central writes only the
// question, where a person has to say. Whether anybody phoned about a patient
// stands in a note, so that nothing is read where nobody did:
//
//	phoned/<patient>

const phonedPrefix = "phoned/"

// notePhoned remembers that somebody phoned about a patient.
func (w *work) notePhoned(c record.Change) error {
	if c.Ref.Type != fhir.TypeObservation || c.Patient == "" || !phonedBody(c.Body) {
		return nil
	}
	return w.SetNote(phonedPrefix+string(c.Patient), []byte{1})
}

func phonedBody(body fhir.Resource) bool {
	if !bytes.Contains(body, []byte(fhir.SystemCategory)) && !bytes.Contains(body, []byte(fhir.ExtPhoned)) {
		return false
	}
	o, err := fhir.View[fhir.Observation](body)
	if err != nil {
		return false
	}
	_, ok := fhir.PhoneCallOf(o)
	return ok
}

// phonedAbout are the records of a person, where somebody phoned about any of
// them; none where nobody did.
func phonedAbout(r journal.Reader, patient fhir.ID) ([]fhir.ID, error) {
	if patient == "" {
		return nil, nil
	}
	all, err := linked(r, patient)
	if err != nil {
		return nil, err
	}
	for _, id := range all {
		if _, ok, err := r.Note(phonedPrefix + string(id)); err != nil || ok {
			return all, err
		}
	}
	return nil, nil
}

// callBook is what was phoned about a person and what the laboratory sent.
type callBook struct {
	matcher phoned.Matcher
	lines   []phoned.Line
	calls   map[fhir.ID]record.Change
	sent    map[fhir.ID]record.Change
	said    map[fhir.ID][]said // what each version of a sent result said
	by      func(o fhir.Observation, tags []string) (*alert.Rules, error)
}

type said struct {
	version record.Version
	result  fhir.Observation
	by      *alert.Rules
}

// callBook reads it; nil where nobody phoned.
func (s *Submitter) callBook(r journal.Reader, patient fhir.ID, now time.Time) (*callBook, error) {
	all, err := phonedAbout(r, patient)
	if err != nil || all == nil {
		return nil, err
	}
	slices.Sort(all)
	b := &callBook{matcher: s.matcher, calls: map[fhir.ID]record.Change{}, sent: map[fhir.ID]record.Change{}, said: map[fhir.ID][]said{}}
	b.by = func(o fhir.Observation, tags []string) (*alert.Rules, error) { return s.judgedBy(r, o, tags) }
	var calls []phoned.Call
	var sent []phoned.Sent
	var answers []phoned.Answer
	for _, id := range all {
		for c, err := range r.Compartment(id) {
			if err != nil {
				return nil, err
			}
			switch c.Ref.Type {
			case fhir.TypePatient:
				if p, err := fhir.View[fhir.Patient](c.Body); err == nil {
					b.matcher.Who = subjectAt(p.BirthDate, now)
				}
			case fhir.TypeTask:
				if a, ok := phonedAnswer(c.Body); ok {
					answers = append(answers, a)
				}
			case fhir.TypeObservation:
				if calls, sent, err = b.add(r, c, calls, sent); err != nil {
					return nil, err
				}
			default: // nothing else tells of a result
			}
		}
	}
	b.lines = b.matcher.Match(calls, sent, answers)
	return b, nil
}

func phonedAnswer(task fhir.Resource) (phoned.Answer, bool) {
	s, err := merge.StoryOf(task)
	if err != nil {
		return phoned.Answer{}, false
	}
	a, ok := merge.PhonedAnswer(s)
	return phoned.Answer{Call: a.Call, Asked: a.Asked, Chosen: a.Chosen}, ok
}

// person is one name for all of a person's records, so that what was phoned for
// one of them may be what was sent for another.
const person fhir.ID = "person"

// add puts one Observation where it belongs.
func (b *callBook) add(r journal.Reader, c record.Change, calls []phoned.Call, sent []phoned.Sent) ([]phoned.Call, []phoned.Sent, error) {
	o, err := fhir.View[fhir.Observation](c.Body)
	if err != nil {
		return calls, sent, nil // what cannot be read is matched with nothing
	}
	if call, ok := fhir.PhoneCallOf(o); ok {
		at, err := time.Parse(time.RFC3339, call.At)
		if err != nil {
			at = time.UnixMilli(c.Times.Central)
		}
		b.calls[c.Ref.ID] = c
		by, err := b.by(o, c.Tags)
		return append(calls, phoned.Call{Ref: c.Ref.ID, Person: person, At: at, Said: o, By: by}), sent, err
	}
	if isVitalSign(o) {
		return calls, sent, nil
	}
	b.sent[c.Ref.ID] = c
	s := phoned.Sent{Ref: c.Ref.ID, Person: person}
	if c.Version > 1 {
		for h, err := range r.History(c.Ref) {
			if err != nil {
				return nil, nil, err
			}
			if v, err := fhir.View[fhir.Observation](h.Body); err == nil && !h.History && h.Version < c.Version {
				by, err := b.by(v, h.Tags)
				if err != nil {
					return nil, nil, err
				}
				s.Editions = append(s.Editions, phoned.Edition{Result: v, Available: time.UnixMilli(h.Times.Central), By: by})
				b.said[c.Ref.ID] = append(b.said[c.Ref.ID], said{h.Version, v, by})
			}
		}
	}
	by, err := b.by(o, c.Tags)
	if err != nil {
		return nil, nil, err
	}
	b.said[c.Ref.ID] = append(b.said[c.Ref.ID], said{c.Version, o, by})
	s.Editions = append(s.Editions, phoned.Edition{Result: o, Available: time.UnixMilli(c.Times.Central), By: by})
	return calls, append(sent, s), nil
}

func isVitalSign(o fhir.Observation) bool {
	return slices.ContainsFunc(o.Category, func(c fhir.CodeableConcept) bool {
		return c.Has(fhir.SystemObservationCat, fhir.CategoryVitalSigns)
	})
}

// phonedStories are the questions that a person's phoned results ask now.
func (w *work) phonedStories(patient fhir.ID) ([]merge.Story, error) {
	b, err := w.s.callBook(w, patient, w.now)
	if err != nil || b == nil {
		return nil, err
	}
	var stories []merge.Story
	for _, l := range b.lines {
		if len(l.Ask) == 0 {
			continue
		}
		var sent []record.Change
		for _, id := range l.Ask {
			sent = append(sent, b.sent[id])
		}
		// One question a call, however many people wrote it down.
		stories = append(stories, merge.PhonedStory(b.calls[l.Calls[0]], sent, resultWords))
	}
	return stories, nil
}

// resultWords is a result as a question tells of it.
func resultWords(c record.Change) string {
	o, err := fhir.View[fhir.Observation](c.Body)
	if err != nil {
		return "a result"
	}
	words := strings.TrimSpace(o.Code.Words() + " " + valueWords(o))
	if call, ok := fhir.PhoneCallOf(o); ok {
		words += ", told by " + strings.TrimSuffix(call.Caller+", "+call.Lab, ", ") + clockWords(" at ", call.At)
		return words + ", written down by " + c.Author.Shown()
	}
	return words + clockWords(", collected ", o.EffectiveDateTime) + ", " + o.Status
}

// clockWords is a time as it was sent, in its own zone; nothing where there is
// none.
func clockWords(label, sent string) string {
	t, err := time.Parse(time.RFC3339, sent)
	if err != nil {
		return ""
	}
	return label + t.Format("15:04 on 02-Jan-2006")
}

// line is the line in which something stands.
func (b *callBook) line(id fhir.ID) *phoned.Line {
	i := slices.IndexFunc(b.lines, func(l phoned.Line) bool { return l.Sent == id || slices.Contains(l.Calls, id) })
	if i < 0 {
		return nil
	}
	return &b.lines[i]
}

// sameResult says whether a Task about something else than ref was about what
// stands in ref all the same: a call and what the laboratory sent for it are one
// result. What they do not agree on, only a Task that names the call tells.
type sameResult struct {
	ref    fhir.Ref
	counts func(fhir.Task) bool
}

// others are the further places where a result may have been shown or taken.
func (b *callBook) others(c record.Change) []sameResult {
	if b == nil {
		return nil
	}
	l := b.line(c.Ref.ID)
	if l == nil {
		return nil
	}
	anyVersion := func(fhir.Task) bool { return true }
	var out []sameResult
	for _, id := range l.Calls {
		ref := fhir.Ref{Type: fhir.TypeObservation, ID: id}
		if b.alike(b.calls[id], c) {
			out = append(out, sameResult{ref, anyVersion})
		}
	}
	if _, call := b.calls[c.Ref.ID]; call {
		agreeing := b.agreeing(c, l.Sent)
		named := func(t fhir.Task) bool { return namesCall(t, c.Ref) || names(t, agreeing) }
		for _, id := range l.Calls {
			if id != c.Ref.ID {
				out = append(out, sameResult{fhir.Ref{Type: fhir.TypeObservation, ID: id}, func(t fhir.Task) bool { return namesCall(t, c.Ref) }})
			}
		}
		if l.Sent != "" {
			out = append(out, sameResult{fhir.Ref{Type: fhir.TypeObservation, ID: l.Sent}, named})
		}
	}
	return out
}

// agreeing are the versions of a sent result that say what a call said.
func (b *callBook) agreeing(call record.Change, sent fhir.ID) []record.Version {
	o, err := fhir.View[fhir.Observation](call.Body)
	if err != nil {
		return nil
	}
	by, err := b.by(o, call.Tags)
	if err != nil {
		return nil
	}
	var out []record.Version
	for _, s := range b.said[sent] {
		if b.matcher.Rules.SaysTheSame(o, s.result, b.matcher.Who, by, s.by) {
			out = append(out, s.version)
		}
	}
	return out
}

// alike says whether two entries of one result say the same.
func (b *callBook) alike(call, other record.Change) bool {
	x, err1 := fhir.View[fhir.Observation](call.Body)
	y, err2 := fhir.View[fhir.Observation](other.Body)
	if call.Ref == other.Ref {
		return true
	}
	byX, err3 := b.by(x, call.Tags)
	byY, err4 := b.by(y, other.Tags)
	return errors.Join(err1, err2, err3, err4) == nil && b.matcher.Rules.SaysTheSame(x, y, b.matcher.Who, byX, byY)
}

func namesCall(t fhir.Task, call fhir.Ref) bool {
	return slices.ContainsFunc(t.Input, func(p fhir.TaskParameter) bool {
		if p.ValueReference == nil || !p.Type.Has(fhir.SystemTaskParam, fhir.ParamCall) {
			return false
		}
		ref, ok := p.ValueReference.Ref()
		return ok && ref == call
	})
}

// matcherFor is the matcher of these rules; of others than ours the values are
// compared by the defaults.
func matcherFor(j Judge) phoned.Matcher {
	rules, ok := j.(alert.Rules)
	if !ok {
		rules = alert.Default()
	}
	return phoned.Matcher{Rules: rules, Windows: phoned.Defaults()}
}

// askPhoned looks at the questions of those about whom somebody phoned, where a
// message brought results.
func (w *work) askPhoned(fl *filing) error {
	for _, t := range fl.targets {
		if t.ref.Type != fhir.TypeObservation {
			continue
		}
		phones, err := phonedAbout(w, t.patient)
		if err != nil {
			return err
		}
		if phones != nil {
			fl.ask(t.patient)
		}
	}
	return nil
}
