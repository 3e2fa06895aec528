package told

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// writers are the packages whose texts reach a ward as stored or sent English.
var writers = []string{"internal/interop/v2tofhir", "internal/central/submit", "sync/merge", "internal/trust/rbac", "internal/central/callout", "sync/hub", "sync/client"}

// TestWhateverIsWrittenForAWardIsRecognised reads the sources of whoever writes such
// texts: each sentence in them, with what is put into it as %s, is a format of here, or
// stands in testdata/not-told.txt, with a reason why no ward reads it or how it is held
// otherwise. Whoever writes a new reason has to decide which.
func TestWhateverIsWrittenForAWardIsRecognised(t *testing.T) {
	known := map[string]bool{}
	for s := range grammars() {
		for _, r := range allRules(s) {
			known[r.format.English()] = true
		}
	}
	other := notTold(t)
	seen, formats := map[string]bool{}, 0
	for _, dir := range writers {
		for text, at := range sentencesOf(t, dir) {
			switch {
			case known[text]:
				formats++
			case other[text]:
				seen[text] = true
			default:
				t.Errorf("%s: %q is not recognised: add it to package told, or to testdata/not-told.txt under the reason why no ward reads it", at, text)
			}
		}
	}
	for text := range other {
		if !seen[text] {
			t.Errorf("testdata/not-told.txt: %q is written nowhere", text)
		}
		if known[text] {
			t.Errorf("testdata/not-told.txt: %q is a format", text)
		}
	}
	if formats < 150 {
		t.Errorf("only %d formats were found in the sources: the walk is broken", formats)
	}
}

// notTold are the lines of a file: each a sentence as Go quotes it, in groups under a
// reason.
func notTold(t *testing.T) map[string]bool {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "not-told.txt"))
	if err != nil {
		t.Fatal(err)
	}
	out, reason := map[string]bool{}, false
	for n, line := range strings.Split(string(b), "\n") {
		line = strings.TrimSuffix(line, "\r")
		switch {
		case line == "":
			reason = false
		case strings.HasPrefix(line, "# "):
			reason = true
		default:
			text, err := strconv.Unquote(line)
			if err != nil || !reason {
				t.Errorf("testdata/not-told.txt:%d: no quoted sentence, or one without a reason above it", n+1)
			}
			out[text] = true
		}
	}
	return out
}

var verbs = regexp.MustCompile(`%[vds]`)

// sentencesOf are the constant texts of a package that have a blank in them, and where
// they stand: of a sum of texts the whole, with %s for what is not constant.
func sentencesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	top := filepath.Join("..", "..", "..", filepath.FromSlash(dir))
	files, err := filepath.Glob(filepath.Join(top, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no sources", dir)
	}
	out := map[string]string{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		var look func(n ast.Node) bool
		look = func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.Field: // its tag is no sentence, and its type holds none
				return false
			case *ast.BinaryExpr, *ast.BasicLit:
				text, constant, inside := textOf(n.(ast.Expr))
				if !constant {
					return true
				}
				for _, e := range inside {
					ast.Inspect(e, look)
				}
				at := filepath.Base(name) + ":" + strconv.Itoa(set.Position(n.Pos()).Line)
				if text = verbs.ReplaceAllString(text, "%s"); strings.Contains(strings.TrimSpace(text), " ") {
					out[text] = dir + "/" + at
				}
				return false
			}
			return true
		}
		ast.Inspect(f, look)
	}
	return out
}

// textOf is a text, or a sum in which there is one; inside are what the sum puts in.
func textOf(e ast.Expr) (text string, constant bool, inside []ast.Expr) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING, nil
	case *ast.ParenExpr:
		return textOf(e.X)
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false, nil
		}
		a, isText, first := textOf(e.X)
		b, also, second := textOf(e.Y)
		if !isText && !also {
			return "", false, nil
		}
		if !isText {
			a, first = "%s", []ast.Expr{e.X}
		}
		if !also {
			b, second = "%s", []ast.Expr{e.Y}
		}
		return a + b, true, append(first, second...)
	}
	return "", false, nil
}
