package alert

import (
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// RuleID names a rule for as long as it is counted.
type RuleID string

// The rules that are no row of the critical table.
const (
	RuleFlag      RuleID = "flag"          // the laboratory's own critical flag
	RuleCorrected RuleID = "corrected"     // changed after somebody had it
	RuleHeldBack  RuleID = "held-back"     // critical, in a message that cannot be filed
	RuleLeft      RuleID = "after-leaving" // critical, came after the patient had left
	RuleRepeat    RuleID = "repeat-order"  // a test asked for too soon, or while one waits
	RuleAllergy   RuleID = "allergy"       // a medicine against an allergy
	RuleUrgent    RuleID = "urgent"
	RuleChange    RuleID = "change"
	RuleNEWS2     RuleID = "news2"
	RuleOverdue   RuleID = "overdue"
	RuleLateOrder RuleID = "late-order"
	RuleHandover  RuleID = "handover"
)

const criticalRule = "critical/"

// RuleCritical is the rule of a row of the critical table.
func RuleCritical(analyte string) RuleID { return RuleID(criticalRule + analyte) }

// Rule is one rule as a page shows it.
type Rule struct {
	ID      RuleID
	Name    string
	Words   string   // what it does
	From    string   // table or guideline
	Limits  []string // as configured
	Must    bool     // it cannot be muted
	Repeats string   // how its repeats are quietened, or why they are not
	Counted bool     // central counts how often it fired and what people did
	Marks   bool     // it marks, and interrupts nobody
}

var (
	loudRepeats  = words.K("Each one interrupts. No configuration mutes it.")
	marksRepeats = words.K("It marks and interrupts nobody, so there is nothing to mute.")
	asksRepeats  = words.K("It asks whoever orders, each time, and nobody else.")
)

// Book is every rule in words, in the language in use, with the limits that are configured: the critical table
// row by row, then the others in the order in which they weigh.
func (r Rules) Book() []Rule {
	var out []Rule
	for _, l := range r.Critical {
		out = append(out, r.limitRule(l))
	}
	out = append(out,
		Rule{
			ID: RuleFlag, Name: words.T("Critical flag of the laboratory"), Words: words.T("The laboratory itself calls the result critical (HH, LL or AA), also where no limit is set here."),
			From: words.T("HL7 v2 table 0078; a sender’s flag counts beside the table"), Limits: []string{"HH, LL, AA"}, Must: true, Repeats: loudRepeats.Say(), Counted: true,
		},
		Rule{
			ID: RuleCorrected, Name: words.T("Corrected after somebody had it"), Words: words.T("A result that somebody had taken, acted on or handed on says something else now, also where the new value is harmless: treatment may be under way."),
			From: words.T("life of a result: a new version opens the duty again"), Limits: []string{words.T("value, unit, range, flag, comparator, patient, or withdrawn")}, Must: true, Repeats: loudRepeats.Say(), Counted: true,
		},
		Rule{
			ID: RuleHeldBack, Name: words.T("Critical in a message that cannot be filed"), Words: words.T("A message waits because nobody knows whose it is or what it means, and a value in it is critical or may be."),
			From: words.T("the critical table, on every reading that the digits allow"), Limits: []string{words.T("as the critical table")}, Must: true, Repeats: words.T("Each one interrupts; one sender’s flood comes as one card, which counts."), Counted: true,
		},
		Rule{
			ID: RuleLeft, Name: words.T("Critical after the patient left"), Words: words.T("A critical result came for the first time after its patient had left every ward: the ward that they left and whoever is on call are told."),
			From: Said(r.Leaving.From), Limits: []string{words.T("as the critical table")}, Must: true, Repeats: loudRepeats.Say(), Counted: true,
		},
		Rule{
			ID: RuleAllergy, Name: words.T("Allergy against an order"), Words: words.T("A medicine is ordered against a recorded allergy, or one that may react across."),
			From: words.T("starter table of cross-reactions, row by row"), Limits: []string{words.N(len(r.Crosses), "%d row", "%d rows")}, Must: true, Repeats: asksRepeats.Say(), Counted: true,
		},
		Rule{
			ID: RuleRepeat, Name: words.T("Test too soon, or asked for twice"), Words: words.T("The same test waits already, or was done lately."),
			From: words.T("retest intervals, test by test"), Limits: windowWords(r.Windows), Repeats: asksRepeats.Say(), Counted: true,
		},
		Rule{
			ID: RuleUrgent, Name: words.T("Urgent value"), Words: words.T("A value beyond an urgent limit, short of the critical one: a badge in the work list."),
			From: words.T("urgent limits of the critical table"), Limits: []string{words.T("see each row of the critical table")}, Repeats: marksRepeats.Say(), Marks: true, Counted: true,
		},
		Rule{
			ID: RuleChange, Name: words.T("Unexpected change, kidney injury"), Words: words.T("A result is far from the last ones of the same test: check identity and sample, bleeding, kidney injury. It marks the result and never hides or delays it."),
			From: words.F("change checks, row by row: %s", strings.Join(SaidAll(changeSources(r.Changes)), "; ")), Limits: changeWords(r.Changes), Repeats: marksRepeats.Say(), Marks: true, Counted: true,
		},
		Rule{
			ID: RuleNEWS2, Name: words.T("NEWS2 of 5 or more, or a 3 in one parameter"), Words: words.T("A set of observations reaches a threshold of the chart: the response stands beside it, and the row goes up the board."),
			From: words.T("RCP, National Early Warning Score 2 (2017), charts 1, 2 and 4"), Limits: []string{words.T("7 and over: emergency"), words.T("5 to 6: urgent"), words.T("3 in one parameter: medical review"), words.T("fixed by the RCP: no hospital sets them; it sets how soon the next set is due")}, Must: true, Repeats: marksRepeats.Say(), Marks: true, Counted: true,
		},
		Rule{
			ID: RuleOverdue, Name: words.T("Observations overdue"), Words: words.T("The next set is later than the score’s interval."),
			From: words.T("RCP NEWS2 chart 4, with this site’s times"), Limits: scoreWords(r.Score), Repeats: marksRepeats.Say(), Marks: true, Counted: true,
		},
		Rule{
			ID: RuleLateOrder, Name: words.T("Result late"), Words: words.T("An order has no result, or has not left, past its time."),
			From: words.T("turnaround times, test by test"), Limits: turnaroundWords(r.Turnarounds), Repeats: marksRepeats.Say(), Marks: true, Counted: true,
		},
		Rule{
			ID: RuleHandover, Name: words.T("Handover that nobody accepted"), Words: words.T("A patient was handed over and nobody has accepted: it goes up to the lead of the shift."),
			From: Said(r.Ladder(LadderHandover).From), Limits: []string{words.F("after %s", hours(HandoverWait))}, Repeats: words.T("Once a giving."), Marks: true, Counted: true,
		},
	)
	return out
}

func (r Rules) limitRule(l Limit) Rule {
	out := Rule{
		ID: RuleCritical(l.Analyte), Name: words.F("Critical %s", Said(l.Analyte)), From: Said(l.From), Must: true, Repeats: loudRepeats.Say(), Counted: true,
		Words: words.T("A value at or beyond this limit, also a preliminary one and also where the laboratory says normal. Somebody has to take it; until then the ladder climbs."),
	}
	if l.Finding {
		out.Words = words.T("Anything found, also in a preliminary result. Somebody has to take it; until then the ladder climbs.")
		out.Limits = []string{words.T("any growth or organism")}
	}
	for _, b := range l.Bounds {
		out.Limits = append(out.Limits, b.words()...)
	}
	if len(out.Limits) == 0 {
		out.Limits = []string{words.T("none until the site enters its own: only the laboratory’s flag counts")}
	}
	if q, ok := r.quietFor(l.Analyte); ok {
		out.Must = false
		out.Repeats = words.F("A repeat within %s of the same stay is quiet if it is no worse than a value that somebody had taken when it came, nor than the latest before it. A worse value, a correction, a value within the limits in between, another stay, the laboratory’s own critical flag and whatever is not known for certain interrupt. (%s)", hours(q.Within), Said(q.From))
	}
	return out
}

// words are the edges of one group of bounds.
func (b Bounds) words() []string {
	var out []string
	age := ""
	if b.Ages != AnyAge {
		age = ", " + Said(b.Ages)
	}
	edge := func(word, sign, beyond string, e Edge) {
		if e.At == "" {
			return
		}
		if e.Beyond {
			sign = beyond
		}
		out = append(out, strings.TrimSpace(word+" "+sign+" "+string(e.At)+" "+shownUnit(b.Unit))+age)
	}
	edge(words.C("limit", "critical"), "≤", "<", b.CritLow)
	edge(words.C("limit", "critical"), "≥", ">", b.CritHigh)
	edge(words.C("limit", "urgent"), "≤", "<", b.UrgentLow)
	edge(words.C("limit", "urgent"), "≥", ">", b.UrgentHigh)
	return out
}

func windowWords(list []Window) []string {
	var out []string
	for _, w := range list {
		if w.Within == 0 {
			out = append(out, words.F("%s: in series, no interval (%s)", w.Test, Said(w.From)))
			continue
		}
		from := Said(w.From)
		if !w.by.IsZero() {
			from = w.by.Say()
		}
		out = append(out, w.Test+": "+days(w.Within)+" ("+from+")")
	}
	return out
}

func days(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return words.F("%d d", int(d/(24*time.Hour)))
	}
	return hours(d)
}

