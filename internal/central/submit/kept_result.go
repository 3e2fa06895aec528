package submit

import (
	"slices"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// A critical result that nobody has acted on does not end with a stay. Whoever
// leaves with one is kept by the ward that they left (see kept.go), and that ward's
// ladder goes on. It is told apart from a result that came for the first time after
// they had left: of that one a warning tells (warnLate), so that each is told once.

// hasResult says whether a record holds a result for which its ward keeps it.
func (s *Submitter) hasResult(r journal.Reader, p fhir.ID, l leaving) (bool, error) {
	for at, err := range r.Standings(p, fhir.Ref{Type: fhir.TypeObservation}) {
		if err != nil {
			return false, err
		}
		if at.Ref.Type != fhir.TypeObservation {
			break
		}
		c, ok, err := r.Current(at.Ref)
		if err != nil {
			return false, err
		}
		if !ok {
			continue
		}
		if kept, err := s.keptResult(r, c, l); err != nil || kept {
			return kept, err
		}
	}
	return false, nil
}

// keptResult says whether a ward keeps somebody who left for this result: it was
// there before they left, it is critical or was, and nobody has acted on what it
// says now.
func (s *Submitter) keptResult(r journal.Reader, c record.Change, l leaving) (bool, error) {
	if c.Version == 1 && !slices.Contains(c.Tags, record.TagCritical) {
		return false, nil // most results: nothing more is read
	}
	st, err := s.standing(r, c)
	if err != nil || st.cameAfter(l) {
		return false, err
	}
	ever := slices.ContainsFunc(st.editions, func(e alert.Edition) bool { return e.Critical })
	return ever && st.duty.State != alert.NoDuty && st.duty.State != alert.Acted, nil
}

// standing is where a result stands with people.
type standing struct {
	editions []alert.Edition // none: another result is the duty
	duty     alert.Duty
	had      bool // somebody took it, acted on it or handed it on, in whatever version
}

// cameAfter says whether a result came for the first time after somebody had left.
// At the same moment counts as before: it is shown then, and not only told of.
func (st standing) cameAfter(l leaving) bool {
	return len(st.editions) == 0 || st.editions[0].Available.UnixMilli() > l.at
}

func (s *Submitter) standing(r journal.Reader, c record.Change) (st standing, err error) {
	book, err := s.callBook(r, c.Patient, s.now())
	if err != nil {
		return st, err
	}
	if l := book.lineOf(c.Ref.ID); l != nil && l.Sent != "" && l.Sent != c.Ref.ID && !slices.Contains(l.Differs, c.Ref.ID) {
		st.duty.State = alert.NoDuty // the laboratory has sent it: that result is the duty
		return st, nil
	}
	if st.editions, err = editions(r, c); err != nil {
		return st, err
	}
	acks, err := acksOf(r, c, book)
	if err != nil {
		return st, err
	}
	st.had = slices.ContainsFunc(acks, func(a alert.Ack) bool { return !a.Withdrawn && a.Kind != alert.AckSeen })
	st.duty = s.matcher.Rules.DutyOf(st.editions, acks, s.now())
	return st, nil
}
