package paper

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"

	"wardlight/assets"
)

// text is a piece of text as it is wanted: it wraps.
type text struct {
	words  string
	size   float64
	bold   bool
	boxed  bool    // a fact of the record: a bar at its left
	tick   bool    // something to do: a box to tick at its left
	indent float64 // in millimetres
}

// height is the height of a line, in millimetres.
func height(size float64) float64 { return size * 0.3528 * 1.3 }

// The typefaces, tried in this order for each letter.
var faces = []struct {
	name          string
	regular, bold assets.Font
}{
	{"sans", assets.SansRegular, assets.SansSemiBold},
	{"arabic", assets.ArabicRegular, assets.ArabicSemiBold},
	{"hebrew", assets.HebrewRegular, assets.HebrewSemiBold},
}

func (d *doc) addFonts() {
	for _, f := range faces {
		d.pdf.AddUTF8FontFromBytes(f.name, "", assets.FontData(f.regular))
		d.pdf.AddUTF8FontFromBytes(f.name, "B", assets.FontData(f.bold))
	}
}

// piece is letters of one typeface, in the order in which they are drawn.
type piece struct {
	face  string
	words string
}

// lostLetter stands for one that no typeface has. It is none that a name is
// written with.
const lostLetter = '¤'

// shape brings one line of text into the order in which it is drawn, from left to
// right: what is written from right to left is turned round, and Arabic letters
// take the form that their neighbours ask for.
func (d *doc) shape(line string) []piece {
	if !utf8.ValidString(line) {
		line = string([]rune(line))
	}
	var out []piece
	put := func(face, said string) {
		if n := len(out); n > 0 && out[n-1].face == face {
			out[n-1].words += said
		} else if said != "" {
			out = append(out, piece{face, said})
		}
	}
	add := func(s string) { // a piece is cut out of the text whole, not put together of letters
		from, in := 0, ""
		for i, r := range s {
			face := faceOf(r)
			if face == in && face != "" {
				continue
			}
			put(in, s[from:i])
			from, in = i, face
			if face == "" {
				put(faces[0].name, string(lostLetter))
				from, d.lost = i+utf8.RuneLen(r), true
			}
		}
		put(in, s[from:])
	}
	if !anyRTL(line) {
		add(line)
		return out
	}
	add(visual(joinArabic(line)))
	return out
}

// anyRTL says whether a text holds a letter that is written from right to left.
func anyRTL(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		c := classOf(r)
		return c == bidi.R || c == bidi.AL
	})
}

func (d *doc) measure(line []piece, size float64, bold bool) float64 {
	w := 0.0
	for _, p := range line {
		d.pdf.SetFont(p.face, weight(bold), size)
		w += d.pdf.GetStringWidth(p.words)
	}
	return w
}

func weight(bold bool) string {
	if bold {
		return "B"
	}
	return ""
}

// draw draws a shaped line; y is the top of it.
func (d *doc) draw(x, y float64, line []piece, size float64, bold bool) {
	base := y + size*0.3528*1.02
	for _, p := range line {
		d.pdf.SetFont(p.face, weight(bold), size)
		d.pdf.Text(x, base, p.words)
		x += d.pdf.GetStringWidth(p.words)
	}
}

// wrap breaks a text into lines of a width, between words; its own line breaks
// stay. A word that is wider than the line is broken inside: it is never cut.
func (d *doc) wrap(t text, width float64) [][]piece {
	var out [][]piece
	fits := func(s string) bool { return d.measure(d.shape(s), t.size, t.bold) <= width }
	for _, para := range strings.Split(t.words, "\n") {
		line := ""
		for _, word := range strings.Fields(para) {
			next := strings.TrimSpace(line + " " + word)
			if fits(next) {
				line = next
				continue
			}
			if line != "" {
				out = append(out, d.shape(line))
			}
			line = word
			for !fits(line) {
				head := d.start(line, fits)
				out = append(out, d.shape(head))
				line = line[len(head):]
			}
		}
		out = append(out, d.shape(line))
	}
	return out
}

// start is as much of a word as fits: one letter at least.
func (d *doc) start(word string, fits func(string) bool) string {
	end := 0
	for i, r := range word {
		next := i + len(string(r))
		if end > 0 && !fits(word[:next]) {
			break
		}
		end = next
	}
	return word[:end]
}
