package naming_test

import (
	"testing"

	"wardlight/internal/clinical/naming"
)

// Names are one however people write them; different names stay different.
func TestFoldedNames(t *testing.T) {
	for typed, want := range map[string]string{
		"O'Connor": "oconnor", "O’CONNOR": "oconnor", "Núñez-García": "nunez garcia", "  Łukasz  Kowalski ": "lukasz kowalski",
		"Groß": "gross", "St. John": "st john", "李小龍": "李小龍", "1954-03-14": "1954 03 14", "": "",
	} {
		if got := naming.Fold(typed); got != want {
			t.Errorf("Fold(%q) = %q, want %q", typed, got, want)
		}
	}
	if naming.Fold("Okafor") == naming.Fold("Okafur") {
		t.Error("two names are one")
	}
}

// One person is named whole by both names and the date of birth, in any order, or
// by a whole number; nothing less names anybody.
func TestSomebodyNamedWhole(t *testing.T) {
	numbers := []string{naming.FoldNumber("999 040 0016"), "77"}
	for typed, want := range map[string]bool{
		"Adeyemi Folake 1954-03-14":     true,
		"folake ADEYEMI, 1954-03-14":    true,
		"1954-03-14 Adéyemi Folake Ann": true,
		"999-040-0016":                  true,
		"9990400016":                    true,
		"Adeyemi Folake":                false,
		"Adeyemi Folake 1954":           false,
		"Adeyemi Folake 1954-03-15":     false,
		"Adeyemi 1954-03-14":            false,
		"Folake 1954-03-14":             false,
		"999 040 001":                   false,
		"77":                            false,
		"":                              false,
	} {
		if got := naming.WholeOf(typed).Names("Adeyemi", "Folake Ann", "1954-03-14", numbers); got != want {
			t.Errorf("%q: %v", typed, got)
		}
	}
	for _, year := range []string{"1954", "1954-03", ""} {
		if naming.WholeOf("Adeyemi Folake 1954").Names("Adeyemi", "Folake", year, nil) {
			t.Errorf("born %q counts as whole", year)
		}
	}
	if naming.WholeOf("1954-03-14").Names("", "", "1954-03-14", nil) {
		t.Error("a date of birth alone names somebody without a name")
	}
}
