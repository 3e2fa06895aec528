package paper

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
)

// listTable are the columns of the ward's list.
var listTable = table{
	shares: []float64{12, 62, 40, 34, 50, 50, 12, 30},
	heads:  []string{"Bed", "Name", "NEWS2", "Observations", "Allergies", "Results", "Tasks", "Flags"},
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
		d.line(margin, d.y+2, d.width(), text{words: "Nobody.", size: body})
	}
}

func listCells(r *ward.Row, now time.Time) []cell {
	one := func(words string, bold bool) cell { return cell{{words: words, size: body, bold: bold}} }
	name := cell{{words: r.Who.ShowName(), size: strong, bold: true}, {words: strings.TrimSpace(r.Who.Age + " " + r.Who.Sex() + "  " + identityWords(r.Who)), size: small}}
	if r.Who.Similar {
		name = append(name, text{words: "! SIMILAR NAME: check birth date and number", size: body, bold: true})
	}
	return []cell{
		one(r.Who.Bed, true), name, scoreCell(r.Early, now), one(dueWords(r.Early, now), false),
		one(allergyWords(r.Allergies), r.Allergies.State == ward.AllergyKnown), resultsCell(r, now), one(strconv.Itoa(r.Tasks), false), one(strings.Join(r.Flags, ", "), false),
	}
}

func scoreCell(e ward.Early, now time.Time) cell {
	switch {
	case e.Refused != "":
		return cell{{words: e.Refused, size: body}}
	case !e.Known:
		return cell{{words: "none recorded", size: body}}
	}
	total := strconv.Itoa(e.Total)
	if e.AtLeast {
		total = "at least " + total
	}
	c := cell{{words: total, size: value, bold: true}, {words: "at " + ward.Stamp(e.At, now) + fromWords(e), size: small}}
	if e.Scale == 2 {
		c = append(c, text{words: "scale 2", size: small, bold: true})
	}
	return c
}

func fromWords(e ward.Early) string {
	if e.HasFrom {
		return fmt.Sprintf(", was %d", e.From)
	}
	return ""
}

func dueWords(e ward.Early, now time.Time) string {
	switch {
	case e.Continuous:
		return "watch continuously"
	case e.Due.IsZero():
		return ""
	case e.Due.Before(now):
		return "due " + ward.Stamp(e.Due, now) + ", overdue " + ward.Span(now.Sub(e.Due))
	}
	return "due " + ward.Stamp(e.Due, now)
}

func resultsCell(r *ward.Row, now time.Time) cell {
	var c cell
	if x := r.Critical; x != nil {
		words := resultWords(x, now)
		if x.Open {
			words = "Nobody has taken it: " + words
		}
		c = append(c, text{words: words, size: body, bold: true, boxed: true})
	}
	if x := r.Corrected; x != nil {
		c = append(c, text{words: "Corrected: " + resultWords(x, now), size: body, bold: true, boxed: true})
	}
	if r.New > 0 {
		c = append(c, text{words: strconv.Itoa(r.New) + " new: " + r.NewWhat, size: body, boxed: true})
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
			value = "no result"
		}
	}
	parts := []string{x.Test + " " + strings.TrimSpace(value+" "+string(x.Flag))}
	if x.Range != "" {
		parts = append(parts, "range "+x.Range)
	}
	parts = append(parts, x.Status, collectedWords(x, now))
	if x.Before != nil && x.Before.Value != "" {
		parts = append(parts, "was "+x.Before.Value)
	}
	return strings.Join(parts, ", ")
}

func collectedWords(x *ward.Result, now time.Time) string {
	if x.CollectedText != "" {
		return "collected " + x.CollectedText
	}
	if !x.Collected.IsZero() {
		return "collected " + ward.Stamp(x.Collected, now)
	}
	return "received " + ward.Stamp(x.Received, now)
}
