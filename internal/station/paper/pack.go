package paper

import (
	"strconv"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/handover"
	"wardlight/internal/station/view/obschart"
	"wardlight/internal/words"
)

// Patient is one patient of a pack.
type Patient struct {
	Chart ward.Chart
	Sheet ward.Sheet
}

// Pack makes what a ward goes on with when everything else is down: the list, and
// for each patient what is known and charts to continue by hand.
func Pack(h Head, rows []ward.Row, patients []Patient, now time.Time) ([]byte, error) {
	return PackInBackground(h, rows, patients, now, func() {})
}

// PackInBackground is Pack for what nobody waits for: rest is called before each page,
// and has until it returns as long as it likes. A page takes a millisecond or two.
func PackInBackground(h Head, rows []ward.Row, patients []Patient, now time.Time, rest func()) ([]byte, error) {
	if h.Box == "" && !h.AsOf.IsZero() {
		h.Box = words.F("Copy made %s of what was known at %s. Later results are not here: phone the laboratory.", stamp(h.Made), stamp(h.AsOf))
	}
	return build(h, true, func(d *doc) {
		d.rest = rest
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
	tasks := l
	tasks.Routines = nil // they have a table of their own below
	d.row(table{shares: []float64{1, 1, 1}}, []cell{severityCell(l), append(textCell(l.Summary), textCell(l.Contingency)...), actionCell(tasks)})
	d.heading(words.T("Allergies"))
	d.allergies(c)
	d.heading(words.T("Resuscitation, isolation and other flags"))
	d.flags(p.Sheet.Flags)
	d.heading(words.T("Last results"))
	d.results(c, now)
	if d.room() < 50 { // its first row stands below its heading
		d.page()
	}
	d.routines(l.Routines)
	d.heading(words.T("Medicines to go on with. Write the time and your initials for each that was given."))
	d.medicines(c)
	d.heading(words.T("Observations"))
	d.vitals(c, now)
	d.blankVitals(c)
}

// who is who a page is about.
func (d *doc) who(w ward.Identity) {
	d.line(margin, d.y, d.width(), text{words: strings.TrimSpace(w.Bed + "  " + w.ShowName() + "   " + identityWords(w)), size: value, bold: true})
	d.y += height(value)
	if w.Similar {
		d.line(margin, d.y, d.width(), text{words: words.T("! SIMILAR NAME on this ward: check birth date and number"), size: body, bold: true})
		d.y += height(body)
	}
	d.y += 1
}

func (d *doc) allergies(c *ward.Chart) {
	t := table{shares: []float64{3, 4, 2, 2, 3}, heads: []words.Key{words.K("Substance"), words.K("Reaction"), words.K("Severity"), words.K("Certainty"), words.K("Note")}}
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
		d.row(t, []cell{{{words: a.Substance, size: body, bold: true}}, {{words: a.Reaction, size: body}}, {{words: ward.Said(a.Severity), size: body}}, {{words: ward.Said(a.Certainty), size: body}}, {{words: a.Note, size: body}}})
	}
}

// flags are the patient's flags as the record has them. It holds a resuscitation status
// or an isolation only where somebody sent it as a flag: that there is none here says
// nothing, so the sheet asks, and has room for the answer.
func (d *doc) flags(list []string) {
	said := words.T("None in this record.")
	if len(list) > 0 {
		said = strings.Join(list, ", ")
	}
	d.line(margin, d.y, d.width(), text{words: said, size: value, bold: len(list) > 0})
	d.y += height(value) * float64(len(d.wrap(text{words: said, size: value, bold: len(list) > 0}, d.width())))
	ask := words.T("What is not flagged is not known here. Ask, and write it down. Resuscitation status: ______________________   Isolation: ______________________   Asked of: ______________________")
	d.line(margin, d.y+1, d.width(), text{words: ask, size: body})
	d.y += height(body)*float64(len(d.wrap(text{words: ask, size: body}, d.width()))) + 2
}

// routines are those that are open: each step that nobody has answered, with room for
// who answered it by hand.
func (d *doc) routines(list []view.Routine) {
	if len(list) == 0 {
		return
	}
	d.heading(words.T("Routines to go on with. Write the time and your initials for each step that was done; for one that is not needed, why."))
	t := table{shares: []float64{8, 3, 6}, heads: []words.Key{words.K("Step"), words.K("Done: time, initials"), words.K("Not needed: why, initials")}}
	for _, r := range list {
		name := text{words: r.Words, size: body, bold: true}
		if r.Late != "" {
			name.words += ", " + r.Late
		}
		if d.room() < 30 { // its first steps stand below its name
			d.page()
		}
		d.line(margin, d.y, d.width(), name)
		d.y += height(body)*float64(len(d.wrap(name, d.width()))) + 1
		d.tableHead(t)
		for _, s := range r.Open {
			d.row(t, []cell{{{words: s, size: strong, tick: true}}, nil, nil})
		}
	}
}

// given is how many times of one medicine fit on a sheet; spare, how many empty rows stand
// below for what is prescribed on paper.
const (
	given = 8
	spare = 3
)

// medicines are those that are prescribed and not withdrawn, with columns for when they
// were given, and empty rows.
func (d *doc) medicines(c *ward.Chart) {
	t := table{shares: []float64{9}, heads: []words.Key{words.K("Medicine and dose, as prescribed")}}
	for range given {
		t.shares, t.heads = append(t.shares, 2), append(t.heads, words.K("Time, initials"))
	}
	var list []cell
	for i := range c.Orders {
		o := &c.Orders[i]
		if o.Kind != ward.OrderMedicine || o.Withdrawn != "" || !o.Open {
			continue
		}
		m := cell{{words: o.Test, size: strong, bold: true}}
		if o.Dose != "" {
			m = append(m, text{words: o.Dose, size: body})
		}
		m = append(m, text{words: words.F("prescribed by %s, %s", ward.SayName(o.By), stamp(o.At)), size: small})
		for _, r := range o.Remarks {
			m = append(m, text{words: "! " + r, size: body, bold: true})
		}
		list = append(list, m)
	}
	if len(list) == 0 {
		d.line(margin, d.y, d.width(), text{words: words.T("None is prescribed in this record. Others may be on a drug chart."), size: body})
		d.y += height(body)
	} else {
		d.line(margin, d.y, d.width(), text{words: words.T("Those of this record only: others may be on a drug chart. Hold each against the allergies above."), size: body})
		d.y += height(body)
	}
	for range spare {
		list = append(list, cell{{words: " ", size: value}, {words: " ", size: value}})
	}
	d.tableHead(t)
	for _, m := range list {
		high := d.lay(m, t.widths(d.width())[0]).high + 2*gap
		d.row(t, append([]cell{m}, make([]cell, given)...))
		bottom := d.y - 0.6
		d.columns(t, max(bottom-high, margin+20), bottom)
	}
}

// columns draws the lines between the columns of a row, so that a hand keeps to its box.
func (d *doc) columns(t table, top, bottom float64) {
	x := margin
	for i, w := range t.widths(d.width()) {
		if x += w; i < len(t.shares)-1 {
			d.pdf.Line(x, top, x, bottom)
		}
	}
}

// lastDays and lastMost bound the results of a pack.
const (
	lastDays = 7 * 24 * time.Hour
	lastMost = 60
)

// results are the newest of each test.
func (d *doc) results(c *ward.Chart, now time.Time) {
	t := table{shares: []float64{5, 4, 3, 3, 5}, heads: []words.Key{words.K("Test"), words.K("Value"), words.K("Range"), words.K("Status"), words.K("Collected")}}
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
		said := words.T("None of the last 7 days.")
		if c.FeedDown {
			said = words.T("None are here. The laboratory's feed was not connected: this does not say that there are none.")
		}
		d.line(margin, d.y, d.width(), text{words: said, size: body})
		d.y += height(body)
	}
}

