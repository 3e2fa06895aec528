package uitest

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/words"
	"wardlight/internal/words/languages"
)

// Speak speaks a language until the test ends: "de", or "en" for English. A page that was
// made before keeps what it said.
func Speak(t *testing.T, tag string) {
	t.Helper()
	before := words.In()
	t.Cleanup(func() { words.Use(before) })
	languages.Use(tag)
	if words.Tag() != tag {
		t.Fatalf("there is no language %q", tag)
	}
}

// EachLanguage runs a test in English and in every other language: for whatever has to
// hold in each, such as that no value and no control is cut.
func EachLanguage(t *testing.T, run func(t *testing.T)) {
	t.Helper()
	for _, l := range languages.All() {
		t.Run(l.Tag, func(t *testing.T) {
			Speak(t, l.Tag)
			run(t)
		})
	}
}

// Pseudo speaks a language that nobody speaks until the test ends: each text that can be
// translated is drawn in letters with marks, and 40 % longer. What is drawn in plain
// letters then is a value, a name, something that somebody wrote, or a text that nobody
// can translate. Make the page after it.
func Pseudo(t *testing.T) {
	t.Helper()
	before := words.In()
	t.Cleanup(func() { words.Use(before) })
	words.Use(&words.Table{Tag: "pseudo", Else: func(_, english string) string { return marked(english) }})
}

// verbIn finds fmt's verbs, which stay as they are.
var verbIn = regexp.MustCompile(`%(?:\[\d+\])?[-+#0]*\d*(?:\.\d+)?[a-zA-Z%]`)

var marks = strings.NewReplacer(pairs("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "àƀçđéƒĝĥîĵķļḿñöþǫŕšţûṽŵẋýžÀƁÇĐÉƑĜĤÎĴĶĻḾÑÖÞǪŔŠŢÛṼŴẊÝŽ")...)

func pairs(plain, marked string) []string {
	to := []rune(marked)
	var out []string
	for i, r := range []rune(plain) {
		out = append(out, string(r), string(to[i]))
	}
	return out
}

// marked is a text as the language that nobody speaks has it.
func marked(english string) string {
	var b strings.Builder
	at := 0
	for _, m := range verbIn.FindAllStringIndex(english, -1) {
		b.WriteString(marks.Replace(english[at:m[0]]))
		b.WriteString(english[m[0]:m[1]])
		at = m[1]
	}
	b.WriteString(marks.Replace(english[at:]))
	if more := len([]rune(english)) * 2 / 5; more > 2 {
		b.WriteString(" " + strings.Repeat("ĺö ", more)[:more/3*5])
	}
	return strings.TrimSpace(b.String())
}

var drawnText = regexp.MustCompile(`<text[^>]*>([^<]*)</text>`)

// Texts are the texts that are drawn below o, line by line.
func Texts(o fyne.CanvasObject) []string {
	var out []string
	for _, m := range drawnText.FindAllStringSubmatch(test.RenderObjectToMarkup(o), -1) {
		out = append(out, html.UnescapeString(m[1]))
	}
	return out
}

// data are patterns of what is never translated on any page: times, units, keys.
var data = []*regexp.Regexp{
	regexp.MustCompile(`\b\d\d-\p{L}+-\d{4}\b`),
	regexp.MustCompile(`\b(?:mmol/L|µmol/L|umol/L|mg/L|g/L|U/L|mmHg|kPa|°C|bpm|/min|mL|mg|kg|cm|mm)\b`),
	regexp.MustCompile(`\bF\d\d?\b`),
	regexp.MustCompile(`\b(?:NEWS2|SpO₂|ACVPU|HL7|PDF)\b`),
}

// letter finds what is drawn in letters that no translation would leave so.
var letter = regexp.MustCompile(`[A-Za-z][A-Za-z’'-]*`)

// Reads is what stands on an object, in the order in which it is drawn, with one space
// between words: a sentence is drawn in parts.
func Reads(o fyne.CanvasObject) string {
	return strings.Join(strings.Fields(strings.Join(Texts(o), " ")), " ")
}

// Untranslatable are the texts below o, drawn in Pseudo, of which a part cannot be
// translated. Data are values, names and texts that somebody wrote: a string, or after
// "re:" a regular expression.
func Untranslatable(o fyne.CanvasObject, known ...string) []string {
	var out []string
	for _, line := range Texts(o) {
		left := line
		for _, k := range known {
			if expr, ok := strings.CutPrefix(k, "re:"); ok {
				left = regexp.MustCompile(expr).ReplaceAllString(left, " ")
			} else {
				left = strings.ReplaceAll(left, k, " ")
				left = without(left, strings.Fields(k))
			}
		}
		for _, p := range data {
			left = p.ReplaceAllString(left, " ")
		}
		if letter.MatchString(left) {
			out = append(out, line)
		}
	}
	return out
}

// without is a text less these words, each where it stands by itself but for a mark: a
// paragraph is drawn word by word.
func without(text string, these []string) string {
	bare := func(s string) string { return strings.Trim(s, ".,;:·“”„()") }
	fields := strings.Fields(text)
	return strings.Join(slices.DeleteFunc(fields, func(f string) bool {
		return slices.ContainsFunc(these, func(k string) bool { return bare(k) == bare(f) })
	}), " ")
}

// AllTranslatable says of each text below o that nobody could translate it. The page was
// made after Pseudo. What is known is data: see Untranslatable.
func AllTranslatable(t *testing.T, o fyne.CanvasObject, known ...string) {
	t.Helper()
	if words.Tag() != "pseudo" {
		t.Fatal("call Pseudo before the page is made")
	}
	lines := Texts(o)
	spoken := false
	for _, line := range lines {
		spoken = spoken || strings.ContainsAny(line, "àéîöûšţ")
	}
	if !spoken {
		t.Fatalf("nothing on it is translated, of %d texts", len(lines))
	}
	for _, line := range Untranslatable(o, known...) {
		t.Errorf("nobody can translate %q", line)
	}
}
