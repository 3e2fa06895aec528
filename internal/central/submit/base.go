package submit

import (
	"slices"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/merge"
)

// baseOf is what the author of a mutation had before their eyes.
type baseOf struct {
	body     fhir.Resource
	diverged bool // something else is current by now
}

// maxChain bounds how many unreceipted entries may stand on one another.
const maxChain = 256

// base finds what the mutation was made against: a version of central's, or
// the author's own earlier entry on top of one.
func (w *work) base(a *attempt) (b baseOf, why string, err error) {
	if a.m.BaseMut != "" {
		return w.ownBase(a)
	}
	if a.m.Base == 0 {
		return baseOf{diverged: a.exists}, "", nil
	}
	c, ok, err := w.Version(a.m.Ref, a.m.Base)
	if err != nil {
		return baseOf{}, "", err
	}
	if !ok {
		if !a.exists {
			return baseOf{}, "the entry changes something that central does not hold", nil
		}
		// Central was set back to an earlier day: the author saw a version that
		// is gone. The operations go on top of what is current, and say so.
		a.remark(FlagBaseNotHeld, "written against a version that central no longer holds")
		return baseOf{body: a.current.Body, diverged: true}, "", nil
	}
	return baseOf{body: c.Body, diverged: c.Version != a.current.Version}, "", nil
}

// ownBase follows the author's chain of entries back to central's version.
// What central made of the earlier ones was not what the author saw.
func (w *work) ownBase(a *attempt) (baseOf, string, error) {
	const missing = "the entry builds on an earlier one that central does not hold"
	var chain []record.Mutation
	for id := a.m.BaseMut; id != ""; {
		m, r, ok, err := w.mutation(id)
		if err != nil {
			return baseOf{}, "", err
		}
		switch {
		case !ok || len(chain) == maxChain || m.Ref != a.m.Ref:
			return baseOf{}, missing, nil
		case r.Outcome == record.Refused:
			return baseOf{}, "the entry builds on one that was refused: " + r.Reason, nil
		}
		chain = append(chain, m)
		id = m.BaseMut
	}
	slices.Reverse(chain)
	var root fhir.Resource
	if v := chain[0].Base; v != 0 {
		c, ok, err := w.Version(a.m.Ref, v)
		if err != nil {
			return baseOf{}, "", err
		}
		if !ok {
			a.remark(FlagBaseNotHeld, "written against a version that central no longer holds")
			return baseOf{body: a.current.Body, diverged: true}, "", nil
		}
		root = c.Body
	}
	body, err := merge.AuthorView(root, chain)
	if err != nil {
		return baseOf{}, missing, nil
	}
	r, _, err := w.Receipt(a.m.BaseMut)
	return baseOf{body: body, diverged: r.Version != a.current.Version}, "", err
}

// mutation finds a mutation that has its receipt, in the entry that holds it.
func (w *work) mutation(id record.MutationID) (m record.Mutation, r record.Receipt, ok bool, err error) {
	r, ok, err = w.Receipt(id)
	if err != nil || !ok {
		return m, r, false, err
	}
	if m, ok := w.run[id]; ok {
		return m, r, true, nil
	}
	for e, err := range w.Trail(r.Position - 1) {
		if err != nil {
			return m, r, false, err
		}
		for _, m := range e.Mutations {
			if m.ID == id {
				return m, r, true, nil
			}
		}
		break
	}
	return m, r, false, nil
}

// remark notes something for the receipt, the version's reason and the body.
func (a *attempt) remark(flag, words string) {
	a.flags = append(a.flags, flag)
	a.notes = append(a.notes, words)
}

// stale compares the versions that the author saw with what is current. An
// order against an outdated allergy list is carried out and flagged: refusing
// it would not make the patient safer, hiding it would.
func (w *work) stale(a *attempt) error {
	for _, seen := range a.m.ReadSet {
		c, ok, err := w.Current(seen.Ref)
		if err != nil {
			return err
		}
		// Version 0 is an entry of the author's own computer that had no version yet.
		own := seen.Version == 0 && ok && c.Author.Station == a.peer.Device.Station
		if ok && c.Version != seen.Version && !own {
			a.remark(FlagReadSetStale, "the author had not seen the newest "+string(seen.Ref.Type))
			return nil
		}
	}
	return w.unseen(a)
}

// unseen looks for an allergy that an order's author did not know of at all: a
// list is stale by what is missing as well.
func (w *work) unseen(a *attempt) error {
	if a.exists || a.m.Ref.Type != fhir.TypeServiceRequest && a.m.Ref.Type != fhir.TypeMedicationRequest {
		return nil
	}
	all, err := linked(w, compartment(a.m))
	if err != nil {
		return err
	}
	for _, p := range all {
		for c, err := range w.Compartment(p) {
			if err != nil {
				return err
			}
			if c.Ref.Type > fhir.TypeAllergyIntolerance {
				break
			}
			named := slices.ContainsFunc(a.m.ReadSet, func(s record.Seen) bool { return s.Ref == c.Ref })
			if c.Ref.Type == fhir.TypeAllergyIntolerance && !named {
				a.remark(FlagReadSetStale, "the author had not seen an allergy that was recorded")
				return nil
			}
		}
	}
	return nil
}