func changeWords(list []Delta) []string {
	var out []string
	for _, d := range list {
		var how []string
		if d.Rise != "" {
			word := words.F("rise of %s", string(d.Rise))
			if d.More {
				word = words.F("rise of more than %s", string(d.Rise))
			}
			how = append(how, word)
		}
		if d.Fall != "" {
			how = append(how, words.F("fall of %s", string(d.Fall)))
		}
		if d.Times != "" {
			base := words.F("%s times the lowest", string(d.Times))
			if d.Median {
				base = words.F("%s times the median before", string(d.Times))
			}
			how = append(how, base)
		}
		if d.Halved {
			how = append(how, words.C("change", "halved"))
		}
		if d.Part != "" {
			how = append(how, words.F("fall of %s %% of the last", string(d.Part)))
		}
		unit := ""
		if d.Rise != "" || d.Fall != "" {
			unit = " " + shownUnit(d.Unit)
		}
		out = append(out, words.F("%s: %s within %s: %s", Said(d.Analyte), strings.Join(how, " "+words.T("or")+" ")+unit, days(d.Within), d.Say()))
	}
	return out
}

func changeSources(list []Delta) []string {
	var out []string
	for _, d := range list {
		if !slices.Contains(out, d.From) {
			out = append(out, d.From)
		}
	}
	return out
}

