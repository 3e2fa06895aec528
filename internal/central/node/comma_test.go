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
		kind  string // OBX-2; "": NM
		more  []string
		warns string // in the words for the ward; "": nobody is warned of a critical value
	}{
		"alone":                 {"6,8", "", nil, "Potassium 6,8 mmol/L, may be critical (if read as 6.8 mmol/L"},
		"beside a good result":  {"6,8", "", []string{sodium}, "Filed as words only, not as a number: Potassium 6,8 mmol/L, may be critical"},
		"with a flag behind it": {"6.8 H", "", nil, "Filed as words only, not as a number: Potassium 6.8 H mmol/L, may be critical"},
		"sent as a text":        {"6.8", "ST", nil, "Filed as words only, not as a number: Potassium 6.8 mmol/L, may be critical"},
		"a text":                {"haemolysed", "ST", nil, ""},
		"harmless, alone":       {"4,1", "", nil, ""},
	} {
		h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
		h.send(admission("A1")...)
		message := potassium("K1", c.value)
		if c.kind != "" {
			message[4] = strings.Replace(message[4], "|NM|", "|"+c.kind+"|", 1)
		}
		for _, control := range []string{"K1", "K2"} { // the same again is told once
			message[0] = strings.Replace(message[0], "|K1|", "|"+control+"|", 1)
			if answer := h.send(append(message, c.more...)...); answer != "AA" {
				t.Errorf("%s: answered %s", name, answer)
			}
		}
		tasks, numbers, told := "", 0, 0
		for _, line := range h.ask("export", nil) {
			switch s := string(line); {
			case strings.Contains(s, `"resourceType":"Task"`):
				tasks += s
				told += strings.Count(s, `"stat"`)
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
		if strings.Contains(c.warns, "Filed") && told != 1 {
			t.Errorf("%s: the ward is told %d times", name, told)
		}
	}
}
