package desk

import (
	"cmp"
	"slices"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
)

// may asks the same table that central asks. Refusing here spares the person a
// refusal that would come when they are gone.
func (d *Desk) may(op string, p ward.Person, a rbac.Action, t fhir.Type, c *compartment) error {
	dec := d.decision(p, a, t, c, rbac.Treatment)
	if _, open := d.emergency(p, c.id); open && !dec.Allow {
		dec = d.decision(p, a, t, c, rbac.BreakGlass)
	}
	if dec.Allow {
		return nil
	}
	return fault.As(fault.Denied, op, string(c.id), mayNot(dec))
}

// mayNot is a refusal by the table.
func mayNot(dec rbac.Decision) error {
	return words.Errorf("You may not do this here: %v.", dec.Err())
}

// decision is what the table says, with this purpose.
func (d *Desk) decision(p ward.Person, a rbac.Action, t fhir.Type, c *compartment, why rbac.Purpose) rbac.Decision {
	req := rbac.Request{
		Role: rbac.Role(p.Role), Wards: wards(p.Wards), DeviceWards: d.deviceWards(c), Action: a, ResourceType: t,
		PatientWards: patientWards(c), Purpose: why, Now: d.now(),
	}
	if c.id == "" {
		req.PatientWards = d.heldWards(c)
	}
	dec := rbac.Decide(req)
	if !dec.Allow {
		if kept, err := d.keptWards(c); err == nil && len(kept) > 0 {
			req.PatientWards = kept
			dec = rbac.Decide(req)
		}
	}
	if !dec.Allow && d.lent(c) {
		own := record.OwnWard(d.cfg.Station)
		lent := req
		lent.DeviceWards, lent.PatientWards = append(slices.Clip(d.deviceWards(c)), own), append(slices.Clip(req.PatientWards), own)
		dec = rbac.Decide(lent)
	}
	if !dec.Allow && listed(c, p) {
		// Central let the list name them, so here they count as the person's.
		req.PatientWards = d.deviceWards(c)
		dec = rbac.Decide(req)
	}
	return dec
}

// mayView: may p read this patient's record here?
func (d *Desk) mayView(op string, p ward.Person, c *compartment) error {
	return d.may(op, p, rbac.View, fhir.TypePatient, c)
}

// mayList says on which wards p may look at lists of patients. It is asked
// once for each ward of a list.
func (d *Desk) mayList(p ward.Person) func(w string) bool {
	known := map[string]bool{}
	return func(w string) bool {
		allow, asked := known[w]
		if !asked {
			here := []record.Ward{record.Ward(w)}
			device := d.cfg.Wards
			if len(device) == 0 {
				device = here
			}
			allow = rbac.Decide(rbac.Request{
				Role: rbac.Role(p.Role), Wards: wards(p.Wards), DeviceWards: device, Action: rbac.View, ResourceType: fhir.TypePatient,
				PatientWards: here, Now: d.now(),
			}).Allow
			known[w] = allow
		}
		return allow
	}
}

// lists is who is signed in and which wards they may see; refused where they
// may not see this computer's own.
func (d *Desk) lists(op string) (func(w string) bool, error) {
	_, may, err := d.listsFor(op)
	return may, err
}

// listsFor is lists, with who that is: what is shown to a person is read for one
// and the same.
func (d *Desk) listsFor(op string) (ward.Person, func(w string) bool, error) {
	p, err := d.author(op)
	if err != nil {
		return p, nil, err
	}
	may := d.mayList(p)
	if d.cfg.Ward != "" && !may(d.cfg.Ward) {
		return p, nil, fault.As(fault.Denied, op, "", words.Errorf("You may not see this ward's patients: your account is not for this ward. Ask the charge nurse, or use a computer of your own ward. For a patient whom you must treat now: Ctrl+K, emergency access."))
	}
	return p, may, nil
}

func wards(list []string) []record.Ward {
	out := make([]record.Ward, len(list))
	for i, w := range list {
		out[i] = record.Ward(w)
	}
	return out
}

// deviceWards are the wards of this computer. What is held here came because
// central decided so; without a ward of its own the computer follows that.
func (d *Desk) deviceWards(c *compartment) []record.Ward {
	switch {
	case len(d.cfg.Wards) > 0:
		return d.cfg.Wards
	case d.cfg.Ward != "":
		return []record.Ward{record.Ward(d.cfg.Ward)}
	}
	return patientWards(c)
}

// patientWards are where the patient is now; once they have left, where they
// were.
func patientWards(c *compartment) []record.Ward {
	var now, all []record.Ward
	stays := slices.Concat(c.encounters, c.stays)
	for i := range stays {
		e := &stays[i].View
		w := record.Ward(fhir.ExtString(e.Extension, fhir.ExtWard))
		if w == "" {
			continue
		}
		all = append(all, w)
		if present(e.Status) {
			now = append(now, w)
		}
	}
	if len(now) == 0 {
		now = all
	}
	slices.SortFunc(now, func(a, b record.Ward) int { return cmp.Compare(a, b) })
	return slices.Compact(now)
}
