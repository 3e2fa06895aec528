package submit

import (
	"context"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/rbac"
	"wardlight/sync/merge"
)

// attempt is one mutation on its way through.
type attempt struct {
	peer    record.Peer
	device  record.Device // as central knows it now
	m       record.Mutation
	written record.Mutation // m as it was signed; m may have been turned, see follow
	content record.Hash
	author  record.Author // whom central knows behind it; names and roles are never taken from the mutation
	account record.Account
	current record.Change
	exists  bool
	settles bool           // a decision on a review
	notes   []string       // remarks for the receipt and the record, in words
	flags   []string       // the same as codes on the body
	changed []audit.Detail // of a configuration: what was and what is, for the audit event
}

// Submit makes one station's mutation durable and says what became of it.
// Every outcome, refusals included, is a receipt; an error means that nothing
// was stored.
func (s *Submitter) Submit(ctx context.Context, peer record.Peer, m record.Mutation) (record.Receipt, error) {
	var r record.Receipt
	right := s.prove(peer, []record.Mutation{m})
	e, err := s.update(ctx, "submit.submit", string(m.ID), func(w *work) (err error) {
		w.proven = right
		r, err = w.submit(peer, m)
		return err
	})
	if content(err) {
		// A step stumbled over what is in it. That must not stop the lane
		// behind it, and trying again would stumble again.
		e, err = s.update(ctx, "submit.submit", string(m.ID), func(w *work) (err error) {
			r, err = w.setAside(peer, m)
			return err
		})
	}
	if err != nil {
		return record.Receipt{}, err
	}
	if r.Position == 0 {
		r.Position = e.Position
	}
	return r, nil
}

// content says whether an error lies in what was sent and not in the store.
func content(err error) bool { return fault.Is(err, fault.Invalid) || fault.Is(err, fault.Unsupported) }

// setAside keeps a mutation that central cannot make sense of.
func (w *work) setAside(peer record.Peer, m record.Mutation) (record.Receipt, error) {
	a := &attempt{peer: peer, m: m, written: m}
	var err error
	if a.content, err = m.ContentHash(); err != nil {
		return record.Receipt{}, err
	}
	return w.refuse(a, "the entry's content is malformed; it is kept for whoever looks after this program", nil)
}

// submit runs the steps in order. The first refusal ends it.
func (w *work) submit(peer record.Peer, m record.Mutation) (record.Receipt, error) {
	a := &attempt{peer: peer, m: m, written: m}
	var err error
	if a.content, err = m.ContentHash(); err != nil {
		return w.stranger(a, "the entry cannot be read", err)
	}
	if why := a.whose(); why != "" {
		return w.stranger(a, why, nil)
	}
	known, ok, err := w.Receipt(m.ID)
	switch {
	case err != nil:
		return record.Receipt{}, err
	case ok && known.Content == a.content:
		return known, nil
	case ok:
		return w.cloned(a, known)
	}
	if a.device, err = w.deviceOf(peer); err != nil {
		return record.Receipt{}, err
	}
	if why, err := w.signed(a); err != nil || why != "" {
		return w.stranger(a, why, err)
	}
	if other, used, err := w.usedBefore(a); err != nil || used {
		return w.orCloned(a, other, err)
	}
	for _, brought := range []func(*attempt) (record.Receipt, bool, error){w.again, w.givenBack} {
		if r, ok, err := brought(a); err != nil || ok {
			return w.orReceipt(a, r, err)
		}
	}
	if err := w.follow(a); err != nil {
		return record.Receipt{}, err
	}
	if why, err := w.allowed(a); err != nil || why != "" {
		return w.refuse(a, why, err)
	}
	return w.merge(a)
}

// whose checks that a mutation comes from the station that made it.
func (a *attempt) whose() string {
	station, _, ok := a.m.ID.Station()
	switch {
	case !ok || len(a.m.ID) > 64 || !fhir.ID(a.m.ID).Valid():
		return "the entry's number is malformed"
	case station != a.peer.Device.Station || a.m.Author.Station != a.peer.Device.Station:
		return "the entry was made on another computer than the one that sent it"
	}
	return ""
}

