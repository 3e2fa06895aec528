package told

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/words"
)

// speak speaks a language until the test ends.
func speak(t testing.TB, table *words.Table) {
	t.Helper()
	before := words.In()
	t.Cleanup(func() { words.Use(before) })
	words.Use(table)
}

// strange says every format of here between marks that stand for it, so that nothing
// which is not translated looks as if it were, and no two formats say the same.
func strange() *words.Table {
	return &words.Table{Tag: "x", Else: func(context, english string) string {
		if context != written {
			return english
		}
		said := "«"
		for i := range strings.Count(english, "%s") {
			said += fmt.Sprintf("%%[%d]s·", i+1)
		}
		return said + fmt.Sprintf("#%08x»", sum(english))
	}}
}

func sum(s string) uint32 {
	h := uint32(2166136261)
	for _, b := range []byte(s) {
		h = (h ^ uint32(b)) * 16777619
	}
	return h
}

// fills are what is tried in a hole: what the format is for, and what is wrong there.
var fills = []string{
	"12", "3, 5", "3, and others", "6.5", "Penicillin", "Potassium 6.8 mmol/L", "4B", "07", "Observation", "nurse", "view", "that", "final", "14:05", "22-Mar-2026",
	"Anna Example", "Anna Example, born 1954-03-14", "1954-03-14", "a.nurse", "ward limit 6.5", "ward limit 6.5, laboratory flag HH", "interface manager",
	"a limit is the low or the high one", "days are daily, Mon, Mon-Fri or Sat,Sun", "line 3: a person has a name", "a routine has 1 to 40 steps", "6.5", "application/pdf",
	"the entry is malformed", "the entry is malformed; the entry has no author", "Part of a message was not filed", "Not filed: Potassium 6.8 mmol/L, critical (ward limit 6.5)",
	"Not filed: Potassium 6.8 mmol/L, critical (ward limit 6.5), Sodium 110, may be critical (laboratory flag LL). Why: the entry is malformed. Message 17 from LAB. Phone the laboratory",
	"Part of a message was not filed. Why: the entry is malformed. Phone the laboratory.",
	"Potassium 6.8 mmol/L, critical (ward limit 6.5)", "Nonsense", "x; y", "nonsense. Why: nonsense", "Phone the %s.", "Ward 4B, bed 07", "EXAMPLE, Anna, born 1954-03-14, number 17",
	"Potassium 6.8 mmol/L, told by B. Miller, Laboratory at 14:05 on 22-Mar-2026, written down by Grace Mensah, nurse", "Potassium 6.8 mmol/L, collected 14:05 on 22-Mar-2026, final", "the gateway does not answer",
}

