package told

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestAFormatStays: testdata/formats.txt has every format that was ever here. One that the
// program writes no more is still what stored text is read by, so that none may go; a new
// one is added there (UPDATE_FORMATS=1 does it, and takes none away).
func TestAFormatStays(t *testing.T) {
	name := filepath.Join("testdata", "formats.txt")
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	had := strings.Fields(strings.ReplaceAll(string(b), " ", "\x00"))
	for i := range had {
		had[i] = strings.ReplaceAll(had[i], "\x00", " ")
	}
	var have []string
	for s := range grammars() {
		if grammars()[s].series != "" {
			continue
		}
		for _, r := range allRules(s) {
			have = append(have, string(s)+" "+strconv.Quote(r.format.English()))
		}
	}
	for _, line := range had {
		if !slices.Contains(have, line) {
			t.Errorf("%s is gone: stored text is read by it", line)
		}
	}
	all := slices.Concat(had, have)
	slices.Sort(all)
	all = slices.Compact(all)
	if os.Getenv("UPDATE_FORMATS") != "" {
		if err := os.WriteFile(name, []byte(strings.Join(all, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, line := range have {
		if !slices.Contains(had, line) {
			t.Errorf("%s is not in testdata/formats.txt: UPDATE_FORMATS=1 adds it", line)
		}
	}
}
