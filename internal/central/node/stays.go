package node

import (
	"math"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// stays is on which wards a person was, and when, as central knew it at the time:
// what a ward's list showed follows from that. A computer that was cut off showed
// an older state for longer.
type stays struct {
	now  map[fhir.ID]*stay // by encounter: the one that has not ended
	past []stay
}

type stay struct {
	ward     record.Ward
	from, to int64 // ms since 1970, central
}

// take follows one version of an Encounter.
func (s *stays) take(c record.Change, received int64) {
	if c.History || c.Ref.Type != fhir.TypeEncounter {
		return
	}
	e, err := fhir.View[struct {
		Status    string           `json:"status"`
		Extension []fhir.Extension `json:"extension"`
	}](c.Body)
	if err != nil {
		return // it was never filed: filing reads the same
	}
	if s.now == nil {
		s.now = map[fhir.ID]*stay{}
	}
	ward := record.Ward("")
	switch e.Status {
	case "arrived", "triaged", "in-progress", "onleave":
		ward = record.Ward(fhir.ExtString(e.Extension, fhir.ExtWard))
	}
	if is := s.now[c.Ref.ID]; is != nil {
		if is.ward == ward {
			return
		}
		is.to = received
		s.past = append(s.past, *is)
		delete(s.now, c.Ref.ID)
	}
	if ward != "" {
		s.now[c.Ref.ID] = &stay{ward: ward, from: received, to: math.MaxInt64}
	}
}

// at says whether the person was on one of these wards then; before, whether they
// had been there earlier.
func (s *stays) at(wards map[record.Ward]bool, when time.Time) (there, before bool) {
	ms := when.UnixMilli()
	ask := func(x stay) {
		if !wards[x.ward] || ms < x.from {
			return
		}
		before = true
		there = there || ms < x.to
	}
	for _, x := range s.past {
		ask(x)
	}
	for _, x := range s.now {
		ask(*x)
	}
	return there, before
}
