package desk

import (
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/phoned"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
	"wardlight/sync/merge"
)

// callBook is which of a patient's phoned results are which of the laboratory's:
// derived anew each time, by the rule that central uses. Where nobody phoned it
// is empty and costs nothing.
type callBook struct {
	r     Reader
	d     *Desk
	who   alert.Subject
	lines []phoned.Line
	calls map[fhir.ID]*item[fhir.Observation]
	acks  map[fhir.ID][]ack
}

func (d *Desk) callBook(c *compartment, who alert.Subject, acks map[fhir.ID][]ack) (*callBook, error) {
	if len(c.calls) == 0 {
		return nil, nil
	}
	b := &callBook{d: d, r: c.r, who: who, acks: acks, calls: map[fhir.ID]*item[fhir.Observation]{}}
	var calls []phoned.Call
	for i := range c.calls {
		o := &c.calls[i]
		b.calls[o.id()] = o
		calls = append(calls, phoned.Call{Ref: o.id(), Person: c.id, At: d.called(o), Said: o.View, By: d.rulesFor(c.r, o.View, o.Change).siteRules()})
	}
	sent, err := d.sentResults(c)
	if err != nil {
		return nil, err
	}
	m := phoned.Matcher{Rules: d.cfg.Rules, Who: who, Windows: phoned.Defaults(), Location: d.loc}
	b.lines = m.Match(calls, sent, answersOf(c))
	return b, nil
}

// called is when the laboratory phoned: as it was written down, else when it was.
func (d *Desk) called(o *item[fhir.Observation]) time.Time {
	call, _ := fhir.PhoneCallOf(o.View)
	if at, _ := when(call.At, d.loc); !at.IsZero() {
		return at
	}
	return d.at(o.Made)
}

// sentResults are the laboratory's results with their versions, for matching.
func (d *Desk) sentResults(c *compartment) ([]phoned.Sent, error) {
	out := make([]phoned.Sent, 0, len(c.results))
	for i := range c.results {
		o := &c.results[i]
		s := phoned.Sent{Ref: o.id(), Person: c.id}
		if o.Change.Version > 1 {
			hist, err := c.history(o.Change.Ref)
			if err != nil {
				return nil, err
			}
			for _, h := range hist {
				if v, err := fhir.View[fhir.Observation](h.Body); err == nil && !h.History && h.Version < o.Change.Version {
					s.Editions = append(s.Editions, phoned.Edition{Result: v, Available: d.received(h.Times), By: d.rulesFor(c.r, v, h).siteRules()})
				}
			}
		}
		s.Editions = append(s.Editions, phoned.Edition{Result: o.View, Available: d.received(o.Change.Times), By: d.rulesFor(c.r, o.View, o.Change).siteRules()})
		out = append(out, s)
	}
	return out, nil
}

// answersOf are what people decided about which result was phoned.
func answersOf(c *compartment) []phoned.Answer {
	var out []phoned.Answer
	for i := range c.tasks {
		if code(c.tasks[i].View) != fhir.TaskReview {
			continue
		}
		if s, err := merge.StoryOf(c.tasks[i].Change.Body); err == nil {
			if a, ok := merge.PhonedAnswer(s); ok {
				out = append(out, phoned.Answer{Call: a.Call, Asked: a.Asked, Chosen: a.Chosen})
			}
		}
	}
	return out
}

// of is the line of a result that the laboratory sent; nil where nobody phoned.
func (b *callBook) of(sent fhir.ID) *phoned.Line {
	if b == nil {
		return nil
	}
	i := slices.IndexFunc(b.lines, func(l phoned.Line) bool { return l.Sent == sent })
	if i < 0 {
		return nil
	}
	return &b.lines[i]
}

// asked says whether somebody has to say if a result is the one that was phoned.
func (b *callBook) asked(sent fhir.ID) bool {
	return b != nil && slices.ContainsFunc(b.lines, func(l phoned.Line) bool { return slices.Contains(l.Ask, sent) })
}

// alone are the lines that the laboratory has not sent, as results of their own.
func (b *callBook) alone() []judged {
	if b == nil {
		return nil
	}
	var out []judged
	for i := range b.lines {
		if l := &b.lines[i]; l.Sent == "" {
			out = append(out, b.unconfirmed(l))
		}
	}
	return out
}