func resultCells(x *ward.Result, now time.Time) []cell {
	shown := strings.Join(strings.Fields(x.Value+" "+x.Unit), " ")
	if x.Value == "" {
		shown = strings.Join(strings.Fields(x.Absent), " ")
		if none := words.T("no result"); !strings.HasPrefix(shown, none) {
			shown = strings.TrimSpace(none + " " + shown)
		}
	}
	v := cell{{words: strings.TrimSpace(shown + " " + x.FlagWords()), size: strong, bold: x.Flag != ward.FlagNone || x.Urgent}}
	if x.Urgent {
		v[0].words = "! " + v[0].words
	}
	if x.Before != nil && x.Before.Value != "" {
		v = append(v, text{words: words.F("was %s", x.Before.Value+" "+x.Before.Unit), size: small})
	}
	span := x.Range
	if span == "" {
		span = words.T("no range sent")
	}
	test := cell{{words: x.Test, size: body, bold: true}}
	for _, n := range x.Notes {
		test = append(test, text{words: n, size: small})
	}
	return []cell{test, v, {{words: span, size: body}}, {{words: ward.Said(x.Status), size: body}}, {{words: collectedAt(x, now), size: body}}}
}

// vitalSigns are the rows of an observations chart.
var vitalSigns = []struct {
	name words.Key
	of   func(ward.VitalSet) string
}{
	{words.K("Respirations /min"), func(v ward.VitalSet) string { return v.Respirations }},
	{words.K("SpO₂ %"), func(v ward.VitalSet) string { return v.SpO2 }},
	{words.KC("row", "Air or oxygen"), oxygenWords},
	{words.K("Blood pressure mmHg"), func(v ward.VitalSet) string { return strings.Trim(v.Systolic+"/"+v.Diastolic, "/") }},
	{words.K("Pulse /min"), func(v ward.VitalSet) string { return v.Pulse }},
	{words.K("Consciousness ACVPU"), func(v ward.VitalSet) string { return v.Consciousness }},
	{words.K("Temperature °C"), func(v ward.VitalSet) string { return v.Temperature }},
	{words.K("NEWS2"), scoreWords},
}

