package submit

import (
	"slices"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Where a patient is, and was. Whether a station may write about somebody
// follows from it: central decides by what it knew while the station was cut
// off, not only by what it knows now.

// wardsNow are the wards in which a patient has a present Encounter.
func wardsNow(r journal.Reader, patient fhir.ID) ([]record.Ward, error) {
	stays, err := encounters(r, patient)
	if err != nil {
		return nil, err
	}
	var wards []record.Ward
	for _, c := range stays {
		if w := wardOf(c.Body); w != "" && !slices.Contains(wards, w) {
			wards = append(wards, w)
		}
	}
	slices.Sort(wards)
	return wards, nil
}

// encounters are a person's stays and visits, present or past, under whichever
// of their records.
func encounters(r journal.Reader, patient fhir.ID) ([]record.Change, error) {
	all, err := linked(r, patient)
	if err != nil {
		return nil, err
	}
	var list []record.Change
	for _, p := range all {
		if list, err = appendStays(r, p, list); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// appendStays reads one record's stays. What is in a compartment stands in order
// of type, so that reading begins behind the notes and stops before the results.
func appendStays(r journal.Reader, patient fhir.ID, list []record.Change) ([]record.Change, error) {
	for at, err := range r.Standings(patient, fhir.Ref{Type: fhir.TypeEncounter}) {
		if err != nil {
			return nil, err
		}
		if at.Ref.Type != fhir.TypeEncounter {
			break
		}
		c, ok, err := r.Version(at.Ref, at.Current)
		if err == nil && !ok {
			err = fault.New(fault.Corrupt, "submit.stays", at.Ref.String(), "a version that is named is not there")
		}
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// wardOf is the ward at which an Encounter keeps its patient, "" where it is
// not a present one. It asks the same rule as the journal's index.
func wardOf(body fhir.Resource) record.Ward {
	keys, err := journal.Keys(record.Change{Ref: fhir.Ref{Type: fhir.TypeEncounter}, Body: body})
	if err != nil {
		return ""
	}
	for _, k := range keys {
		if k.Index == journal.ByWard {
			return record.Ward(k.Key)
		}
	}
	return ""
}

// stay is a patient on a ward.
type stay struct {
	patient fhir.ID
	ward    record.Ward
}

// isOn is present for one ward. A run of entries asks it for the same patients
// again and again.
func (w *work) isOn(patient fhir.ID, ward record.Ward) (bool, error) {
	at := stay{patient, ward}
	if here, known := w.here[at]; known {
		return here, nil
	}
	here, err := present(w, patient, []record.Ward{ward})
	if err != nil {
		return false, err
	}
	if w.here == nil {
		w.here = map[stay]bool{}
	}
	w.here[at] = here
	return here, nil
}

// present says whether a patient is now on one of these wards. It reads their own
// Encounters: a ward has as many as it has beds, and is asked at every entry.
func present(r journal.Reader, patient fhir.ID, wards []record.Ward) (bool, error) {
	now, err := wardsNow(r, patient)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(wards, func(w record.Ward) bool { return slices.Contains(now, w) }), nil
}

// wardsSince are the wards at which a patient was at some time after since,
// in ms of central's clock: each version of an Encounter held from when central
// learnt of it until central learnt of the next.
func wardsSince(r journal.Reader, patient fhir.ID, since int64) ([]record.Ward, error) {
	stays, err := encounters(r, patient)
	if err != nil {
		return nil, err
	}
	var wards []record.Ward
	for _, stay := range stays {
		last := record.Ward("")
		for c, err := range r.History(stay.Ref) {
			if err != nil {
				return nil, err
			}
			if c.History {
				continue
			}
			if last != "" && c.Times.Central >= since && !slices.Contains(wards, last) {
				wards = append(wards, last)
			}
			last = wardOf(c.Body)
		}
		if last != "" && !slices.Contains(wards, last) {
			wards = append(wards, last)
		}
	}
	slices.Sort(wards)
	return wards, nil
}

// lastWard is where a patient was last, "" where no stay names a ward.
func lastWard(r journal.Reader, patient fhir.ID) (record.Ward, error) {
	stays, err := encounters(r, patient)
	if err != nil {
		return "", err
	}
	var ward record.Ward
	until := int64(-1)
	for _, stay := range stays {
		for c, err := range r.History(stay.Ref) {
			if err != nil {
				return "", err
			}
			if w := wardOf(c.Body); !c.History && w != "" && c.Times.Central >= until {
				ward, until = w, c.Times.Central
			}
		}
	}
	return ward, nil
}