// unconfirmed is a phoned result as it is shown until the laboratory sends it:
// judged like any other, and marked.
func (b *callBook) unconfirmed(l *phoned.Line) judged {
	d, first := b.d, b.calls[l.Calls[0]]
	r := judged{Result: d.result(b.r, first.View, first.Change, b.who)}
	r.Status = ward.PhonedNotConfirmed
	for _, id := range l.Calls {
		if at := d.received(b.calls[id].Change.Times); at.Before(r.Received) {
			r.Received = at
		}
	}
	if len(l.Ask) > 0 {
		r.Remarks = append(r.Remarks, words.T("the laboratory has sent results that may be this one: say which, under Reviews"))
	}
	r.since = r.Received
	b.describe(&r, l)
	eds := []edition{{Edition: alert.Edition{Version: 1, Result: first.View, Available: r.Received, Critical: r.Critical}, calls: l.Calls}}
	b.giveDuty(&r, l, eds, nil)
	return r
}

// edition is a version of a result, or what was said on the phone before it.
type edition struct {
	alert.Edition
	version record.Version // of the laboratory's result; 0 for a call
	calls   []fhir.ID
}

// join puts calls before the laboratory's versions. One that was confirmed says
// what the version says that confirms it, from when it was told: who had it then
// has the result now, and the clock does not begin again.
func (b *callBook) join(l *phoned.Line, sent []alert.Edition) []edition {
	var out []edition
	for _, id := range l.Calls {
		call := b.calls[id]
		e := edition{calls: []fhir.ID{id}, Edition: alert.Edition{
			Result: call.View, Available: b.d.received(call.Change.Times), Critical: b.d.rulesFor(b.r, call.View, call.Change).judge(call.View, b.who).Critical,
		}}
		if !slices.Contains(l.Differs, id) {
			continue
		}
		out = append(out, e)
	}
	for _, s := range sent {
		for _, id := range l.Calls {
			call := b.calls[id]
			if slices.Contains(l.Differs, id) || isThere(out, id) || !b.d.cfg.Rules.SaysTheSame(call.View, standingBody(s.Result), b.who, b.d.rulesFor(b.r, call.View, call.Change).siteRules(), s.Rules) {
				continue
			}
			e := edition{calls: []fhir.ID{id}, Edition: s}
			if at := b.d.received(call.Change.Times); at.Before(e.Available) {
				e.Available = at
			}
			out = append(out, e)
		}
		out = append(out, edition{Edition: s, version: record.Version(s.Version)})
	}
	for i := range out {
		out[i].Version = uint64(i) + 1
	}
	return out
}

func isThere(list []edition, call fhir.ID) bool {
	return slices.ContainsFunc(list, func(e edition) bool { return slices.Contains(e.calls, call) })
}

// standingBody is what a result said before it was withdrawn.
func standingBody(o fhir.Observation) fhir.Observation {
	if withdrawn(o.Status) {
		o.Status = "final"
	}
	return o
}

// giveDuty is where a result that was phoned stands with people: what somebody
// did about the call counts for the result that came of it.
func (b *callBook) giveDuty(r *judged, l *phoned.Line, eds []edition, own []ack) {
	editions := make([]alert.Edition, len(eds))
	for i := range eds {
		editions[i] = eds[i].Edition
	}
	said := len(editions) - 1
	for said > 0 && len(alert.Changes(editions[said-1].Result, editions[said].Result)) == 0 {
		said--
	}
	r.since = editions[said].Available
	r.Owned = nil
	var acks []alert.Ack
	add := func(a ack, n uint64) {
		w := a.owned
		w.Earlier = n < editions[said].Version
		r.Owned = append(r.Owned, w)
		acks = append(acks, alert.Ack{ID: a.task, Kind: a.kind, Version: n, By: w.By, User: w.User, To: w.To, At: w.At, Withdrawn: w.Withdrawn})
	}
	for _, a := range own {
		add(a, editionNumber(eds, a.version))
	}
	for _, id := range l.Calls {
		for _, a := range b.acks[id] {
			i := slices.IndexFunc(eds, func(e edition) bool { return slices.Contains(e.calls, id) })
			add(a, eds[max(i, 0)].Version)
		}
	}
	slices.SortStableFunc(r.Owned, func(a, b ward.Owned) int { return a.At.Compare(b.At) })
	r.duty = b.d.cfg.Rules.DutyOf(editions, acks, b.d.now())
	b.mismatch(r, l, slices.Concat(own, b.acksOn(l)))
	b.d.giveOpen(r)
}

func (b *callBook) acksOn(l *phoned.Line) []ack {
	var out []ack
	for _, id := range l.Calls {
		out = append(out, b.acks[id]...)
	}
	return out
}

