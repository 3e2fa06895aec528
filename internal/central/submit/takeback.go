package submit

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/sync/merge"
)

// TakeBack takes what the journal lacks of a batch that central signed in an
// epoch of before a restore, whoever gives it back. The caller has verified the
// signature. What another source brought already, the raw inbound log, the
// author's own station or another station, is passed over, so the order in
// which they come makes no difference and the same batch twice changes nothing.
//
// Where nobody has written since, a version follows its predecessor as it did
// then, with its author and its times. Where somebody has, the two are merged
// against what both grew from, as any two states are: an older version never
// beats a newer one, and what no rule may settle waits for a person.
//
// fault.Denied: the epoch lies before one in which central was emptied on
// purpose.
func (s *Submitter) TakeBack(ctx context.Context, peer record.Peer, b record.Batch) error {
	const op = "submit.takeback"
	past, err := pastOf(s.journal.Epochs(), b.Epoch)
	if err != nil {
		return fault.Wrap(op, b.Epoch, err)
	}
	if past == nil {
		return nil
	}
	changes := slices.Clone(b.Changes)
	slices.SortStableFunc(changes, func(a, b record.Change) int { return cmp.Compare(a.Position, b.Position) })
	_, err = s.update(ctx, op, b.Epoch, func(w *work) error {
		g := &giving{work: w, past: past, epoch: b.Epoch, taken: map[fhir.ID][]audit.What{}}
		for _, c := range changes {
			if err := g.take(c); err != nil {
				return err
			}
		}
		return g.end(peer, b)
	})
	return err
}

// pastOf says for each epoch how much of it the present journal shares; nil
// where the batch is of the present epoch. An epoch that is not in the lineage
// began after the backup was made: nothing of it is known to be shared.
func pastOf(line []record.Epoch, epoch string) (map[string]record.Position, error) {
	now := line[len(line)-1]
	if now.ID == epoch {
		return nil, nil
	}
	past := map[string]record.Position{}
	at, wiped := now.At, now.Cause == record.CauseWiped
	for i := len(line) - 2; i >= 0 && !wiped; i-- {
		at = min(at, line[i+1].At)
		past[line[i].ID] = at
		wiped = line[i].Cause == record.CauseWiped
	}
	if _, known := past[epoch]; wiped && !known {
		return nil, fault.New(fault.Denied, "submit.past", epoch, "central was emptied on purpose after this was signed; it does not come back")
	}
	return past, nil
}

// giving is one batch on its way back in.
type giving struct {
	*work
	past  map[string]record.Position
	epoch string
	taken map[fhir.ID][]audit.What // by patient; nil: only questions and notes
	doubts
}

// touch sees to it that what was written about somebody is audited.
func (g *giving) touch(p fhir.ID) {
	if _, ok := g.taken[p]; !ok {
		g.taken[p] = nil
	}
}

// take decides about one change.
func (g *giving) take(c record.Change) error {
	if record.IsKept(c.Ref) || record.IsLent(c.Ref) || record.IsUse(c.Ref) {
		// The first follows from the stays and tasks that are given back, the second ended
		// with the epoch, the third is counted anew.
		return nil
	}
	if c.Origin == nil { // one that was given back before keeps its first origin
		c.Origin = &record.Origin{Epoch: g.epoch, Position: c.Position, Version: c.Version}
	}
	c, err := g.apart(c)
	if err != nil {
		return err
	}
	held, err := g.held(c)
	if err != nil || held {
		return err
	}
	cur, exists, err := g.Current(c.Ref)
	if err != nil {
		return err
	}
	from, newer, err := g.ancestor(c)
	switch {
	case err != nil:
		return err
	case c.History || newer:
		c.History = true
		return g.keep(c)
	case exists && calledOff(c):
		// Called off then, because of what stood there then.
		g.doubt(patientOf(c))
		c.History, c.Reason = true, "called off before the restore; what stands here now decides"
		return g.keep(c)
	case !exists || from.Version == cur.Version && from.Version > 0:
		return g.keep(c)
	case isQuestion(c):
		// Asked here already, of what stands here now: what is taken may add a
		// side, or leave nothing to be asked.
		g.doubt(patientOf(c))
		return g.twin(c, cur)
	case isResult(c.Ref.Type) && c.Author.Sender != "":
		return g.result(c, cur)
	}
	return g.merge(c, cur, from)
}

// held says whether the journal has a change already.
func (g *giving) held(c record.Change) (bool, error) {
	judged, _, err := g.judged(c)
	if err != nil {
		return false, err
	}
	shared := g.past[c.Origin.Epoch]
	for v, err := range g.History(c.Ref) {
		if err != nil {
			return false, err
		}
		switch {
		case v.Origin != nil:
			if *v.Origin == *c.Origin {
				return true, nil
			}
		case v.Version == c.Origin.Version && v.Position == c.Origin.Position && v.Body.Hash() == c.Body.Hash(),
			c.Mutation != "" && sameSource(v, c),
			c.Mutation == "" && v.Mutation == "" && v.Position > shared && v.Body.Hash() == c.Body.Hash():
			return true, g.twin(c, v) // it never was lost, or its sender, its author or central itself was quicker
		}
	}
	return judged, nil // its author's station was quicker
}

