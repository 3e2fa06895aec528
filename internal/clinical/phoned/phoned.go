// Package phoned says which results that a laboratory told on the phone, and
// which that it sent, are one and the same.
//
// A phoned result stands by itself until the electronic one comes; then there is
// one result and never two, with both sources. Match is a pure function of what
// is recorded: central and every station reach the same lines, in whatever order
// anything arrived. That two are one is derived, never stored; what a person
// decided where no rule may is given to it as Answers.
//
// What it promises:
//   - a call is never matched with anything of another person;
//   - every call is in exactly one line, and has at most one result;
//   - where more than one result may be meant, none is chosen: Ask names them;
//   - a value that differs is no reason not to be the same result: the line says
//     so, and a person looks.
package phoned

import (
	"cmp"
	"slices"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
)

// Windows are the times within which things belong together.
type Windows struct {
	Before    time.Duration // a sample is collected so long before the call at most
	Collected time.Duration // apart, where the caller said when it was collected
	Slack     time.Duration // what clocks and a hand that writes are wrong by
	SameCall  time.Duration // two people who write down one call
}

// Defaults are the windows in force: chosen, as no source gives any.
func Defaults() Windows {
	return Windows{Before: 6 * time.Hour, Collected: 30 * time.Minute, Slack: 10 * time.Minute, SameCall: 30 * time.Minute}
}

// Call is one phoned result as somebody wrote it down.
type Call struct {
	Ref    fhir.ID // its Observation
	Person fhir.ID // whose it is; of joined records, the one that survives
	At     time.Time
	Said   fhir.Observation
	// By are the rules by which it was judged; nil for the Matcher's.
	By *alert.Rules
}

// Edition is one version of a result that the laboratory sent, and since when it
// has been here.
type Edition struct {
	Result    fhir.Observation
	Available time.Time
	By        *alert.Rules // as of a Call
}

// Sent is one result of the laboratory: its versions, oldest first.
type Sent struct {
	Ref      fhir.ID
	Person   fhir.ID
	Editions []Edition
}

// Answer is what a person decided about one call: which of the results that they
// were asked about it was, or none of them ("").
type Answer struct {
	Call   fhir.ID
	Asked  []fhir.ID
	Chosen fhir.ID
}

// Line is one result as it is shown.
type Line struct {
	Calls []fhir.ID // by when the call was, then by id
	Sent  fhir.ID   // "" while the laboratory has sent nothing that it may be
	// Differs are the calls of which the laboratory never sent what was said.
	Differs []fhir.ID
	// Ask are the results that may be meant, where a person has to say which.
	Ask []fhir.ID
	// Apart says that those who wrote down one call do not agree on the value.
	Apart bool
}

// Matcher matches. Rules compare values; Who is what they need to know of the
// person.
type Matcher struct {
	Rules   alert.Rules
	Who     alert.Subject
	Windows Windows
	// Location is the zone of times that were sent without one.
	Location *time.Location
}

// Match puts calls and results of one person together. Lines are in order of
// their first call.
func (m Matcher) Match(calls []Call, sent []Sent, answers []Answer) []Line {
	calls = slices.DeleteFunc(slices.Clone(calls), func(c Call) bool { return withdrawn(c.Said.Status) })
	slices.SortFunc(calls, func(a, b Call) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Ref, b.Ref)) })
	sent = slices.Clone(sent)
	slices.SortFunc(sent, func(a, b Sent) int { return cmp.Or(a.first().Compare(b.first()), cmp.Compare(a.Ref, b.Ref)) })
	var lines []Line
	for _, group := range m.sameCalls(calls) {
		line := Line{Apart: m.apart(group)}
		for _, c := range group {
			line.Calls = append(line.Calls, c.Ref)
		}
		m.choose(&line, group, sent, answers)
		lines = append(lines, line)
	}
	return joined(lines)
}

