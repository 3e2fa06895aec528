package paper

import "wardlight/internal/words"

// cell is what stands in one column of a row, from top to bottom.
type cell []text

// table is rows of columns that share their places.
type table struct {
	shares []float64
	heads  []words.Key
	said   []string // heads that are no words but times, behind the others
	notes  float64  // free room under each row, in millimetres, for writing by hand
}

func (t table) widths(total float64) []float64 {
	sum := 0.0
	for _, s := range t.shares {
		sum += s
	}
	out := make([]float64, len(t.shares))
	for i, s := range t.shares {
		out[i] = total * s / sum
	}
	return out
}

// laid is a cell as lines, each with its height.
type laid struct {
	lines []laidLine
	high  float64
}

type laidLine struct {
	pieces []piece
	text   text
	first  bool // of its text
}

func (d *doc) lay(c cell, width float64) laid {
	var l laid
	for _, t := range c {
		for i, pieces := range d.wrap(t, width-2*gap-t.indent-barRoom(t)) {
			l.lines = append(l.lines, laidLine{pieces, t, i == 0})
			l.high += height(t.size)
		}
	}
	return l
}

// barRoom is the room at the left of a text for its bar, or its box to tick.
func barRoom(t text) float64 {
	switch {
	case t.tick:
		return 4
	case t.boxed:
		return 2
	}
	return 0
}

// tableHead draws the names of the columns.
func (d *doc) tableHead(t table) {
	if len(t.heads) == 0 {
		return
	}
	w := t.widths(d.width())
	x, high := margin, 0.0
	var heads []string
	for _, h := range t.heads {
		heads = append(heads, h.Say())
	}
	for i, h := range append(heads, t.said...) {
		lines := d.wrap(text{words: h, size: small, bold: true}, w[i]-2*gap)
		for n, l := range lines {
			d.draw(x+gap, d.y+float64(n)*height(small), l, small, true)
		}
		high = max(high, float64(len(lines))*height(small))
		x += w[i]
	}
	d.y += high + 0.8
	d.rule(d.y)
	d.y += 0.6
}

// row draws one row: whole on this page, or on the next. One that is higher than
// a page goes on there.
func (d *doc) row(t table, cells []cell) {
	w := t.widths(d.width())
	parts := make([]laid, len(cells))
	high := 0.0
	for i, c := range cells {
		parts[i] = d.lay(c, w[i])
		high = max(high, parts[i].high)
	}
	if high+2*gap+height(small)+t.notes > d.room() && d.room() < d.fullPage(t) {
		d.page()
		d.tableHead(t)
	}
	for {
		rest := d.rowPart(w, parts)
		if !rest {
			break
		}
		d.right(d.bottom()-height(small), text{words: words.T("goes on on the next page"), size: small, bold: true})
		d.page()
		d.tableHead(t)
		d.line(margin, d.y, d.width(), text{words: words.T("continued"), size: small, bold: true})
		d.y += height(small)
	}
	d.y += t.notes
	d.rule(d.y)
	d.y += 0.6
}

// fullPage is the room of a page that has only its head.
func (d *doc) fullPage(t table) float64 {
	head := 0.0
	if len(t.heads) > 0 {
		head = height(small) + 1.4
	}
	return d.bottom() - margin - 15 - head
}

// rowPart draws as much of the cells as fits on this page, and says whether
// something is left.
func (d *doc) rowPart(w []float64, parts []laid) bool {
	x, used, rest := margin, 0.0, false
	room := d.room() - gap - height(small)
	for i := range parts {
		y, n := gap, 0
		for _, l := range parts[i].lines {
			if y+height(l.text.size) > room {
				break
			}
			at := x + gap + l.text.indent + barRoom(l.text)
			if l.text.tick && l.first {
				side := height(l.text.size) * 0.6
				d.pdf.Rect(at-barRoom(l.text), d.y+y+side*0.3, side, side, "D")
			}
			if l.text.boxed {
				d.pdf.SetLineWidth(0.5)
				d.pdf.Line(at-1.6, d.y+y, at-1.6, d.y+y+height(l.text.size))
				d.pdf.SetLineWidth(0.2)
			}
			d.draw(at, d.y+y, l.pieces, l.text.size, l.text.bold)
			y += height(l.text.size)
			n++
		}
		parts[i].lines = parts[i].lines[n:]
		rest = rest || len(parts[i].lines) > 0
		used = max(used, y)
		x += w[i]
	}
	d.y += used + gap
	return rest
}
