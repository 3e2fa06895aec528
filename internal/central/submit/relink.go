package submit

import (
	"context"
	"slices"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/sync/merge"
)

// Joining two records of one person (A40), and taking that back (A37, or an
// administrator). What contradicts the joining is held for a person.

// survivorApart identifies the survivor of a merge by what is theirs alone. PID-3 often
// lists numbers that the record to be retired has, too, such as the national one; by
// themselves they point at that record, and the merge is what says that both are one
// person's. v is the verdict on all of them.
func (w *work) survivorApart(g record.Group, v verdict) (record.Group, verdict, error) {
	retired, err := w.carriers(named(*g.Retired))
	if err != nil || len(retired) != 1 {
		return g, v, err
	}
	p, err := w.patient(retired[0])
	if err != nil || p == nil {
		return g, v, err
	}
	s := g.Subject
	s.Identifiers = slices.DeleteFunc(slices.Clone(s.Identifiers), func(id fhir.Identifier) bool {
		return !hospitalNumbers[kindOf(id)] && slices.ContainsFunc(p.Identifier, func(have fhir.Identifier) bool { return identifierKey(have) == identifierKey(id) })
	})
	if len(s.Identifiers) == 0 || len(s.Identifiers) == len(g.Subject.Identifiers) {
		return g, v, nil
	}
	apart, err := w.identify(s)
	if err != nil || apart.why != "" {
		return g, v, err
	}
	g.Subject = s
	return g, apart, nil
}

// named are the identifiers of a subject that name somebody.
func named(s record.Subject) []fhir.Identifier {
	return slices.DeleteFunc(slices.Clone(s.Identifiers), func(id fhir.Identifier) bool { return id.System == "" || id.Value == "" })
}

// mayRelink completes a verdict with the other record that a group names, or
// says why it cannot be joined.
func (w *work) mayRelink(g record.Group, v verdict) (verdict, error) {
	s := g.Retired
	if s == nil {
		s = g.Apart
	}
	ids := named(*s)
	if len(ids) == 0 {
		return held("the message names no identifier of the other record with the authority that assigned it (MRG-1); ask the sender to send one", OwnerInterface, v.patient), nil
	}
	found, err := w.carriers(ids)
	if err != nil {
		return verdict{}, err
	}
	if len(found) > 1 {
		return held("possible mix-up: the identifiers of the record to be merged belong to different patients; compare them at the registration desk, then replay", OwnerRegistration, append(found, v.patient)...), nil
	}
	if len(found) == 0 && g.Retired != nil {
		if otherwise, err := w.ofAnotherKind(ids); err != nil || otherwise {
			return held("the number of the record to be retired (MRG-1) is registered as one of another kind; ask the sender to name the kind that the registration names (MRG-1.5), then replay", OwnerInterface, v.patient), err
		}
	}
	v.other = patientID(ids[0])
	if len(found) == 1 {
		v.other = found[0]
	}
	if g.Apart != nil {
		return w.mayPart(g, v, len(found) == 1)
	}
	return w.mayJoin(g, v)
}

// mayPart: only what was joined can be taken apart. Whichever of the two a
// message names first, other becomes the one that was retired.
func (w *work) mayPart(g record.Group, v verdict, known bool) (verdict, error) {
	named, err := w.carriers(g.Subject.Identifiers)
	if err != nil {
		return verdict{}, err
	}
	pairs := [][2]fhir.ID{}
	for _, id := range named {
		pairs = append(pairs, [2]fhir.ID{v.other, id}, [2]fhir.ID{id, v.other})
	}
	for _, p := range pairs {
		by, err := w.replacedBy(p[0])
		if err != nil {
			return verdict{}, err
		}
		if known && by != "" && by == p[1] {
			v.other, v.patient = p[0], p[1]
			return v, nil
		}
	}
	return held("the two records are not joined here; check the numbers with the sender", OwnerRegistration, v.patient, v.other), nil
}