// sameCalls are the calls that two people wrote down as one: the same test of the
// same person, at about the same time. calls are in order of time.
func (m Matcher) sameCalls(calls []Call) [][]Call {
	var groups [][]Call
next:
	for _, c := range calls {
		for i, g := range groups {
			if g[0].Person == c.Person && c.At.Sub(g[0].At) <= m.Windows.SameCall && m.test(g[0].Said.Code, c.Said.Code) == surely {
				groups[i] = append(g, c)
				continue next
			}
		}
		groups = append(groups, []Call{c})
	}
	return groups
}

// apart says whether the writers of one call disagree.
func (m Matcher) apart(group []Call) bool {
	return slices.ContainsFunc(group[1:], func(c Call) bool {
		return !m.Rules.SaysTheSame(group[0].Said, c.Said, m.Who, group[0].By, c.By) && !m.Rules.SaysTheSame(c.Said, group[0].Said, m.Who, c.By, group[0].By)
	})
}

// choose finds the result of a call.
func (m Matcher) choose(line *Line, group []Call, sent []Sent, answers []Answer) {
	said, ruledOut := decided(group, answers)
	if i := slices.IndexFunc(sent, func(s Sent) bool { return s.Ref == said && s.Person == group[0].Person }); said != "" && i >= 0 {
		m.attach(line, group, sent[i])
		return
	}
	var may []Sent
	sure := true
	for _, s := range sent {
		if ruledOut[s.Ref] {
			continue
		}
		fit := m.fit(group, s)
		if fit == not {
			continue
		}
		if may = append(may, s); fit == surely && len(may) == 1 && m.agrees(group, s) && !m.arrivedWith(sent, s, group, ruledOut) {
			break // what was told is here; what comes later is another sample
		}
		sure = sure && fit == surely
	}
	switch {
	case len(may) == 1 && sure:
		m.attach(line, group, may[0])
	case len(may) > 0:
		for _, s := range may {
			line.Ask = append(line.Ask, s.Ref)
		}
	}
}

// arrivedWith says whether another result that may be meant came at the very
// same moment: then nothing says which of them was first.
func (m Matcher) arrivedWith(sent []Sent, s Sent, group []Call, ruledOut map[fhir.ID]bool) bool {
	return slices.ContainsFunc(sent, func(o Sent) bool {
		return o.Ref != s.Ref && !ruledOut[o.Ref] && o.first().Equal(s.first()) && m.fit(group, o) != not
	})
}

func (m Matcher) attach(line *Line, group []Call, s Sent) {
	line.Sent = s.Ref
	for _, c := range group {
		if !m.confirmed(c, s) {
			line.Differs = append(line.Differs, c.Ref)
		}
	}
}

// decided is what people said of a call's result: the one that they chose, and
// those that they ruled out.
func decided(group []Call, answers []Answer) (chosen fhir.ID, out map[fhir.ID]bool) {
	out = map[fhir.ID]bool{}
	for _, a := range answers {
		if !slices.ContainsFunc(group, func(c Call) bool { return c.Ref == a.Call }) {
			continue
		}
		if a.Chosen != "" {
			chosen = max(chosen, a.Chosen)
		}
		for _, asked := range a.Asked {
			out[asked] = out[asked] || asked != a.Chosen
		}
	}
	return chosen, out
}

// joined puts lines of one result together: the laboratory may phone twice.
func joined(lines []Line) []Line {
	var out []Line
	for _, l := range lines {
		i := slices.IndexFunc(out, func(o Line) bool { return o.Sent != "" && o.Sent == l.Sent })
		if i < 0 {
			out = append(out, l)
			continue
		}
		out[i].Calls = append(out[i].Calls, l.Calls...)
		out[i].Differs = append(out[i].Differs, l.Differs...)
		out[i].Apart = out[i].Apart || l.Apart
	}
	return out
}

// first is since when anything of it has been here.
func (s Sent) first() time.Time {
	if len(s.Editions) == 0 {
		return time.Time{}
	}
	return s.Editions[0].Available
}

func withdrawn(status string) bool { return status == "entered-in-error" }
