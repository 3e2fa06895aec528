package desk

import (
	"context"
	"fmt"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
	"wardlight/sync/merge"
)

// Do carries out a command for the person who is signed in. When it returns
// without an error, what was written is synced to disk and will be sent; when
// Done.Ask is set, or with an error, nothing was written. A refusal's words
// are for the person.
func (d *Desk) Do(ctx context.Context, cmd ward.Command) (ward.Done, error) {
	if c, ok := cmd.(ward.MarkShown); ok {
		return d.markShown(ctx, c)
	}
	op := fmt.Sprintf("desk.%T", cmd)
	p, err := d.author(op)
	if err != nil {
		return ward.Done{}, err
	}
	may := ward.OfflineOf(cmd)
	if may.Class == ward.OfflineNever && !d.connected() {
		return ward.Done{}, fault.As(fault.Unavailable, op, "", sentence{may.Why})
	}
	done, err := d.carryOut(ctx, op, p, cmd)
	if err == nil && len(done.Ask) == 0 && may.Class == ward.OfflineChecked && !d.connected() {
		done.Later = may.Why.Say()
	}
	return done, err
}

func (d *Desk) connected() bool {
	d.link.mu.Lock()
	defer d.link.mu.Unlock()
	return d.link.kept.Connected
}

func (d *Desk) carryOut(ctx context.Context, op string, p ward.Person, cmd ward.Command) (ward.Done, error) {
	switch c := cmd.(type) {
	case ward.SaveDraft:
		return ward.Done{}, d.saveDraft(ctx, p, c)
	case ward.Decide:
		return d.decide(ctx, op, p, c)
	case ward.Ask:
		return d.ask(ctx, op, p, c)
	case ward.Take:
		if c.Patient == "" {
			return d.writeHeld(ctx, op, p, c.Result, func(n *pen) error { return n.takeHeld(c) })
		}
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.take(c) })
	case ward.Acknowledge:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.acknowledge(c) })
	case ward.Withdraw:
		if c.Patient == "" {
			return d.writeHeld(ctx, op, p, d.warningOf(c.Task), func(n *pen) error { return n.withdrawFrom(d.acksOn(n.c, fhir.TypeTask), c) })
		}
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.withdraw(c) })
	case ward.RecordVitals:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.recordVitals(c) })
	case ward.AddAllergy:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.addAllergy(c) })
	case ward.RefuteAllergy:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.refuteAllergy(c) })
	case ward.NoKnownAllergies:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.noKnownAllergies() })
	case ward.RecordProblem:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.recordProblem(c) })
	case ward.ResolveProblem:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.resolveProblem(c) })
	case ward.StrikeProblem:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.strikeProblem(c) })
	case ward.ReopenProblem:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.reopenProblem(c) })
	case ward.WriteNote:
		return d.writeNote(ctx, op, p, c)
	case ward.PlaceOrder:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.placeOrder(c) })
	case ward.SignOrders:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.signOrders(c) })
	case ward.WithdrawOrder:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.withdrawOrder(c) })
	case ward.ReinstateOrder:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.reinstateOrder(c) })
	case ward.AddTask:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.addTask(c) })
	case ward.ReopenTask:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.reopenTask(c) })
	case ward.WriteHandover:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.writeHandover(c) })
	case ward.GiveHandover:
		return d.giveHandover(ctx, op, p, c)
	case ward.AcceptHandover:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.acceptHandover(c) })
	case ward.TakeBackHandover:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.takeBackHandover(c) })
	case ward.RecordCall:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.recordCall(c) })
	case ward.EditRota:
		return d.writeSite(ctx, op, p, func(n *pen) error { return n.editRota(c) })
	case ward.SaveRoutine:
		return d.writeSite(ctx, op, p, func(n *pen) error { return n.saveRoutine(c) })
	case ward.SetLimit:
		return d.writeSite(ctx, op, p, func(n *pen) error { return n.setLimit(c) })
	case ward.StartRoutine:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.startRoutine(c) })
	case ward.MarkStep:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.markStep(c) })
	case ward.UnmarkStep:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.unmarkStep(c) })
	case ward.EndRoutine:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.endRoutine(c) })
	case ward.RecordPhoned:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.recordPhoned(c) })
	case ward.WithdrawPhoned:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.withdrawPhoned(c) })
	case ward.KeepOnList:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.keepOnList(c) })
	case ward.FinishTask:
		return d.write(ctx, op, p, c.Patient, func(n *pen) error { return n.finishTask(c) })
	}
	return ward.Done{}, fault.As(fault.Unsupported, op, "", words.Errorf("This program does not know that command."))
}

