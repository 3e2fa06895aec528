package node_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestAPotassiumWithACommaWarnsTheWard: "6,8" is on no chart as a number, for
// nobody guesses one. All the same the ward is told, whether the message holds
// nothing else, or good results beside it.
func TestAPotassiumWithACommaWarnsTheWard(t *testing.T) {
	sodium := `OBX|2|NM|2951-2^Sodium^LN||140|mmol/L^mmol/L^UCUM||||||F|||20261128104000+0000`
	for name, c := range map[string]struct {
		value string
		more  []string
		warns string // in the words for the ward; "": nobody is warned of a critical value
	}{
		"alone":                {"6,8", nil, "Potassium 6,8 mmol/L, may be critical (if read as 6.8 mmol/L"},
		"beside a good result": {"6,8", []string{sodium}, "Filed as words only, not as a number: Potassium 6,8 mmol/L, may be critical"},
		"harmless, alone":      {"4,1", nil, ""},
	} {
		h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
		h.send(admission("A1")...)
		if answer := h.send(append(potassium("K1", c.value), c.more...)...); answer != "AA" {
			t.Errorf("%s: answered %s", name, answer)
		}
		tasks, numbers := "", 0
		for _, line := range h.ask("export", nil) {
			switch s := string(line); {
			case strings.Contains(s, `"resourceType":"Task"`):
				tasks += s
			case strings.Contains(s, `"2823-3"`) && strings.Contains(s, "valueQuantity"):
				numbers++
			}
		}
		if numbers != 0 {
			t.Errorf("%s: a number was guessed", name)
		}
		if c.warns == "" {
			if strings.Contains(tasks, "critical") {
				t.Errorf("%s: %s", name, tasks)
			}
			continue
		}
		if !strings.Contains(tasks, c.warns) || !strings.Contains(tasks, `"stat"`) || len(h.ask("undelivered", nil)) == 0 {
			t.Errorf("%s: the ward reads %s", name, tasks)
		}
	}
}
