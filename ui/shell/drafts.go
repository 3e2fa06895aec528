package shell

import (
	"context"
	"strings"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	vchart "wardlight/internal/station/view/chart"
	vhandover "wardlight/internal/station/view/handover"
	"wardlight/internal/words"
	"wardlight/ui/handover"
	"wardlight/ui/kit"
	"wardlight/ui/tasks"
	"wardlight/ui/theme"
)

// ownDraft is what the reader has begun and not saved, and about whom.
type ownDraft struct {
	ward.Draft
	who ward.Identity // only the id where this computer does not hold them any more
}

// draftForm is a form that drafts are of.
type draftForm struct {
	name words.Key
	open func(n *session, who ward.Identity)
}

func onTab(tab vchart.Tab) func(*session, ward.Identity) {
	return func(n *session, who ward.Identity) { n.openChart(who.ID, tab) }
}

func onSheet(kind vhandover.Kind) func(*session, ward.Identity) {
	return func(n *session, who ward.Identity) {
		n.turn(pageHandover)
		if p, ok := n.pages[pageHandover].(*handover.Page); ok {
			p.Resume(who.ID, kind)
		}
	}
}

// draftForms are the forms by the kind of their drafts. A part of one, as the time of a
// note, is none by itself.
var draftForms = map[string]draftForm{
	"note":            {words.K("Note"), onTab(vchart.Notes)},
	"edit":            {words.K("New wording of a note"), onTab(vchart.Notes)},
	"vitals":          {words.K("Observations"), onTab(vchart.Vitals)},
	"order":           {words.K("Order"), onTab(vchart.Orders)},
	"problem":         {words.K("Problem"), onTab(vchart.Problems)},
	"allergy":         {words.K("Allergy"), onTab(vchart.Allergies)},
	"handover":        {words.K("Handover"), onSheet(vhandover.Write)},
	"handover-accept": {words.K("Handover, to be accepted"), onSheet(vhandover.Accept)},
	"handover-call":   {words.K("Call (SBAR)"), onSheet(vhandover.Calls)},
	"phoned":          {words.K("Phoned result"), func(n *session, who ward.Identity) { n.phone(who.ID) }},
	"task": {words.K("Task"), func(n *session, who ward.Identity) {
		n.turn(pageTasks)
		if p, ok := n.pages[pageTasks].(*tasks.Page); ok {
			p.NewFor(who)
		}
	}},
}

// ownDrafts reads what the reader has not saved, newest first.
func (n *session) ownDrafts(ctx context.Context) ([]ownDraft, error) {
	all, err := n.desk.Drafts(ctx)
	if err != nil {
		return nil, err
	}
	var own []ownDraft
	for _, d := range all {
		if _, ok := draftForms[d.Kind]; !ok {
			continue
		}
		who, err := n.desk.Patient(ctx, d.Patient)
		if err != nil { // gone from this computer: the draft is there all the same
			who = ward.Identity{ID: d.Patient}
		}
		own = append(own, ownDraft{d, who})
	}
	return own, nil
}

// tellDrafts tells somebody who has just signed in of what they have not saved, unless
// it is where they are.
func (n *session) tellDrafts(own []ownDraft) {
	elsewhere := 0
	for _, d := range own {
		if n.at != pageChart || n.chart.State().ID != d.Patient {
			elsewhere++
		}
	}
	if elsewhere == 0 || n.over() {
		return
	}
	n.toast.Say(kit.ToastConfig{Text: words.N(elsewhere, "%d draft is not saved yet", "%d drafts are not saved yet"), Action: words.T("Show"), Key: n.shell.keys.Cap(doFind)}, n.palette.open)
	n.body.Changed()
}

// fillDrafts lists the reader's drafts: where nothing is typed, and by name.
func (p *palette) fillDrafts(text string) {
	if text = strings.ToLower(strings.TrimSpace(text)); text != "" && (len(text) < leastOfADeed || !beginsAny(draftNames(), text)) {
		return
	}
	for i, d := range p.own {
		if i == 0 {
			p.items = append(p.items, kit.Item{ID: "head drafts", Height: 28, Group: true, Data: hit{words: words.T("Not saved yet"), head: true}})
		}
		p.items = append(p.items, kit.Item{ID: "draft " + string(d.Patient) + " " + d.Kind, Height: 40, Data: hit{draft: &d}})
	}
}

// draftNames are what finds drafts in the search.
func draftNames() string { return words.C("search", "drafts unfinished unsaved") }

func beginsAny(names, text string) bool {
	for _, name := range strings.Fields(names) {
		if strings.HasPrefix(name, text) {
			return true
		}
	}
	return false
}

func (p *palette) bindDraft(row *twoLines, d ownDraft, right []kit.Span) {
	who := strings.TrimSpace(d.who.Bed + " " + d.who.ShowName())
	if d.who.Family+d.who.Given == "" {
		who = words.T("Somebody who is not on this computer any more")
	}
	row.show(
		[]kit.Span{{Icon: iconNote, Text: draftForms[d.Kind].name.Say() + ": " + who, Style: kit.BodyStrong, Color: theme.Text}},
		[]kit.Span{kit.T(base.KeptWords(d.Saved, p.n.shell.conf.Now()), kit.Dense, theme.TextMuted), kit.T(bornWords(d.who), kit.Dense, theme.TextMuted).After(10)}, right)
}

// resume opens the form of a draft again.
func (p *palette) resume(patient ward.PatientID, kind string) {
	p.close()
	for _, d := range p.own {
		if d.Patient == patient && d.Kind == kind {
			draftForms[kind].open(p.n, d.who)
			return
		}
	}
}
