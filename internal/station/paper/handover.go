package paper

import (
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/handover"
	"wardlight/internal/words"
)

// sheetTable are the columns of I-PASS.
var sheetTable = table{
	shares: []float64{60, 64, 60, 58, 31}, notes: 6,
	heads: []words.Key{words.K("I  Illness severity"), words.K("P  Patient summary"), words.K("A  Action list"), words.K("S  Situation, contingency"), words.K("S  Synthesis by receiver")},
}

// Handover makes the sheets of a handover: one row a patient, with room for notes.
func Handover(h Head, sheets []ward.Sheet, now time.Time) ([]byte, error) {
	return build(h, true, func(d *doc) {
		d.tableHead(sheetTable)
		for _, s := range sheets {
			d.row(sheetTable, sheetCells(view.LineOf(s, ward.Person{}, now)))
		}
		if len(sheets) == 0 {
			d.line(margin, d.y+2, d.width(), text{words: words.T("Nobody."), size: body})
		}
	})
}

func sheetCells(l view.Line) []cell {
	return []cell{severityCell(l), append(textCell(l.Summary), factCell(l.Facts)...), actionCell(l), append(factCell(l.Situation), textCell(l.Contingency)...), signCell(l)}
}

func severityCell(l view.Line) cell {
	s := l.Sheet
	c := cell{{words: strings.TrimSpace(s.Who.Bed + "  " + s.Who.ShowName()), size: value, bold: true}}
	if s.Who.Similar {
		c = append(c, text{words: words.T("! SIMILAR NAME on this ward: check birth date and number"), size: body, bold: true})
	}
	c = append(c, text{words: identityWords(s.Who), size: small})
	if l.Who != "" {
		c = append(c, text{words: l.Who, size: small})
	}
	c = append(c, text{words: severityShape[l.Severity] + " " + l.Word, size: value, bold: true}, text{words: l.Why, size: body})
	for _, t := range l.Said {
		c = append(c, text{words: words.F("said: %s (%s)", t.Text, t.By), size: body})
	}
	c = append(c, text{words: allergyWords(s.Allergies), size: body, bold: s.Allergies.State == ward.AllergyKnown})
	if len(s.Flags) > 0 {
		c = append(c, text{words: words.F("Flags: %s", strings.Join(s.Flags, ", ")), size: body})
	}
	return c
}

// severityShape tells the severities apart without colour.
var severityShape = map[ward.Severity]string{ward.Unstable: "!!", ward.Watcher: "!", ward.Stable: "–", "": "?"}

// identityWords are what tells two people of one name apart.
func identityWords(w ward.Identity) string {
	var parts []string
	if born := bornOn(w); born != "" {
		parts = append(parts, words.F("born %s", born))
	}
	if w.Number != "" {
		parts = append(parts, strings.TrimSpace(w.NumberName+" "+w.Number))
	}
	return strings.Join(parts, ", ")
}

// bornOn is a birth date as shown; one that is known in part stays as it was sent.
func bornOn(w ward.Identity) string {
	if t, err := time.Parse("2006-01-02", w.Born); err == nil {
		return ward.Date(t)
	}
	return w.Born
}

func allergyWords(a ward.AllergyLine) string {
	said := view.AllergyWords(a)
	if a.State == ward.AllergyKnown {
		said = words.F("Allergy: %s", said)
	}
	if a.Review {
		said += " " + words.T("(a disagreement waits for a decision)")
	}
	return said
}

// textCell is what people wrote, each with its author.
func textCell(list []view.Text) cell {
	var c cell
	for i, t := range list {
		if i > 0 {
			c = append(c, text{words: words.T("and, written apart:"), size: small, bold: true})
		}
		c = append(c, text{words: t.Text, size: body}, text{words: t.By + sentWords(t.Unsent), size: small})
	}
	return c
}

func sentWords(unsent bool) string {
	if unsent {
		return ", " + words.T("unsent")
	}
	return ""
}

// factCell is what the record says, with a bar at its side and its times.
func factCell(list []view.Fact) cell {
	var c cell
	for _, f := range list {
		said := f.Words
		if f.At != "" {
			said += " (" + f.At + ")"
		}
		if f.Urgent {
			said = "! " + said
		}
		c = append(c, text{words: said, size: body, bold: f.Flag != ward.FlagNone || f.Urgent, boxed: true})
	}
	return c
}

// actionCell is what is to be done: the tasks, and of each open routine the steps that
// nobody has answered, each with a box.
func actionCell(l view.Line) cell {
	var c cell
	for _, a := range l.Actions {
		said := ""
		if a.Due != "" {
			said += a.Due + "  "
		}
		if a.Late != "" {
			said += a.Late + "  "
		}
		if a.Urgent {
			said += words.T("URGENT") + "  "
		}
		said += a.Words
		if a.For != "" {
			said += "  – " + a.For
		}
		c = append(c, text{words: said, size: body, bold: a.Late != "" || a.Urgent, tick: true})
	}
	if len(c) == 0 {
		c = cell{{words: words.T("no open tasks"), size: body}}
	}
	for _, r := range l.Routines {
		said := r.Words
		if r.Late != "" {
			said += ", " + r.Late
		}
		c = append(c, text{words: words.F("%s. Open:", said), size: body, bold: true})
		for _, s := range r.Open {
			c = append(c, text{words: s, size: body, tick: true, indent: 2})
		}
	}
	return c
}

func signCell(l view.Line) cell {
	var c cell
	for _, s := range l.Signed {
		c = append(c, text{words: s, size: body})
	}
	for _, t := range l.Synthesis {
		c = append(c, text{words: words.F("“%s”", t.Text), size: body})
	}
	for _, w := range []string{l.Late, l.Changed} {
		if w != "" {
			c = append(c, text{words: "! " + w, size: body, bold: true})
		}
	}
	return c
}