// signed checks the device's signature: by its present key, or by an earlier
// one of the same device, as what was written before a renewal arrives after
// it.
func (w *work) signed(a *attempt) (string, error) {
	const forged = "the entry is not signed by this computer's key"
	key := a.peer.Device.Key
	if id := a.m.KeyID; id != "" && id != keys.KeyID(key) {
		older, ok, err := w.Note(record.KeyNote(a.peer.Device.Station, id))
		if err != nil {
			return "", err
		}
		if !ok {
			return forged, nil
		}
		key = older
	}
	if w.proven.has(a, key) {
		return "", nil
	}
	msg, err := a.m.SigningBytes()
	if err != nil || w.s.verify(key, msg, a.m.Sig) != nil {
		return forged, nil
	}
	return "", nil
}

// stranger answers a mutation that is not the station's own, or whose number
// was used before with another content. It must not take the number: the true
// owner's entry may still come. What was sent is kept in a note, so that a
// person can look at it, and audited once.
func (w *work) stranger(a *attempt, why string, err error) (record.Receipt, error) {
	if err != nil && !fault.Is(err, fault.Invalid) {
		return record.Receipt{}, err
	}
	r := record.Receipt{Mutation: a.m.ID, Content: a.content, Outcome: record.Refused, Reason: why}
	key := "refused/" + shortHash(string(a.peer.Device.Station), string(a.m.ID), a.content.String(), why)
	if _, seen, err := w.Note(key); err != nil || seen {
		r.Position = w.Head().Position
		return r, err
	}
	kept, err := record.Encode(a.m)
	if err != nil {
		kept = []byte(a.content.String())
	}
	if err := w.SetNote(key, kept); err != nil {
		return record.Receipt{}, err
	}
	return r, w.audit(a.event(r))
}

// cloned answers a number that was used before with another content: two
// machines have one identity, or one was put back to an older state. The
// receipt is that of the first, so that the station sees from its content hash
// that it is not its own, marks nothing as received and stops. What was sent is
// kept in a note and audited, as any stranger's.
func (w *work) cloned(a *attempt, known record.Receipt) (record.Receipt, error) {
	if _, err := w.stranger(a, "sequence reused: cloned disk", nil); err != nil {
		return record.Receipt{}, err
	}
	return known, nil
}

func (w *work) orCloned(a *attempt, known record.Receipt, err error) (record.Receipt, error) {
	if err != nil {
		return record.Receipt{}, err
	}
	return w.cloned(a, known)
}

func (w *work) orReceipt(a *attempt, r record.Receipt, err error) (record.Receipt, error) {
	if err != nil {
		return record.Receipt{}, err
	}
	return w.receipt(a, r)
}

// refuse keeps a mutation that may not be done, with its reason, and lets the
// lane behind it go on.
func (w *work) refuse(a *attempt, why string, err error) (record.Receipt, error) {
	if err != nil {
		return record.Receipt{}, err
	}
	return w.receipt(a, record.Receipt{Outcome: record.Refused, Reason: why})
}

// receipt writes the receipt, the mutation and the audit event.
func (w *work) receipt(a *attempt, r record.Receipt) (record.Receipt, error) {
	r.Mutation, r.Content = a.m.ID, a.content
	if len(a.notes) > 0 {
		if r.Reason != "" {
			r.Reason += "; "
		}
		r.Reason += strings.Join(a.notes, "; ")
	}
	kept := a.written
	kept.Times.Central = w.ms()
	if err := w.Receipted(kept, r); err != nil {
		return record.Receipt{}, err
	}
	w.run[kept.ID] = kept
	if err := w.noteAgain(kept); err != nil {
		return record.Receipt{}, err
	}
	return r, w.audit(a.event(r))
}

