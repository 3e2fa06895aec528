package paper

import (
	"strconv"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/handover"
)

// Patient is one patient of a pack.
type Patient struct {
	Chart ward.Chart
	Sheet ward.Sheet
}

// Pack makes what a ward goes on with when everything else is down: the list, and
// for each patient what is known and charts to continue by hand.
func Pack(h Head, rows []ward.Row, patients []Patient, now time.Time) ([]byte, error) {
	if h.Box == "" && !h.AsOf.IsZero() {
		h.Box = "Copy made " + stamp(h.Made) + " of what was known at " + stamp(h.AsOf) + ". Later results are not here: phone the laboratory."
	}
	return build(h, true, func(d *doc) {
		d.list(rows, now)
		for i := range patients {
			d.about = &patients[i].Chart.Who
			d.page()
			d.patient(&patients[i], now)
		}
	})
}

// patient is the pages of one patient; each page says at its top who it is.
func (d *doc) patient(p *Patient, now time.Time) {
	c := &p.Chart
	l := view.LineOf(p.Sheet, ward.Person{}, now)
	d.row(table{shares: []float64{1, 1, 1}}, []cell{severityCell(l), append(textCell(l.Summary), textCell(l.Contingency)...), actionCell(l.Actions)})
	d.heading("Allergies")
	d.allergies(c)
	d.heading("Last results")
	d.results(c, now)
	d.heading("Observations")
	d.vitals(c, now)
	d.blankVitals()
}

// who is who a page is about.
func (d *doc) who(w ward.Identity) {
	d.line(margin, d.y, d.width(), text{words: strings.TrimSpace(w.Bed + "  " + w.ShowName() + "   " + identityWords(w)), size: value, bold: true})
	d.y += height(value)
	if w.Similar {
		d.line(margin, d.y, d.width(), text{words: "! SIMILAR NAME on this ward: check birth date and number", size: body, bold: true})
		d.y += height(body)
	}
	d.y += 1
}

func (d *doc) allergies(c *ward.Chart) {
	t := table{shares: []float64{3, 4, 2, 2, 3}, heads: []string{"Substance", "Reaction", "Severity", "Certainty", "Note"}}
	listed := 0
	d.line(margin, d.y, d.width(), text{words: allergyWords(c.Allergies), size: body, bold: true})
	d.y += height(body) + 1
	for _, a := range c.AllergyList {
		if a.NoneKnown || !a.Active {
			continue
		}
		if listed == 0 {
			d.tableHead(t)
		}
		listed++
		d.row(t, []cell{{{words: a.Substance, size: body, bold: true}}, {{words: a.Reaction, size: body}}, {{words: a.Severity, size: body}}, {{words: a.Certainty, size: body}}, {{words: a.Note, size: body}}})
	}
}

// lastDays and lastMost bound the results of a pack.
const (
	lastDays = 7 * 24 * time.Hour
	lastMost = 60
)

// results are the newest of each test.
func (d *doc) results(c *ward.Chart, now time.Time) {
	t := table{shares: []float64{5, 4, 3, 3, 5}, heads: []string{"Test", "Value", "Range", "Status", "Collected"}}
	seen := map[string]bool{}
	for i := range c.Results {
		x := &c.Results[i]
		key := x.LOINC + "|" + x.Test + "|" + x.Unit
		at := x.Collected
		if at.IsZero() {
			at = x.Received
		}
		if seen[key] || len(seen) == lastMost || now.Sub(at) > lastDays {
			continue
		}
		if len(seen) == 0 {
			d.tableHead(t)
		}
		seen[key] = true
		d.row(t, resultCells(x, now))
	}
	if len(seen) == 0 {
		words := "None of the last 7 days."
		if c.FeedDown {
			words = "None are here. The laboratory's feed was not connected: this does not say that there are none."
		}
		d.line(margin, d.y, d.width(), text{words: words, size: body})
		d.y += height(body)
	}
}