func oxygenWords(v ward.VitalSet) string {
	switch {
	case v.Oxygen == nil:
		return ""
	case *v.Oxygen:
		return words.T("oxygen")
	}
	return words.T("air")
}

func scoreWords(v ward.VitalSet) string {
	switch {
	case !v.Early.Known:
		return ""
	case v.Early.AtLeast:
		return words.F("at least %d", v.Early.Total)
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
		d.line(margin, d.y, d.width(), text{words: words.T("None recorded."), size: body})
		d.y += height(body)
		return
	}
	t := table{shares: []float64{3}, heads: []words.Key{words.K("Time")}}
	for _, v := range sets {
		t.shares, t.said = append(t.shares, 2), append(t.said, ward.Stamp(v.At, now))
	}
	d.tableHead(t)
	for _, s := range vitalSigns {
		cells := []cell{{{words: s.name.Say(), size: body}}}
		for _, v := range sets {
			cells = append(cells, cell{{words: s.of(v), size: body, bold: true}})
		}
		d.row(t, cells)
	}
}

// blank are the empty columns of a chart to continue by hand.
const blank = 8

// blankVitals is the chart to continue by hand, whole on one page: a row for each sign,
// with the points of NEWS2 beside it, so that a set can be scored without a computer.
func (d *doc) blankVitals(c *ward.Chart) {
	const row = 9.0
	points := pointsOf(c)
	heading := words.T("To continue by hand: observations. Sign each column; enter them when the computer is back, with the time at which each was true.")
	more := len(d.wrap(text{words: heading, size: value, bold: true}, d.width())) - 1
	high := row*float64(len(vitalSigns)+2) + 26 + float64(more)*height(value)
	if d.room() < high {
		d.page()
	}
	d.heading(heading)
	if points.refused != "" {
		d.line(margin, d.y, d.width(), text{words: words.F("NEWS2: %s. Do not add points up for this patient.", ward.Said(points.refused)), size: body, bold: true})
		d.y += height(body) + 1
	}
	names := append([]words.Key{words.K("Date, time")}, signNames()...)
	names = append(names, words.K("Signed"))
	first, key := 36.0, 84.0
	width := (d.width() - first - key) / blank
	d.pdf.SetLineWidth(0.2)
	for i, n := range names {
		y := d.y + float64(i)*row
		d.pdf.Rect(margin, y, first, row, "D")
		d.line(margin+gap, y+2.4, first-2*gap, text{words: n.Say(), size: body})
		d.pdf.Rect(margin+first, y, key, row, "D")
		d.line(margin+first+gap, y+0.8, key-2*gap, text{words: points.of[n.English()], size: body})
		for k := range blank {
			d.pdf.Rect(margin+first+key+float64(k)*width, y, width, row, "D")
		}
	}
	d.y += float64(len(names))*row + 2
}

