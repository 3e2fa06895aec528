package layers_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestHazardsNameTheirTests: a control without a test does not count, so each
// test that the hazard log names must exist.
func TestHazardsNameTheirTests(t *testing.T) {
	top := root(t)
	log, err := os.ReadFile(filepath.Join(top, "docs", "safety", "hazards.md"))
	if err != nil {
		t.Fatal(err)
	}
	have := testNames(t, top)
	named := regexp.MustCompile(`\b((?:Test|Fuzz)[A-Z][A-Za-z0-9_]+)`).FindAllStringSubmatch(string(log), -1)
	if len(named) < 40 {
		t.Fatalf("only %d tests are named: the log or the pattern is broken", len(named))
	}
	for _, n := range named {
		if !have[n[1]] {
			t.Errorf("the hazard log names %s, which does not exist", n[1])
		}
	}
	seen := map[string]bool{}
	for _, row := range strings.Split(string(log), "\n") {
		id := regexp.MustCompile(`^\| (H[0-9]+) `).FindStringSubmatch(row)
		if id == nil {
			continue
		}
		if !strings.Contains(row, "`Test") {
			t.Errorf("a hazard names no test: %.40s", row)
		}
		if seen[id[1]] {
			t.Errorf("two hazards are called %s", id[1])
		}
		seen[id[1]] = true
	}
}

// TestSecurityNamesItsTests: what the threat model and its like call held is
// held by a test that exists; so it is with every other document.
func TestSecurityNamesItsTests(t *testing.T) {
	top := root(t)
	have := testNames(t, top)
	named := 0
	files := []string{filepath.Join(top, "README.md"), filepath.Join(top, "CONTRIBUTING.md")}
	err := filepath.WalkDir(filepath.Join(top, "docs"), func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".md") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range regexp.MustCompile(`\b((?:Test|Fuzz)[A-Z][A-Za-z0-9_]+)`).FindAllStringSubmatch(string(b), -1) {
			if named++; !have[n[1]] {
				t.Errorf("%s names %s, which does not exist", filepath.Base(f), n[1])
			}
		}
	}
	if named < 300 {
		t.Fatalf("only %d tests are named: the documents or the pattern are broken", named)
	}
}

func testNames(t *testing.T, top string) map[string]bool {
	t.Helper()
	have, name := map[string]bool{}, regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9_]+)\(`)
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		for _, m := range name.FindAllStringSubmatch(string(src), -1) {
			have[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return have
}

// TestTheHouseIsDocumented: docs/architecture.md names every room, so that a
// stranger finds it.
func TestTheHouseIsDocumented(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join(root(t), "docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range house {
		if !strings.Contains(string(doc), "`"+strings.TrimSuffix(r.name, "/...")) && !strings.HasPrefix(r.name, "ui/") && !strings.HasSuffix(r.name, "...") {
			t.Errorf("docs/architecture.md does not name %s", r.name)
		}
	}
}