// pen writes one command: what it collects becomes one commit.
type pen struct {
	d       *Desk
	c       *compartment
	op      string
	who     ward.Person
	author  record.Author
	clock   record.HLC
	times   record.Times
	muts    []record.Mutation
	made    []fhir.ID
	ask     []string
	purpose record.Purpose
}

// write runs fn over the patient's record and commits what it wrote.
func (d *Desk) write(ctx context.Context, op string, p ward.Person, patient fhir.ID, fn func(*pen) error) (ward.Done, error) {
	d.writing.Lock()
	defer d.writing.Unlock()
	n := d.newPen(op, p)
	err := d.view(ctx, patient, func(c *compartment) error {
		n.c = c
		// What was before the author's eyes comes before what they write.
		n.clock = n.clock.Seen(c.clock, n.times.Station).Next(n.times.Station)
		// Who may not read a record learns nothing about it by a refusal.
		if p.Role != string(rbac.Computer) {
			if err := d.mayView(op, p, c); err != nil {
				return err
			}
		}
		if c.into != "" {
			return n.refuse(fault.Conflict, words.Errorf("This record was merged into another one of the same patient meanwhile. Nothing was saved. Open that one and look again."))
		}
		return fn(n)
	})
	if fault.Is(err, fault.Denied) {
		return ward.Done{}, d.refusedLook(ctx, p, patient, audit.Update, err)
	}
	if err != nil || len(n.ask) > 0 {
		return ward.Done{Ask: n.ask}, err
	}
	return n.commit(ctx, patient)
}

func (d *Desk) newPen(op string, p ward.Person) *pen {
	d.link.mu.Lock()
	offset, measured := d.link.state.Offset, d.link.state.Measured
	d.link.mu.Unlock()
	now := d.cfg.Now().UnixMilli()
	return &pen{
		d: d, op: op, who: p, clock: d.clock,
		author: record.Author{User: record.UserID(p.User), Name: p.Name, Role: p.Role, Station: d.cfg.Station, Place: d.cfg.Place},
		times:  record.Times{Station: now, Offset: offset, Measured: measured},
	}
}

// commit signs and stores what was written, with its audit event. Nothing
// written is nothing stored.
func (n *pen) commit(ctx context.Context, patient fhir.ID) (ward.Done, error) {
	if len(n.muts) == 0 {
		return ward.Done{Made: n.made}, nil
	}
	e := n.d.event(n.who, audit.Update)
	e.Patient = patient
	e.Purpose, n.purpose = n.d.purposes(n.who, patient)
	for i := range n.muts {
		m := &n.muts[i]
		if err := n.sign(m); err != nil {
			return ward.Done{}, fault.Wrap(n.op, string(m.ID), err)
		}
		e.What = append(e.What, audit.What{Ref: m.Ref, Version: m.Base})
		if m.Ops[0].Kind == record.OpPut {
			e.Action = audit.Create
		}
	}
	look, err := e.JSON()
	if err != nil {
		return ward.Done{}, fault.Wrap(n.op, "", err)
	}
	facts, cut := n.d.link.counting(n.muts)
	if err := n.d.store.Commit(ctx, n.muts, [][]byte{look}, facts...); err != nil {
		return ward.Done{}, n.d.notSaved(n.op, err)
	}
	n.d.link.counted(cut)
	n.d.clock = n.clock
	return ward.Done{Made: n.made}, nil
}

func (n *pen) sign(m *record.Mutation) error {
	if err := m.Check(); err != nil {
		return err
	}
	key := n.d.cfg.Signer()
	m.KeyID, m.Purpose = key.ID(), n.purpose
	msg, err := m.SigningBytes()
	if err != nil {
		return err
	}
	m.Sig, err = key.Sign(msg)
	return err
}

// failing is a failure in words for the person at the desk; the cause stays
// reachable for whoever logs it.
type failing struct {
	said  error // made by words.Errorf
	cause error
}

// Error is what the person reads, in English.
func (t *failing) Error() string { return t.said.Error() }

// Say is what the person reads.
func (t *failing) Say() string { return words.Say(t.said) }

// Unwrap is the cause.
func (t *failing) Unwrap() []error { return []error{t.cause} }

// sentence is a refusal whose words stand in a table.
type sentence struct{ words.Key }

// Error is what the person reads, in English.
func (s sentence) Error() string { return s.English() }

