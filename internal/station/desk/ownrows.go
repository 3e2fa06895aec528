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
)

// ownPatients is who is on a person's own list, as it stands there; lost where the
// list cannot be read, which must not hide the ward.
func (d *Desk) ownPatients(ctx context.Context, p ward.Person) (own ownList, err error) {
	err = d.store.View(ctx, func(r Reader) error {
		l, err := myList(r, p)
		own.patients = l.Patients()
		return err
	})
	if fault.Is(err, fault.Corrupt) {
		return ownList{lost: true}, nil
	}
	return own, err
}

type ownList struct {
	patients []fhir.ID
	lost     bool
}

// markOwn marks the rows of a person's own patients, and adds who lies elsewhere. A
// row is shared with whoever else reads the board: what is marked is a copy. b.mu is
// held.
func (d *Desk) markOwn(out *ward.Board, p ward.Person, own ownList) {
	b := &d.board
	out.Own.User, out.Own.Lost = p.User, own.lost
	if len(own.patients) == 0 {
		return
	}
	may := d.mayListed(p)
	here := make(map[fhir.ID]int, len(out.Rows))
	for i, r := range out.Rows {
		here[r.Who.ID] = i
	}
	out.Rows = slices.Clone(out.Rows)
	var away []*derived
	for _, on := range own.patients {
		id := b.shownBy(on)
		v := b.rows[id]
		i, listed := here[id]
		switch {
		case slices.Contains(out.Own.Patients, id):
			continue // two records of one person
		case v == nil || v.row.Who.Retired || !listed && !may(v.row.Who.Ward):
			out.Own.Absent++
		case listed:
			out.Rows[i] = asOwn(out.Rows[i], false)
		default:
			away = append(away, v)
		}
		out.Own.Patients = append(out.Own.Patients, id)
	}
	slices.Sort(out.Own.Patients)
	for k, v := range away {
		similar := d.likeHere(v, out.Rows, here)
		for m, o := range away {
			similar = similar || m != k && likeNames(v, o)
		}
		out.Own.Away = append(out.Own.Away, asOwn(v.row, similar))
	}
}

// shownBy is the record that shows the entries of id: its own, unless it was joined
// to another one. b.mu is held.
func (b *board) shownBy(id fhir.ID) fhir.ID {
	if v := b.rows[id]; v != nil && !v.row.Who.Retired {
		return id // also one that was joined once and taken apart again
	}
	return cmp.Or(b.survivor[id], id)
}

// likeHere says whether somebody who lies elsewhere has a name like one of the
// ward's, and marks whoever that is: on the own list they stand side by side. b.mu is
// held.
func (d *Desk) likeHere(v *derived, rows []*ward.Row, here map[fhir.ID]int) (similar bool) {
	if v.family == "" {
		return false
	}
	for id, i := range here {
		o := d.board.rows[id]
		if o == nil || !likeNames(v, o) {
			continue
		}
		similar = true
		if !rows[i].Who.Similar {
			c := *rows[i]
			c.Who.Similar = true
			rows[i] = &c
		}
	}
	return similar
}

// likeNames: the names may be mistaken for one another.
func likeNames(v, o *derived) bool {
	return v.family != "" && v.family == o.family && alike(v.given, o.given)
}

func asOwn(r *ward.Row, similar bool) *ward.Row {
	c := *r
	c.Mine, c.Who.Similar = true, c.Who.Similar || similar
	return &c
}

// mayListed says whether p may see somebody of a ward because they stand on p's own
// list: central let the list name them, so here they count as the person's.
func (d *Desk) mayListed(p ward.Person) func(w string) bool {
	return func(w string) bool {
		device := d.cfg.Wards
		switch {
		case len(device) > 0:
		case d.cfg.Ward != "":
			device = []record.Ward{record.Ward(d.cfg.Ward)}
		default:
			device = []record.Ward{record.Ward(w)}
		}
		return rbac.Decide(rbac.Request{
			Role: rbac.Role(p.Role), Wards: wards(p.Wards), DeviceWards: device, Action: rbac.View, ResourceType: fhir.TypePatient,
			PatientWards: device, Now: d.now(),
		}).Allow
	}
}

// onOwnList says whether a row is of somebody on the own list whom p may see for that.
// b.mu is held.
func (d *Desk) onOwnList(p ward.Person, own ownList) func(*ward.Row) bool {
	if len(own.patients) == 0 {
		return func(*ward.Row) bool { return false }
	}
	on, may := map[fhir.ID]bool{}, d.mayListed(p)
	for _, id := range own.patients {
		on[d.board.shownBy(id)] = true
	}
	return func(r *ward.Row) bool { return on[r.Who.ID] && !r.Who.Retired && may(r.Who.Ward) }
}
