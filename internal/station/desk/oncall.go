package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/rota"
	"wardlight/internal/clinical/told"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
	"wardlight/sync/merge"
)

// rotaOf is a ward's rota as this computer holds it: the network out is no reason
// not to know whom to phone. ok is false where there is none, or none that this
// program can read.
func (d *Desk) rotaOf(r Reader, w string) (rota.Rota, bool) {
	if w == "" || r == nil {
		return rota.Rota{}, false
	}
	ch, ok, err := r.LooseCurrent(record.RotaOf(record.Ward(w)))
	if err != nil || !ok {
		return rota.Rota{}, false
	}
	ro, err := rota.Parse(rotaText(ch.Body))
	return ro, err == nil
}

func rotaText(body fhir.Resource) string {
	v, err := fhir.View[struct {
		Extension []fhir.Extension `json:"extension"`
	}](body)
	if err != nil {
		return ""
	}
	return fhir.ExtString(v.Extension, fhir.ExtRota)
}

// rungs are the steps of a result's ladder: who is due, who that is by the rota,
// and what became of telling them.
func (d *Desk) rungs(c *compartment, r *judged, left *ward.Leaving) []ward.Rung {
	on := d.identity(c).Ward
	if left != nil {
		on = left.Ward
	}
	ro, has := d.rotaOf(c.r, on)
	return d.rungsBy(onCall{ro, has, d.calloutsOf(c, r)}, d.ladder(c), r.since, r.duty)
}

// onCall is who is on call, and what became of telling them.
type onCall struct {
	rota rota.Rota
	has  bool // there is a rota
	told []callout
}

func (d *Desk) rungsBy(by onCall, l alert.Ladder, since time.Time, duty alert.Duty) []ward.Rung {
	now := d.now()
	var staffed func(int) bool
	if by.has {
		staffed = func(step int) bool { return step == 0 || d.reachable(by.rota, l.Steps[step], step, by.told, now) }
	}
	list := l.RungsFor(since, now, duty, staffed)
	for i := range list {
		list[i].Who, list[i].Note = alert.Said(list[i].Who), alert.Said(list[i].Note)
		if by.has {
			list[i].OnCall = d.onCallWords(by.rota, l.Steps[i].Who, now)
		}
		for _, t := range by.told {
			if t.step == i {
				list[i].Told = append(list[i].Told, t.words)
			}
		}
	}
	return list
}

// reachable says whether somebody of a step is on the rota and not out of reach.
func (d *Desk) reachable(ro rota.Rota, s alert.Step, step int, told []callout, now time.Time) bool {
	for _, role := range rota.RolesOf(s.Who) {
		for _, on := range ro.On(role, now) {
			tried := slices.ContainsFunc(told, func(t callout) bool { return t.step == step && t.person == on.Person.Name })
			open := slices.ContainsFunc(told, func(t callout) bool { return t.step == step && t.person == on.Person.Name && !t.failed })
			if !tried || open {
				return true
			}
		}
	}
	return false
}

// onCallWords are "Dr Ana Ruiz, on call until 08:00, phone 5512", or that nobody is.
func (d *Desk) onCallWords(ro rota.Rota, who string, now time.Time) string {
	var parts []string
	for _, role := range rota.RolesOf(who) {
		list := ro.On(role, now)
		if len(list) == 0 {
			parts = append(parts, words.F("nobody on call as %s", alert.Said(role)))
		}
		for _, on := range list {
			said := words.F("%s, on call until %s", on.Person.Name, d.stampWords(on.Until))
			if on.Person.Phone != "" {
				said += ", " + words.F("phone %s", on.Person.Phone)
			}
			parts = append(parts, said)
		}
	}
	return strings.Join(parts, "; ")
}

// callout is what became of one message to somebody.
type callout struct {
	step   int
	person string
	failed bool
	words  string
}

// calloutsOf are the messages about a result, by the time they were owed. Only
// central tells anybody.
func (d *Desk) calloutsOf(c *compartment, r *judged) []callout {
	var out []callout
	for i := range c.tasks {
		t := &c.tasks[i]
		if code(t.View) != fhir.TaskCallout || t.View.Focus == nil || t.Change.Author.Sender == "" {
			continue
		}
		ref, ok := t.View.Focus.Ref()
		if !ok || ref.ID != r.ID && !slices.ContainsFunc(r.Phoned, func(p ward.Phoned) bool { return p.ID == ref.ID }) {
			continue
		}
		out = append(out, d.calloutOf(t))
	}
	return out
}

func channelWords(code string) string {
	switch code {
	case "pager":
		return words.T("pager")
	case "mail":
		return words.T("mail")
	}
	return ""
}

func (d *Desk) calloutOf(t *item[fhir.Task]) callout {
	step := 0
	if p, ok := fhir.ParamOf(t.View.Input, fhir.ParamStep); ok && p.ValueInteger != nil {
		step = int(*p.ValueInteger)
	}
	person, how := paramString(t.View, fhir.ParamPerson), channelWords(paramString(t.View, fhir.ParamChannel))
	at := d.stampWords(d.received(t.Change.Times))
	out := callout{step: step, person: person}
	switch t.View.Status {
	case "completed":
		out.words = words.F("%s was sent a message by %s at %s, ref %s; not known to have been read", person, how, at, paramString(t.View, fhir.ParamShort))
	case "failed":
		out.failed = true
		out.words = words.F("%s could not be told by %s: %s", person, how, told.Callouts.Say(t.View.Description))
	case "cancelled":
		out.words = words.F("%s needed no message by %s any more", person, how)
	default:
		out.words = words.F("%s is being told by %s", person, how)
		if t.View.Description != "" {
			out.words += ": " + told.Callouts.Say(t.View.Description)
		}
	}
	return out
}

