package desk

import (
	"context"
	"slices"
	"strings"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
)

// take records that this person has a result: for the version that they saw,
// and for no other.
func (n *pen) take(c ward.Take) error {
	if c.Kind == "" {
		c.Kind = alert.AckTaken
	}
	if err := n.checkTake(c); err != nil {
		return err
	}
	r, err := n.seen(c.Result, c.Version)
	if err != nil {
		return err
	}
	if mine, ok := n.holdsAlready(r, c); ok {
		n.made = append(n.made, mine) // pressed twice: one acknowledgement
		return nil
	}
	return n.acknowledged(fhir.Ref{Type: fhir.TypeObservation, ID: c.Result}, c, r.Phoned)
}

// acknowledged writes what was said about a result, or about what is held back.
func (n *pen) acknowledged(about fhir.Ref, c ward.Take, calls []ward.Phoned) error {
	input := []fhir.TaskParameter{
		{Type: fhir.Param(fhir.ParamKind), ValueString: fhir.Str(c.Kind)},
		{Type: fhir.Param(fhir.ParamVersion), ValueInteger: fhir.Int(int64(c.Version))}, //nolint:gosec // a version counts one by one
		{Type: fhir.Param(fhir.ParamStation), ValueString: fhir.Str(string(n.d.cfg.Station))},
	}
	input = withCalls(input, calls)
	if c.To != "" {
		input = append(input, fhir.TaskParameter{Type: fhir.Param(fhir.ParamHandedTo), ValueString: fhir.Str(c.To)})
	}
	return n.statement(fhir.TaskAcknowledge, about, c.Words, input)
}

func (n *pen) checkTake(c ward.Take) error {
	switch c.Kind {
	case alert.AckTaken:
	case alert.AckActing:
		if strings.TrimSpace(c.Words) == "" {
			return n.refuse(fault.Invalid, words.Errorf("Say what was done. Nothing was saved."))
		}
	case alert.AckHandedTo:
		if strings.TrimSpace(c.To) == "" {
			return n.refuse(fault.Invalid, words.Errorf("Say to whom it is handed. Nothing was saved."))
		}
	default:
		return n.refuse(fault.Invalid, words.Errorf("A result is taken, acted on or handed to somebody. Nothing was saved."))
	}
	return n.bounded(c.Words, c.To)
}

// seen is the result as it stands, refused where that is not what the person
// saw.
func (n *pen) seen(id fhir.ID, version uint64) (judged, error) {
	results, err := n.d.results(n.c, false)
	if err != nil {
		return judged{}, err
	}
	for _, r := range results {
		if slices.ContainsFunc(r.Phoned, func(p ward.Phoned) bool { return p.ID == id }) && r.ID != id {
			return r, n.refuse(fault.Conflict, n.changedWords(r))
		}
		if r.ID != id {
			continue
		}
		if r.Version != version {
			return r, n.refuse(fault.Conflict, n.changedWords(r))
		}
		return r, nil
	}
	return judged{}, n.refuse(fault.NotFound, words.Errorf("This result is not on this computer. Nothing was saved. Look again."))
}

func (n *pen) changedWords(r judged) error {
	value := strings.TrimSpace(r.Value + " " + r.Unit)
	if value == "" {
		value = r.Absent
	}
	return words.Errorf("The result changed to %s (%s, %s) while you looked. Nothing was saved. Look again.", value, ward.Said(r.Status), n.d.stampWords(r.Received))
}

// holdsAlready finds the same statement by the same person about the same
// version.
func (n *pen) holdsAlready(r judged, c ward.Take) (fhir.ID, bool) {
	if c.Kind != alert.AckTaken {
		return "", false
	}
	for _, o := range r.Owned {
		if !o.Withdrawn && !o.Earlier && o.User == n.who.User && o.Kind == alert.AckTaken && r.duty.State == alert.Taken {
			return o.Task, true
		}
	}
	return "", false
}

// statement writes an append-only Task about something.
func (n *pen) statement(code string, focus fhir.Ref, said string, input []fhir.TaskParameter) error {
	to := fhir.To(focus)
	_, err := n.create(fhir.TypeTask, "", n.now(), func(id fhir.ID) any {
		return fhir.Task{
			ResourceType: fhir.TypeTask, ID: id, Status: "completed", Intent: "order", Code: fhir.TaskCode(code),
			Description: said, Focus: &to, For: n.subject(), AuthoredOn: n.now(), Requester: n.writer(), Owner: n.writer(), Input: input,
		}
	})
	return err
}

// withdraw takes an acknowledgement back. Whose it was may do so without a
// word; anybody else says why.
func (n *pen) withdraw(c ward.Withdraw) error { return n.withdrawFrom(n.d.acksOf(n.c), c) }

func (n *pen) withdrawFrom(acks map[fhir.ID][]ack, c ward.Withdraw) error {
	if err := n.bounded(c.Reason); err != nil {
		return err
	}
	for _, list := range acks {
		for _, a := range list {
			if a.task != c.Task {
				continue
			}
			switch {
			case a.owned.Withdrawn:
				return nil // taken back already: nothing to add
			case a.owned.User != n.who.User && strings.TrimSpace(c.Reason) == "":
				return n.refuse(fault.Invalid, words.Errorf("%s took it. Say why you take it back for them. Nothing was saved.", a.owned.By))
			}
			return n.statement(fhir.TaskWithdraw, fhir.Ref{Type: fhir.TypeTask, ID: c.Task}, c.Reason, []fhir.TaskParameter{
				{Type: fhir.Param(fhir.ParamStation), ValueString: fhir.Str(string(n.d.cfg.Station))},
			})
		}
	}
	return n.refuse(fault.NotFound, words.Errorf("There is nothing to take back. Nothing was saved. Look again."))
}

