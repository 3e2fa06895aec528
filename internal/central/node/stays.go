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

// set says where a person is as far as one entry tells: on a ward, or on none.
func (s *stays) set(id fhir.ID, ward record.Ward, received int64) {
	if s.now == nil {
		s.now = map[fhir.ID]*stay{}
	}
	if is := s.now[id]; is != nil {
		if is.ward == ward {
			return
		}
		is.to = received
		s.past = append(s.past, *is)
		delete(s.now, id)
	}
	if ward != "" {
		s.now[id] = &stay{ward: ward, from: received, to: math.MaxInt64}
	}
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
	ward := record.Ward("")
	switch e.Status {
	case "arrived", "triaged", "in-progress", "onleave":
		ward = record.Ward(fhir.ExtString(e.Extension, fhir.ExtWard))
	}
	s.set(c.Ref.ID, ward, received)
}

// keep follows the word that a ward keeps the person though they left.
func (s *stays) keep(c record.Change, received int64) {
	ward := record.Ward("")
	if len(c.Wards) > 0 {
		ward = c.Wards[0]
	}
	s.set(c.Ref.ID, ward, received)
}

// warn follows a warning that names the person to the wards that have it, for as long
// as it is open.
func (s *stays) warn(c record.Change, open bool, received int64) {
	for _, ward := range c.Wards {
		id := c.Ref.ID + fhir.ID(" "+ward)
		if !open {
			ward = ""
		}
		s.set(id, ward, received)
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
