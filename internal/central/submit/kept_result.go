package submit

import (
	"slices"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// A result that waits for somebody does not end with a stay. Whoever leaves with one
// is kept by the ward that they left (see kept.go): with a critical result, one that
// was corrected after somebody had it, and one that somebody took or handed on, until
// that was acted on; with any other that nobody has read, for as long as it stands
// among a ward's new results (alert.NewFor). A critical one that came for the first time after they
// had left is told of by a warning (warnLate), so that each is told once.

// resultUntil is until when a ward keeps somebody who left for a result in their
// record; zero: for none.
func (s *Submitter) resultUntil(r journal.Reader, p fhir.ID, l leaving, now time.Time) (until time.Time, err error) {
	for c, err := range ofType(r, p, fhir.TypeObservation) {
		if err != nil {
			return until, err
		}
		one, err := s.keptUntil(r, c, l)
		if err != nil {
			return until, err
		}
		if one.After(now) && one.After(until) {
			until = one
		}
	}
	return until, nil
}

// keptUntil is until when a ward keeps somebody who left for this result; zero: not
// for this one.
func (s *Submitter) keptUntil(r journal.Reader, c record.Change, l leaving) (until time.Time, err error) {
	o, bad := fhir.View[fhir.Observation](c.Body)
	if bad != nil || isVitalSign(o) {
		return until, nil
	}
	st, err := s.standing(r, c)
	if err != nil || st.sent {
		return until, err
	}
	critical := slices.ContainsFunc(st.editions, func(e alert.Edition) bool { return e.Critical })
	switch {
	case critical && st.cameAfter(l):
		return until, nil
	case st.duty.Waits():
		return l.until(), nil
	case st.duty.State == alert.Acted || st.duty.Seen || o.Status == "registered" || !counts(o):
		return until, nil
	}
	until = time.UnixMilli(c.Times.Central).Add(alert.NewFor)
	if l.until().Before(until) {
		until = l.until()
	}
	return until, nil
}

// keptResult says whether a ward keeps somebody who left for this critical result: it
// was there before they left, it is critical or was, and nobody has acted on what it
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
	return ever && st.duty.Waits(), nil
}

// standing is where a result stands with people.
type standing struct {
	editions []alert.Edition // none: another result is the duty
	duty     alert.Duty
	had      bool // somebody took it, acted on it or handed it on, in whatever version
	sent     bool // it was phoned, and the laboratory has sent it: that result is the duty
	quiet    bool // critical, and a repeat that need interrupt nobody
	hushes   bool // it is one, or may become one when more is known
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
	if st, err = s.stood(r, c, book); err != nil || st.duty.State != alert.Open {
		return st, err
	}
	if st.hushes = s.mayHush(c, st, book); !st.hushes {
		return st, nil
	}
	if st.quiet, err = s.quieted(r, c, st, book); st.quiet {
		st.duty.State = alert.NoDuty
	}
	return st, err
}

// stood is standing, without asking whether it is a quiet repeat.
func (s *Submitter) stood(r journal.Reader, c record.Change, book *callBook) (st standing, err error) {
	if l := book.lineOf(c.Ref.ID); l != nil && l.Sent != "" && l.Sent != c.Ref.ID && !slices.Contains(l.Differs, c.Ref.ID) {
		st.duty.State, st.sent = alert.NoDuty, true
		return st, nil
	}
	if st.editions, err = s.editions(r, c); err != nil {
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
