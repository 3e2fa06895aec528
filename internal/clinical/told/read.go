package told

import (
	"strings"
	"sync"

	"wardlight/internal/words"
)

// Set is one kind of text; what is recognised in one is not looked for in another.
type Set string

const (
	// Warnings are the words of a message that is held back, whole.
	Warnings Set = "warnings"
	// Reasons are why something is held back, was refused, or became of an entry what
	// it became: one, or several with "; " between them.
	Reasons Set = "reasons"
	// Questions are those of reviews.
	Questions Set = "questions"
	// Answers are what can be answered to them.
	Answers Set = "answers"
	// Owners are who is asked to put a message right.
	Owners Set = "owners"
	// Goodbyes are what the server says at the end of a session, and why there is none.
	Goodbyes Set = "goodbyes"
	// Callouts are why somebody who is on call could not be told.
	Callouts Set = "callouts"
	// Results are a result as a question about a phoned one has it.
	Results Set = "results"
	// Limits are by which limits of the rules a value is critical.
	Limits Set = "limits"
	// Names are somebody as a message or a record tells them from others.
	Names Set = "names"
	// Lending is why central does not lend a record for emergency access.
	Lending Set = "lending"
	// Notes are what a note of the record says of what came with a message, line by line.
	Notes Set = "notes"

	// What stands inside of those.
	note         Set = "note" // one of Notes
	rotaLine     Set = "rota line"
	rotaWrong    Set = "rota wrong"
	routineWrong Set = "routine wrong"
	limitWrong   Set = "limit wrong"
	reason       Set = "reason"  // one of Reasons
	heads        Set = "heads"   // how a warning begins
	values       Set = "values"  // critical values of a warning
	value        Set = "value"   // one of them
	limit        Set = "limit"   // one of them
	roles        Set = "roles"   // who may not
	actions      Set = "actions" // what they may not
	kinds        Set = "kinds"   // of what
	statuses     Set = "statuses"
)

// maxText and maxSteps bound what is read: every reason and every warning that central
// writes is shorter and takes far fewer. maxReadings bounds what an ambiguous text may
// be before it is given up.
const (
	maxText     = 4096
	maxSteps    = 4000
	maxReadings = 32
)

// Say is a stored text in the language in use, or as it is stored where it is not
// recognised for certain.
func (s Set) Say(english string) string {
	if words.Tag() == "en" {
		return english
	}
	if said, ok := s.read(english); ok {
		return said
	}
	return english
}

// Knows says whether a text is recognised, every part of it.
func (s Set) Knows(english string) bool {
	r := reader{steps: maxSteps}
	return len(english) <= maxText && one(english, r.set(s, english), r.steps) != ""
}

// read is the one thing that all readings of a text say.
func (s Set) read(english string) (string, bool) {
	if english == "" || len(english) > maxText {
		return "", false
	}
	r := reader{steps: maxSteps}
	found := r.set(s, english)
	if len(found) == 0 && r.steps > 0 {
		r.loose = true
		found = r.set(s, english)
	}
	said := one(english, found, r.steps)
	return said, said != ""
}

// one is what all readings say; "" where there is none, where they differ, and where
// the steps ran out, because then there may be another that nobody has seen.
func one(english string, found []part, steps int) string {
	if steps <= 0 || len(found) >= maxReadings {
		return ""
	}
	said := ""
	for _, p := range found {
		if p.English() != english {
			continue
		}
		now := p.Say()
		if said != "" && now != said {
			return ""
		}
		said = now
	}
	return said
}

// part is a text that was recognised: a words.Sentence, several, or what stands as it is.
type part interface {
	English() string
	Say() string
}

// series are several with the same between them.
type series struct {
	parts []part
	sep   string
}

func (l series) English() string { return l.join(part.English) }
func (l series) Say() string     { return l.join(part.Say) }

func (l series) join(say func(part) string) string {
	out := make([]string, len(l.parts))
	for i, p := range l.parts {
		out[i] = say(p)
	}
	return strings.Join(out, l.sep)
}

// asIs stands as it is in every language.
type asIs string

func (a asIs) English() string { return string(a) }
func (a asIs) Say() string     { return string(a) }

// rule is a format with what may stand in its holes.
type rule struct {
	format words.Format
	lits   []string // what stands before, between and after the holes
	holes  []hole
}