func resultCells(x *ward.Result, now time.Time) []cell {
	shown := strings.Join(strings.Fields(x.Value+" "+x.Unit), " ")
	if x.Value == "" {
		shown = strings.Join(strings.Fields(x.Absent), " ")
		if !strings.HasPrefix(shown, "no result") {
			shown = strings.TrimSpace("no result " + shown)
		}
	}
	v := cell{{words: strings.TrimSpace(shown + " " + string(x.Flag)), size: strong, bold: x.Flag != ward.FlagNone}}
	if x.Before != nil && x.Before.Value != "" {
		v = append(v, text{words: "was " + x.Before.Value + " " + x.Before.Unit, size: small})
	}
	span := x.Range
	if span == "" {
		span = "no range sent"
	}
	test := cell{{words: x.Test, size: body, bold: true}}
	for _, n := range x.Notes {
		test = append(test, text{words: n, size: small})
	}
	return []cell{test, v, {{words: span, size: body}}, {{words: x.Status, size: body}}, {{words: strings.TrimPrefix(collectedWords(x, now), "collected "), size: body}}}
}

// vitalSigns are the rows of an observations chart.
var vitalSigns = []struct {
	name string
	of   func(ward.VitalSet) string
}{
	{"Respirations /min", func(v ward.VitalSet) string { return v.Respirations }},
	{"SpO₂ %", func(v ward.VitalSet) string { return v.SpO2 }},
	{"Air or oxygen", oxygenWords},
	{"Blood pressure mmHg", func(v ward.VitalSet) string { return strings.Trim(v.Systolic+"/"+v.Diastolic, "/") }},
	{"Pulse /min", func(v ward.VitalSet) string { return v.Pulse }},
	{"Consciousness ACVPU", func(v ward.VitalSet) string { return v.Consciousness }},
	{"Temperature °C", func(v ward.VitalSet) string { return v.Temperature }},
	{"NEWS2", scoreWords},
}

func oxygenWords(v ward.VitalSet) string {
	switch {
	case v.Oxygen == nil:
		return ""
	case *v.Oxygen:
		return "oxygen"
	}
	return "air"
}

func scoreWords(v ward.VitalSet) string {
	switch {
	case !v.Early.Known:
		return ""
	case v.Early.AtLeast:
		return "at least " + strconv.Itoa(v.Early.Total)
	}
	return strconv.Itoa(v.Early.Total)
}

// lastSets is how many sets a pack shows.
const lastSets = 6

// vitals are the last sets, newest at the right.
func (d *doc) vitals(c *ward.Chart, now time.Time) {
	var sets []ward.VitalSet
	for _, v := range c.Vitals { // newest first
		if !v.Error && len(sets) < lastSets {
			sets = append([]ward.VitalSet{v}, sets...)
		}
	}
	if len(sets) == 0 {
		d.line(margin, d.y, d.width(), text{words: "None recorded.", size: body})
		d.y += height(body)
		return
	}
	t := table{shares: []float64{3}, heads: []string{"Time"}}
	for _, v := range sets {
		t.shares, t.heads = append(t.shares, 2), append(t.heads, ward.Stamp(v.At, now))
	}
	d.tableHead(t)
	for _, s := range vitalSigns {
		cells := []cell{{{words: s.name, size: body}}}
		for _, v := range sets {
			cells = append(cells, cell{{words: s.of(v), size: body, bold: true}})
		}
		d.row(t, cells)
	}
}

// blank are the empty columns of a chart to continue by hand.
const blank = 10

// blankVitals is the chart to continue by hand, whole on one page.
func (d *doc) blankVitals() {
	const row = 8.0
	high := row*float64(len(vitalSigns)+2) + 26
	if d.room() < high {
		d.page()
	}
	d.heading("To continue by hand: observations. Sign each column; enter them when the computer is back.")
	names := append([]string{"Date, time"}, signNames()...)
	names = append(names, "Signed")
	first := 38.0
	width := (d.width() - first) / blank
	d.pdf.SetLineWidth(0.2)
	for i, n := range names {
		y := d.y + float64(i)*row
		d.pdf.Rect(margin, y, first, row, "D")
		d.line(margin+gap, y+2, first-2*gap, text{words: n, size: body})
		for k := range blank {
			d.pdf.Rect(margin+first+float64(k)*width, y, width, row, "D")
		}
	}
	d.y += float64(len(names))*row + 2
}

func signNames() []string {
	var out []string
	for _, s := range vitalSigns {
		out = append(out, s.name)
	}
	return out
}