// merge does what the mutation asks, as far as others have not been there
// first, and writes what comes out of it.
func (w *work) merge(a *attempt) (record.Receipt, error) {
	base, why, err := w.base(a)
	if err != nil || why != "" {
		return w.refuse(a, why, err)
	}
	res := merge.Apply(merge.Input{
		Base: base.body, Current: a.current.Body, Stamps: a.current.Stamps,
		Diverged: base.diverged, Mutation: a.m,
	})
	if a.m.Ref.Type == fhir.TypeAppointment {
		if res, err = w.book(res); err != nil {
			return record.Receipt{}, err
		}
	}
	if why := a.consistent(res.Body, res.Loser); why != "" {
		return w.refuse(a, why, nil)
	}
	if res.Outcome == record.Refused {
		return w.refusedByMerge(a, base, res)
	}
	if why, err := w.listed(a, res.Body, a.account); err != nil || why != "" {
		return w.refuse(a, why, err)
	}
	if why, err := w.mayRota(a, res.Body); err != nil || why != "" {
		return w.refuse(a, why, err)
	}
	if why := w.mayLimit(a, res.Body); why != "" {
		return w.refuse(a, why, nil)
	}
	if why := w.mayRoutine(a, res.Body); why != "" {
		return w.refuse(a, why, nil)
	}
	if err := w.stale(a); err != nil {
		return record.Receipt{}, err
	}
	version, err := w.keep(a, res)
	if err != nil {
		return record.Receipt{}, err
	}
	if a.settles {
		if err := w.settle(a); err != nil {
			return record.Receipt{}, err
		}
	}
	r := record.Receipt{Outcome: res.Outcome, Version: version, Reason: res.Reason}
	if r.Review, err = w.waits(a, res); err != nil {
		return record.Receipt{}, err
	}
	if r.Review != "" {
		r.Outcome = record.Review
	}
	return w.receipt(a, r)
}

// waits writes the questions that a mutation raises and returns the one that
// waits because of it, "" where none does.
func (w *work) waits(a *attempt, res merge.Result) (fhir.ID, error) {
	review, err := w.review(a, res)
	if err != nil || review != "" {
		return review, err
	}
	if a.m.Ref.Type == fhir.TypePatient && !a.exists {
		return w.twins(a.m.Ref.ID, true)
	}
	return w.examined(a)
}

// refusedByMerge keeps what a person wrote and no rule allows beside the
// resource that it was meant for.
func (w *work) refusedByMerge(a *attempt, base baseOf, res merge.Result) (record.Receipt, error) {
	r := record.Receipt{Outcome: record.Refused, Reason: res.Reason}
	body := res.Loser
	if body == nil && a.exists {
		body, _ = merge.AuthorView(base.body, []record.Mutation{a.m})
	}
	if body == nil || a.consistent(body) != "" {
		return w.receipt(a, r)
	}
	c := a.change(body)
	c.History, c.Reason = true, "refused: "+res.Reason
	v, err := w.put(c)
	if err != nil {
		return record.Receipt{}, err
	}
	r.Version = v
	return w.receipt(a, r)
}

// keep writes what the merge gave: what lost goes to history first, so that
// the current version is the newest. It returns the version that holds the
// mutation.
func (w *work) keep(a *attempt, res merge.Result) (record.Version, error) {
	held := a.current.Version
	if res.Loser != nil {
		c := a.change(res.Loser)
		c.History = true
		v, err := w.put(c)
		if err != nil {
			return 0, err
		}
		held = v
	}
	if res.Body == nil {
		return held, nil
	}
	body, err := flagged(res.Body, a.flags)
	if err != nil {
		return 0, err
	}
	c := a.change(body)
	c.Stamps = res.Stamps
	return w.put(c)
}

// change is a version of the attempt's resource by its author.
func (a *attempt) change(body fhir.Resource) record.Change {
	c := record.Change{
		Ref: a.m.Ref, Patient: a.m.Patient, Body: body, Author: a.author, Mutation: a.m.ID,
		Clock: a.m.Clock, Times: a.m.Times, Reason: strings.Join(append(reasons(a.m.Reason), a.notes...), "; "),
	}
	if c.Patient == "" && c.Ref.Type != fhir.TypePatient {
		c.Wards = a.current.Wards
		if !a.exists && c.Wards == nil { // about nothing that wards hold already, see focus
			c.Wards = a.device.Wards
		}
		if c.Ref.Type == fhir.TypeList {
			c.Wards = a.keepers()
		}
		if ward, _ := rotaIn(body); c.Ref == record.RotaOf(ward) {
			c.Wards = []record.Ward{ward}
		}
		if record.IsLimits(c.Ref) {
			c.Wards = []record.Ward{rbac.AnyWard}
		}
		if r, err := routineIn(body); err == nil {
			c.Wards = routineWards(r)
		}
	}
	return c
}

func reasons(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