// to makes a rule; a format takes as many holes as it has %s.
func to(f words.Format, holes ...hole) rule {
	lits := strings.Split(f.English(), "%s")
	if len(lits) != len(holes)+1 {
		panic("told: " + f.English() + ": the holes are not those of the format")
	}
	return rule{f, lits, holes}
}

// grammar is a set: its rules, and what stands between where it is a series of another.
type grammar struct {
	rules  []rule
	whole  map[string]rule // those without holes
	series Set
	sep    string
}

func of(rules ...rule) grammar {
	g := grammar{whole: map[string]rule{}}
	for _, r := range rules {
		if len(r.holes) == 0 {
			g.whole[r.lits[0]] = r
			continue
		}
		g.rules = append(g.rules, r)
	}
	return g
}

func several(s Set, sep string) grammar { return grammar{series: s, sep: sep} }

var grammars = sync.OnceValue(func() map[Set]grammar {
	return map[Set]grammar{
		Warnings: of(warnings()...), heads: of(warningHeads()...), values: several(value, ", "), value: of(criticals()...),
		Limits: several(limit, ", "), limit: of(limitWords()...),
		Reasons: several(reason, "; "), reason: of(append(append(append(messages(), refusals()...), merging()...), filing()...)...),
		Notes: several(note, "\n"), note: of(notesOf()...),
		rotaLine: of(inLine()...), rotaWrong: of(rotaWords()...), routineWrong: of(routineWords()...), limitWrong: of(limitRefusals()...),
		roles: of(roleWords()...), actions: of(actionWords()...), kinds: of(kindWords()...),
		Questions: of(questions()...), Answers: of(answers()...), Results: of(resultWords()...), Names: of(personWords()...),
		statuses: of(statusWords()...), Owners: of(owners()...), Goodbyes: of(goodbyes()...), Lending: of(lending()...), Callouts: of(callouts()...),
	}
})

// reader reads one text. steps is what it may still do: each look at a rule's place is
// one. With loose it takes for as it is what a loose hole does not know.
type reader struct {
	steps int
	loose bool
}

// set is every reading of a text as one of a set.
func (r *reader) set(s Set, text string) []part {
	if r.steps <= 0 {
		return nil
	}
	g := grammars()[s]
	if g.series == "" {
		return r.rules(g, text)
	}
	out := r.set(g.series, text)
	for at := 0; r.steps > 0 && len(out) < maxReadings; {
		i := strings.Index(text[at:], g.sep)
		if i < 0 {
			break
		}
		at += i
		r.steps--
		for _, first := range r.set(g.series, text[:at]) {
			for _, rest := range r.set(s, text[at+len(g.sep):]) {
				out = append(out, joined(first, rest, g.sep))
			}
		}
		at += len(g.sep)
	}
	return out
}

func joined(first, rest part, sep string) part {
	if l, ok := rest.(series); ok && l.sep == sep {
		return series{append([]part{first}, l.parts...), sep}
	}
	return series{[]part{first, rest}, sep}
}

// rules is every reading by one of the rules. One without holes is what it says.
func (r *reader) rules(g grammar, text string) []part {
	r.steps--
	if w, ok := g.whole[text]; ok {
		return []part{w.format.With()}
	}
	var out []part
	for i := range g.rules {
		f := &g.rules[i]
		if rest, ok := strings.CutPrefix(text, f.lits[0]); ok && strings.HasSuffix(rest, f.lits[len(f.holes)]) {
			r.fill(f, 0, rest, nil, &out)
		}
	}
	return out
}

// fill fills the holes from i on with what stands at the beginning of rest.
func (r *reader) fill(f *rule, i int, rest string, args []any, out *[]part) {
	after := f.lits[i+1]
	if i == len(f.holes)-1 {
		text, ok := strings.CutSuffix(rest, after)
		if !ok || r.steps <= 0 {
			return
		}
		r.steps--
		for _, p := range f.holes[i].read(r, text) {
			*out = append(*out, f.format.With(append(args[:i:i], p)...))
		}
		return
	}
	for at := 0; r.steps > 0 && len(*out) < maxReadings; {
		n := strings.Index(rest[at:], after)
		if n < 0 {
			return
		}
		at += n
		r.steps--
		for _, p := range f.holes[i].read(r, rest[:at]) {
			r.fill(f, i+1, rest[at+len(after):], append(args[:i:i], p), out)
		}
		at += len(after)
	}
}