// ancestor is the newest version of the journal that was there when c was
// written; newer says that one which replaced c is there already. Where that version
// was merged with something when it came back, it is the version as it was then, which
// stands in the history: what it was merged with was not there when c was written.
func (g *giving) ancestor(c record.Change) (from record.Change, newer bool, err error) {
	shared := g.past[c.Origin.Epoch]
	twins, err := g.twinsOf(c)
	if err != nil {
		return from, false, err
	}
	then := record.Version(0)
	asItWas := map[record.Origin]record.Change{}
	for v, err := range g.History(c.Ref) {
		if err != nil {
			return from, false, err
		}
		was := record.Version(0)
		if v.History && v.Origin != nil {
			asItWas[*v.Origin] = v
		}
		switch {
		case v.History:
		case v.Origin != nil && v.Origin.Epoch == c.Origin.Epoch:
			was = v.Origin.Version
		case v.Origin == nil && v.Position <= shared:
			was = v.Version
		default:
			was = twins[v.Version]
		}
		newer = newer || was > c.Origin.Version
		if was > then && was < c.Origin.Version {
			from, then = v, was
			if v.Origin != nil {
				if before, merged := asItWas[*v.Origin]; merged {
					from = before
				}
			}
		}
	}
	return from, newer, nil
}

// result lets the laboratory's own order decide, as between two messages.
func (g *giving) result(c, cur record.Change) error {
	stamps, err := g.stamps(cur)
	if err != nil {
		return err
	}
	m := record.Mutation{
		ID: c.Mutation, Ref: c.Ref, Patient: c.Patient, Author: c.Author, Stamps: c.Stamps,
		Ops: []record.Op{{Kind: record.OpPut, Value: c.Body}},
	}
	res := merge.Apply(merge.Input{Base: cur.Body, Current: cur.Body, Stamps: stamps, Mutation: m})
	if res.Body == nil {
		c.History, c.Reason = true, res.Reason
		return g.keep(c)
	}
	if res.Loser != nil {
		lost := c
		lost.Body, lost.History, lost.Reason = res.Loser, true, res.Reason
		if err := g.keep(lost); err != nil {
			return err
		}
	}
	c.Body, c.Stamps = res.Body, res.Stamps
	return g.keep(c)
}

// merge brings together what was written then and what has been written since.
func (g *giving) merge(c, cur, from record.Change) error {
	body, disputed, err := merge.Three(c.Ref.Type, from.Body, cur.Body, c.Body)
	if err != nil || body.Hash() == cur.Body.Hash() {
		// What is current holds it all, or the two cannot be compared: it is
		// kept where a person finds it, and the newer one stays in force.
		c.History, c.Reason = true, "given back after a restore; what was written since is in force"
		return g.keep(c)
	}
	if len(disputed) > 0 {
		g.doubt(patientOf(c))
	}
	kept := c
	kept.History, kept.Reason = true, "given back after a restore and merged with what was written since"
	if err := g.keep(kept); err != nil {
		return err
	}
	c.Body = body
	return g.keep(c)
}

// keep appends a change with its author, its times and where it stood.
func (g *giving) keep(c record.Change) error {
	v, err := g.put(c)
	if err != nil {
		return err
	}
	p := patientOf(c)
	g.suspect(c)
	if err := g.noteBack(c, v); err != nil {
		return err
	}
	if len(g.taken[p]) < maxWhat {
		g.taken[p] = append(g.taken[p], audit.What{Ref: c.Ref, Version: v})
	}
	return nil
}

// end asks the questions that came up, and audits what was taken: one event for
// each patient.
func (g *giving) end(peer record.Peer, b record.Batch) error {
	if err := g.ask(); err != nil {
		return err
	}
	for _, p := range slices.Sorted(maps.Keys(g.taken)) {
		e := audit.Event{
			Action: audit.Import, Purpose: audit.Treatment, Patient: p, Who: stationIs(peer), What: g.taken[p],
			Reason:  "given back after a restore: central had signed it",
			Details: []audit.Detail{{Name: DetailEpoch, Value: b.Epoch}, {Name: DetailPosition, Value: position(b.To)}},
		}
		if err := g.audit(e); err != nil {
			return err
		}
	}
	return nil
}

// givenBack is the receipt of a mutation whose effect another station has given
// back already; ok is false where none has.
func (w *work) givenBack(a *attempt) (r record.Receipt, ok bool, err error) {
	r.Outcome = record.Applied
	for v, err := range w.History(a.m.Ref) {
		switch {
		case err != nil:
			return r, false, err
		case v.Origin == nil || v.Mutation != a.m.ID:
		case v.History && !ok:
			ok, r.Version, r.Outcome, r.Reason = true, v.Version, outcomeOf(v), v.Reason
		case !v.History:
			if ok {
				r.Outcome = record.Merged
			}
			ok, r.Version, r.Reason = true, v.Version, ""
		}
	}
	if !ok {
		return r, false, nil
	}
	if r.Review, err = w.openReview(compartment(a.m), a.m.Ref); err == nil && r.Review != "" {
		r.Outcome = record.Review
	}
	return r, true, err
}

// outcomeOf is what central had said of a mutation of which only a history
// version is left.
func outcomeOf(v record.Change) record.Outcome {
	if len(v.Reason) > 9 && v.Reason[:9] == "refused: " {
		return record.Refused
	}
	return record.Merged
}
