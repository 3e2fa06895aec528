package desk

import (
	"cmp"
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// stays are the patient's stays and visits: those that go on first, then what is
// expected, then the others, the newest of each first. What was cancelled is among
// them and says so.
func (d *Desk) stays(c *compartment) ([]ward.Stay, error) {
	out := make([]ward.Stay, 0, len(c.encounters))
	disputed := disputedRefs(c)
	for i := range c.encounters {
		e := &c.encounters[i]
		s := d.stay(e)
		s.InReview = disputed[e.Change.Ref]
		hist, err := c.history(e.Change.Ref)
		if err != nil {
			return nil, err
		}
		first := e.Change.Version
		for _, ch := range hist {
			first = min(first, ch.Version)
		}
		s.Partial = first > 1
		out = append(out, s)
	}
	rank := func(s ward.Stay) int {
		switch {
		case s.Status.Present():
			return 0
		case s.Status == ward.StayExpected:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(out, func(a, b ward.Stay) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), b.Begins.Compare(a.Begins), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}

func (d *Desk) stay(e *item[fhir.Encounter]) ward.Stay {
	v := e.View
	s := ward.Stay{
		ID: e.id(), Status: stayStatus(v.Status), Number: visitNumber(v.Identifier), Class: stayClass(v.Class),
		Place: placeOf(v), By: e.First.Shown(), Unsent: e.Unsent,
		Attending: namedAs(v.Participant, "ATND"), Consultant: namedAs(v.Participant, "CON"), Referrer: namedAs(v.Participant, "REF"),
	}
	if v.Period != nil {
		s.Begins, s.BeginsText = when(v.Period.Start, d.loc)
		s.Ends, s.EndsText = when(v.Period.End, d.loc)
	}
	return s
}

// stayStatus reads R4 value set encounter-status. A word that is not in it never
// makes somebody present.
func stayStatus(code string) ward.StayStatus {
	switch {
	case code == "onleave":
		return ward.StayLeave
	case present(code):
		return ward.StayHere
	case code == "planned":
		return ward.StayExpected
	case code == "finished":
		return ward.StayEnded
	case code == "cancelled":
		return ward.StayCancelled
	case code == "entered-in-error":
		return ward.StayError
	}
	return ward.StayUnknown
}

// visitNumber is the number of the visit (HL7 table 0203, VN), as sent.
func visitNumber(ids []fhir.Identifier) string {
	for _, id := range ids {
		if id.Type != nil && id.Type.Code(fhir.SystemIdentifierType) == "VN" {
			return id.Value
		}
	}
	return ""
}

// stayClass is the kind of a stay (v3 ActCode) in the ward's words; a code that is
// not among them stands as its sender wrote it.
func stayClass(c *fhir.Coding) string {
	if c == nil {
		return ""
	}
	if c.System == fhir.SystemActCode {
		switch c.Code {
		case "IMP", "ACUTE", "NONAC":
			return "inpatient"
		case "AMB":
			return "outpatient"
		case "EMER":
			return "emergency"
		case "PRENC":
			return "before admission"
		case "OBSENC":
			return "observation"
		case "SS":
			return "day case"
		case "VR":
			return "by video or phone"
		case "HH":
			return "at home"
		}
	}
	return cmp.Or(c.Display, c.Code)
}

// namedAs are the people who take part as (v3 ParticipationType), as sent.
func namedAs(list []fhir.EncounterParticipant, role string) []string {
	var out []string
	for _, p := range list {
		if p.Individual == nil || strings.TrimSpace(p.Individual.Display) == "" {
			continue
		}
		is := slices.ContainsFunc(p.Type, func(t fhir.CodeableConcept) bool {
			return slices.ContainsFunc(t.Coding, func(k fhir.Coding) bool { return k.Code == role })
		})
		if is && !slices.Contains(out, p.Individual.Display) {
			out = append(out, p.Individual.Display)
		}
	}
	return out
}

// placeOf is where a stay is, as the board writes it.
func placeOf(v fhir.Encounter) string {
	e := encounterView{v.Status, v.Extension, v.Participant, v.Period, v.Location}
	code, bed := fhir.ExtString(v.Extension, fhir.ExtWard), e.bed()
	switch {
	case bed == "":
		return code
	case code == "":
		return words.F("bed %s", bed)
	}
	return words.F("%s, bed %s", code, bed)
}