func scoreWords(s ScoreRules) []string {
	return []string{
		words.F("score 0: %s", hours(s.Zero)), words.F("1 to 4: %s", hours(s.Low)), words.F("3 in one parameter: %s", hours(s.SingleThree)), words.F("5 to 6: %s", hours(s.Medium)), words.F("7 and over: %s", hours(s.High)),
	}
}

func turnaroundWords(list []Turnaround) []string {
	var out []string
	for _, t := range list {
		what := t.Test
		if what == "" {
			what = words.T("every other test")
		}
		if t.Stat {
			what = words.F("%s, at once", what)
		}
		out = append(out, words.F("%s: no result after %s, not sent for %s (%s)", what, hours(t.Within), hours(t.Unsent), Said(t.From)))
	}
	return out
}

// Fires are the rules by which a result is critical: of the table, of the laboratory's
// flag, or both; none where it is not.
func (r Rules) Fires(o fhir.Observation, s Subject) []RuleID {
	var out []RuleID
	bare := o
	bare.Interpretation = nil
	if v := r.Judge(bare, s); v.Critical {
		l, _, _ := r.limitFor(o.Code)
		out = append(out, RuleCritical(l.Analyte))
	}
	if v := r.Judge(o, s); v.Critical && slices.ContainsFunc(interpretations(o.Interpretation), critical) {
		out = append(out, RuleFlag)
	}
	return out
}

// critical says whether a flag is the laboratory's word that a result is critical.
func critical(flag string) bool { return flag == "HH" || flag == "LL" || flag == "AA" }