// mayJoin holds the two records against one another.
func (w *work) mayJoin(g record.Group, v verdict) (verdict, error) {
	named, err := w.carriers(g.Subject.Identifiers)
	if err != nil {
		return verdict{}, err
	}
	end, err := w.survivor(v.other)
	if err != nil {
		return verdict{}, err
	}
	both := []fhir.ID{v.patient, v.other}
	switch {
	case v.other == v.patient && len(named) > 0 && !slices.Contains(named, v.patient):
		return held("the record to be retired survived an earlier merge with the one that is to survive now: that would be a loop; ask the registration desk which one is right", OwnerRegistration, both...), nil
	case v.other == v.patient && g.Renamed:
		v.other = "" // one number of several of one record: see renumbered
		return v, nil
	case v.other == v.patient:
		return held("both numbers belong to one record; nothing can be merged; check them with the sender", OwnerRegistration, v.patient), nil
	case end == v.patient:
		return v, nil // joined already
	case end != v.other:
		return held("the record to be retired was merged into another one before; ask the registration desk which one is right, take that merge back, then replay", OwnerRegistration, append(both, end)...), nil
	}
	if old, err := w.patient(v.other); err != nil {
		return verdict{}, err
	} else if g.Renamed && old == nil && !hospitalNumbers[kindOf(g.Retired.Identifiers[0])] {
		v.other = "" // taken away before, or never heard of
		return v, nil
	} else if bare, err := w.namedOnly(named); err != nil {
		return verdict{}, err
	} else if g.Renamed && old != nil && !v.create && !bare {
		return held("the new number belongs to another record already: a change of number (A47) joins no records; find out at the registration desk whether they are one person, and let the sender merge them (A40) or correct the number", OwnerRegistration, both...), nil
	}
	why, err := w.contradicts(g.Subject, v.patient, v.other)
	if err != nil {
		return verdict{}, err
	}
	if why != "" {
		return held(why, OwnerRegistration, both...), nil
	}
	return v, nil
}

// namedOnly says whether these records are there because a merge named their numbers, and
// nobody has said anything of them: of two changes of number the second came first.
func (w *work) namedOnly(records []fhir.ID) (bool, error) {
	for _, id := range records {
		p, err := w.patient(id)
		if err != nil || p == nil || len(p.Name) > 0 || p.BirthDate != "" {
			return false, err
		}
	}
	return len(records) > 0, nil
}

// renumbered takes the numbers away that a message replaces by others of the same record
// (A47): a national number that was somebody else's names nobody here any more. It stays in
// the record's history.
func renumbered(g record.Group, v verdict, drafts []record.Draft) []record.Draft {
	if !g.Renamed || v.other != "" {
		return drafts
	}
	for i := range drafts {
		if drafts[i].Ref.Type != fhir.TypePatient {
			continue
		}
		for _, old := range named(*g.Retired) {
			if !slices.ContainsFunc(g.Subject.Identifiers, func(id fhir.Identifier) bool { return id.System == old.System && id.Value == old.Value }) {
				drafts[i].Ops = append(slices.Clone(drafts[i].Ops), record.Op{Kind: record.OpDrop, Field: "identifier", Key: old.System + "|" + old.Value})
			}
		}
	}
	return drafts
}

// contradicts says why two records look like two people's; s is what the message says of
// the first, which may not be there yet.
func (w *work) contradicts(s record.Subject, a, b fhir.ID) (string, error) {
	x, err := w.patient(a)
	if err != nil {
		return "", err
	}
	y, err := w.patient(b)
	if err != nil {
		return "", err
	}
	if x == nil { // made by this very message
		x = &fhir.Patient{BirthDate: s.BirthDate}
	}
	if y == nil {
		return "", nil
	}
	sex := func(p *fhir.Patient) string {
		if p.Gender == "male" || p.Gender == "female" {
			return p.Gender
		}
		return ""
	}
	switch {
	case compare(x.BirthDate, y.BirthDate, sameDay) == differs:
		return "the two records have different birth dates; a person must compare them: correct one, then replay", nil
	case compare(sex(x), sex(y), func(a, b string) bool { return a == b }) == differs:
		return "the two records have different sexes; a person must compare them: correct one, then replay", nil
	}
	for _, id := range []fhir.ID{a, b} {
		stays, err := encounters(w, id)
		if err != nil {
			return "", err
		}
		if !slices.ContainsFunc(stays, inABed) {
			return "", nil
		}
	}
	return "both records have a stay in a ward at this moment; a person must find out where the patient is: end one stay, then replay", nil
}

func inABed(c record.Change) bool { return wardOf(c.Body) != "" }

// relink joins two records, or takes them apart, once the rest of the message
// is written.
func (w *work) relink(fl *filing, g record.Group, v verdict) error {
	if v.other == "" {
		return nil
	}
	if !slices.Contains(fl.patients, v.other) {
		fl.patients = append(fl.patients, v.other)
	}
	fl.ask(v.patient)
	if g.Apart != nil {
		fl.ask(v.other)
		return w.rewrite(fl, v, merge.Restore, "The sender took the merge of two records back.")
	}
	if err := w.retiredRecord(fl, *g.Retired, v.other); err != nil {
		return err
	}
	return w.rewrite(fl, v, merge.Retire, "The sender merged two records of one person.")
}