// markShown writes down that this computer drew critical results on an
// unlocked window, or told of them on the wall. The computer says so, not a
// person; it says it once for each version and kind of screen.
func (d *Desk) markShown(ctx context.Context, c ward.MarkShown) (ward.Done, error) {
	const op = "desk.shown"
	byPatient := map[fhir.ID][]ward.ShownResult{}
	var order []fhir.ID
	for _, s := range c.Results {
		if byPatient[s.Patient] == nil {
			order = append(order, s.Patient)
		}
		byPatient[s.Patient] = append(byPatient[s.Patient], s)
	}
	self := ward.Person{User: string(d.cfg.Station), Name: d.cfg.Place, Role: string(rbac.Computer)}
	var done ward.Done
	for _, id := range order {
		if id == "" {
			one, err := d.markHeldShown(ctx, op, self, byPatient[id], c.OnWall)
			if err != nil {
				return done, err
			}
			done.Made = append(done.Made, one...)
			continue
		}
		one, err := d.write(ctx, op, self, id, func(n *pen) error { return n.shown(byPatient[id], c.OnWall) })
		if fault.Is(err, fault.NotFound) {
			continue // they have left the ward meanwhile
		}
		if err != nil {
			return done, err
		}
		done.Made = append(done.Made, one.Made...)
	}
	return done, nil
}

func (n *pen) shown(list []ward.ShownResult, wall bool) error {
	results, err := n.d.results(n.c, false)
	if err != nil {
		return err
	}
	done := map[fhir.ID]bool{}
	for _, s := range list {
		for _, r := range results {
			calls := r.Phoned
			if wall {
				calls = nil // nothing stands beside it there
			}
			if done[s.Result] || r.ID != s.Result || r.Version != s.Version || !r.Critical || n.shownBefore(s, calls, wall) {
				continue
			}
			done[s.Result] = true
			if err := n.drawn(fhir.Ref{Type: fhir.TypeObservation, ID: s.Result}, s.Version, calls, wall); err != nil {
				return err
			}
		}
	}
	return nil
}

// withCalls names what was phoned and stood beside a result.
func withCalls(input []fhir.TaskParameter, calls []ward.Phoned) []fhir.TaskParameter {
	for _, p := range calls {
		to := fhir.To(fhir.Ref{Type: fhir.TypeObservation, ID: p.ID})
		input = append(input, fhir.TaskParameter{Type: fhir.Param(fhir.ParamCall), ValueReference: &to})
	}
	return input
}

// callsIn are the phoned results that a Task names.
func callsIn(t fhir.Task) []fhir.ID {
	var out []fhir.ID
	for _, p := range t.Input {
		if p.ValueReference == nil || !p.Type.Has(fhir.SystemTaskParam, fhir.ParamCall) {
			continue
		}
		if ref, ok := p.ValueReference.Ref(); ok {
			out = append(out, ref.ID)
		}
	}
	return out
}

// drawn writes that this computer drew a version of something, and what was phoned
// beside it.
func (n *pen) drawn(what fhir.Ref, version uint64, calls []ward.Phoned, wall bool) error {
	input, said := []fhir.TaskParameter{
		{Type: fhir.Param(fhir.ParamVersion), ValueInteger: fhir.Int(int64(version))}, //nolint:gosec // a version counts one by one
		{Type: fhir.Param(fhir.ParamStation), ValueString: fhir.Str(string(n.d.cfg.Station))},
	}, ""
	if wall {
		input = append(input, fhir.TaskParameter{Type: fhir.Param(fhir.ParamKind), ValueString: fhir.Str(fhir.ShownOnWall)})
		said = "on the wall of ward " + n.d.cfg.Ward
	}
	return n.statement(fhir.TaskShown, what, said, withCalls(input, calls))
}

// shownBefore says whether this computer said before that it drew this version,
// with all that was phoned beside it. What a window drew the wall need not tell; what
// the wall told a window still says, for it draws more.
func (n *pen) shownBefore(s ward.ShownResult, calls []ward.Phoned, wall bool) bool {
	for i := range n.c.tasks {
		t := n.c.tasks[i].View
		if code(t) != fhir.TaskShown || t.Focus == nil || paramVersion(t) != record.Version(s.Version) {
			continue
		}
		if !wall && paramString(t, fhir.ParamKind) == fhir.ShownOnWall {
			continue
		}
		ref, ok := t.Focus.Ref()
		said := callsIn(t)
		missing := slices.ContainsFunc(calls, func(p ward.Phoned) bool { return p.ID != s.Result && !slices.Contains(said, p.ID) })
		if ok && ref.ID == s.Result && !missing && paramString(t, fhir.ParamStation) == string(n.d.cfg.Station) {
			return true
		}
	}
	return false
}

// maxWords bounds one piece of free text.
const maxWords = 4000

func (n *pen) bounded(texts ...string) error {
	for _, t := range texts {
		if len(t) > maxWords {
			return n.refuse(fault.Invalid, words.Errorf("That text is too long: %d characters at most. Nothing was saved.", maxWords))
		}
	}
	return nil
}
