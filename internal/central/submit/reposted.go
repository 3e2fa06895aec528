package submit

import (
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// A laboratory that posted a result on the wrong patient withdraws it there (OBX-11 W or
// D) and sends it for the right one, often under the same number. What was withdrawn stays
// where it was; what is sent for another person is another result, with an id of its own
// that follows from the person, so that its corrections find it.

// reposted gives such results, and the reports that name them, their own ids.
func (w *work) reposted(drafts []record.Draft, patient fhir.ID) ([]record.Draft, error) {
	var ids []string
	own := func(ref fhir.Ref) {
		ids = append(ids, string(ref.ID), string(ref.ID[:1])+shortHash("reposted", string(ref.ID), string(patient)))
	}
	for _, pass := range []fhir.Type{fhir.TypeObservation, fhir.TypeDiagnosticReport} {
		if pass == fhir.TypeDiagnosticReport && ids == nil {
			return drafts, nil
		}
		for _, d := range drafts {
			if d.Ref.Type != pass {
				continue
			}
			cur, exists, err := w.Current(d.Ref)
			if err != nil {
				return nil, err
			}
			if !exists || patientOf(cur) == patient || pass == fhir.TypeObservation && !postedWrong(cur.Body) {
				continue
			}
			if theirs, err := onePerson(w, patientOf(cur), patient); err != nil || theirs {
				if err != nil {
					return nil, err
				}
				continue
			}
			own(d.Ref)
		}
	}
	return rename(drafts, ids), nil
}

func postedWrong(body fhir.Resource) bool {
	o, err := fhir.View[fhir.Observation](body)
	return err == nil && o.Status == "entered-in-error"
}
