package words_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"wardlight/internal/words"
)

// speak speaks a language until the test ends.
func speak(t testing.TB, table *words.Table) {
	t.Helper()
	before := words.In()
	t.Cleanup(func() { words.Use(before) })
	words.Use(table)
}

func german() *words.Table {
	return &words.Table{
		Tag: "de",
		Texts: map[string]string{
			"Sign in": "Anmelden", "verb|Open": "Öffnen", "state|Open": "Offen", "%s was saved at %s": "Um %[2]s wurde %[1]s gesichert",
			"%d of %d beds": "%d von %d Betten", "the disk is full": "Die Platte ist voll", "not saved: %w": "nicht gesichert: %w",
		},
		Plurals: map[string]map[string]string{"%d patients": {"one": "%d Patient", "other": "%d Patienten"}, "%d of %s wait": {"one": "Von %[2]s wartet einer", "other": "%d von %s warten"}},
		Form: func(n int) string {
			if n == 1 {
				return "one"
			}
			return "other"
		},
	}
}

// English is what stands in the program, to the letter, whatever it is.
func TestEnglishIsAsWritten(t *testing.T) {
	speak(t, nil)
	for got, want := range map[string]string{
		words.T("Sign in"): "Sign in", words.T(""): "", words.C("verb", "Open"): "Open", words.K("Sign in").Say(): "Sign in", words.Key{}.Say(): "",
		words.F("%s was saved at %s", "It", "14:05"): "It was saved at 14:05", words.T("100 %"): "100 %",
		words.N(1, "%d patient", "%d patients"): "1 patient", words.N(0, "%d patient", "%d patients"): "0 patients",
		words.N(2, "it", "they"): "they", words.N(1, "one of %[2]s", "%d of %s", "4B"): "one of 4B", words.Tag(): "en",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A translation may turn the words around, count otherwise, and need a context; what it
// lacks is said in English, and what was given stays as it is.
func TestATranslation(t *testing.T) {
	later := words.KC("state", "Open") // before the language is known
	speak(t, german())
	for got, want := range map[string]string{
		words.T("Sign in"): "Anmelden", words.T("Not translated"): "Not translated", words.C("verb", "Open"): "Öffnen", later.Say(): "Offen", later.English(): "Open",
		words.F("%s was saved at %s", "Kalium 6.8", "14:05"): "Um 14:05 wurde Kalium 6.8 gesichert",
		words.N(1, "%d patient", "%d patients"):              "1 Patient", words.N(24, "%d patient", "%d patients"): "24 Patienten",
		words.N(1, "%d of %s waits", "%d of %s wait", "4B"): "Von 4B wartet einer", words.N(3, "%d of %s waits", "%d of %s wait", "4B"): "3 von 4B warten",
		words.N(1, "%d bed", "%d beds"): "1 bed", words.Tag(): "de",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// An error is logged in English and said in the language of whoever reads it, through
// whatever wrapped it on its way.
func TestAnErrorIsSaid(t *testing.T) {
	full := words.Errorf("the disk is full") // a package's variable
	speak(t, german())
	wrapped := fmt.Errorf("seat.looks: %w", fmt.Errorf("cache.put x: %w", full))
	if wrapped.Error() != "seat.looks: cache.put x: the disk is full" || !errors.Is(wrapped, full) {
		t.Errorf("logged as %q", wrapped)
	}
	if got := words.Say(wrapped); got != "Die Platte ist voll" {
		t.Errorf("said as %q", got)
	}
	both := words.Errorf("not saved: %w", fmt.Errorf("cache.put: %w", full))
	if got := words.Say(both); got != "nicht gesichert: Die Platte ist voll" || !errors.Is(both, full) {
		t.Errorf("said as %q", got)
	}
	for want, err := range map[string]error{"": nil, "EOF": fmt.Errorf("link.read: %w", io.EOF), "a; b": errors.Join(errors.New("a"), errors.New("b"))} {
		if got := words.Say(err); got != want {
			t.Errorf("%v is said as %q, want %q", err, got, want)
		}
	}
	// What comes of a print and of writing down that it failed: the place is for the log.
	if got := words.Say(errors.Join(fmt.Errorf("printer.send: %w", full), nil)); got != "Die Platte ist voll" {
		t.Errorf("joined, it is said as %q", got)
	}
}

// An error that counts takes the form of its number in each language.
func TestAnErrorCounts(t *testing.T) {
	cause := words.Errorf("the disk is full")
	tries := func(n int) error { return words.ErrorN(n, "%d patient: %[2]w", "%d patients: %[2]w", cause) }
	wait := func(n int) error { return words.ErrorN(n, "%d of %s waits", "%d of %s wait", "4B") }
	none := func(n int) error { return words.ErrorN(n, "it", "they") }
	for err, want := range map[error][2]string{
		tries(1): {"1 patient: the disk is full", "1 Patient: Die Platte ist voll"},
		tries(2): {"2 patients: the disk is full", "2 Patienten: Die Platte ist voll"},
		wait(1):  {"1 of 4B waits", "Von 4B wartet einer"},
		wait(3):  {"3 of 4B wait", "3 von 4B warten"},
		none(1):  {"it", "it"},
		none(0):  {"they", "they"},
	} {
		speak(t, nil)
		if words.Say(err) != want[0] || err.Error() != want[0] {
			t.Errorf("%q, said as %q, want %q", err, words.Say(err), want[0])
		}
		table := german()
		table.Plurals["%d patients: %[2]w"] = map[string]string{"one": "%d Patient: %[2]w", "other": "%d Patienten: %[2]w"}
		speak(t, table)
		if got := words.Say(err); got != want[1] {
			t.Errorf("in German %q, want %q", got, want[1])
		}
	}
	if !errors.Is(tries(1), cause) {
		t.Error("the cause is lost")
	}
}

// In English a text costs a look at a pointer, and nothing is made.
func TestEnglishMakesNothing(t *testing.T) {
	speak(t, nil)
	if n := testing.AllocsPerRun(100, func() { _ = words.T("Sign in") + words.C("verb", "Open"); _ = words.T("Sign in") }); n > 1 {
		t.Errorf("%v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { _ = words.T("Sign in") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	words.Use(german())
	if n := testing.AllocsPerRun(100, func() { _ = words.T("Sign in") }); n != 0 {
		t.Errorf("%v allocations in German", n)
	}
}

func BenchmarkEnglish(b *testing.B) {
	speak(b, nil)
	for b.Loop() {
		_ = words.T("Sign in")
	}
}

func BenchmarkGerman(b *testing.B) {
	speak(b, german())
	for b.Loop() {
		_ = words.T("Sign in")
	}
}
