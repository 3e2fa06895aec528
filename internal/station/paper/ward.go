package paper

import (
	"strconv"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// listTable are the columns of the ward's list.
var listTable = table{
	shares: []float64{12, 62, 40, 34, 50, 50, 12, 30},
	heads:  []words.Key{words.K("Bed"), words.K("Name"), words.K("NEWS2"), words.K("Observations"), words.K("Allergies"), words.K("Results"), words.KC("column", "Tasks"), words.K("Flags")},
}

// List makes the list of a ward: one row a patient, as the board has them.
func List(h Head, rows []ward.Row, now time.Time) ([]byte, error) {
	return build(h, true, func(d *doc) { d.list(rows, now) })
}

func (d *doc) list(rows []ward.Row, now time.Time) {
	d.tableHead(listTable)
	for i := range rows {
		d.row(listTable, listCells(&rows[i], now))
	}
	if len(rows) == 0 {
		d.line(margin, d.y+2, d.width(), text{words: words.T("Nobody."), size: body})
	}
}

func listCells(r *ward.Row, now time.Time) []cell {
	one := func(said string, bold bool) cell { return cell{{words: said, size: body, bold: bold}} }
	name := cell{{words: r.Who.ShowName(), size: strong, bold: true}, {words: strings.TrimSpace(ward.SayAge(r.Who.Age) + " " + r.Who.Sex() + "  " + identityWords(r.Who)), size: small}}
	if r.Who.Similar {
		name = append(name, text{words: words.T("! SIMILAR NAME: check birth date and number"), size: body, bold: true})
	}
	return []cell{
		one(r.Who.Bed, true), name, scoreCell(r.Early, now), one(dueWords(r.Early, now), false),
		one(allergyWords(r.Allergies), r.Allergies.State == ward.AllergyKnown), resultsCell(r, now), one(strconv.Itoa(r.Tasks), false), one(strings.Join(r.Flags, ", "), false),
	}
}

func scoreCell(e ward.Early, now time.Time) cell {
	switch {
	case e.Refused != "":
		return cell{{words: ward.Said(e.Refused), size: body}}
	case !e.Known:
		return cell{{words: words.T("none recorded"), size: body}}
	}
	total := strconv.Itoa(e.Total)
	if e.AtLeast {
		total = words.F("at least %d", e.Total)
	}
	c := cell{{words: total, size: value, bold: true}, {words: fromWords(e, now), size: small}}
	if e.Scale == 2 {
		c = append(c, text{words: words.T("scale 2"), size: small, bold: true})
	}
	return c
}

func fromWords(e ward.Early, now time.Time) string {
	if e.HasFrom {
		return words.F("at %s, was %d", ward.Stamp(e.At, now), e.From)
	}
	return words.F("at %s", ward.Stamp(e.At, now))
}

func dueWords(e ward.Early, now time.Time) string {
	switch {
	case e.Continuous:
		return words.T("watch continuously")
	case e.Due.IsZero():
		return ""
	case e.Due.Before(now):
		return words.F("due %s, overdue %s", ward.Stamp(e.Due, now), ward.Span(now.Sub(e.Due)))
	}
	return words.F("due %s", ward.Stamp(e.Due, now))
}

func resultsCell(r *ward.Row, now time.Time) cell {
	var c cell
	if x := r.Critical; x != nil {
		said := resultWords(x, now)
		if x.Open {
			said = words.F("Nobody has taken it: %s", said)
		}
		c = append(c, text{words: said, size: body, bold: true, boxed: true})
	}
	if x := r.Corrected; x != nil {
		c = append(c, text{words: words.F("Corrected: %s", resultWords(x, now)), size: body, bold: true, boxed: true})
	}
	if x := r.Urgent; x != nil {
		c = append(c, text{words: "! " + resultWords(x, now), size: body, bold: true, boxed: true})
		if n := r.Urgents - 1; n > 0 {
			c = append(c, text{words: words.N(n, "! and %d more that is urgent", "! and %d more that are urgent"), size: body, bold: true, boxed: true})
		}
	}
	if r.New > 0 {
		c = append(c, text{words: words.F("%d new: %s", r.New, r.NewWhat), size: body, boxed: true})
	}
	return c
}

// resultWords is a value with everything that it must never stand without: flag,
// unit, range, status and time.
func resultWords(x *ward.Result, now time.Time) string {
	value := strings.Join(strings.Fields(x.Value+" "+x.Unit), " ")
	if x.Value == "" {
		value = strings.Join(strings.Fields(x.Absent), " ")
		if value == "" {
			value = words.T("no result")
		}
	}
	parts := []string{x.Test + " " + strings.TrimSpace(value+" "+x.FlagWords())}
	if x.Range != "" {
		parts = append(parts, words.F("range %s", x.Range))
	}
	parts = append(parts, ward.Said(x.Status), collectedWords(x, now))
	if x.Before != nil && x.Before.Value != "" {
		parts = append(parts, words.F("was %s", x.Before.Value))
	}
	return strings.Join(parts, ", ")
}

func collectedWords(x *ward.Result, now time.Time) string {
	if x.CollectedText != "" {
		return words.F("collected %s", x.CollectedText)
	}
	if !x.Collected.IsZero() {
		return words.F("collected %s", ward.Stamp(x.Collected, now))
	}
	return words.F("received %s", ward.Stamp(x.Received, now))
}

// collectedAt is collectedWords in a column that says that it was collected.
func collectedAt(x *ward.Result, now time.Time) string {
	if x.CollectedText != "" {
		return x.CollectedText
	}
	if !x.Collected.IsZero() {
		return ward.Stamp(x.Collected, now)
	}
	return collectedWords(x, now)
}
