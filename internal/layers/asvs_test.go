package layers_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEachASVSRequirementIsAnswered: docs/security/asvs.md answers each requirement
// of the standard's levels 1 and 2, once, in its order, with a state and a reason,
// and its sums are those of its rows. That the tests exist is TestSecurityNamesItsTests'.
func TestEachASVSRequirementIsAnswered(t *testing.T) {
	list, err := os.ReadFile(filepath.Join("testdata", "asvs-5.0.0.txt"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile(filepath.Join(root(t), "docs", "security", "asvs.md"))
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for line := range strings.Lines(string(list)) {
		if !strings.HasPrefix(line, "#") {
			want = append(want, strings.TrimSpace(line))
		}
	}
	states := map[string]int{"met": 0, "partly": 0, "not met": 0, "not applicable": 0}
	for line := range strings.Lines(string(doc)) {
		c := strings.Split(strings.TrimSpace(line), " | ")
		if len(c) != 6 || !strings.HasPrefix(line, "| ") || strings.Count(c[0], ".") != 2 {
			continue
		}
		id := strings.TrimPrefix(c[0], "| ")
		got = append(got, id+" "+c[1])
		if _, known := states[c[3]]; !known || c[2] == "" || c[4] == "" {
			t.Errorf("%s: state %q, how or why not %q", id, c[3], c[4])
		}
		states[c[3]]++
	}
	if len(want) < 250 || strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%d requirements are answered, the standard has %d, or their order or level differs", len(got), len(want))
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				t.Fatalf("the first that differs: %q, the standard has %q", got[i], want[i])
			}
		}
	}
	flat := strings.Join(strings.Fields(string(doc)), " ")
	if sums := fmt.Sprintf("%d are met, %d partly (what is missing stands beside), %d are not met, %d do not apply", states["met"], states["partly"], states["not met"], states["not applicable"]); !strings.Contains(flat, sums) {
		t.Errorf("the sums are not those of the rows: %s", sums)
	}
}
