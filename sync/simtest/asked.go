package simtest

import (
	"fmt"
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/merge"
)

// asked: wherever two entries contradict one another a question stands in the
// record, as the rules would ask it now; by whatever way the entries came, and
// came back. Nobody answers any in the simulation, so none may be missing.
func (w *world) asked() error {
	of := map[fhir.ID][]record.Change{}
	for _, e := range w.ledger.entries {
		for _, c := range e.Changes {
			of[c.Patient] = append(of[c.Patient], c)
		}
	}
	for patient, list := range of {
		if patient == "" {
			continue
		}
		drafts, err := merge.Reviews(patient, list)
		if err != nil {
			return err
		}
		for _, d := range drafts {
			return fmt.Errorf("%s is to be asked or called off, and is not: %s", d.ID, d.Body)
		}
		if stay, by := unasked(list); stay != "" {
			return fmt.Errorf("%s has ended, %s was written after that, and nobody is asked", stay, by)
		}
	}
	return nil
}

// unasked finds a stay that ended before its patient was examined last, though
// nothing asks where the patient is.
func unasked(list []record.Change) (stay string, by record.MutationID) {
	current := map[fhir.Ref]record.Change{}
	for _, c := range list {
		if !c.History {
			current[c.Ref] = c
		}
	}
	for ref, c := range current {
		if ref.Type != fhir.TypeEncounter {
			continue
		}
		before := lastHere(list, ref)
		for _, act := range current {
			if act.Ref.Type != fhir.TypeObservation || act.Author.User == "" || !strings.Contains(string(act.Body), fhir.CategoryVitalSigns) {
				continue
			}
			m := record.Mutation{ID: act.Mutation, Ref: act.Ref, Author: act.Author, Times: act.Times, Clock: act.Clock}
			if _, contradicts := merge.Contest(c.Body, before, m); contradicts {
				return ref.String(), act.Mutation
			}
		}
	}
	return "", ""
}

// lastHere is the newest version of a stay in which its patient was on a ward.
func lastHere(list []record.Change, stay fhir.Ref) fhir.Resource {
	for _, c := range slices.Backward(list) {
		if c.Ref == stay && !c.History && !strings.Contains(string(c.Body), `"finished"`) {
			return c.Body
		}
	}
	return nil
}