// texts are stored texts that a rule may have made: each hole filled with what it takes.
func texts(t *testing.T, f rule) []string {
	t.Helper()
	var out []string
	for start := range fills {
		args := make([]any, len(f.holes))
		for i, h := range f.holes {
			for n := range fills {
				fill := fills[(start+n)%len(fills)]
				r := reader{steps: maxSteps}
				if len(h.read(&r, fill)) > 0 {
					args[i] = fill
					break
				}
			}
			if args[i] == nil {
				t.Fatalf("%q: nothing that is tried fits into hole %d", f.format.English(), i)
			}
		}
		text := fmt.Sprintf(f.format.English(), args...)
		if len(args) == 0 {
			text = f.format.English()
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

func allRules(s Set) []rule {
	g := grammars()[s]
	if g.series != "" {
		return allRules(g.series)
	}
	out := slices.Clone(g.rules)
	for _, r := range g.whole {
		out = append(out, r)
	}
	return out
}

// Every format of every set is recognised, with what may stand in it.
func TestEveryFormatIsRecognised(t *testing.T) {
	speak(t, strange())
	for s := range grammars() {
		rules := allRules(s)
		if len(rules) == 0 {
			t.Errorf("%s is empty", s)
		}
		for _, f := range rules {
			known := 0
			for _, text := range texts(t, f) {
				if s.Knows(text) && s.Say(text) != text {
					known++
				}
			}
			if known == 0 {
				t.Errorf("%s: no text of %q is recognised", s, f.format.English())
			}
		}
	}
}

// Whatever made a text, it is said as its maker says it, or stands in English: over all
// pairs of formats of a set, where the one's words stand whole, and in pieces, in the
// other's holes.
func TestEveryPairOfFormatsIsToldApart(t *testing.T) {
	speak(t, strange())
	pairs, made, translated := 0, 0, 0
	for s := range grammars() {
		rules := allRules(s)
		baits := make([][]string, len(rules)) // a format's words, whole and in pieces
		for i, r := range rules {
			baits[i] = append(slices.Clone(r.lits), texts(t, r)[0], "x"+r.lits[0], r.lits[len(r.lits)-1]+"x")
		}
		for _, f := range rules {
			if len(f.holes) == 0 && s.Say(f.lits[0]) != f.format.With().Say() {
				t.Errorf("%s: %q is said as %q", s, f.lits[0], s.Say(f.lits[0]))
			}
			for i := range rules {
				pairs++
				for _, bait := range baits[i] {
					for i := range f.holes {
						text, truths := filled(f, i, bait)
						if text == "" {
							continue
						}
						made++
						said := s.Say(text)
						if said != text {
							translated++
						}
						if said != text && !slices.Contains(truths, said) {
							t.Errorf("%s: %q of %q is said as %q, want one of %q", s, text, f.format.English(), said, truths)
						}
					}
				}
			}
		}
	}
	t.Logf("%d pairs, %d texts, %d translated", pairs, made, translated)
	if made < 10000 || translated < 1000 {
		t.Errorf("only %d texts were made and %d translated: the test is broken", made, translated)
	}
}

// filled is a text of a format with bait in one hole, and all that its maker may have
// meant: each reading of what stands in the holes. "" where bait does not fit.
func filled(f rule, at int, bait string) (text string, truths []string) {
	var args []any
	meant := []words.Sentence{}
	ways := [][]part{}
	for i, h := range f.holes {
		tries := fills
		if i == at {
			tries = []string{bait}
		}
		found := false
		for _, try := range tries {
			r := reader{steps: maxSteps, loose: true}
			if list := h.read(&r, try); len(list) > 0 {
				args, ways, found = append(args, try), append(ways, list), true
				break
			}
		}
		if !found {
			return "", nil
		}
	}
	var all func(i int, have []any)
	all = func(i int, have []any) {
		if i == len(ways) {
			meant = append(meant, f.format.With(have...))
			return
		}
		for _, p := range ways[i] {
			all(i+1, append(have[:i:i], p))
		}
	}
	all(0, nil)
	for _, m := range meant {
		truths = append(truths, m.Say())
	}
	return fmt.Sprintf(f.format.English(), args...), truths
}

// No format is in a set twice.
func TestNoFormatIsThereTwice(t *testing.T) {
	for s, g := range grammars() {
		seen := map[string]bool{}
		for _, r := range allRules(s) {
			if seen[r.format.English()] {
				t.Errorf("%s has %q twice", s, r.format.English())
			}
			seen[r.format.English()] = true
		}
		if g.series != "" && grammars()[g.series].series != "" {
			t.Errorf("%s is a series of a series", s)
		}
	}
}

// What earlier programs wrote, and this one writes no more, is read by the same formats.
func TestWhatIsWrittenNoMoreIsStillRead(t *testing.T) {
	for text, s := range map[string]Set{
		"an earlier message about this patient's identity is held back (m-17); settle and replay that one, then replay this one":                                                             Reasons,
		"A second snapshot was asked for in one session.":                                                                                                                                    Goodbyes,
		"Another computer sends under this computer's identity, probably a copy of its disk. What is written here is kept and not sent. Ask the administrator to enrol this computer again.": Goodbyes,
	} {
		if !s.Knows(text) {
			t.Errorf("%q is not recognised", text)
		}
	}
}

// What stands between and inside the words of a format reaches the screen to the letter.
func TestArgumentsStayAsTheyAre(t *testing.T) {
	speak(t, strange())
	for _, c := range []struct {
		set  Set
		text string
		args []string
	}{
		{Questions, "Is the patient allergic to Penicillin %d %s «x» 6.8?", []string{"Penicillin %d %s «x» 6.8"}},
		{Reasons, "a result names no test (OBX-3, line 3, 17 of the message); ask the laboratory to send it again with its code", []string{"3, 17"}},
		{Reasons, "the entry builds on one that was refused: the author had not seen the newest AllergyIntolerance", []string{"AllergyIntolerance"}},
		{
			Warnings, "Not filed, identity unconfirmed: Potassium 6.8 mmol/L, critical (ward limit 6.5). The message says it is for O'Neill-Ünal Zoë, born 1954-03-14. Why: the message has no PID segment, so nobody knows whom it is about; ask the sender to send one. Message 4711 from LAB-1. Phone the interface manager.",
			[]string{"Potassium 6.8 mmol/L", "6.5", "O'Neill-Ünal Zoë", "1954-03-14", "4711", "LAB-1"},
		},
	} {
		said := c.set.Say(c.text)
		if said == c.text || !c.set.Knows(c.text) {
			t.Errorf("%q is not recognised", c.text)
		}
		for _, a := range c.args {
			if !strings.Contains(said, a) {
				t.Errorf("%q lacks %q", said, a)
			}
		}
	}
}

// What came with a message, and what is wrong with a rota, a routine or a limit, is said whole
// in the reader's language; a laboratory's own words stay as they are, and so does what an
// older central found in words that are not known here.
func TestWhatCameWithAMessageIsSaidInTheReadersLanguage(t *testing.T) {
	speak(t, strange())
	for _, c := range []struct {
		set  Set
		text string
		said int // how many sentences of ours are in it
	}{
		{Notes, "A document was sent (application/pdf, 48123 bytes).", 1},
		{Notes, "A document was sent (type not named, 12 bytes).", 1},
		{Notes, "Haemolysed. A document was sent by post.", 0},
		{Reasons, "the rota cannot be read: line 3: a person has a name", 3},
		{Reasons, "the routine cannot be read: a routine has 1 to 40 steps", 2},
		{Reasons, "the limit is not set: this limit is not one that a site sets", 2},
		{Reasons, "the limit is not set: in words of 2021", 1},
	} {
		if got := c.set.Say(c.text); strings.Count(got, "«") != c.said || (c.said == 0) != (got == c.text) {
			t.Errorf("%q is said %q", c.text, got)
		}
	}
}

// Where it is not certain what was written, it stands as it is stored.
func TestWhatIsNotCertainStaysEnglish(t *testing.T) {
	speak(t, strange())
	for text, set := range map[string]Set{
		"": Reasons, " ": Reasons, "the patient was confused": Reasons, "The entry is malformed": Reasons, "the entry is malformed ": Reasons, "the entry is malformed;the entry has no author": Reasons,
		// A person wrote the first half.
		"because I say so; written under emergency access": Reasons,
		// A newer central's reason.
		"the entry builds on one that was refused: the moon was full": Reasons,
		// Not numbers of lines.
		"a result names no test (OBX-3, line three of the message); ask the laboratory to send it again with its code": Reasons,
		// A question is no reason.
		"Which name is right?": Reasons, "the entry is malformed": Questions,
		"a nurse may not fly Task entries": Reasons, "a kangaroo may not view Task entries": Reasons,
		// A name that looks like the frame: nobody can tell where it ends.
		"Part of a message was not filed. The message says it is for A. Why: B. Why: the entry is malformed. Phone the laboratory.": Warnings,
		"Part of a message was not filed. Why: the entry is malformed. Phone the laboratory. Phone the laboratory.":                 Warnings,
		"Part of a message was not filed. Why: the entry is malformed. Message 1 from 2 from 3. Phone the laboratory.":              Warnings,
		"Which result is the one that was phoned: Potassium":                                                                        Questions,
		strings.Repeat("the entry is malformed; ", 200) + "the entry is malformed":                                                  Reasons,
	} {
		if said := set.Say(text); said != text {
			t.Errorf("%q is said as %q", text, said)
		}
		if set.Knows(text) {
			t.Errorf("%q is known", text)
		}
	}
}

// What counts as read: all readings that make the text again say one thing, and there was
// room to look for every one of them.
func TestOneThingIsSaidOrNothing(t *testing.T) {
	speak(t, strange())
	a, b := words.FormatOf(written, "a %s").With(asIs("b")), words.FormatOf(written, "%s b").With(asIs("a"))
	many := make([]part, maxReadings)
	for i := range many {
		many[i] = a
	}
	for what, c := range map[string]struct {
		found []part
		steps int
		said  bool
	}{
		"one": {[]part{a}, 1, true}, "twice the same": {[]part{a, a}, 1, true}, "two": {[]part{a, b}, 1, false}, "none": {nil, 1, false},
		"of another text": {[]part{asIs("a  b")}, 1, false}, "of another text beside one": {[]part{asIs("a  b"), a}, 1, true},
		"no steps left": {[]part{a}, 0, false}, "too many": {many, 1, false},
	} {
		if said := one("a b", c.found, c.steps); (said != "") != c.said {
			t.Errorf("%s: %q", what, said)
		}
	}
}

// A reason or a value that a newer central writes stands in English in the frame of the
// warning, which is known; it does not count as known.
func TestANewReasonStandsInAKnownFrame(t *testing.T) {
	speak(t, strange())
	text := "Not filed: Potassium 6.8 mmol/L, critical (by a rule of 2031). Why: the moon was full; ask the sender. Message 4711 from LAB. Phone the astronomer."
	said := Warnings.Say(text)
	if Warnings.Knows(text) || said == text {
		t.Errorf("%q", said)
	}
	for _, a := range []string{"Potassium 6.8 mmol/L", "by a rule of 2031", "the moon was full; ask the sender", "4711", "LAB", "astronomer"} {
		if !strings.Contains(said, a) {
			t.Errorf("%q lacks %q", said, a)
		}
	}
}

// In English everything is as it is stored, and costs nothing.
func TestInEnglishEverythingIsAsItIsStored(t *testing.T) {
	speak(t, nil)
	if n := testing.AllocsPerRun(100, func() { _ = Reasons.Say("the entry is malformed") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	for s := range grammars() {
		for _, f := range allRules(s) {
			for _, text := range texts(t, f) {
				if said := s.Say(text); said != text {
					t.Errorf("%q is said as %q", text, said)
				}
			}
		}
	}
}

// A text that was made to be hard takes no longer than so many steps.
func TestReadingIsBounded(t *testing.T) {
	speak(t, strange())
	hard := []string{
		strings.Repeat(", critical (", maxText/12), strings.Repeat("; ", maxText/2), strings.Repeat(". Why: ", maxText/7), strings.Repeat("refused: ", maxText/9),
		strings.Repeat("the entry is malformed; ", maxText/24), "Filed now. " + strings.Repeat("Filed now. ", maxText/12), strings.Repeat(", born ", maxText/7),
		"a " + strings.Repeat(" may not ", maxText/9), "Dismissed by " + strings.Repeat(": . ", maxText/4-4), strings.Repeat(" from ", maxText/6),
		"Corrected by message " + strings.Repeat(" from . ", maxText/9), "Not filed: " + strings.Repeat("a, critical (ward limit 1), ", maxText/28-1),
	}
	for _, text := range hard {
		text = text[:min(len(text), maxText)]
		for s := range grammars() {
			r := reader{steps: maxSteps, loose: true}
			r.set(s, text)
			if r.steps < -maxReadings {
				t.Errorf("%s: %.40q… took %d steps", s, text, maxSteps-r.steps)
			}
		}
	}
}

func FuzzSay(f *testing.F) {
	for s := range grammars() {
		for _, r := range allRules(s) {
			f.Add(string(s), r.format.English())
		}
	}
	for _, text := range fills {
		f.Add(string(Warnings), text)
		f.Add(string(Reasons), text)
	}
	f.Fuzz(func(t *testing.T, set, text string) {
		s := Set(set)
		if _, ok := grammars()[s]; !ok || len(text) > maxText {
			return
		}
		speak(t, strange())
		said := s.Say(text)
		r := reader{steps: maxSteps, loose: true}
		for _, p := range r.set(s, text) {
			if p.English() != text {
				t.Errorf("%q is read as %q", text, p.English())
			}
		}
		if r.steps < -maxReadings {
			t.Errorf("%q took %d steps", text, maxSteps-r.steps)
		}
		if said != text && !strings.Contains(said, "«") {
			t.Errorf("%q is said as %q", text, said)
		}
		speak(t, nil)
		if s.Say(text) != text {
			t.Errorf("%q is not as stored", text)
		}
	})
}

func BenchmarkAWarning(b *testing.B) {
	speak(b, strange())
	text := "Not filed, identity unconfirmed: Potassium 6.8 mmol/L, critical (ward limit 6.5). The message says it is for Anna Example, born 1954-03-14. Why: the message has no PID segment, so nobody knows whom it is about; ask the sender to send one. Message 4711 from LAB-1. Phone the interface manager."
	for b.Loop() {
		Warnings.Say(text)
	}
}