// editionNumber is the place of the version that somebody acknowledged.
func editionNumber(eds []edition, v record.Version) uint64 {
	n := uint64(0)
	for _, e := range eds {
		if e.version != 0 && e.version <= v {
			n = e.Version
		}
	}
	return n
}

// mismatch says that two sources of one result do not agree, and keeps it open,
// as critical as the worse of them, until somebody who had both before their eyes
// has taken it.
func (b *callBook) mismatch(r *judged, l *phoned.Line, acks []ack) {
	doubted := l.Differs
	if l.Apart {
		doubted = l.Calls
	}
	if len(doubted) == 0 {
		return
	}
	r.Mismatch = b.mismatchWords(r, l)
	worst := b.worst(doubted)
	settled := !slices.ContainsFunc(doubted, func(id fhir.ID) bool {
		return !slices.ContainsFunc(acks, func(a ack) bool { return b.settles(r, l, a, id) })
	})
	if settled {
		return
	}
	if worst.Critical && !r.Critical {
		r.Critical, r.Urgent, r.UrgentBy, r.MayBe, r.Flag = true, false, nil, worst.MayBe, criticalFlag(worst.Direction, r.Flag)
		for _, w := range worst.Why {
			r.Why = append(r.Why, words.F("%s, as phoned", w.Say()))
		}
	}
	told := []string{}
	for _, id := range doubted {
		told = append(told, b.calls[id].First.Shown())
	}
	slices.Sort(told)
	r.duty = alert.Duty{State: alert.Reopened, Since: r.since, Told: slices.Compact(append(told, r.duty.Told...)), Why: []string{r.Mismatch}}
}

// settles says whether an acknowledgement of what stands now was made with this
// call before its author's eyes.
func (b *callBook) settles(r *judged, l *phoned.Line, a ack, call fhir.ID) bool {
	if a.owned.Withdrawn || a.kind == alert.AckSeen || !slices.Contains(a.calls, call) {
		return false
	}
	if l.Sent == "" {
		return true
	}
	i := slices.IndexFunc(r.Owned, func(o ward.Owned) bool { return o.Task == a.task })
	return i >= 0 && !r.Owned[i].Earlier
}

// worst is the verdict on the most urgent of some calls.
func (b *callBook) worst(ids []fhir.ID) alert.Verdict {
	var worst alert.Verdict
	for _, id := range ids {
		if v := b.d.rulesFor(b.r, b.calls[id].View, b.calls[id].Change).judge(b.calls[id].View, b.who); v.Critical && (!worst.Critical || worst.MayBe && !v.MayBe) {
			worst = v
		}
	}
	return worst
}

// mismatchWords are "phoned 6.8 mmol/L (Grace Mensah, nurse), laboratory says 5.8
// mmol/L".
func (b *callBook) mismatchWords(r *judged, l *phoned.Line) string {
	var said []string
	ids := l.Differs
	if l.Apart && l.Sent == "" {
		ids = l.Calls
	}
	for _, p := range r.Phoned {
		if slices.Contains(ids, p.ID) {
			said = append(said, words.F("phoned %s (%s)", p.Said(), p.By))
		}
	}
	text := strings.Join(said, ", ")
	switch {
	case l.Sent == "":
		return words.F("%s: who wrote the call down do not agree, ask the laboratory", text)
	case len(said) == 0:
		return words.T("who wrote the call down do not agree; the laboratory has confirmed one of them")
	case r.Status == statusWord("entered-in-error"):
		return words.F("%s, laboratory has withdrawn its result", text)
	case r.Value == "":
		return words.F("%s, laboratory says %s", text, r.Absent)
	}
	return words.F("%s, laboratory says %s", text, strings.TrimSpace(r.Value+" "+r.Unit))
}

// describe lists the calls of a result.
func (b *callBook) describe(r *judged, l *phoned.Line) {
	for _, id := range l.Calls {
		o := b.calls[id]
		call, _ := fhir.PhoneCallOf(o.View)
		var said ward.Result
		giveValue(&said, o.View)
		r.Phoned = append(r.Phoned, ward.Phoned{
			ID: id, Value: said.Value, Unit: said.Unit, Lab: call.Lab, Caller: call.Caller, Called: b.d.called(o), ReadBack: call.ReadBack, Why: call.Why,
			By: o.First.Shown(), User: string(o.First.User), Recorded: b.d.at(o.Made), Unsent: o.Unsent, Differs: slices.Contains(l.Differs, id),
		})
	}
}
