package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/rota"
	"wardlight/internal/clinical/told"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// What is held back belongs to no patient: its warnings, and what people did about
// them, lie among what is loose. They are read from there whenever something loose
// changes, and judged when somebody asks, because time alone changes a duty.

// loose is what belongs to no patient, as far as the board shows it: own unsent
// work is folded on top, as in a patient's record.
type loose struct {
	warnings []item[fhir.Task]
	acks     map[fhir.ID][]ack
	kept     map[fhir.ID]ward.Leaving // who left with something still to be done
	rota     rota.Rota                // of this computer's ward
	hasRota  bool
	callouts map[fhir.ID][]callout // messages about warnings
}

func (d *Desk) readLoose(r Reader) (loose, error) {
	c, err := load(r, "")
	if err != nil {
		return loose{}, err
	}
	out := loose{acks: d.acksOn(c, fhir.TypeTask), kept: map[fhir.ID]ward.Leaving{}}
	for i := range c.lists {
		if p, left, ok := keptIn(c.lists[i].View, d.loc); ok {
			out.kept[p] = left
		}
	}
	out.rota, out.hasRota = d.rotaOf(r, d.cfg.Ward)
	out.callouts = map[fhir.ID][]callout{}
	for i := range c.tasks {
		switch t := &c.tasks[i]; code(t.View) {
		case fhir.TaskHeldBack:
			out.warnings = append(out.warnings, *t)
		case fhir.TaskCallout:
			if t.View.Focus == nil || t.Change.Author.Sender == "" { // only central tells anybody
				continue
			}
			if ref, ok := t.View.Focus.Ref(); ok {
				out.callouts[ref.ID] = append(out.callouts[ref.ID], d.calloutOf(t))
			}
		}
	}
	return out, nil
}

// HeldBack are critical values inside messages that could not be filed, and parts
// of messages that could not. They stand in no chart.
func (d *Desk) HeldBack(ctx context.Context) ([]ward.HeldBack, error) {
	may, err := d.lists("desk.heldback")
	if err != nil {
		return nil, err
	}
	if err := d.begin(ctx); err != nil {
		return nil, err
	}
	return values(d.heldBack(may)), nil
}

func values(list []*ward.HeldBack) []ward.HeldBack {
	out := make([]ward.HeldBack, len(list))
	for i, h := range list {
		out[i] = *h
	}
	return out
}

// heldBack are the warnings for this ward, oldest first. may says of which wards
// the reader may see patients.
func (d *Desk) heldBack(may func(ward string) bool) []*ward.HeldBack {
	d.board.mu.Lock()
	defer d.board.mu.Unlock()
	return d.heldNow(may)
}

// heldNow is heldBack where b.mu is held.
func (d *Desk) heldNow(may func(ward string) bool) []*ward.HeldBack {
	out := []*ward.HeldBack{}
	for i := range d.board.loose.warnings {
		t := &d.board.loose.warnings[i]
		if !heldBackOver(t.View.Status) && d.ours(t.View) {
			out = append(out, d.held(t, may))
		}
	}
	slices.SortStableFunc(out, func(a, b *ward.HeldBack) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.ID, b.ID)) })
	return out
}

// held is one warning. b.mu is held.
func (d *Desk) held(t *item[fhir.Task], may func(ward string) bool) *ward.HeldBack {
	v := t.View
	filed := paramString(v, fhir.ParamFiled)
	h := &ward.HeldBack{
		ID: t.id(), Version: t.version(), Words: told.Warnings.Say(v.Description), Since: d.received(t.Change.Times), Partial: filed == fhir.FiledInPart, Filed: filed == fhir.FiledWhole,
		Critical: v.Priority != "asap", // central marks what holds nothing critical; a mark that is not known hides nothing
		Why:      told.Reasons.Say(paramString(v, fhir.ParamWhy)), Phone: told.Owners.Say(paramString(v, fhir.ParamPhone)), Said: told.Names.Say(paramString(v, fhir.ParamSaid)),
		Sender: paramString(v, fhir.ParamSender), EveryWard: len(wardsNamed(v)) == 0,
	}
	for _, o := range v.Contained {
		h.Values = append(h.Values, d.quoted(o))
	}
	if h.Filed {
		h.Of = d.namedBy(v)
	}
	d.givePerhaps(h, v, may)
	if !h.Critical {
		return h
	}
	duty := d.heldDuty(h)
	h.Open = duty.State == alert.Open || duty.State == alert.Lapsed
	h.Acted = duty.State == alert.Acted
	by := onCall{d.board.loose.rota, d.board.loose.hasRota, d.board.loose.callouts[h.ID]}
	h.Ladder = d.rungsBy(by, d.cfg.Rules.Ladder(alert.LadderInpatient), h.Since, duty)
	return h
}

