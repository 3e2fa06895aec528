package desk

import (
	"cmp"
	"slices"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
)

// ack is one acknowledgement of a result, as a person gave it.
type ack struct {
	task    fhir.ID
	version record.Version
	kind    string
	calls   []fhir.ID // phoned results that stood beside what was seen
	owned   ward.Owned
}

// acksOf are a patient's acknowledgements by result, oldest first. Taken back
// ones stay, marked.
func (d *Desk) acksOf(c *compartment) map[fhir.ID][]ack { return d.acksOn(c, fhir.TypeObservation) }

// acksOn are the acknowledgements of things of one type.
func (d *Desk) acksOn(c *compartment, of fhir.Type) map[fhir.ID][]ack {
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
		if !ok || ref.Type != of {
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
	a.calls = callsIn(t.View)
	if a.owned.By == "" {
		a.owned.By, a.owned.User = t.Change.Author.Name, string(t.Change.Author.User)
	}
	if kind == alert.AckTaken || kind == alert.AckHandedTo {
		a.owned.ActBy = a.owned.At.Add(d.cfg.Rules.Holds)
	}
	return a
}

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

// giveDuty fills in the earlier versions, who has the result, and whether
// somebody must still take it: a critical value that nobody has, one that
// somebody took and never acted on, or a change after somebody had the value
// before (also when the new one is harmless: treatment may be under way). It returns
// the versions that it went by, oldest first.
func (d *Desk) giveDuty(rd Reader, r *judged, o *item[fhir.Observation], hist []record.Change, acks []ack, who alert.Subject) []alert.Edition {
	editions := []alert.Edition{{Version: r.Version, Result: o.View, Available: r.Received, Critical: r.Critical, Rules: d.rulesFor(rd, o.View, o.Change).siteRules()}}
	for i := len(hist) - 1; i >= 0; i-- {
		h := hist[i]
		v, err := fhir.View[fhir.Observation](h.Body)
		if err != nil || h.Version == o.Change.Version {
			continue
		}
		e := d.earlier(v, h)
		e.Seen = slices.ContainsFunc(acks, func(a ack) bool { return a.version == h.Version && !a.owned.Withdrawn })
		r.History = append(r.History, e)
		if h.Version < o.Change.Version && !h.History {
			by := d.rulesFor(rd, v, h)
			editions = append(editions, alert.Edition{Version: uint64(h.Version), Result: v, Available: e.At, Critical: by.judge(v, who).Critical, Rules: by.siteRules()})
		}
	}
	slices.Reverse(editions)
	said := giveBefore(&r.Result, editions)
	since := said.Version
	r.since = said.Available
	ours := make([]alert.Ack, 0, len(acks))
	for _, a := range acks {
		w := a.owned
		w.Earlier = uint64(a.version) < since
		r.Owned = append(r.Owned, w)
		ours = append(ours, alert.Ack{ID: a.task, Kind: a.kind, Version: uint64(a.version), By: w.By, User: w.User, To: w.To, At: w.At, Withdrawn: w.Withdrawn})
	}
	slices.SortStableFunc(r.Owned, func(a, b ward.Owned) int { return a.At.Compare(b.At) })
	r.duty = d.cfg.Rules.DutyOf(editions, ours, d.now())
	d.giveOpen(r)
	return editions
}

// giveOpen says whether somebody must still take a result.
func (d *Desk) giveOpen(r *judged) {
	r.Reopened = r.duty.State == alert.Reopened
	lapsed := r.duty.State == alert.Lapsed && (r.Critical || len(r.duty.Told) > 0)
	r.Open = r.Reopened || r.duty.State == alert.Open || lapsed
}

// giveBefore finds the version that is set beside the present one: the newest
// that somebody acted on, else the last that said something else. said is the
// first version that says what the present one says.
func giveBefore(r *ward.Result, editions []alert.Edition) (said alert.Edition) {
	i := len(editions) - 1
	for i > 0 && len(alert.Changes(editions[i-1].Result, editions[i].Result)) == 0 {
		i--
	}
	said = editions[i]
	for k := range r.History { // newest first
		e := r.History[k]
		if e.Version >= said.Version || i == 0 {
			continue
		}
		if r.Before == nil || e.Seen && !r.Before.Seen {
			before := e
			r.Before = &before
		}
	}
	return said
}

func (d *Desk) earlier(v fhir.Observation, h record.Change) ward.Earlier {
	var r ward.Result
	giveValue(&r, v)
	at := d.received(h.Times)
	return ward.Earlier{Version: uint64(h.Version), Value: cmp.Or(r.Value, r.Absent), Unit: r.Unit, Status: statusWord(v.Status), At: at}
}

// owner is the newest acknowledgement that still counts.
func owner(r *judged) (ward.Owned, bool) {
	for i := len(r.Owned) - 1; i >= 0; i-- {
		if o := r.Owned[i]; !o.Withdrawn && !o.Earlier {
			return o, true
		}
	}
	return ward.Owned{}, false
}
