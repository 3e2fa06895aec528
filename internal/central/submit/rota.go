package submit

import (
	"context"
	"slices"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/rota"
	"wardlight/internal/fault"
)

// A ward's rota says who is paged at night. So it is never merged: whoever changes
// it has seen the version in force, and what could not be read would be a night
// with nobody on call.

// mayRota says why a rota may not be written like this, or "".
func (w *work) mayRota(a *attempt, body fhir.Resource) (string, error) {
	if a.m.Ref.Type != fhir.TypeBasic || body == nil || record.IsLimits(a.m.Ref) {
		return "", nil
	}
	ward, text := rotaIn(body)
	switch {
	case a.m.Patient != "" || a.m.Ref != record.RotaOf(ward) || ward == "":
		return "this is no ward's rota", nil
	case !slices.Contains(a.device.Wards, ward):
		return "a ward's rota is kept at a computer of that ward", nil
	case a.exists && a.m.Base != a.current.Version:
		return "somebody changed the rota meanwhile; look at it again", nil
	}
	if _, err := rota.Parse(text); err != nil {
		return "the rota cannot be read: " + err.Error(), nil
	}
	return "", nil
}

// rotaIn is the ward and the text of a rota.
func rotaIn(body fhir.Resource) (record.Ward, string) {
	b, err := fhir.View[struct {
		Extension []fhir.Extension `json:"extension"`
	}](body)
	if err != nil {
		return "", ""
	}
	return record.Ward(fhir.ExtString(b.Extension, fhir.ExtWard)), fhir.ExtString(b.Extension, fhir.ExtRota)
}

// Rota is a ward's rota as it stands; rota.ErrNone where it has none.
func (s *Submitter) Rota(ctx context.Context, ward record.Ward) (out rota.Rota, err error) {
	err = s.journal.View(ctx, func(r journal.Reader) error {
		c, ok, err := r.Current(record.RotaOf(ward))
		if err != nil {
			return err
		}
		if !ok {
			return rota.ErrNone
		}
		_, text := rotaIn(c.Body)
		out, err = rota.Parse(text)
		return err
	})
	return out, fault.Wrap("submit.rota", string(ward), err)
}