// heldDuty is where a warning stands with people. Its words may be made anew when
// the message is tried again; what it warns of are the same bytes, so whoever took
// it has it.
func (d *Desk) heldDuty(h *ward.HeldBack) alert.Duty {
	var acks []alert.Ack
	for _, a := range d.board.loose.acks[h.ID] {
		w := a.owned
		h.Owned = append(h.Owned, w)
		acks = append(acks, alert.Ack{ID: a.task, Kind: a.kind, Version: uint64(a.version), By: w.By, User: w.User, To: w.To, At: w.At, Withdrawn: w.Withdrawn})
	}
	slices.SortStableFunc(h.Owned, func(a, b ward.Owned) int { return a.At.Compare(b.At) })
	return d.cfg.Rules.DutyOf([]alert.Edition{{Available: h.Since, Critical: true}}, acks, d.now())
}

// quoted is one value that a warning quotes. That it is, or may be, critical is
// central's word: it knew the age that the message says.
func (d *Desk) quoted(o fhir.Observation) ward.Result {
	r := ward.Result{ID: o.ID, Test: cmp.Or(o.Code.Words(), words.T("Test not named")), LOINC: o.Code.Code(fhir.SystemLOINC), Status: statusWord(o.Status), Critical: true}
	giveValue(&r, o)
	giveRange(&r, o.ReferenceRange)
	r.Collected, r.CollectedText = when(o.EffectiveDateTime, d.loc)
	v := d.cfg.Rules.Judge(o, alert.Subject{})
	if !v.Critical {
		v = d.cfg.Rules.Perhaps(o, alert.Subject{})
	}
	r.Flag = criticalFlag(v.Direction, sentFlag(o.Interpretation))
	grave, _ := fhir.ExtensionOf(o.Extension, fhir.ExtGrave)
	r.MayBe = grave.ValueCode == nil || *grave.ValueCode != fhir.GraveCritical
	if why := fhir.ExtString(o.Extension, fhir.ExtWhy); why != "" {
		r.Why = []string{d.whySaid(o, why)}
	}
	return r
}

// whySaid is why a quoted value is critical. Central sent it in English, for the age that
// it knew; where the rules here say the very same of the value, what they say is shown, in
// the language in use. Else, of an older entry or of other limits, the sentence is recognised
// like any that central wrote.
func (d *Desk) whySaid(o fhir.Observation, sent string) string {
	own := map[string]string{}
	for _, who := range []alert.Subject{{}, {AgeKnown: true, Years: 40}, {AgeKnown: true, Years: 10}} {
		for _, v := range []alert.Verdict{d.cfg.Rules.Judge(o, who), d.cfg.Rules.Perhaps(o, who)} {
			for _, w := range v.Why {
				own[w.English()] = w.Say()
			}
		}
	}
	parts := strings.Split(sent, ", ")
	for i, p := range parts {
		said, ok := own[p]
		if !ok {
			return told.Limits.Say(sent)
		}
		parts[i] = said
	}
	return strings.Join(parts, ", ")
}

// namedBy is who a warning about a filed result is of: read as any Patient is, so that
// the name and number chosen are those that every other screen chooses. It is nil
// where the warning gives no name and no number.
func (d *Desk) namedBy(t fhir.Task) *ward.Identity {
	var p fhir.Patient
	for _, in := range t.Input {
		switch {
		case in.Type.Has(fhir.SystemTaskParam, fhir.ParamName) && in.ValueHumanName != nil:
			p.Name = append(p.Name, *in.ValueHumanName)
		case in.Type.Has(fhir.SystemTaskParam, fhir.ParamBorn):
			p.BirthDate = in.ValueDate
		case in.Type.Has(fhir.SystemTaskParam, fhir.ParamNumber) && in.ValueIdentifier != nil:
			p.Identifier = append(p.Identifier, *in.ValueIdentifier)
		}
	}
	if len(p.Name) == 0 && len(p.Identifier) == 0 {
		return nil
	}
	who := identify(p, "", d.now())
	return &who
}

