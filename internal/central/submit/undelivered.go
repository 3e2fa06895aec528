package submit

import (
	"context"
	"slices"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Undelivered is one critical result that no screen of the patient's ward has
// shown and that nobody has taken; or a warning about a message that was held
// back, of which the same is true.
type Undelivered struct {
	Ref     fhir.Ref       `json:"ref"`
	Version record.Version `json:"version"`
	Patient fhir.ID        `json:"patient,omitempty"`
	Wards   []record.Ward  `json:"wards"`
	Since   time.Time      `json:"since"` // available to us
	Test    string         `json:"test"`  // what was measured, in words; no value
	Left    bool           `json:"left"`  // the patient has left: Wards is where they were last

	hushes bool // it is, or may become, a quiet repeat, which no screen need show as an alert
}

// Undelivered lists the critical results that no screen of the patient's ward
// has shown and nobody has taken, oldest first. A newer version that says the
// same as the one that was shown counts as shown.
func (s *Submitter) Undelivered(ctx context.Context) ([]Undelivered, error) {
	var list []Undelivered
	err := s.journal.View(ctx, func(r journal.Reader) error {
		list = nil
		for _, tag := range []string{record.TagCritical, record.TagHeldBack} {
			for ref, err := range r.Find(journal.ByTag, tag) {
				if err != nil {
					return err
				}
				u, open, err := s.undelivered(r, ref)
				if err != nil {
					return err
				}
				if open {
					list = append(list, u)
				}
			}
		}
		return nil
	})
	slices.SortStableFunc(list, func(a, b Undelivered) int { return a.Since.Compare(b.Since) })
	return list, fault.Wrap("submit.undelivered", "", err)
}

func (s *Submitter) undelivered(r journal.Reader, ref fhir.Ref) (u Undelivered, open bool, err error) {
	c, ok, err := r.Current(ref)
	if err != nil || !ok {
		return u, false, err
	}
	u = Undelivered{Ref: ref, Version: c.Version, Patient: c.Patient, Wards: c.Wards}
	alike, since, err := sayingTheSame(r, c)
	if err != nil {
		return u, false, err
	}
	u.Since = time.UnixMilli(since).UTC()
	if c.Patient != "" {
		if u.Wards, err = wardsNow(r, c.Patient); err != nil {
			return u, false, err
		}
		if u.Left = len(u.Wards) == 0; u.Left {
			last, err := lastWard(r, c.Patient)
			if err != nil {
				return u, false, err
			}
			u.Wards = wardList(last)
		}
	}
	u.Test = testWords(c)
	done, err := s.deliveredSomewhere(r, c, alike, u.Wards)
	if err != nil || done || c.Ref.Type != fhir.TypeObservation || u.Left {
		return u, !done, err
	}
	st, err := s.standing(r, c)
	u.hushes = st.hushes
	return u, !st.quiet, err
}

// deliveredSomewhere looks for what was shown and taken of a result, and of what
// is the same result: a call, and what the laboratory sent for it.
func (s *Submitter) deliveredSomewhere(r journal.Reader, c record.Change, alike []record.Version, wards []record.Ward) (bool, error) {
	own := func(t fhir.Task) bool { return names(t, alike) }
	if c.Ref.Type == fhir.TypeObservation && phonedBody(c.Body) {
		own = func(fhir.Task) bool { return true } // it has one meaning, from before central numbered it
	}
	done, err := delivered(r, c.Ref, own, wards)
	if err != nil || done || c.Ref.Type != fhir.TypeObservation {
		return done, err
	}
	book, err := s.callBook(r, c.Patient, s.now())
	if err != nil {
		return false, err
	}
	for _, o := range book.others(c) {
		if done, err = delivered(r, o.ref, o.counts, wards); err != nil || done {
			return done, err
		}
	}
	return false, nil
}

func testWords(c record.Change) string {
	if c.Ref.Type != fhir.TypeObservation {
		return "message held back"
	}
	o, err := fhir.View[fhir.Observation](c.Body)
	if err != nil {
		return "result"
	}
	return o.Code.Words()
}

// sayingTheSame are the versions that say what the current one says, and when
// the first of them became available without another in between.
func sayingTheSame(r journal.Reader, c record.Change) (alike []record.Version, since int64, err error) {
	said := plain(c.Body).Hash()
	for v, err := range r.History(c.Ref) {
		if err != nil {
			return nil, 0, err
		}
		switch {
		case v.History:
		case plain(v.Body).Hash() != said:
			alike, since = nil, 0
		default:
			if alike = append(alike, v.Version); since == 0 {
				since = v.Times.Central
			}
		}
	}
	return alike, since, nil
}

// delivered says whether somebody has a result, or a screen of one of these
// wards has shown it. counts says which Tasks about it are about what stands.
func delivered(r journal.Reader, ref fhir.Ref, counts func(fhir.Task) bool, wards []record.Ward) (bool, error) {
	for about, err := range tasksAbout(r, ref) {
		if err != nil {
			return false, err
		}
		if about.inError() || !counts(about.task) {
			continue
		}
		switch about.task.Code.Code(fhir.SystemTaskCode) {
		case fhir.TaskAcknowledge:
			back, err := withdrawn(r, about.change.Ref)
			if err != nil || !back {
				return !back, err
			}
		case fhir.TaskShown:
			there, err := onWard(r, about.change.Author.Station, wards)
			if err != nil || there {
				return there, err
			}
		}
	}
	return false, nil
}

// names says whether a Task is about one of these versions. One that names no
// version is about none.
func names(t fhir.Task, versions []record.Version) bool {
	p, ok := fhir.ParamOf(t.Input, fhir.ParamVersion)
	if !ok || p.ValueInteger == nil || *p.ValueInteger < 0 {
		return false
	}
	return slices.Contains(versions, record.Version(*p.ValueInteger))
}

func withdrawn(r journal.Reader, task fhir.Ref) (bool, error) {
	for about, err := range tasksAbout(r, task) {
		if err != nil {
			return false, err
		}
		if about.is(fhir.TaskWithdraw) {
			return true, nil
		}
	}
	return false, nil
}

// onWard says whether a station stands on one of these wards. Where nobody
// knows the ward, any station that holds it counts.
func onWard(r journal.Reader, station record.StationID, wards []record.Ward) (bool, error) {
	if len(wards) == 0 {
		return true, nil
	}
	d, ok, err := noteOf[record.Device](r, devicePrefix+string(station))
	if err != nil || !ok {
		return false, err
	}
	return slices.ContainsFunc(d.Wards, func(w record.Ward) bool { return slices.Contains(wards, w) }), nil
}
