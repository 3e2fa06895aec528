package submit

import (
	"slices"
	"strconv"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/rbac"
)

// A person's own list widens what the computers of their wards hold, so it is
// the one entry that could let somebody see whom they may not: each name on it
// is asked for as a look at that patient would be.

// listed says why a list may not be written like this, or "".
func (w *work) listed(a *attempt, body fhir.Resource, account record.Account) (string, error) {
	if a.m.Ref.Type != fhir.TypeList || body == nil {
		return "", nil
	}
	l, err := fhir.View[fhir.List](body)
	if err != nil {
		return "the list is malformed", nil
	}
	if a.m.Ref != record.ListOf(account.User) || fhir.ExtString(l.Extension, fhir.ExtListOf) != string(account.User) {
		return "a list of patients is kept by the person whose it is", nil
	}
	if len(l.Entry) > record.MaxListed {
		return "a list holds at most " + strconv.Itoa(record.MaxListed) + " patients; take some off it first", nil
	}
	var before []fhir.ID
	if was, err := fhir.View[fhir.List](a.current.Body); a.exists && err == nil {
		before = was.Patients()
	}
	for _, p := range l.Patients() {
		if slices.Contains(before, p) {
			continue
		}
		if why, err := w.mayList(a, account, p); err != nil || why != "" {
			return why, err
		}
	}
	return "", nil
}

// mayList asks whether the person may look at a patient, here or where the
// patient was of late.
func (w *work) mayList(a *attempt, account record.Account, p fhir.ID) (string, error) {
	if _, known, err := w.Current(fhir.Ref{Type: fhir.TypePatient, ID: p}); err != nil || !known {
		return "the patient is not known to central", err
	}
	wards, err := wardsSince(w, p, w.now.Add(-w.s.moved).UnixMilli())
	if err != nil {
		return "", err
	}
	return refusal(rbac.Decide(rbac.Request{
		Role: rbac.Role(account.Role), Wards: account.Wards, DeviceWards: a.device.Wards,
		Action: rbac.View, ResourceType: fhir.TypePatient, PatientWards: wards, Now: a.when(),
	})), nil
}

// listWards are the wards that keep a person's own list, where it names one of
// a patient's records.
func listWards(r journal.Reader, user record.UserID, p fhir.ID) ([]record.Ward, error) {
	c, ok, err := r.Current(record.ListOf(user))
	if err != nil || !ok || user == "" {
		return nil, err
	}
	l, err := fhir.View[fhir.List](c.Body)
	if err != nil {
		return nil, nil
	}
	all, err := linked(r, p)
	if err != nil {
		return nil, err
	}
	for _, named := range l.Patients() {
		if slices.Contains(all, named) {
			return c.Wards, nil
		}
	}
	return nil, nil
}

// keepers are the wards that keep a list once it was changed here: those that
// kept it, and those of the computer at which it was changed.
func (a *attempt) keepers() []record.Ward {
	wards := union(a.device.Wards, a.current.Wards)
	return wards[:min(len(wards), record.MaxListWards)]
}