// notSaved gives a failed commit the words that a person needs: what happened,
// what is safe, what to do.
func (d *Desk) notSaved(op string, err error) error {
	kind := fault.KindOf(err)
	said := words.Errorf("This computer could not save. Nothing was saved. Try again; if it fails again, write it on paper and call the service desk.")
	switch kind {
	case fault.Invalid:
		return fault.Wrap(op, "", err) // the store says itself what is wrong with the entry
	case fault.Full:
		said = words.Errorf("This computer's disk is nearly full. What was saved before is safe; this was not saved. Write it on paper and call the service desk.")
	default: // the words above fit
	}
	return fault.As(kind, op, "", &failing{said, err})
}

// create writes a new resource; its id is its mutation's. build is given the
// id and returns the view.
func (n *pen) create(t fhir.Type, reason string, clinical string, build func(id fhir.ID) any) (fhir.ID, error) {
	if err := n.d.may(n.op, n.who, rbac.Create, t, n.c); err != nil {
		return "", err
	}
	id, err := n.number()
	if err != nil {
		return "", err
	}
	body, err := fhir.Make(build(fhir.ID(id)))
	if err != nil {
		return "", fault.Wrap(n.op, string(id), err)
	}
	n.put(record.Mutation{
		ID: id, Ref: fhir.Ref{Type: t, ID: fhir.ID(id)}, Reason: reason,
		Ops: []record.Op{{Kind: record.OpPut, Value: body}},
	}, clinical)
	n.made = append(n.made, fhir.ID(id))
	return fhir.ID(id), nil
}

// change writes the difference between what the author sees of a resource and
// what they want it to be.
func (n *pen) change(seen record.Change, unsent bool, reason string, action rbac.Action, edit func(fhir.Object) error) error {
	if err := n.d.may(n.op, n.who, action, seen.Ref.Type, n.c); err != nil {
		return err
	}
	o, err := fhir.Parse(seen.Body)
	if err != nil {
		return fault.Wrap(n.op, seen.Ref.String(), err)
	}
	if err := edit(o); err != nil {
		return err
	}
	body, err := o.Resource()
	if err != nil {
		return fault.Wrap(n.op, seen.Ref.String(), err)
	}
	ops, err := merge.Diff(seen.Body, body)
	if err != nil {
		return fault.As(fault.Invalid, n.op, seen.Ref.String(), err)
	}
	if len(ops) == 0 {
		return nil
	}
	id, err := n.number()
	if err != nil {
		return err
	}
	m := record.Mutation{ID: id, Ref: seen.Ref, Base: seen.Version, Reason: reason, Ops: ops}
	if unsent {
		// The author saw their own earlier entry, which has no version yet.
		m.Base, m.BaseMut = 0, seen.Mutation
	}
	n.put(m, "")
	n.muts[len(n.muts)-1].Patient = recordOf(seen, n.c.id)
	return nil
}

// recordOf is the record under which an entry stands: one that was joined to the
// patient's keeps its entries.
func recordOf(seen record.Change, patient fhir.ID) fhir.ID {
	if seen.Patient == "" {
		return patient
	}
	return seen.Patient
}

// number is the id of the next mutation. One that is not used is a gap, and
// gaps are no matter.
func (n *pen) number() (record.MutationID, error) {
	seq, err := n.d.store.NextSeq()
	return record.MutationOf(n.d.cfg.Station, seq), fault.Wrap(n.op, "", err)
}

// put fills in what all mutations of this command share.
func (n *pen) put(m record.Mutation, clinical string) {
	m.Patient, m.Clock, m.Author, m.Times = n.c.id, n.clock, n.author, n.times
	m.Times.Clinical = clinical
	n.clock = record.HLC{Wall: n.clock.Wall, Counter: n.clock.Counter + 1}
	n.muts = append(n.muts, m)
}

// refuse is a refusal in words: made by words.Errorf.
func (n *pen) refuse(kind fault.Kind, why error) error {
	return fault.As(kind, n.op, string(n.c.id), why)
}

// subject is the reference to the patient that resources carry; none for what
// belongs to no patient.
func (n *pen) subject() *fhir.Reference {
	if n.c.id == "" {
		return nil
	}
	ref := fhir.To(fhir.Ref{Type: fhir.TypePatient, ID: n.c.id})
	return &ref
}

// writer is the reference to the author that resources carry: words only, as
// accounts are no FHIR resources here.
func (n *pen) writer() *fhir.Reference {
	return &fhir.Reference{Type: string(fhir.TypePractitioner), Display: n.who.Name}
}

// now is the present instant as a FHIR dateTime.
func (n *pen) now() string { return stamp(n.d.now()) }
