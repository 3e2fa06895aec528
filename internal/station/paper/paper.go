// Package paper makes what a ward prints: the handover, the list of the ward, the pack
// to go on with on paper while everything else is down, and labels for samples. It
// takes read models and gives back a PDF; it reads nothing and writes nothing.
//
// What it promises:
//   - Nothing is cut: a text wraps, and a row that does not fit goes to the next
//     page whole; only one that is higher than a page goes on there, and says so.
//   - Every page but those of labels says which ward, made when and by whom, how old what stands on it
//     is, which page of how many, and that it is to be destroyed.
//   - State is told by word and shape; there is no colour.
//   - Names stand as they are written: accents, and Arabic and Hebrew from right
//     to left. A letter that no embedded typeface has is drawn as ¤, and the page
//     says that some could not be printed.
//   - The file's own properties hold nothing of a patient.
//
// The same input gives the same bytes.
package paper

import (
	"bytes"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/words"
)

// Head is what stands on every page.
type Head struct {
	Title string    // "Handover"
	Ward  string    // "Ward 4B"
	By    string    // who printed it
	Made  time.Time // when
	AsOf  time.Time // how old what stands on it is; zero: this computer never had contact
	Box   string    // a sentence in a box at the top of each page, or ""
	Kept  bool      // it was made to be kept ready: nobody has asked for it yet
}

// Measures of a page, in millimetres and points.
const (
	margin  = 12.0
	footTop = 16.0 // from the bottom edge
	gap     = 1.2  // inside a cell

	small  = 7.5
	body   = 9.0
	value  = 11.0
	strong = 10.0
)

// doc is a document in the making.
type doc struct {
	pdf   *fpdf.Fpdf
	head  Head
	pages int // of how many; 0 while they are counted
	y     float64
	lost  bool           // a letter could not be printed
	about *ward.Identity // whose the pages are; nil for those of several
	rest  func()         // called before a page; nil: nothing is
}

// build draws a document twice: first to count its pages.
func build(h Head, wide bool, draw func(*doc)) ([]byte, error) {
	const op = "paper.build"
	count := newDoc(h, wide, 0, false)
	draw(count)
	d := newDoc(h, wide, count.pdf.PageNo(), count.lost)
	draw(d)
	var out bytes.Buffer
	if err := d.pdf.Output(&out); err != nil {
		return nil, fault.Wrap(op, "", err)
	}
	return out.Bytes(), nil
}

func newDoc(h Head, wide bool, pages int, lost bool) *doc {
	orientation := "P"
	if wide {
		orientation = "L"
	}
	d := &doc{pdf: fpdf.New(orientation, "mm", "A4", ""), head: h, pages: pages, lost: lost}
	d.setUp()
	d.page()
	return d
}

// setUp makes the file and its letters ready, before its first page.
func (d *doc) setUp() {
	d.pdf.SetCompression(compressed)
	d.pdf.SetAutoPageBreak(false, 0)
	d.pdf.SetMargins(margin, margin, margin)
	d.pdf.SetCreationDate(d.head.Made)
	d.pdf.SetModificationDate(d.head.Made)
	d.pdf.SetCatalogSort(true)
	d.pdf.SetTitle(d.head.Title, true)
	d.pdf.SetCreator("Wardlight", true)
	d.pdf.SetProducer("Wardlight", true)
	d.addFonts()
}

// compressed is off where a test reads what was drawn.
var compressed = true

func (d *doc) width() float64  { w, _ := d.pdf.GetPageSize(); return w - 2*margin }
func (d *doc) bottom() float64 { _, h := d.pdf.GetPageSize(); return h - footTop }
func (d *doc) room() float64   { return d.bottom() - d.y }

// page begins a page with its head and foot.
func (d *doc) page() {
	if d.rest != nil {
		d.rest()
	}
	d.pdf.AddPage()
	d.y = margin
	h := d.head
	d.line(margin, d.y, d.width()/2, text{words: h.Ward + "  " + h.Title, size: 13, bold: true})
	d.right(d.y, text{words: madeBy(h), size: body})
	d.y += 6
	d.right(d.y, text{words: asOf(h), size: body, bold: true})
	if h.Box == "" {
		d.y += 6
	} else {
		d.box(h.Box)
	}
	d.foot()
	d.rule(d.y)
	d.y += 1.5
	if d.about != nil {
		d.who(*d.about)
	}
}

// madeBy is who made the page, and when. Who prints one that was kept ready is in the
// audit log, and not on the page: it was drawn before.
func madeBy(h Head) string {
	if h.Kept {
		return words.F("Made %s by this computer, to be kept ready", stamp(h.Made))
	}
	return words.F("Printed %s by %s", stamp(h.Made), ward.SayName(h.By))
}

// asOf is how old what stands on the page is.
func asOf(h Head) string {
	if h.AsOf.IsZero() {
		return words.T("No contact with the server yet: only what was entered on this computer")
	}
	return words.F("As of %s. Later results are not here", stamp(h.AsOf))
}

func stamp(t time.Time) string { return words.F("%s on %s", ward.Clock(t), ward.Date(t)) }

// box is a sentence that nobody may overlook.
func (d *doc) box(said string) {
	lines := d.wrap(text{words: said, size: strong, bold: true}, d.width()*0.55)
	h := float64(len(lines))*height(strong) + 2*gap
	d.pdf.SetLineWidth(0.6)
	d.pdf.Rect(margin, d.y, d.width()*0.58, h, "D")
	d.pdf.SetLineWidth(0.2)
	for i, l := range lines {
		d.draw(margin+2, d.y+gap+float64(i)*height(strong), l, strong, true)
	}
	d.y += max(h, 5) + 1.5
}

func (d *doc) foot() {
	y := d.bottom() + 3
	d.rule(y - 1)
	d.line(margin, y, d.width()*0.6, text{words: words.T("Destroy after the shift. Not part of the record: what is written here by hand has to be entered."), size: small})
	if d.lost {
		d.line(margin, y+4, d.width()*0.6, text{words: words.T("Some letters could not be printed (shown as ¤): see the screen."), size: small, bold: true})
	}
	n := words.F("Page %d", d.pdf.PageNo())
	if d.pages > 0 {
		n = words.F("Page %d of %d", d.pdf.PageNo(), d.pages)
	}
	d.right(y, text{words: n, size: body, bold: true})
}

func (d *doc) rule(y float64) {
	d.pdf.SetDrawColor(0, 0, 0)
	d.pdf.SetLineWidth(0.2)
	d.pdf.Line(margin, y, margin+d.width(), y)
}

// line draws one line at a place.
func (d *doc) line(x, y, w float64, t text) {
	lines := d.wrap(t, w)
	for i, l := range lines {
		d.draw(x, y+float64(i)*height(t.size), l, t.size, t.bold)
	}
}

// right draws a line that ends at the right margin.
func (d *doc) right(y float64, t text) {
	l := d.shape(t.words)
	d.draw(margin+d.width()-d.measure(l, t.size, t.bold), y, l, t.size, t.bold)
}

// heading begins a part of a page.
func (d *doc) heading(said string) {
	t := text{words: said, size: value, bold: true}
	high := height(value) * float64(len(d.wrap(t, d.width())))
	if d.room() < 14-height(value)+high {
		d.page()
	}
	d.y += 1.5
	d.line(margin, d.y, d.width(), t)
	d.y += high + 0.5
}
