package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// Inbox is the results of this ward's patients that wait for somebody: what is
// critical and nobody has, what changed after somebody acted on it, what was
// handed over or taken and not acted on, and what nobody has acknowledged. Among
// them are those of patients who left, for as long as the ward keeps them. Whoever
// shows it calls OpenList with "results" first.
func (d *Desk) Inbox(ctx context.Context) (ward.Inbox, error) {
	const op = "desk.inbox"
	out := ward.Inbox{Items: []ward.InboxItem{}, AsOf: d.asOf(), FeedDown: d.feedDown()}
	p, may, err := d.listsFor(op)
	if err != nil {
		return out, err
	}
	waiting := func(v *derived) bool {
		return v.alerts != "" || v.row.New > 0 || v.row.Critical != nil || v.row.Corrected != nil
	}
	ids, err := d.board.where(ctx, d, func(v *derived) bool { return may(v.row.Who.Ward) && waiting(v) })
	if err != nil {
		return out, fault.Wrap(op, "", err)
	}
	kept := d.kept(may, waiting)
	err = d.store.View(ctx, func(r Reader) error {
		l, err := myList(r, p)
		if err != nil {
			return err
		}
		mine := l.Patients()
		return eachOf(r, ids, kept, func(c *compartment, left *ward.Leaving) error {
			if d.mayView(op, p, c) != nil {
				return nil
			}
			out.Items, err = d.inboxOf(out.Items, c, p, slices.Contains(mine, c.id), left)
			return err
		})
	})
	sortInbox(out.Items)
	return out, fault.Wrap(op, "", err)
}

// inboxOf adds what waits of one patient; left says that they left. A critical result
// that came for the first time after that is a warning, which is told by itself.
func (d *Desk) inboxOf(to []ward.InboxItem, c *compartment, p ward.Person, mine bool, left *ward.Leaving) ([]ward.InboxItem, error) {
	results, err := d.results(c, false)
	if err != nil {
		return to, err
	}
	who, allergies, now := d.identity(c), d.allergies(c), d.now()
	for i := range results {
		r := &results[i]
		kind := inboxKind(r, now)
		if kind == "" || left != nil && r.Critical && cameAfter(r, *left) {
			continue
		}
		it := ward.InboxItem{Kind: kind, Who: who, Allergies: allergies, Mine: mine, Result: r.Result, Since: r.since, Left: left}
		if o, ok := owner(r); ok {
			it.ToMe = o.Kind == alert.AckHandedTo && IsPerson(o.To, p)
			it.Mine = mine || it.ToMe || o.User == p.User
		}
		if r.Reopened && slices.ContainsFunc(r.Phoned, func(c ward.Phoned) bool { return c.Differs && c.User == p.User }) {
			it.ToMe, it.Mine = true, true // they wrote down what the laboratory did not send
		}
		if kind == ward.InboxCritical || kind == ward.InboxCorrected {
			it.Next = nextRung(d.rungs(c, r, left))
		}
		to = append(to, it)
	}
	return to, nil
}

// inboxLines is how many lines the inbox has, by the rows alone: the records are read
// only while the inbox is shown. b.mu is held, and the list is made.
func (d *Desk) inboxLines(may func(ward string) bool) (n int) {
	b := &d.board
	for at, lines := range b.inbox {
		if may(at) {
			n += lines
		}
	}
	for id, left := range d.keptNow(may, func(v *derived) bool { return v.inbox > 0 }) {
		v := b.rows[id]
		n += v.inbox
		for _, first := range v.grave {
			if !left.At.IsZero() && first > left.At.UnixMilli() {
				n-- // told by itself, as inboxOf has it
			}
		}
	}
	return n
}

// inboxKind says why a result waits; "" where it does not.
func inboxKind(r *judged, now time.Time) ward.InboxKind {
	switch {
	case r.Reopened:
		return ward.InboxCorrected
	case r.Open:
		return ward.InboxCritical
	case r.duty.State == alert.Handed:
		return ward.InboxHanded
	case r.duty.State == alert.Taken || r.duty.State == alert.Lapsed:
		return ward.InboxTaken
	case r.Quiet != "" && isNew(r, now):
		return ward.InboxQuiet
	case isNew(r, now) && wasCorrected(r):
		return ward.InboxCorrected
	case isNew(r, now):
		return ward.InboxNew
	}
	return ""
}

// IsPerson says whether words name this person: by the whole name, by it without the
// role, or by the sign-in name.
func IsPerson(said string, p ward.Person) bool {
	name, _, _ := strings.Cut(p.Name, ",")
	said = strings.TrimSpace(said)
	return strings.EqualFold(said, p.Name) || strings.EqualFold(said, strings.TrimSpace(name)) || strings.EqualFold(said, p.User)
}

func nextRung(list []ward.Rung) *ward.Rung {
	for _, r := range list {
		if r.State == "next" {
			return &r
		}
	}
	return nil
}

var inboxOrder = map[ward.InboxKind]int{ward.InboxCritical: 0, ward.InboxCorrected: 1, ward.InboxHanded: 2, ward.InboxTaken: 3, ward.InboxQuiet: 4, ward.InboxNew: 5}

// sortInbox puts the worst first; within a kind what has waited longest, but new
// results newest first, as they are read.
func sortInbox(list []ward.InboxItem) {
	slices.SortStableFunc(list, func(a, b ward.InboxItem) int {
		age := a.Since.Compare(b.Since)
		if a.Kind == ward.InboxNew && b.Kind == ward.InboxNew {
			age = -age
		}
		return cmp.Or(cmp.Compare(inboxOrder[a.Kind], inboxOrder[b.Kind]), age, ward.CompareBeds(a.Who.Bed, b.Who.Bed), cmp.Compare(a.Who.ID, b.Who.ID), cmp.Compare(a.Result.Panel, b.Result.Panel), cmp.Compare(fhir.ID(a.Result.ID), fhir.ID(b.Result.ID)))
	})
}
