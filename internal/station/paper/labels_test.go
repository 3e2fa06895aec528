package paper

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// dot is the dots of a millimetre that the test looks at: 16 are 406 to the inch.
const dot = 16

// rects draws what is filled on each page of an uncompressed file, as a printer would.
func rects(t *testing.T, pdf []byte, wide, high float64) (pages []*image.Gray) {
	t.Helper()
	for _, stream := range regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`).FindAllSubmatch(pdf, -1) {
		if !strings.Contains(string(stream[1]), "BT") {
			continue
		}
		page := image.NewGray(image.Rect(0, 0, int(wide*dot), int(high*dot)))
		draw.Draw(page, page.Bounds(), image.White, image.Point{}, draw.Src)
		for _, m := range regexp.MustCompile(`([-\d.]+) ([-\d.]+) ([-\d.]+) ([-\d.]+) re f`).FindAllStringSubmatch(string(stream[1]), -1) {
			var v [4]float64
			for i := range v {
				f, err := strconv.ParseFloat(m[i+1], 64)
				if err != nil {
					t.Fatal(err)
				}
				v[i] = f / 72 * 25.4 * dot
			}
			top := high*dot - v[1]
			area := image.Rect(round(v[0]), round(top), round(v[0]+v[2]), round(top-v[3]))
			draw.Draw(page, area, image.NewUniform(color.Black), image.Point{}, draw.Src)
		}
		pages = append(pages, page)
	}
	return pages
}

func round(f float64) int { return int(f + 0.5) }

// read reads the barcode in a part of a page; "" for none.
func read(t *testing.T, page *image.Gray, area image.Rectangle) string {
	t.Helper()
	part := image.NewGray(image.Rect(0, 0, area.Dx(), area.Dy()))
	draw.Draw(part, part.Bounds(), page, area.Min, draw.Src)
	bitmap, err := gozxing.NewBinaryBitmapFromImage(part)
	if err != nil {
		t.Fatal(err)
	}
	got, err := oned.NewCode128Reader().Decode(bitmap, map[gozxing.DecodeHintType]interface{}{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		return ""
	}
	return got.GetText()
}

func order(n int) ward.OrderLabel {
	return ward.OrderLabel{Number: fmt.Sprintf("sr6fyt2lqwbff-%d", n), Test: "Urea and electrolytes", Sample: "blood, serum", By: "Grace Mensah, nurse", At: at("18:40")}
}

func labelsOf(t *testing.T, paper string, who ward.Identity, copies int, list ...ward.OrderLabel) (pages []string, pdf []byte) {
	t.Helper()
	plain(t)
	pdf, err := Labels(now, paper, who, list, copies)
	if err != nil {
		t.Fatal(err)
	}
	return drawn(t, pdf), pdf
}

// keepPDF keeps a file to be looked at, where somebody wants to.
func keepPDF(t *testing.T, name string, pdf []byte) {
	t.Helper()
	if dir := os.Getenv("WARDLIGHT_PICTURES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".pdf"), pdf, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// people are names that a label must bear: usual, long, written from right to left.
func people() map[string]ward.Identity {
	long := person("p2", "Wolfeschlegelsteinhausen-Bergerdorff", "Maria Theresia Anunciação Philippa Charlotte Bernadette", "12")
	arabic := person("p3", "عبد الرحمن بن محمد الفارسي", "ليلى", "03")
	nobody := ward.Identity{ID: "p4", Temporary: true, Gender: "Not known"}
	return map[string]ward.Identity{"usual": person("p1", "Adeyemi", "Folake", "07"), "long": long, "arabic": arabic, "hebrew": person("p5", "כהן", "שרה (Sara)", "04"), "nobody": nobody}
}

// On every paper each label says whose it is by name, birth date and number, what it
// is, and a barcode that a reader reads as the order's number.
func TestALabelSaysWhoseItIsAndItsBarcodeIsRead(t *testing.T) {
	for _, paper := range ward.LabelPapers() {
		p := labelPapers[paper]
		for name, who := range people() {
			list := []ward.OrderLabel{order(1), order(27), order(99999)}
			list[1].Stat, list[1].Test = true, "Calcium, phosphate, magnesium and everything else that stands on a long form of the laboratory"
			pages, pdf := labelsOf(t, paper, who, 2, list...)
			keepPDF(t, "labels-"+paper+"-"+name, pdf)
			wide, high := p.wide, p.high
			if p.page != "" {
				wide, high = 210, 297
			}
			words := strings.Join(pages, " ")
			var sheet []*image.Gray
			bars := 0
			if name == "usual" || name == "long" { // the bars of the others are the same
				sheet, bars = rects(t, pdf, wide, high), 2*len(list)
			}
			for i := range bars {
				per := p.columns * p.rows
				at := i % per
				x, y := float64(at%p.columns)*p.wide, p.top+float64(at/p.columns)*p.high
				area := image.Rect(int(x*dot), int(y*dot), int((x+p.wide)*dot), int((y+p.high)*dot))
				if got := read(t, sheet[i/per], area); got != list[i/2].Number {
					t.Errorf("%s, %s, label %d: the barcode reads %q, want %q", paper, name, i, got, list[i/2].Number)
				}
			}
			if len(pages) != (2*len(list)+p.columns*p.rows-1)/(p.columns*p.rows) {
				t.Errorf("%s: %d pages", paper, len(pages))
			}
			want := []string{"Born 14-Mar-1954", "NHS No. 999 041 7732"}
			if name == "nobody" {
				want = []string{"NAME NOT KNOWN", "Born not known", "No number known", "TEMPORARY IDENTITY"}
			}
			for _, w := range append(want, "(blood, serum)", "Collected ____", "! AT ONCE !", "Order sr6fyt2lqwbff-27", "1 of 2", "2 of 2", "asked 18:40 on 22-Nov-2026 by Grace Mensah, nurse") {
				if !strings.Contains(words, w) {
					t.Errorf("%s, %s: %q is not on it: %s", paper, name, w, words)
				}
			}
		}
	}
}

// A long name and a long test wrap and become smaller, and all of their letters are
// there; birth date and number stand whole.
func TestALongNameIsNeverCutOnALabel(t *testing.T) {
	who := people()["long"]
	for paper := range labelPapers {
		l := order(99999)
		l.Test = "Calcium, phosphate, magnesium and everything else that stands on a long form of the laboratory"
		pages, _ := labelsOf(t, paper, who, 1, l)
		got := strings.ReplaceAll(strings.Join(pages, ""), " ", "")
		for _, w := range []string{strings.ReplaceAll(who.ShowName(), " ", ""), strings.ReplaceAll(l.Test, " ", ""), "Born14-Mar-1954", "NHSNo.9990417732"} {
			if !strings.Contains(got, w) {
				t.Errorf("%s: %q is cut: %s", paper, w, got)
			}
		}
	}
}

// A word of a name is broken inside only where the smallest letters do not hold it.
func TestAWordOfANameIsNotBrokenWhereSmallerLettersHoldIt(t *testing.T) {
	for paper := range labelPapers {
		pages, _ := labelsOf(t, paper, people()["long"], 1, order(1))
		if !strings.Contains(pages[0], "WOLFESCHLEGELSTEINHAUSEN-BERGERDORFF,") || !strings.Contains(pages[0], "by ________ ") {
			t.Errorf("%s: %s", paper, pages[0])
		}
	}
}

// Every line of every label lies inside it.
func TestNothingLeavesTheLabel(t *testing.T) {
	for paper, p := range labelPapers {
		for name, who := range people() {
			l := order(99999)
			l.Test = strings.Repeat("Magnesium ", 8)
			_, pdf := labelsOf(t, paper, who, 1, l)
			high := p.high
			if p.page != "" {
				high = 297
			}
			places := regexp.MustCompile(`BT ([-\d.]+) ([-\d.]+) Td`).FindAllSubmatch(pdf, -1)
			if len(places) < 5 {
				t.Fatalf("%s: %d places of text", paper, len(places))
			}
			for _, m := range places {
				x, _ := strconv.ParseFloat(string(m[1]), 64)
				y, _ := strconv.ParseFloat(string(m[2]), 64)
				x, y = x/72*25.4, high-y/72*25.4
				white := 1.0 // what no printer reaches: of a roll, and of a sheet
				if p.page != "" {
					white = 4
				}
				if x < white || x > p.wide-white || y < white || y > p.top+p.high-white {
					t.Errorf("%s, %s: text at %.1f, %.1f mm", paper, name, x, y)
				}
			}
		}
	}
}

// What does not fit is refused whole, and so is what nobody may want.
func TestWhatDoesNotFitOnALabelIsRefused(t *testing.T) {
	who := people()["long"]
	who.Given = strings.Repeat(who.Given+" ", 9)
	if _, err := Labels(now, ward.LabelSmall, who, []ward.OrderLabel{order(1)}, 1); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Words(err), "larger labels") {
		t.Errorf("%v", err)
	}
	usual := people()["usual"]
	for name, try := range map[string]func() ([]byte, error){
		"no paper": func() ([]byte, error) { return Labels(now, "A5", usual, []ward.OrderLabel{order(1)}, 1) },
		"no copy":  func() ([]byte, error) { return Labels(now, ward.LabelSmall, usual, []ward.OrderLabel{order(1)}, 0) },
		"many copies": func() ([]byte, error) {
			return Labels(now, ward.LabelSmall, usual, []ward.OrderLabel{order(1)}, MaxCopies+1)
		},
		"no label": func() ([]byte, error) { return Labels(now, ward.LabelSmall, usual, nil, 1) },
		"far too many": func() ([]byte, error) {
			return Labels(now, ward.LabelSmall, usual, make([]ward.OrderLabel, maxLabels), 2)
		},
	} {
		if _, err := try(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A number that no reader could read as bars of this width stands in letters, whole.
func TestANumberTooLongForABarcodeStandsInLetters(t *testing.T) {
	l := order(1)
	l.Number = strings.Repeat("Aq", 25)
	pages, pdf := labelsOf(t, ward.LabelSmall, people()["usual"], 1, l)
	if got := read(t, rects(t, pdf, 70, 35)[0], image.Rect(0, 0, 70*dot, 35*dot)); got != "" {
		t.Errorf("bars that say %q", got)
	}
	if w := strings.ReplaceAll(pages[0], " ", ""); !strings.Contains(w, l.Number) || !strings.Contains(w, "(nobarcode:typethenumber)") {
		t.Error(pages[0])
	}
}

func TestEachPaperHasANameForThePrintingSystem(t *testing.T) {
	if LabelMedia(ward.LabelSmall) != "Custom.70x35mm" || LabelMedia(ward.LabelSheet) != "A4" || LabelMedia("A5") != "" || len(labelPapers) != len(ward.LabelPapers()) {
		t.Error(LabelMedia(ward.LabelSmall), LabelMedia(ward.LabelSheet))
	}
}

// Words of an attacker stay words on a label: what would end a text of a PDF, begin an
// action of its, or move the terminal of whoever reads it, is drawn as it is or refused,
// and the file holds no more kinds of things than one of a usual order.
func TestWordsOfAnAttackerStayWordsOnALabel(t *testing.T) {
	_, usual := labelsOf(t, ward.LabelLarge, people()["usual"], 1, order(1))
	for _, text := range []string{
		`) Tj ET Q /JS (app.alert(1)) BT (`, `>> endobj 9 0 obj << /OpenAction << /S /Launch /F (calc.exe) >> >>`, "endstream\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF",
		`\) \251 \ /URI (http://x)`, `<script>x</script>`, "%n%s ${jndi:x}", "abc\u202egnp.exe\u202c", "\x1b]0;title\x07red",
	} {
		who, o := people()["usual"], order(1)
		who.Given, o.Test, o.Sample, o.By = text, text, text, text
		pdf, err := Labels(now, ward.LabelLarge, who, []ward.OrderLabel{o}, 1)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", text, err)
			}
			continue
		}
		for _, word := range []string{"/JS", "/JavaScript", "/OpenAction", "/Launch", "/URI", "/AA", "/EmbeddedFile", "/Annots", "%%EOF", "trailer", "/Root"} {
			if got, want := bytes.Count(pdf, []byte(word)), bytes.Count(usual, []byte(word)); got != want {
				t.Errorf("%q: %s stands %d times in the file, in a usual one %d", text, word, got, want)
			}
		}
		if pages := drawn(t, pdf); len(pages) != 1 {
			t.Errorf("%q: %d labels", text, len(pages))
		}
	}
}
