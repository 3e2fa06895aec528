package paper

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/boombuler/barcode/code128"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/words"
)

// labelPaper is a paper for labels, in millimetres: labels side by side without a gap.
type labelPaper struct {
	wide, high    float64 // of one label
	columns, rows int
	page          string // a named page; "" is a page as large as its label
	top           float64
	edge          float64 // what a printer does not reach, at each side of a label
}

// The papers. 21 labels of 70 × 42.3 mm fill an A4 sheet but for half a millimetre at
// its top and bottom; an office printer leaves some four millimetres of a sheet's edge
// white.
var labelPapers = map[string]labelPaper{
	ward.LabelSmall: {wide: 70, high: 35, columns: 1, rows: 1, edge: 1.5},
	ward.LabelLarge: {wide: 100, high: 50, columns: 1, rows: 1, edge: 1.5},
	ward.LabelSheet: {wide: 70, high: 42.3, columns: 3, rows: 7, page: "A4", top: .45, edge: 4},
}

// LabelMedia is the paper as a printing system names it; "" for one that is not known.
func LabelMedia(paper string) string {
	p, ok := labelPapers[paper]
	switch {
	case !ok:
		return ""
	case p.page != "":
		return p.page
	}
	return "Custom." + strconv.Itoa(int(p.wide)) + "x" + strconv.Itoa(int(p.high)) + "mm"
}

// MaxCopies bounds the copies of a label, and maxLabels all labels of one print.
const (
	MaxCopies = 6
	maxLabels = 120
)

// Labels are the labels of samples of one patient, each so many times: there is no way
// to have two patients on one print. Who it is, the birth date and the number stand on
// each; names and tests wrap and become smaller to a bound, and what does not fit then
// is refused: nothing is cut, and nothing is left out.
func Labels(made time.Time, paper string, who ward.Identity, labels []ward.OrderLabel, copies int) ([]byte, error) {
	const op = "paper.labels"
	p, ok := labelPapers[paper]
	if !ok || copies < 1 || copies > MaxCopies || len(labels) == 0 || len(labels)*copies > maxLabels {
		return nil, fault.As(fault.Invalid, op, paper, words.Errorf("Choose 1 to %d copies of each, %d labels at most, on a paper of the list. Nothing was printed.", MaxCopies, maxLabels))
	}
	count := newLabelDoc(made, p)
	if err := count.all(who, labels, copies); err != nil {
		return nil, err
	}
	d := newLabelDoc(made, p)
	d.lost = count.lost
	if err := d.all(who, labels, copies); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := d.pdf.Output(&out); err != nil {
		return nil, fault.Wrap(op, "", err)
	}
	return out.Bytes(), nil
}

// labelDoc draws labels; of doc it has the letters only.
type labelDoc struct {
	*doc
	paper labelPaper
	drawn int
}

func newLabelDoc(made time.Time, p labelPaper) *labelDoc {
	init := fpdf.InitType{UnitStr: "mm", Size: fpdf.SizeType{Wd: p.wide, Ht: p.high}}
	if p.page != "" {
		init = fpdf.InitType{UnitStr: "mm", SizeStr: p.page}
	}
	d := &labelDoc{doc: &doc{pdf: fpdf.NewCustom(&init), head: Head{Title: words.T("Labels"), Made: made}}, paper: p}
	d.setUp()
	return d
}

func (d *labelDoc) all(who ward.Identity, labels []ward.OrderLabel, copies int) error {
	for _, l := range labels {
		for n := range copies {
			x, y := d.next()
			if err := d.label(x, y, who, l, n+1, copies); err != nil {
				return err
			}
		}
	}
	return nil
}

// next is where the next label lies, on a new page where the last one is full.
func (d *labelDoc) next() (x, y float64) {
	at := d.drawn % (d.paper.columns * d.paper.rows)
	if at == 0 {
		d.pdf.AddPage()
	}
	d.drawn++
	return float64(at%d.paper.columns) * d.paper.wide, d.paper.top + float64(at/d.paper.columns)*d.paper.high
}

// Measures of a label, in millimetres and points.
const (
	labelFact = 8.0 // birth date and number: never smaller
	labelPen  = 7.0 // what is written on by hand
	labelNote = 6.0
	// A bar is whole dots of a label printer: two of 203 to the inch. Where that does not
	// fit it is as wide as there is room, and below barLeast there is no barcode, which a
	// reader could not read, but words.
	barWide  = 0.25
	barLeast = 0.19
	barQuiet = 10 // bars of silence at each side: Code 128 asks for ten
	barsHigh = 7.0
	barsLow  = 5.0
)

// sizes are those that a name and a test are tried in, largest first.
var sizes = []struct{ name, test float64 }{{11, 9}, {10, 8}, {9, 7.5}, {8, 7}, {7.5, 6.5}, {7, 6}, {6.5, 6}}

// stack is lines from top to bottom.
type stack []laidLine

func (s stack) high() (h float64) {
	for _, l := range s {
		h += height(l.text.size)
	}
	return h
}

func (d *labelDoc) stack(width float64, list ...text) (s stack) {
	for _, t := range list {
		if t.words == "" {
			continue
		}
		for _, pieces := range d.wrap(t, width) {
			s = append(s, laidLine{pieces: pieces, text: t})
		}
	}
	return s
}