// retiredRecord makes the record to be retired where nobody has heard of it:
// what comes under its number later must find the survivor.
func (w *work) retiredRecord(fl *filing, s record.Subject, id fhir.ID) error {
	p, err := w.patient(id)
	if err != nil || p != nil {
		return err
	}
	body, err := fhir.Make(fhir.Patient{ResourceType: fhir.TypePatient, ID: id, Identifier: s.Identifiers})
	if err != nil {
		return err
	}
	return w.target(fl, record.Change{
		Ref: fhir.Ref{Type: fhir.TypePatient, ID: id}, Patient: id, Body: body, Author: fl.author, Mutation: fl.mutationID(),
		Clock: record.HLC{Wall: fl.row.Received}, Reason: "Named by a merge only.",
	})
}

type relinking func(retired, survivor fhir.Resource) (onRetired, onSurvivor []record.Op, err error)

func (w *work) rewrite(fl *filing, v verdict, how relinking, reason string) error {
	list, err := w.relinked(v.other, v.patient, how)
	if err != nil {
		return err
	}
	for _, c := range list {
		c.Author, c.Mutation, c.Reason, c.Clock = fl.author, fl.mutationID(), reason, record.HLC{Wall: fl.row.Received}
		if err := w.target(fl, c); err != nil {
			return err
		}
	}
	return nil
}

// relinked are the new versions of two Patients: none where nothing changes.
// Which of the two was retired is not asked when they are taken apart.
func (w *work) relinked(retired, survivor fhir.ID, how relinking) ([]record.Change, error) {
	x, okX, err := w.Current(fhir.Ref{Type: fhir.TypePatient, ID: retired})
	if err != nil {
		return nil, err
	}
	y, okY, err := w.Current(fhir.Ref{Type: fhir.TypePatient, ID: survivor})
	if err != nil || !okX || !okY {
		return nil, err
	}
	onX, onY, err := how(x.Body, y.Body)
	if err != nil {
		return nil, err
	}
	var out []record.Change
	for _, one := range []struct {
		c   record.Change
		ops []record.Op
	}{{x, onX}, {y, onY}} {
		if len(one.ops) == 0 {
			continue
		}
		body, err := merge.ApplyOps(one.c.Body, one.ops)
		if err != nil {
			return nil, err
		}
		out = append(out, record.Change{Ref: one.c.Ref, Patient: patientOf(one.c), Body: body})
	}
	return out, nil
}

// Part takes the merge of a retired record back: every row is again where it
// was written. by is who did it, reason why. fault.NotFound: the record is not
// merged into another.
func (s *Submitter) Part(ctx context.Context, by record.Author, retired fhir.ID, reason string) error {
	const op = "submit.part"
	if reason == "" {
		return fault.New(fault.Invalid, op, string(retired), "say why: --reason")
	}
	_, err := s.update(ctx, op, string(retired), func(w *work) error {
		survivor, err := w.replacedBy(retired)
		if err != nil {
			return err
		}
		if survivor == "" {
			return fault.New(fault.NotFound, op, string(retired), "this record is not merged into another one")
		}
		list, err := w.relinked(retired, survivor, merge.Restore)
		if err != nil {
			return err
		}
		var what []audit.What
		for _, c := range list {
			c.Author, c.Reason, c.Clock = by, reason, record.HLC{Wall: w.ms()}
			v, err := w.put(c)
			if err != nil {
				return err
			}
			what = append(what, audit.What{Ref: c.Ref, Version: v})
		}
		for _, id := range []fhir.ID{retired, survivor} {
			if _, err := w.reviews(id, record.Change{Clock: record.HLC{Wall: w.ms()}}); err != nil {
				return err
			}
		}
		return w.audit(audit.Event{Action: audit.Update, Who: whoIs(by), Patient: retired, What: what, Reason: reason})
	})
	return err
}

// replacedBy is the record that a retired one was merged into, "" for none.
func (w *work) replacedBy(id fhir.ID) (fhir.ID, error) {
	p, err := w.patient(id)
	if err != nil || p == nil {
		return "", err
	}
	for _, l := range p.Link {
		if ref, ok := l.Other.Ref(); ok && l.Type == "replaced-by" {
			return ref.ID, nil
		}
	}
	return "", nil
}
