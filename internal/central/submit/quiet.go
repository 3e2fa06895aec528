package submit

import (
	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// quieted says whether a critical result that nobody has is a quiet repeat (clinical
// rule: alert.Rules.Quieted): no ladder climbs for it, nobody is told off the screen,
// and no screen has to show it as an alert. c is the result, of which mayHush holds, and st
// where it stands.
func (s *Submitter) quieted(r journal.Reader, c record.Change, st standing, book *callBook) (bool, error) {
	read := quietReading{s: s, r: r, book: book}
	if err := read.all(c); err != nil {
		return false, err
	}
	return s.matcher.Rules.Quieted(read.firing(c.Ref.ID, st), read.others, read.who).Quiet, nil
}

// mayHush says whether a result is of a test whose repeats may be quiet. What was told
// on the phone never is.
func (s *Submitter) mayHush(c record.Change, st standing, book *callBook) bool {
	return len(st.editions) > 0 && book.lineOf(c.Ref.ID) == nil && s.matcher.Rules.MayBeQuiet(st.editions[len(st.editions)-1].Result)
}

// quietReading is what the rule needs of a patient's record.
type quietReading struct {
	s      *Submitter
	r      journal.Reader
	book   *callBook
	who    alert.Subject
	stays  []alert.Stay
	others []alert.Firing
}

func (q *quietReading) all(of record.Change) error {
	var results []record.Change
	for c, err := range q.r.Compartment(of.Patient) {
		if err != nil {
			return err
		}
		switch c.Ref.Type {
		case fhir.TypePatient:
			if p, err := fhir.View[fhir.Patient](c.Body); err == nil && c.Ref.ID == of.Patient {
				q.who = subjectAt(p.BirthDate, q.s.now())
			}
		case fhir.TypeEncounter:
			if e, err := fhir.View[fhir.Encounter](c.Body); err == nil {
				if stay, ok := alert.StayOf(e); ok {
					q.stays = append(q.stays, stay)
				}
			}
		case fhir.TypeObservation:
			if o, err := fhir.View[fhir.Observation](c.Body); err == nil && c.Ref != of.Ref && q.s.matcher.Rules.MayBeQuiet(o) && !phonedBody(c.Body) {
				results = append(results, c)
			}
		default: // nothing else matters
		}
	}
	for _, c := range results {
		st, err := q.s.stood(q.r, c, q.book)
		if err != nil {
			return err
		}
		if len(st.editions) == 0 { // another result is the duty; the value counts all the same
			if st.editions, err = q.s.editions(q.r, c); err != nil {
				return err
			}
		}
		if len(st.editions) > 0 {
			q.others = append(q.others, q.firing(c.Ref.ID, st))
		}
	}
	return nil
}

func (q *quietReading) firing(id fhir.ID, st standing) alert.Firing {
	o := st.editions[len(st.editions)-1].Result
	since := sinceOf(st.editions)
	return alert.Firing{
		Rules: st.editions[len(st.editions)-1].Rules,
		ID:    id, Result: o, Available: since, Episode: alert.EpisodeAt(q.stays, o), Owned: st.duty.Had,
		Corrected: o.Status == "corrected" || !since.Equal(st.editions[0].Available),
	}
}
