package submit

import (
	"slices"
	"strconv"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// heldBack is a part of a message that is not in the record, and why.
type heldBack struct {
	group     int // which group; negative: a problem of the message itself
	why       string
	owner     string
	partial   bool // the rest of the message was filed
	wards     []record.Ward
	people    []fhir.ID // of what was not filed at all: whom its identifiers may mean
	criticals []grave   // critical values in it
	asWords   []grave   // values that were filed as words only and may be critical
	everybody bool      // it goes to every ward, and names nobody
	about     []fhir.Ref
	unknown   bool // it is about something else, too, that nobody can name
}

func (fl *filing) hold(h heldBack) { fl.held = append(fl.held, h) }

// holdAll holds a whole message back. Its values are judged, and whoever its
// identifiers may mean says which wards to warn.
func (w *work) holdAll(fl *filing, why, owner string) error {
	if len(fl.f.Groups) == 0 {
		fl.hold(heldBack{group: -1, why: why, owner: owner, wards: wardList(fl.row.Ward)})
	}
	for i, g := range fl.f.Groups {
		fl.open = fl.open || len(identityOf(g)) > 0
		v, err := w.identify(g.Subject)
		if err != nil {
			return err
		}
		people := v.candidates
		if v.patient != "" && !v.create {
			people = append(people, v.patient)
		}
		wards, err := w.wardsOf(g, people)
		if err != nil {
			return err
		}
		fl.hold(heldBack{group: i, why: why, owner: owner, wards: wards, people: people, criticals: w.criticals(g)})
	}
	return nil
}

// holdDraft holds one resource of a message back; the rest is filed.
func (w *work) holdDraft(fl *filing, group int, d record.Draft, why, owner string) error {
	g := fl.f.Groups[group]
	g.Drafts = []record.Draft{d}
	fl.hold(heldBack{group: group, why: why, owner: owner, partial: true, criticals: w.criticals(g), about: []fhir.Ref{d.Ref}})
	return nil
}

// wardsOf are whom to warn about a group: the ward that the message names, and
// where those are whom its identifiers point at.
func (w *work) wardsOf(g record.Group, people []fhir.ID) ([]record.Ward, error) {
	wards := wardList(g.Ward)
	for _, p := range people {
		here, err := wardsNow(w, p)
		if err != nil {
			return nil, err
		}
		wards = union(wards, here)
	}
	return wards, nil
}

func wardList(w record.Ward) []record.Ward {
	if w == "" {
		return nil
	}
	return []record.Ward{w}
}

// warn makes a Task for every part that was held back and may matter now: one
// with a critical value, one of which nobody knows what it holds, or one that
// keeps something clinical from the chart of somebody whom the ward looks after:
// the chart must say so. It goes to the ward without a patient, since who it concerns is
// the question.
func (w *work) warn(fl *filing) error {
	needed := map[int]bool{}
	for _, h := range merged(fl.held) {
		if len(h.criticals) == 0 && !h.partial && !concernsAWard(fl, h) {
			continue
		}
		if h.partial {
			for i, g := range fl.f.Groups {
				if h.group >= 0 && h.group != i {
					continue
				}
				wards, err := w.wardsOf(g, fl.patients)
				if err != nil {
					return err
				}
				h.wards = union(h.wards, wards)
			}
		}
		h.wards = union(h.wards, wardList(fl.row.Ward))
		if len(h.criticals)+len(h.asWords) > 0 {
			var err error
			if h.wards, h.everybody, err = w.reaching(h.wards); err != nil {
				return err
			}
		}
		needed[h.group] = true
		if err := w.heldTask(fl, h); err != nil {
			return err
		}
		if err := w.awaitCorrection(fl, h); err != nil {
			return err
		}
	}
	if err := w.warnLate(fl); err != nil {
		return err
	}
	if fl.row.Replays == 0 {
		return nil
	}
	return w.release(fl, needed)
}

// concernsAWard says whether a message that is held back whole, with nothing critical
// in it, keeps something clinical from the chart of somebody who is on a ward: a
// result, an allergy. What is only about who or where somebody is, is asked of the
// ward as a review, or is the registration's.
func concernsAWard(fl *filing, h heldBack) bool {
	if len(h.people) == 0 || len(h.wards) == 0 || h.group < 0 {
		return false
	}
	return slices.ContainsFunc(fl.f.Groups[h.group].Drafts, func(d record.Draft) bool {
		return d.Ref.Type != fhir.TypePatient && d.Ref.Type != fhir.TypeEncounter
	})
}

// merged joins what was held back of one group.
func merged(list []heldBack) []heldBack {
	var out []heldBack
	for _, h := range list {
		if h.group < 0 {
			h.group = -1
		}
		i := slices.IndexFunc(out, func(o heldBack) bool { return o.group == h.group })
		if i < 0 {
			out = append(out, h)
			continue
		}
		if !strings.Contains(out[i].why, h.why) {
			out[i].why += "; " + h.why
		}
		out[i].partial = out[i].partial || h.partial
		out[i].about = append(out[i].about, h.about...)
		out[i].people = append(out[i].people, h.people...)
		out[i].unknown = out[i].unknown || h.unknown
		out[i].wards = union(out[i].wards, h.wards)
		out[i].criticals = append(out[i].criticals, h.criticals...)
		if len(out[i].asWords) == 0 { // every problem of a message has the same ones
			out[i].asWords = h.asWords
		}
	}
	return out
}

func heldRef(inbound string, group int) fhir.Ref {
	return fhir.Ref{Type: fhir.TypeTask, ID: fhir.ID("hb" + shortHash(inbound, strconv.Itoa(group)))}
}

// heldTask writes the warning. A replay that is held back again changes its
// words and not who took it.
func (w *work) heldTask(fl *filing, h heldBack) error {
	t := fhir.Task{
		ResourceType: fhir.TypeTask, ID: heldRef(fl.row.ID, h.group).ID, Status: "requested", Intent: "order",
		Priority: "asap", Code: fhir.TaskCode(fhir.TaskHeldBack), Description: fl.heldWords(h), AuthoredOn: stamp(w.now),
		Input: []fhir.TaskParameter{{Type: fhir.Param(fhir.ParamMessage), ValueString: fhir.Str(fl.row.ID)}},
	}
	if len(h.criticals) > 0 || len(h.asWords) > 0 {
		t.Priority = "stat"
	}
	if h.partial {
		t.Input = append(t.Input, fhir.TaskParameter{Type: fhir.Param(fhir.ParamFiled), ValueString: fhir.Str(fhir.FiledInPart)})
	}
	if err := w.quote(&t, fl, h); err != nil {
		return err
	}
	for _, ward := range h.named() {
		t.Input = append(t.Input, fhir.TaskParameter{Type: fhir.Param(fhir.ParamWard), ValueString: fhir.Str(string(ward))})
	}
	cur, ok, err := w.Current(heldRef(fl.row.ID, h.group))
	if err != nil {
		return err
	}
	if ok {
		old, err := fhir.View[fhir.Task](cur.Body)
		if err == nil && old.Description == t.Description && !ended(old.Status) {
			return nil
		}
		if err == nil {
			t.AuthoredOn = old.AuthoredOn
		}
	}
	return w.putTask(fl, t, h.wards)
}

func (w *work) putTask(fl *filing, t fhir.Task, wards []record.Ward) error {
	body, err := fhir.Make(t)
	if err != nil {
		return err
	}
	_, err = w.putOf(record.Change{
		Ref: fhir.Ref{Type: fhir.TypeTask, ID: t.ID}, Wards: wards, Body: body, Author: central,
		Mutation: fl.mutationID(), Clock: record.HLC{Wall: w.ms()},
	}, w.arrived(fl))
	return err
}

// named are the wards that a warning is meant for in particular.
func (h heldBack) named() []record.Ward {
	if h.everybody {
		return nil
	}
	return h.wards
}

// heldWords are what the ward reads. The name is the message's own: it helps
// to find out who it is, and is said to be unconfirmed.
func (fl *filing) heldWords(h heldBack) string {
	var b strings.Builder
	switch {
	case h.everybody:
		who := "whom nobody here knows. Not filed, identity unconfirmed: "
		if h.partial {
			who = "who is on no ward here. Not filed as it should be: "
		}
		b.WriteString("A critical result of a patient " + who + graveWords(slices.Concat(h.criticals, h.asWords)))
	case h.partial && len(h.criticals) == 0 && len(h.asWords) > 0:
		b.WriteString("Filed as words only, not as a number: " + graveWords(h.asWords))
	case h.partial && len(h.criticals) == 0:
		b.WriteString("Part of a message was not filed")
	case h.partial:
		b.WriteString("Not filed: " + graveWords(h.criticals))
	case len(h.criticals) == 0:
		b.WriteString("A message could not be filed, identity unconfirmed")
	default:
		b.WriteString("Not filed, identity unconfirmed: " + graveWords(h.criticals))
	}
	if g := fl.groupOf(h); g != nil && !h.everybody {
		if who := saidToBe(g.Subject); who != "" {
			b.WriteString(". The message says it is for " + who)
		}
	}
	b.WriteString(". Why: " + h.why)
	if fl.row.ControlID != "" {
		b.WriteString(". Message " + fl.row.ControlID + " from " + fl.author.Shown())
	}
	if h.everybody {
		b.WriteString(". Every ward is told: call the laboratory, and ask whose it is and who looks after them.")
		return b.String()
	}
	b.WriteString(". Phone the " + h.owner + ".")
	return b.String()
}

// groupOf is the group that a part belongs to; what was filed in part belongs to
// the only one there is. nil: nobody can tell.
func (fl *filing) groupOf(h heldBack) *record.Group {
	switch {
	case h.group >= 0:
		return &fl.f.Groups[h.group]
	case h.partial && len(fl.f.Groups) == 1:
		return &fl.f.Groups[0]
	}
	return nil
}

func saidToBe(s record.Subject) string {
	parts := []string{strings.TrimSpace(s.Family + " " + strings.Join(s.Given, " "))}
	if s.BirthDate != "" {
		parts = append(parts, "born "+s.BirthDate)
	}
	return strings.TrimPrefix(strings.Join(parts, ", "), ", ")
}

// release ends the warnings of a message whose parts are filed now.
func (w *work) release(fl *filing, needed map[int]bool) error {
	for i := -1; i < len(fl.f.Groups); i++ {
		cur, ok, err := w.Current(heldRef(fl.row.ID, i))
		if err != nil {
			return err
		}
		if !ok || needed[i] {
			continue
		}
		t, err := fhir.View[fhir.Task](cur.Body)
		if err != nil || ended(t.Status) {
			continue
		}
		t.Status = "completed"
		t.Description = "Filed now. " + t.Description
		if err := w.putTask(fl, t, cur.Wards); err != nil {
			return err
		}
		if err := w.forgetCorrection(part(fl.row.ID, i)); err != nil {
			return err
		}
	}
	return nil
}
