package submit

import (
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// A laboratory that numbers samples and not orders sends two panels of one sample under
// one number (OBR-3), and a test of the same name may stand in both: the remark, the time
// since the last meal, the glucose of a tolerance test. Which of them a message means that
// names one panel alone, the record knows: what came before.

// inPanels gives such results the id that they have in the record, or one of their own
// where another panel's result has the number already: neither may hide the other.
func (w *work) inPanels(drafts []record.Draft, patient fhir.ID) ([]record.Draft, error) {
	taken := map[fhir.ID]bool{}
	bare := map[fhir.ID]bool{}
	for _, d := range drafts {
		taken[d.Ref.ID] = true
		if d.Within == nil || d.Within.Unsampled == "" {
			continue
		}
		if id := d.Within.Unsampled; bare[id] {
			taken[id] = true // of two samples nobody knows which was meant
		} else {
			bare[id] = true
		}
	}
	var ids []string
	listed := map[fhir.ID]map[string]bool{}
	for i, d := range drafts {
		if d.Ref.Type != fhir.TypeObservation || d.Within == nil {
			continue
		}
		id, apart, err := w.inPanel(d, patient, taken, listed)
		if err != nil {
			return nil, err
		}
		if apart {
			drafts[i].Ops = oneOfSeveral(d.Ops)
		}
		if id != d.Ref.ID {
			ids = append(ids, string(d.Ref.ID), string(id))
			taken[id] = true
		}
	}
	if ids == nil {
		return drafts, nil
	}
	return rename(drafts, ids), nil
}

// inPanel is the id of one result; apart says that another panel has a result of the same
// name under the same number.
func (w *work) inPanel(d record.Draft, patient fhir.ID, taken map[fhir.ID]bool, listed map[fhir.ID]map[string]bool) (id fhir.ID, apart bool, err error) {
	free := func(id fhir.ID) bool { return id == d.Ref.ID || !taken[id] }
	for _, id := range []fhir.ID{d.Within.AtTime, d.Within.InReport} {
		if id == "" {
			continue
		}
		own, there, err := w.theirs(id, patient)
		if err != nil || there && own && free(id) {
			return id, false, err
		}
	}
	lists := func(id fhir.ID) (bool, error) {
		if listed[d.Within.Report] == nil {
			if listed[d.Within.Report], err = w.everListed(d.Within.Report); err != nil {
				return false, err
			}
		}
		return listed[d.Within.Report][fhir.Ref{Type: fhir.TypeObservation, ID: id}.String()], nil
	}
	own, there, err := w.theirs(d.Within.Alone, patient)
	if err == nil && !there && d.Within.Unsampled != "" && free(d.Within.Unsampled) {
		// The panel had this test before anybody named the sample.
		if has, err := lists(d.Within.Unsampled); err != nil || has {
			return d.Within.Unsampled, false, err
		}
	}
	if err != nil || !there || !own || !free(d.Within.Alone) {
		return d.Ref.ID, false, err
	}
	has, err := lists(d.Within.Alone)
	switch {
	case err != nil:
		return "", false, err
	case has:
		return d.Within.Alone, false, nil
	case d.Ref.ID != d.Within.Alone: // the message itself has it in two panels
		return d.Ref.ID, false, nil
	case d.PromoteOnly || isLater(d):
		return d.Ref.ID, false, nil // it says of itself that it is a later version
	}
	cur, _, err := w.Current(d.Ref)
	if err != nil || saysTheSame(d, cur.Body) {
		return d.Ref.ID, false, err
	}
	return d.Within.InReport, true, nil
}

// whyWhich is why a result is held back that may be each of several.
const whyWhich = "the laboratory has sent several results under this number and name, and this one does not say which of them it means; ask the laboratory, and have it send all of them again"

// which says whether a result is one of several under one name, and a message does not say
// which: to take the first for it could hide a value that nobody has taken back.
func which(d record.Draft, current fhir.Resource) bool {
	if d.Within == nil || d.Ref.ID != d.Within.Alone || current == nil || saysTheSame(d, current) {
		return false
	}
	cur, err := fhir.View[fhir.Observation](current)
	return err == nil && isOneOfSeveral(cur) && !slices.ContainsFunc(observations([]record.Draft{d}), isOneOfSeveral)
}

func isOneOfSeveral(o fhir.Observation) bool {
	return slices.ContainsFunc(o.Extension, func(e fhir.Extension) bool {
		return e.URL == fhir.ExtFlag && e.ValueCode != nil && *e.ValueCode == flagAmbiguous
	})
}

// theirs says whether an Observation is in the record, and whether it is this person's.
func (w *work) theirs(id, patient fhir.ID) (own, there bool, err error) {
	cur, there, err := w.Current(fhir.Ref{Type: fhir.TypeObservation, ID: id})
	if err != nil || !there {
		return false, false, err
	}
	own, err = onePerson(w, patientOf(cur), patient)
	return own, true, err
}

// everListed are the results that a report has, or had in an earlier version.
func (w *work) everListed(report fhir.ID) (map[string]bool, error) {
	list := map[string]bool{}
	for c, err := range w.History(fhir.Ref{Type: fhir.TypeDiagnosticReport, ID: report}) {
		if err != nil {
			return nil, err
		}
		r, bad := fhir.View[fhir.DiagnosticReport](c.Body)
		if bad != nil {
			continue
		}
		for _, one := range r.Result {
			list[one.Reference] = true
		}
	}
	return list, nil
}

// isLater says whether a result's own status speaks of an earlier version.
func isLater(d record.Draft) bool {
	for _, o := range observations([]record.Draft{d}) {
		switch o.Status {
		case "corrected", "amended", "cancelled", "entered-in-error":
			return true
		}
	}
	return false
}

// saysTheSame says whether a result has the value that is there already.
func saysTheSame(d record.Draft, body fhir.Resource) bool {
	cur, err := fhir.View[fhir.Observation](body)
	if err != nil {
		return false
	}
	for _, o := range observations([]record.Draft{d}) {
		return valueWords(o) == valueWords(cur) && o.EffectiveDateTime == cur.EffectiveDateTime && counts(cur) == counts(o)
	}
	return false
}

// flagAmbiguous is the flag of several results under one name (as the translation of
// messages writes it).
const flagAmbiguous = "ambiguous"

// oneOfSeveral flags the Observation in a draft's operations.
func oneOfSeveral(ops []record.Op) []record.Op {
	ops = slices.Clone(ops)
	for i := range ops {
		o, bad := fhir.View[fhir.Observation](ops[i].Value)
		if ops[i].Kind != record.OpPut || bad != nil {
			continue // the merge refuses it in words
		}
		o.Extension = append(o.Extension, fhir.Extension{URL: fhir.ExtFlag, ValueCode: fhir.Str(flagAmbiguous)})
		if body, err := fhir.Make(o); err == nil {
			ops[i].Value = body
		}
	}
	return ops
}

// rename gives resources other ids, wherever a message names them.
func rename(drafts []record.Draft, ids []string) []record.Draft {
	renamed := strings.NewReplacer(ids...)
	for i := range drafts {
		drafts[i].Ref.ID = fhir.ID(renamed.Replace(string(drafts[i].Ref.ID)))
		for j := range drafts[i].Ops {
			drafts[i].Ops[j].Value = []byte(renamed.Replace(string(drafts[i].Ops[j].Value)))
			drafts[i].Ops[j].Key = renamed.Replace(drafts[i].Ops[j].Key)
		}
	}
	return drafts
}

// wholeReport adds to a report what an earlier version of it has listed: a correction of
// one result does not take the others of its panel out of it.
func (w *work) wholeReport(d record.Draft) (record.Draft, error) {
	if d.Ref.Type != fhir.TypeDiagnosticReport || len(d.Ops) != 1 || d.Ops[0].Kind != record.OpPut {
		return d, nil
	}
	cur, there, err := w.Current(d.Ref)
	if err != nil || !there {
		return d, err
	}
	before, bad := fhir.View[fhir.DiagnosticReport](cur.Body)
	now, unread := fhir.View[fhir.DiagnosticReport](d.Ops[0].Value)
	if bad != nil || unread != nil {
		return d, nil // the merge refuses it in words
	}
	list := slices.Clone(before.Result)
	for _, r := range now.Result {
		if !slices.ContainsFunc(list, func(o fhir.Reference) bool { return o.Reference == r.Reference }) {
			list = append(list, r)
		}
	}
	if len(list) == len(now.Result) {
		return d, nil
	}
	now.Result = list
	body, err := fhir.Make(now)
	if err != nil {
		return d, err
	}
	d.Ops = []record.Op{{Kind: record.OpPut, Value: body}}
	return d, nil
}
