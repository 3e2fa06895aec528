package desk

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
)

// holds is how long "I take it" holds the ladder until an action is recorded.
const holds = 30 * time.Minute

// ack is one acknowledgement of a result, as a person gave it.
type ack struct {
	task    fhir.ID
	version record.Version
	kind    string
	owned   ward.Owned
}

// acksOf are a patient's acknowledgements by result, oldest first. Taken back
// ones stay, marked.
func (d *Desk) acksOf(c *compartment) map[fhir.ID][]ack {
	taken := map[fhir.ID]bool{}
	for i := range c.tasks {
		t := &c.tasks[i]
		if code(t.View) == fhir.TaskWithdraw && stands(t.View) && t.View.Focus != nil {
			if ref, ok := t.View.Focus.Ref(); ok {
				taken[ref.ID] = true
			}
		}
	}
	m := map[fhir.ID][]ack{}
	for i := range c.tasks {
		t := &c.tasks[i]
		if code(t.View) != fhir.TaskAcknowledge || !stands(t.View) || t.View.Focus == nil {
			continue
		}
		ref, ok := t.View.Focus.Ref()
		if !ok || ref.Type != fhir.TypeObservation {
			continue
		}
		a := d.ackOf(t)
		a.owned.Withdrawn = taken[t.id()]
		m[ref.ID] = append(m[ref.ID], a)
	}
	return m
}

func (d *Desk) ackOf(t *item[fhir.Task]) ack {
	kind := paramString(t.View, fhir.ParamKind)
	a := ack{task: t.id(), kind: kind, version: paramVersion(t.View)}
	a.owned = ward.Owned{
		Task: t.id(), Kind: kind, By: t.First.Name, User: string(t.First.User), At: d.at(t.Made),
		To: paramString(t.View, fhir.ParamHandedTo), Unsent: t.Unsent,
	}
	if a.owned.By == "" {
		a.owned.By, a.owned.User = t.Change.Author.Name, string(t.Change.Author.User)
	}
	if kind == KindTaken || kind == KindHandedTo {
		a.owned.ActBy = a.owned.At.Add(holds)
	}
	return a
}

// Kinds of acknowledgement (fhir.ParamKind).
const (
	KindTaken    = "taken"
	KindActing   = "acting"
	KindHandedTo = "handed-to"
)

// code is the code of one of our Tasks, or "".
func code(t fhir.Task) string {
	if t.Code == nil {
		return ""
	}
	return t.Code.Code(fhir.SystemTaskCode)
}

// stands says whether an append-only Task counts.
func stands(t fhir.Task) bool { return t.Status != "entered-in-error" && t.Status != "rejected" }

func paramString(t fhir.Task, name string) string {
	if p, ok := fhir.ParamOf(t.Input, name); ok && p.ValueString != nil {
		return *p.ValueString
	}
	return ""
}

func paramVersion(t fhir.Task) record.Version {
	if p, ok := fhir.ParamOf(t.Input, fhir.ParamVersion); ok && p.ValueInteger != nil && *p.ValueInteger > 0 {
		return record.Version(*p.ValueInteger)
	}
	return 0
}

// giveHistory fills in the earlier versions and marks which of the
// acknowledgements still speak of this version's content.
func (d *Desk) giveHistory(r *ward.Result, o *item[fhir.Observation], hist []record.Change, acks []ack) {
	now := contentKey(o.Change.Body)
	for i := len(hist) - 1; i >= 0; i-- {
		h := hist[i]
		if h.Version == o.Change.Version {
			continue
		}
		v, err := fhir.View[fhir.Observation](h.Body)
		if err != nil {
			continue
		}
		e := d.earlier(v, h)
		same := contentKey(h.Body) == now
		for j := range acks {
			if acks[j].version == h.Version {
				e.Seen = e.Seen || !acks[j].owned.Withdrawn
				if same {
					acks[j].version = o.Change.Version // nothing that matters changed since
				}
			}
		}
		r.History = append(r.History, e)
		if !same && r.Before == nil && h.Version < o.Change.Version && !h.History {
			before := e
			r.Before = &before
		}
	}
	// What somebody acted on is what must be set beside the new value.
	for i := range r.History {
		if r.History[i].Seen && r.History[i].Version < r.Version && (r.Before == nil || !r.Before.Seen) && differs(r, r.History[i]) {
			before := r.History[i]
			r.Before = &before
		}
	}
}

func differs(r *ward.Result, e ward.Earlier) bool {
	return r.Value != e.Value || r.Unit != e.Unit || r.Status != e.Status
}

func (d *Desk) earlier(v fhir.Observation, h record.Change) ward.Earlier {
	var r ward.Result
	giveValue(&r, v)
	at := d.received(h.Times)
	return ward.Earlier{Version: uint64(h.Version), Value: cmp.Or(r.Value, r.Absent), Unit: r.Unit, Status: statusWord(v.Status), At: at}
}

// contentKey is what an acknowledgement is about: value, unit, comparator,
// range, interpretation, patient, and whether the result stands at all. A
// comment more, or preliminary become final, changes no duty.
func contentKey(body fhir.Resource) string {
	o, err := fhir.Parse(body)
	if err != nil {
		return ""
	}
	key := ""
	for _, f := range []string{
		"code", "component", "dataAbsentReason", "interpretation", "referenceRange", "subject", "valueCodeableConcept",
		"valueDateTime", "valueQuantity", "valueRange", "valueRatio", "valueString", "valueTime",
	} {
		key += f + "=" + string(o[f]) + "\n"
	}
	var status string
	_ = json.Unmarshal(o["status"], &status)
	if withdrawn(status) || status == "cancelled" {
		key += status
	}
	return key
}

// giveOwners says who has the result, and whether somebody must still take it:
// a critical value that nobody owns, or a change after somebody owned the
// value before (also when the new one is harmless: treatment may be under
// way).
func giveOwners(r *ward.Result, o *item[fhir.Observation], acks []ack) {
	owned, before := false, false
	for _, a := range acks {
		w := a.owned
		w.Earlier = a.version != o.Change.Version
		r.Owned = append(r.Owned, w)
		if w.Withdrawn {
			continue
		}
		if w.Earlier {
			before = true
		} else {
			owned = true
		}
	}
	slices.SortStableFunc(r.Owned, func(a, b ward.Owned) int { return a.At.Compare(b.At) })
	r.Reopened = before && !owned
	r.Open = !owned && (r.Critical || before)
}

// owner is the newest acknowledgement that still counts.
func owner(r ward.Result) (ward.Owned, bool) {
	for i := len(r.Owned) - 1; i >= 0; i-- {
		if o := r.Owned[i]; !o.Withdrawn && !o.Earlier {
			return o, true
		}
	}
	return ward.Owned{}, false
}