// scoring is the key that a set is scored by: for each row, which values have points.
type scoring struct {
	of      map[string]string
	refused string // why this patient is not scored
}

// chartNames are the rows of the observation chart that score, by those of the sheet.
var chartNames = map[string]string{
	"Respirations /min": "Respirations", "Air or oxygen": "Air or oxygen", "Blood pressure mmHg": "Blood pressure",
	"Pulse /min": "Pulse", "Consciousness ACVPU": "Consciousness", "Temperature °C": "Temperature",
}

// pointsOf takes the key from the chart on the screen (RCP, NEWS2 2017, chart 1), on the
// scale for oxygen that this patient is scored by now.
func pointsOf(c *ward.Chart) scoring {
	out := scoring{of: map[string]string{}, refused: c.Early.Refused}
	if out.refused != "" {
		return out
	}
	saturation, of := "SpO₂ scale 1", words.T("scale 1:")
	if c.Early.Scale == 2 { // on air its rows are the same, but that 93 and more has none
		saturation, of = "SpO₂ scale 2, on oxygen", words.T("scale 2, on air 93 or more has 0:")
	}
	for _, g := range obschart.Rows() {
		said := pointWords(g.Bands)
		if g.ID == saturation {
			out.of["SpO₂ %"] = of + " " + said
		}
		for row, name := range chartNames {
			if g.ID == name {
				out.of[row] = said
			}
		}
	}
	out.of["NEWS2"] = words.T("Add up. 5 or more, or 3 in one row: urgent. 7 or more: emergency")
	out.of["Date, time"] = words.T("Points of NEWS2")
	return out
}

// pointWords are "3 for ≥25, ≤8; 2 for 21–24; 1 for 9–11". Bands that follow one another and
// have the same points are one.
func pointWords(bands []obschart.Band) string {
	var parts []string
	for points := 3; points > 0; points-- {
		var labels []string
		for i := 0; i < len(bands); i++ {
			if bands[i].Points != points {
				continue
			}
			first := i
			for i+1 < len(bands) && bands[i+1].Points == points && strings.ContainsAny(bands[i+1].Label, "0123456789") {
				i++
			}
			labels = append(labels, spanned(bands[first].Label, bands[i].Label))
		}
		if len(labels) > 0 {
			parts = append(parts, words.F("%d for %s", points, strings.Join(labels, ", ")))
		}
	}
	return strings.Join(parts, "; ")
}

// spanned is the range from the upper of two labels to the lower: "81–90" and "≤50" are
// "≤90".
func spanned(upper, lower string) string {
	if upper == lower {
		return upper
	}
	_, top, _ := strings.Cut(upper, "–")
	bottom, _, _ := strings.Cut(lower, "–")
	switch {
	case strings.HasPrefix(lower, "≤"):
		return "≤" + top
	case strings.HasPrefix(upper, "≥"):
		return "≥" + bottom
	}
	return bottom + "–" + top
}

func signNames() []words.Key {
	var out []words.Key
	for _, s := range vitalSigns {
		out = append(out, s.name)
	}
	return out
}