// flawDays is for how long ahead gaps and overlaps are said.
const flawDays = 7

// maxFlaws bounds how many are said.
const maxFlaws = 20

// Rota is this computer's ward's rota, for the page that shows it.
func (d *Desk) Rota(ctx context.Context) (ward.Rota, error) {
	const op = "desk.rota"
	p, err := d.author(op)
	if err != nil {
		return ward.Rota{}, err
	}
	out := ward.Rota{Ward: d.cfg.Ward, Now: []string{}, Flaws: []string{}}
	if dec := d.mayRota(p, rbac.View); !dec.Allow {
		return out, fault.As(fault.Denied, op, "", words.Errorf("You may not see this ward's rota: %v.", dec.Err()))
	}
	err = d.store.View(ctx, func(r Reader) error {
		ch, ok, err := r.LooseCurrent(record.RotaOf(record.Ward(d.cfg.Ward)))
		if err != nil || !ok {
			return err
		}
		out.Text, out.Version, out.By, out.At = rotaText(ch.Body), uint64(ch.Version), ch.Author.Shown(), d.at(ch.Times)
		return nil
	})
	if err != nil {
		return out, fault.Wrap(op, "", err)
	}
	out.MayEdit = d.mayRota(p, rbac.Change).Allow
	d.giveRota(&out)
	return out, nil
}

// CheckRota says what a text that is being written means, before it is saved.
func (d *Desk) CheckRota(_ context.Context, text string) (ward.Rota, error) {
	if _, err := d.author("desk.rota"); err != nil {
		return ward.Rota{}, err
	}
	out := ward.Rota{Ward: d.cfg.Ward, Text: text, Now: []string{}, Flaws: []string{}}
	d.giveRota(&out)
	return out, nil
}

func (d *Desk) giveRota(out *ward.Rota) {
	if out.Text == "" {
		return
	}
	ro, err := rota.Parse(out.Text)
	if err != nil {
		out.Bad = words.Say(err)
		return
	}
	now := d.now()
	for _, role := range ro.Roles() {
		out.Now = append(out.Now, role+": "+d.onCallWords(ro, role, now))
		out.Gap = append(out.Gap, len(ro.On(role, now)) == 0)
	}
	for _, f := range ro.Flaws(now.Truncate(time.Minute), now.AddDate(0, 0, flawDays)) {
		if len(out.Flaws) < maxFlaws {
			out.Flaws = append(out.Flaws, f.Words())
		}
	}
}

// mayRota asks the table about this ward's rota.
func (d *Desk) mayRota(p ward.Person, a rbac.Action) rbac.Decision {
	here := []record.Ward{record.Ward(d.cfg.Ward)}
	return rbac.Decide(rbac.Request{Role: rbac.Role(p.Role), Wards: wards(p.Wards), DeviceWards: here, PatientWards: here, Action: a, ResourceType: fhir.TypeBasic, Now: d.now()})
}

// editRota writes this ward's rota.
func (n *pen) editRota(c ward.EditRota) error {
	if _, err := rota.Parse(c.Text); err != nil {
		return n.refuse(fault.Invalid, words.Errorf("The rota cannot be read: %v. Nothing was saved.", err))
	}
	if c.Ward != n.d.cfg.Ward || c.Ward == "" {
		return n.refuse(fault.Denied, words.Errorf("A rota is kept at a computer of its ward. Nothing was saved."))
	}
	ref := record.RotaOf(record.Ward(c.Ward))
	seen, unsent, err := n.ownList(ref)
	if err != nil {
		return err
	}
	action := rbac.Change
	if len(seen.Body) == 0 {
		action = rbac.Create
	}
	if dec := n.d.mayRota(n.who, action); !dec.Allow {
		return n.refuse(fault.Denied, words.Errorf("A ward's rota is changed by its charge nurse. Nothing was saved."))
	}
	if unsent || uint64(seen.Version) != c.Version {
		return n.refuse(fault.Conflict, words.Errorf("Somebody changed the rota while you wrote. Nothing was saved. What you wrote is still here: look at the newest, and write it again."))
	}
	body, err := rotaBody(ref, c)
	if err != nil {
		return fault.Wrap(n.op, ref.String(), err)
	}
	ops := []record.Op{{Kind: record.OpPut, Value: body}}
	if len(seen.Body) > 0 {
		if ops, err = merge.Diff(seen.Body, body); err != nil {
			return fault.As(fault.Invalid, n.op, ref.String(), err)
		}
	}
	if len(ops) == 0 {
		return nil
	}
	id, err := n.number()
	if err != nil {
		return err
	}
	n.put(record.Mutation{ID: id, Ref: ref, Base: seen.Version, Ops: ops}, n.now())
	n.muts[len(n.muts)-1].Patient = ""
	return nil
}

func rotaBody(ref fhir.Ref, c ward.EditRota) (fhir.Resource, error) {
	return fhir.Make(struct {
		ResourceType fhir.Type            `json:"resourceType"`
		ID           fhir.ID              `json:"id"`
		Code         fhir.CodeableConcept `json:"code"`
		Extension    []fhir.Extension     `json:"extension"`
	}{
		fhir.TypeBasic, ref.ID, concept(fhir.SystemBasic, fhir.BasicRota, "Rota"),
		[]fhir.Extension{{URL: fhir.ExtWard, ValueString: fhir.Str(c.Ward)}, {URL: fhir.ExtRota, ValueString: fhir.Str(c.Text)}},
	})
}