func (d *labelDoc) label(x, y float64, who ward.Identity, l ward.OrderLabel, n, of int) error {
	width, room := d.paper.wide-2*d.paper.edge, d.paper.high-2*d.paper.edge
	code := barsOf(l.Number, width)
	for _, try := range []struct {
		bars  float64
		whole bool // only where no word of the name is broken inside
	}{{barsHigh, true}, {barsLow, true}, {barsHigh, false}, {barsLow, false}} {
		for _, s := range sizes {
			bars, list := try.bars, d.texts(who, l, s.name, s.test)
			if try.whole && d.breaks(who.ShowName(), s.name, width) {
				continue
			}
			if code == nil {
				bars = 0
				list = append(list, text{words: words.F("Order %s (no barcode: type the number)", l.Number), size: labelNote, bold: true})
			}
			lines := d.stack(width, list...)
			foot := height(labelNote) + bars
			if lines.high()+foot+0.5 > room {
				continue
			}
			at := y + d.paper.edge
			for _, line := range lines {
				d.draw(x+d.paper.edge, at, line.pieces, line.text.size, line.text.bold)
				at += height(line.text.size)
			}
			d.foot(x+d.paper.edge, y+d.paper.edge+room-foot, width, bars, code, l.Number, n, of)
			return nil
		}
	}
	return fault.As(fault.Invalid, "paper.labels", "", words.Errorf("The name and the test do not fit on a label of this size without being cut. Nothing was printed. Choose larger labels under Settings, Printing, or write the label by hand."))
}

// breaks says whether a word of a text is wider than a line of bold letters.
func (d *labelDoc) breaks(said string, size, width float64) bool {
	for _, w := range strings.Fields(said) {
		if d.measure(d.shape(w), size, true) > width {
			return true
		}
	}
	return false
}

// texts are the lines of a label but its foot.
func (d *labelDoc) texts(who ward.Identity, l ward.OrderLabel, name, test float64) []text {
	asked := strings.Join(nonEmpty(strings.TrimSpace(who.Ward+" "+bedWords(who.Bed)), words.F("asked %s by %s", stamp(l.At), ward.SayName(l.By))), " · ")
	drawn := words.T("Collected ____ : ____ on ________ by ________")
	what := l.Test
	if l.Stat {
		what = words.F("! AT ONCE ! %s", what)
	}
	if l.Sample != "" {
		what += " (" + l.Sample + ")"
	}
	out := []text{{words: who.ShowName(), size: name, bold: true}}
	// Birth date and number are two facts to check: they are never broken inside.
	born, number := bornWords(who), numberWords(who)
	if width := d.paper.wide - 2*d.paper.edge; d.measure(d.shape(born+" · "+number), labelFact, true) <= width {
		out = append(out, text{words: born + " · " + number, size: labelFact, bold: true})
	} else {
		out = append(out, text{words: born, size: labelFact, bold: true}, text{words: number, size: labelFact, bold: true})
	}
	if who.Temporary {
		out = append(out, text{words: words.T("! TEMPORARY IDENTITY"), size: labelFact, bold: true})
	}
	out = append(out, text{words: what, size: test, bold: true}, text{words: drawn, size: labelPen}, text{words: asked, size: labelNote})
	if d.lost {
		out = append(out, text{words: words.T("Some letters could not be printed (¤): see the screen."), size: labelNote, bold: true})
	}
	return out
}

func bornWords(who ward.Identity) string {
	if who.Born == "" {
		return words.T("Born not known")
	}
	return words.F("Born %s", bornOn(who))
}

func numberWords(who ward.Identity) string {
	if who.Number == "" {
		return words.T("No number known")
	}
	return strings.TrimSpace(who.NumberName + " " + who.Number)
}

func bedWords(bed string) string {
	if bed == "" {
		return ""
	}
	return words.F("bed %s", bed)
}

func nonEmpty(list ...string) (out []string) {
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// barcode is bars of Code 128, and how wide the thinnest is.
type barcode struct {
	dark []bool
	wide float64
}

// barsOf are the bars of a number; nil where it cannot be read by a reader in a width.
func barsOf(number string, width float64) *barcode {
	code, err := code128.Encode(number)
	if err != nil {
		return nil
	}
	b := &barcode{dark: make([]bool, code.Bounds().Dx())}
	for i := range b.dark {
		r, _, _, _ := code.At(i, 0).RGBA()
		b.dark[i] = r < 0x8000
	}
	if b.wide = min(barWide, width/float64(len(b.dark)+2*barQuiet)); b.wide < barLeast {
		return nil
	}
	return b
}

// draw draws the bars in the middle of a width; neighbours are one rectangle, so that
// no printer leaves a gap between them.
func (b *barcode) draw(pdf *fpdf.Fpdf, x, y, width, high float64) {
	pdf.SetFillColor(0, 0, 0)
	left := x + (width-b.wide*float64(len(b.dark)))/2
	for i := 0; i < len(b.dark); {
		long := 1
		for i+long < len(b.dark) && b.dark[i+long] == b.dark[i] {
			long++
		}
		if b.dark[i] {
			pdf.Rect(left+float64(i)*b.wide, y, float64(long)*b.wide, high, "F")
		}
		i += long
	}
}

// foot is the barcode with its number in letters, and which copy it is.
func (d *labelDoc) foot(x, y, width, high float64, code *barcode, number string, n, of int) {
	if code != nil {
		code.draw(d.pdf, x, y, width, high)
		d.draw(x, y+high, d.shape(words.F("Order %s", number)), labelNote, true)
	}
	if of > 1 {
		line := d.shape(words.F("%d of %d", n, of))
		d.draw(x+width-d.measure(line, labelNote, true), y+high, line, labelNote, true)
	}
}
