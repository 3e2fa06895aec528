package desk

import (
	"slices"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/words"
)

// maxAcknowledged bounds what one command acknowledges.
const maxAcknowledged = 200

// acknowledge records that this person has read results and there is nothing to
// do: all of them in one commit, or none. What must be taken by a person is
// refused, and so is what changed while they looked.
func (n *pen) acknowledge(c ward.Acknowledge) error {
	if len(c.Results) == 0 || len(c.Results) > maxAcknowledged {
		return n.refuse(fault.Invalid, words.Errorf("Mark between 1 and %d results. Nothing was saved.", maxAcknowledged))
	}
	results, err := n.d.results(n.c, false)
	if err != nil {
		return err
	}
	for _, want := range c.Results {
		i := slices.IndexFunc(results, func(r judged) bool { return r.ID == want.Result })
		if i < 0 || want.Patient != c.Patient {
			return n.refuse(fault.NotFound, words.Errorf("This result is not on this computer. Nothing was saved. Look again."))
		}
		r := &results[i]
		switch {
		case r.Version != want.Version:
			return n.refuse(fault.Conflict, n.changedWords(*r))
		case oneByOne(r):
			return n.refuse(fault.Denied, words.Errorf("%s is critical or was corrected: it is taken, acted on or handed over by itself. Nothing was saved.", r.Test))
		case seenBefore(r, n.who.User):
			continue // pressed twice: one acknowledgement
		}
		if err := n.statement(fhir.TaskAcknowledge, fhir.Ref{Type: fhir.TypeObservation, ID: r.ID}, "", []fhir.TaskParameter{
			{Type: fhir.Param(fhir.ParamKind), ValueString: fhir.Str(alert.AckSeen)},
			{Type: fhir.Param(fhir.ParamVersion), ValueInteger: fhir.Int(int64(r.Version))}, //nolint:gosec // counted from 1
			{Type: fhir.Param(fhir.ParamStation), ValueString: fhir.Str(string(n.d.cfg.Station))},
		}); err != nil {
			return err
		}
	}
	return nil
}

// oneByOne says that a result is never acknowledged in bulk: it is critical, or
// may be, or it changed after somebody had it.
func oneByOne(r *judged) bool {
	return r.Critical || r.MayBe || r.Open || r.Reopened || wasCorrected(r) || r.duty.State != alert.NoDuty && r.duty.State != alert.Acted
}

// wasCorrected says that a result is not what it first was, whether or not
// somebody had seen it before: treatment may rest on the old value all the same.
func wasCorrected(r *judged) bool { return r.Before != nil || r.Status == statusWord("corrected") }

func seenBefore(r *judged, user string) bool {
	return slices.ContainsFunc(r.Owned, func(o ward.Owned) bool {
		return o.User == user && o.Kind == alert.AckSeen && !o.Withdrawn && !o.Earlier
	})
}