// givePerhaps says whose it may be: by the record that shows their entries now.
// b.mu is held.
func (d *Desk) givePerhaps(h *ward.HeldBack, t fhir.Task, may func(ward string) bool) {
	for _, p := range t.Input {
		if !p.Type.Has(fhir.SystemTaskParam, fhir.ParamPerhaps) || p.ValueReference == nil {
			continue
		}
		ref, ok := p.ValueReference.Ref()
		if !ok || ref.Type != fhir.TypePatient {
			continue
		}
		id := cmp.Or(d.board.survivor[ref.ID], ref.ID)
		row := d.board.rows[id]
		switch {
		case row == nil || !may(row.row.Who.Ward):
			h.Elsewhere++
		case !h.Concerns(id):
			h.Perhaps = append(h.Perhaps, row.row.Who)
		}
	}
}

// anyWard is for what names nobody to a reader: counts, and marks on rows that
// are shown or not by themselves.
func anyWard(string) bool { return true }

// markHeld marks the rows of those whose something critical is, or may be, that is
// held back. b.mu is held.
func (d *Desk) markHeld(rows []*ward.Row) {
	list := slices.DeleteFunc(d.heldNow(anyWard), func(h *ward.HeldBack) bool { return !h.Critical || h.Filed })
	if len(list) == 0 {
		return
	}
	// What nobody has comes first, then what waits for an action.
	slices.SortStableFunc(list, func(a, b *ward.HeldBack) int {
		return cmp.Or(cmp.Compare(rank(a.Open), rank(b.Open)), cmp.Compare(rank(!a.Acted), rank(!b.Acted)))
	})
	for i, r := range rows {
		for _, h := range list {
			switch {
			case !h.Concerns(r.Who.ID):
			case rows[i].Held == nil:
				marked := *r // the desk's own rows never change
				marked.Held = h
				rows[i] = &marked
			default:
				rows[i].HeldMore++
			}
		}
	}
}

// heldFor are the warnings that concern one patient, as their chart says them.
func (d *Desk) heldFor(id fhir.ID) []ward.HeldBack {
	var out []ward.HeldBack
	for _, h := range d.heldBack(anyWard) {
		if h.Concerns(id) {
			h.Perhaps = slices.DeleteFunc(h.Perhaps, func(who ward.Identity) bool { return who.ID != id })
			out = append(out, *h)
		}
	}
	return out
}

// heldState stands for what the board says of what is held back: it is another one
// when time alone has changed a duty. b.mu is held.
func (d *Desk) heldState() (state string) {
	for _, h := range d.heldNow(anyWard) {
		state += string(h.ID) + map[bool]string{true: "+", false: "-"}[h.Open]
	}
	return state
}

// heldTurned says whether that state is another one than at the last call.
func (d *Desk) heldTurned() bool {
	b := &d.board
	b.mu.Lock()
	defer b.mu.Unlock()
	was := b.heldState
	if b.heldState = d.heldState(); was == b.heldState {
		return false
	}
	b.alike = false
	return true
}

func heldBackOver(status string) bool {
	return status == "completed" || status == "cancelled" || status == "entered-in-error" || status == "rejected"
}

// ours: meant for a ward of this computer (perhaps among others), or for no ward
// in particular.
func (d *Desk) ours(t fhir.Task) bool {
	named := wardsNamed(t)
	if slices.ContainsFunc(named, func(w string) bool { return w == d.cfg.Ward || slices.Contains(d.cfg.Wards, record.Ward(w)) }) {
		return true
	}
	return d.cfg.Ward == "" || len(named) == 0
}

// wardsNamed are the wards that a warning is meant for in particular.
func wardsNamed(t fhir.Task) (wards []string) {
	for _, p := range t.Input {
		if p.Type.Has(fhir.SystemTaskParam, fhir.ParamWard) && p.ValueString != nil && *p.ValueString != "" {
			wards = append(wards, *p.ValueString)
		}
	}
	return wards
}
