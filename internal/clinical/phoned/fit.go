package phoned

import (
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
)

// reach is how surely two things are one.
type reach int8

const (
	not reach = iota
	perhaps
	surely
)

// fit says whether a call may be about a result of the laboratory: of the same
// person, of the same test, of a sample that was collected before the call and
// not long before it. A result that was here before the call, and says something
// else than was told, is not what was phoned until the laboratory changes it.
func (m Matcher) fit(group []Call, s Sent) reach {
	c := group[0]
	if c.Person != s.Person || len(s.Editions) == 0 {
		return not
	}
	newest := s.Editions[len(s.Editions)-1].Result
	if newest.Status == "registered" {
		return not // the sample is there, and no result yet
	}
	best := min(m.test(c.Said.Code, newest.Code), m.time(c, newest, s))
	switch came := !s.Editions[len(s.Editions)-1].Available.Before(c.At.Add(-m.Windows.Slack)); {
	case best == not:
		return not
	case withdrawn(newest.Status) && !m.agrees(group, s):
		return not // posted by mistake, and never what was told
	case !came && !m.agrees(group, s):
		return not
	}
	return best
}

// agrees says whether the laboratory ever sent what one of these calls said.
func (m Matcher) agrees(group []Call, s Sent) bool {
	return slices.ContainsFunc(group, func(c Call) bool { return m.confirmed(c, s) })
}

// confirmed says whether one version of a result says what was told: a later
// correction is a correction, and not a difference.
func (m Matcher) confirmed(c Call, s Sent) bool {
	return slices.ContainsFunc(s.Editions, func(e Edition) bool {
		sent := e.Result
		if withdrawn(sent.Status) {
			sent.Status = "final" // what it said before it was withdrawn
		}
		return m.Rules.SaysTheSame(c.Said, sent, m.Who, c.By, e.By)
	})
}

// test: a code that both have, or else the same analyte by the tables, such as
// potassium in serum and in whole blood: those may be one test or two. A result
// without any code is known by its name.
func (m Matcher) test(said, sent fhir.CodeableConcept) reach {
	for _, a := range said.Coding {
		if a.Code != "" && sent.Has(a.System, a.Code) {
			return surely
		}
	}
	a, b := m.Rules.Analyte(said), m.Rules.Analyte(sent)
	switch {
	case a == "" && b == "":
		return sameWords(said, sent)
	case a != b:
		return not
	case sent.Code(fhir.SystemLOINC) == "" || said.Code(fhir.SystemLOINC) == "":
		return surely // nothing but the name tells them, and it is the same
	}
	return perhaps
}

func sameWords(a, b fhir.CodeableConcept) reach {
	if x := strings.ToLower(strings.Join(strings.Fields(a.Words()), " ")); x != "" && x == strings.ToLower(strings.Join(strings.Fields(b.Words()), " ")) {
		return surely
	}
	return not
}

// time holds the collection to the call.
func (m Matcher) time(c Call, sent fhir.Observation, s Sent) reach {
	w := m.Windows
	collected, exact := m.instant(sent.EffectiveDateTime)
	said, told := m.instant(c.Said.EffectiveDateTime)
	if told && exact {
		if collected.Sub(said).Abs() <= w.Collected {
			return surely
		}
		return not
	}
	if !exact { // nobody knows when: by when it came, and a person says
		if came := s.first().Sub(c.At); came >= -w.Before && came <= w.Before {
			return perhaps
		}
		return not
	}
	if before := c.At.Sub(collected); before >= -w.Slack && before <= w.Before {
		return surely
	}
	return not
}

// instant reads a FHIR dateTime that has an hour.
func (m Matcher) instant(s string) (time.Time, bool) {
	loc := m.Location
	if loc == nil {
		loc = time.UTC
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
