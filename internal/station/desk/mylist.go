package desk

import (
	"cmp"
	"context"
	"slices"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
)

// keepOnList puts a patient on the person's own list, or takes them off it. The
// computers of this ward hold whoever is on it, wherever they lie.
func (n *pen) keepOnList(c ward.KeepOnList) error {
	ref := record.ListOf(n.author.User)
	seen, unsent, err := n.ownList(ref)
	if err != nil {
		return err
	}
	entry := fhir.ListEntry{Item: fhir.To(fhir.Ref{Type: fhir.TypePatient, ID: n.c.id})}
	var l fhir.List
	if len(seen.Body) > 0 {
		if l, err = fhir.View[fhir.List](seen.Body); err != nil {
			return fault.As(fault.Corrupt, n.op, ref.String(), err)
		}
	}
	// Under whichever of their joined records somebody was put on it, they are on it.
	theirs := func(id fhir.ID) bool { return id == n.c.id || slices.Contains(n.c.joined, id) }
	switch {
	case c.Keep == slices.ContainsFunc(l.Patients(), theirs):
		return nil // it is so already
	case c.Keep && len(l.Entry) >= record.MaxListed:
		return n.refuse(fault.Full, words.Errorf("Your list holds %d patients already. Take some off it first. Nothing was saved.", len(l.Entry)))
	case len(seen.Body) == 0:
		return n.newList(ref, entry)
	}
	entries := slices.DeleteFunc(slices.Clone(l.Entry), func(e fhir.ListEntry) bool {
		ref, ok := e.Item.Ref()
		return ok && ref.Type == fhir.TypePatient && theirs(ref.ID)
	})
	if c.Keep {
		entries = append(entries, entry)
	}
	err = n.change(seen, unsent, "", rbac.Change, func(o fhir.Object) error {
		if len(entries) == 0 {
			delete(o, "entry")
			return nil
		}
		return set(o, "entry", entries)
	})
	if err == nil && len(n.muts) > 0 {
		n.muts[len(n.muts)-1].Patient = "" // a list belongs to no patient
	}
	return err
}

// ownList is the person's list as this computer has it, own unsent changes
// included.
func (n *pen) ownList(ref fhir.Ref) (seen record.Change, unsent bool, err error) {
	own, err := n.c.r.UnsentFor("")
	if err != nil {
		return seen, false, err
	}
	seen, ok, err := n.c.r.LooseCurrent(ref)
	if err != nil {
		return seen, false, err
	}
	if !ok {
		seen = record.Change{Ref: ref}
	}
	return newFold(n.c.r, own).over(seen)
}

func (n *pen) newList(ref fhir.Ref, first fhir.ListEntry) error {
	if err := n.d.may(n.op, n.who, rbac.Create, fhir.TypeList, n.c); err != nil {
		return err
	}
	id, err := n.number()
	if err != nil {
		return err
	}
	body, err := fhir.Make(fhir.List{
		ResourceType: fhir.TypeList, ID: ref.ID, Status: "current", Mode: "working", Entry: []fhir.ListEntry{first},
		Extension: []fhir.Extension{{URL: fhir.ExtListOf, ValueString: fhir.Str(n.who.User)}},
	})
	if err != nil {
		return fault.Wrap(n.op, ref.String(), err)
	}
	n.put(record.Mutation{ID: id, Ref: ref, Ops: []record.Op{{Kind: record.OpPut, Value: body}}}, n.now())
	n.muts[len(n.muts)-1].Patient = ""
	return nil
}

// MyList are the patients on the list of the person who is signed in, by ward
// and bed, wherever they lie. Whoever shows it calls OpenList with "my list"
// first.
func (d *Desk) MyList(ctx context.Context) ([]ward.Row, error) {
	const op = "desk.mylist"
	p, err := d.author(op)
	if err != nil {
		return nil, err
	}
	rows := []ward.Row{}
	err = d.store.View(ctx, func(r Reader) error {
		l, err := myList(r, p)
		if err != nil {
			return err
		}
		for _, id := range l.Patients() {
			c, err := load(r, id)
			if err != nil {
				return err
			}
			if c.into != "" {
				if c, err = load(r, c.into); err != nil {
					return err
				}
			}
			v, err := d.row(c)
			if err != nil {
				return err
			}
			if v != nil && d.mayView(op, p, c) == nil {
				v.row.Mine, v.row.AsOf = true, d.asOf()
				rows = append(rows, *v.row)
			}
		}
		return nil
	})
	slices.SortStableFunc(rows, func(a, b ward.Row) int {
		return cmp.Or(cmp.Compare(a.Who.Ward, b.Who.Ward), ward.CompareBeds(a.Who.Bed, b.Who.Bed), cmp.Compare(a.Who.ID, b.Who.ID))
	})
	return rows, fault.Wrap(op, "", err)
}

func myList(r Reader, p ward.Person) (l fhir.List, err error) {
	n := &pen{c: &compartment{r: r}}
	seen, _, err := n.ownList(record.ListOf(record.UserID(p.User)))
	if err != nil || len(seen.Body) == 0 {
		return l, err
	}
	return fhir.View[fhir.List](seen.Body)
}

// listed says whether a patient is on a person's own list.
func listed(c *compartment, p ward.Person) bool {
	if c.r == nil || p.User == "" {
		return false
	}
	l, err := myList(c.r, p)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(l.Patients(), func(id fhir.ID) bool { return id == c.id || slices.Contains(c.joined, id) || id == c.into })
}
