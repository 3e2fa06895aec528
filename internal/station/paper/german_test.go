package paper

import (
	"strings"
	"testing"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// The key beside the chart to continue by hand is there in every language: its rows are
// found by what they are, and not by how they are called.
func TestTheKeyOfTheChartIsThereInEveryLanguage(t *testing.T) {
	english := pointsOf(&ward.Chart{})
	before := words.In()
	t.Cleanup(func() { words.Use(before) })
	words.Use(&words.Table{Tag: "strange", Else: func(_, english string) string { return "«" + english + "»" }})
	strange := pointsOf(&ward.Chart{})
	for _, n := range signNames() {
		if english.of[n.English()] != "" && !strings.Contains(strange.of[n.English()], "«") {
			t.Errorf("%s: %q", n.English(), strange.of[n.English()])
		}
		for _, digit := range strings.FieldsFunc(english.of[n.English()], func(r rune) bool { return r < '0' || r > '9' }) {
			if !strings.Contains(strange.of[n.English()], digit) {
				t.Errorf("%s: %q lacks %s", n.English(), strange.of[n.English()], digit)
			}
		}
	}
}
