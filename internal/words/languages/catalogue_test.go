package languages_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wardlight/internal/words"
	"wardlight/internal/words/languages"
)

// use is one key as the program has it.
type use struct {
	room   string // the catalogue that it belongs to
	at     string
	format bool // its verbs are fmt's
	args   int  // how many are given; -1 where that is not known
	one    string
	counts bool
}

const (
	importPath = "wardlight/internal/words"
	ownPackage = "internal/words"
)

// TestTheCataloguesAreWhole holds every text that the program says through package
// words against every catalogue: none lacks, none is left over, verbs agree, and the
// plural forms are those that the language has. UPDATE_WORDS=1 writes what lacks into
// the catalogue of its room, with nothing as its translation, and takes away what is
// left over; then translate, and run it again without.
func TestTheCataloguesAreWhole(t *testing.T) {
	used := keysOf(t)
	if len(used) < 50 {
		t.Fatalf("only %d texts were found: the walk is broken", len(used))
	}
	for _, l := range languages.All()[1:] {
		if os.Getenv("UPDATE_WORDS") != "" {
			update(t, l.Tag, used)
		}
		for _, wrong := range holes(t, os.DirFS("."), l.Tag, used) {
			t.Error(wrong)
		}
	}
}

// One English word has one German one (docs/translating.md): what is saved is
// “gespeichert”, everywhere.
func TestSavedIsSaidInOneWord(t *testing.T) {
	files, err := filepath.Glob("de/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no catalogue")
	}
	other := regexp.MustCompile(`(?i)\b(ge)?sicher(n|t|e|st)\b`)
	for _, name := range files {
		list, err := languages.Read(os.DirFS("."), filepath.ToSlash(name), "de")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			for _, text := range languages.Forms(m) {
				if other.MatchString(text) {
					t.Errorf("%s: %q is said as %q: “speichern” is the word", name, m.ID, text)
				}
			}
		}
	}
}

// holes says what is wrong with a language's catalogues.
func holes(t *testing.T, from fs.FS, tag string, used map[string]use) []string {
	t.Helper()
	var wrong []string
	say := func(format string, args ...any) {
		wrong = append(wrong, tag+": "+fmt.Sprintf(format, args...))
	}
	files, err := fs.Glob(from, tag+"/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no catalogue of %s", tag)
	}
	have := map[string]map[string]string{}
	for _, name := range files {
		list, err := languages.Read(from, name, tag)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			forms := languages.Forms(m)
			if was, twice := have[m.ID]; twice && !maps.Equal(was, forms) {
				say("%s says %q otherwise than another file", name, m.ID)
			}
			have[m.ID] = forms
			if _, ok := used[m.ID]; !ok {
				say("%s: %q is said nowhere any more", name, m.ID)
			}
		}
	}
	table, err := languages.Load(from, tag)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range slices.Sorted(maps.Keys(used)) {
		u, forms := used[id], have[id]
		switch {
		case forms["other"] == "":
			say("%s: %q is not translated (%s.json)", u.at, id, u.room)
		case !u.counts && len(forms) > 1:
			say("%q is no plural, and has forms", id)
		case u.counts:
			for n := range 201 {
				if f := table.Form(n); forms[f] == "" {
					say("%q lacks the form %q", id, f)
					break
				}
			}
		}
		if !u.format {
			continue
		}
		want := verbs(id)
		for form, text := range forms {
			if got := verbs(text); !agree(want, got, u.counts) {
				say("%q: the verbs of %q (%s) are %v, want %v", id, text, form, got, want)
			}
		}
	}
	return wrong
}

// verb is one of fmt's, with the argument that it names, if it does.
var verb = regexp.MustCompile(`%(?:\[(\d+)\])?[-+#0]*(?:\d+)?(?:\.\d+)?([a-zA-Z%])`)

// verbs are those of a format by the number of their argument.
func verbs(format string) map[int]string {
	out, at := map[int]string{}, 0
	for _, m := range verb.FindAllStringSubmatch(format, -1) {
		if m[2] == "%" {
			continue
		}
		at++
		if m[1] != "" {
			at, _ = strconv.Atoi(m[1])
		}
		out[at] = m[2]
	}
	return out
}

// agree says whether two formats take the same; of what is counted a form may leave
// out the number.
func agree(a, b map[int]string, counts bool) bool {
	if counts {
		a, b = maps.Clone(a), maps.Clone(b)
		if a[1] == "" || b[1] == "" {
			delete(a, 1)
			delete(b, 1)
		}
	}
	return maps.Equal(a, b)
}

// keysOf reads every text that shipped code says.
func keysOf(t *testing.T) map[string]use {
	t.Helper()
	used := map[string]use{}
	top := root(t)
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		switch d.Name() {
		case ".git", "build", "testdata", "tools", "packaging":
			return filepath.SkipDir
		}
		rel, err := filepath.Rel(top, path)
		if err == nil {
			packageKeys(t, path, filepath.ToSlash(rel), used)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return used
}

func packageKeys(t *testing.T, dir, rel string, used map[string]use) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	set, consts := token.NewFileSet(), map[string]string{}
	var parsed []*ast.File
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		p, err := parser.ParseFile(set, f, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, p)
		constants(p, consts)
	}
	for _, f := range parsed {
		name := importedAs(f)
		if name == "" && rel != ownPackage {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			fn := called(call, name)
			if fn == "" {
				return true
			}
			at := set.Position(call.Pos())
			u := use{room: roomFile(rel), at: fmt.Sprintf("%s/%s:%d", rel, filepath.Base(at.Filename), at.Line), args: -1}
			note(t, u, fn, call, consts, used)
			return true
		})
	}
}

// called is the function of package words that is called; name is how it is imported,
// "" in the package itself, of which only what makes keys is looked at.
func called(call *ast.CallExpr, name string) string {
	switch fn := call.Fun.(type) {
	case *ast.SelectorExpr:
		if x, ok := fn.X.(*ast.Ident); ok && name != "" && x.Name == name {
			return fn.Sel.Name
		}
	case *ast.Ident:
		if name == "" && (fn.Name == "K" || fn.Name == "KC") {
			return fn.Name
		}
	}
	return ""
}

// note takes down one call.
func note(t *testing.T, u use, fn string, call *ast.CallExpr, consts map[string]string, used map[string]use) {
	t.Helper()
	texts := map[string][]int{"T": {0}, "F": {0}, "K": {0}, "Errorf": {0}, "S": {0}, "C": {0, 1}, "KC": {0, 1}, "FormatOf": {0, 1}, "N": {1, 2}, "ErrorN": {1, 2}}[fn]
	if texts == nil {
		return
	}
	var said []string
	for _, i := range texts {
		text, ok := constant(call.Args[i], consts)
		if !ok {
			t.Errorf("%s: words.%s: a text is a constant, or nobody can translate it", u.at, fn)
			return
		}
		said = append(said, text)
	}
	id := said[0]
	switch fn {
	case "C", "KC":
		id = words.ID(said[0], said[1])
	case "FormatOf":
		id, u.format = words.ID(said[0], said[1]), strings.Contains(said[1], "%")
	case "N", "ErrorN":
		id, u.one, u.counts, u.format = said[1], said[0], true, true
		if !agree(verbs(u.one), verbs(id), true) {
			t.Errorf("%s: the verbs of %q and %q differ", u.at, u.one, id)
		}
	case "F", "Errorf", "S":
		u.format = strings.Contains(id, "%") // without a verb it may be said by T as well
		if want := verbs(id); !call.Ellipsis.IsValid() && len(want) != len(call.Args)-1 {
			t.Errorf("%s: %q takes %d, and %d are given", u.at, id, len(want), len(call.Args)-1)
		}
	}
	if id == "" {
		return
	}
	if was, ok := used[id]; ok {
		if was.format != u.format || was.counts != u.counts || was.one != u.one {
			t.Errorf("%s and %s say %q in two ways: give one of them other words, or a context", was.at, u.at, id)
		}
		return
	}
	used[id] = u
}

// roomFile is the catalogue of a package: its path without internal/ and station/.
func roomFile(rel string) string {
	rel = strings.TrimPrefix(strings.TrimPrefix(rel, "internal/"), "station/")
	return strings.ReplaceAll(rel, "/", "-")
}

func importedAs(f *ast.File) string {
	for _, imp := range f.Imports {
		if imp.Path.Value == strconv.Quote(importPath) {
			if imp.Name != nil {
				return imp.Name.Name
			}
			return "words"
		}
	}
	return ""
}

func constants(f *ast.File, into map[string]string) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			for i, n := range v.Names {
				if i < len(v.Values) {
					if text, ok := constant(v.Values[i], into); ok {
						into[n.Name] = text
					}
				}
			}
		}
	}
}

func constant(e ast.Expr, consts map[string]string) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.ParenExpr:
		return constant(e.X, consts)
	case *ast.Ident:
		text, ok := consts[e.Name]
		return text, ok
	case *ast.BinaryExpr:
		a, ok := constant(e.X, consts)
		b, also := constant(e.Y, consts)
		return a + b, ok && also && e.Op == token.ADD
	}
	return "", false
}

// update writes what lacks into the catalogues, and takes away what is left over.
func update(t *testing.T, tag string, used map[string]use) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(tag, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	rooms, have := map[string]map[string]any{}, map[string]bool{}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]any{}
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for id := range m {
			if _, ok := used[id]; !ok {
				delete(m, id)
				continue
			}
			have[id] = true
		}
		rooms[strings.TrimSuffix(filepath.Base(name), ".json")] = m
	}
	for id, u := range used {
		if have[id] {
			continue
		}
		if rooms[u.room] == nil {
			rooms[u.room] = map[string]any{}
		}
		rooms[u.room][id] = ""
		if u.counts {
			rooms[u.room][id] = map[string]string{"one": "", "other": ""}
		}
	}
	for room, m := range rooms {
		write(t, filepath.Join(tag, room+".json"), m)
	}
}

func write(t *testing.T, name string, m map[string]any) {
	t.Helper()
	if len(m) == 0 {
		_ = os.Remove(name) // it may never have been there
		return
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

// What a refusal says about what was saved or printed is no matter of style: where the
// English says that nothing was, so does every other language, and nowhere else.
func TestARefusalSaysInEveryLanguageWhatWasSaved(t *testing.T) {
	nothing := map[string][2]string{
		"de": {"Nichts wurde gespeichert.", "Nichts wurde gedruckt."},
	}
	for _, l := range languages.All()[1:] {
		say, known := nothing[l.Tag]
		if !known {
			t.Errorf("%s: how is it said there that nothing was saved, and nothing printed?", l.Tag)
		}
		table, err := languages.Load(os.DirFS("."), l.Tag)
		if err != nil {
			t.Fatal(err)
		}
		for i, english := range []string{"Nothing was saved.", "Nothing was printed."} {
			found := 0
			for id, said := range table.Texts {
				if strings.Contains(id, english) != strings.Contains(said, say[i]) || strings.HasSuffix(id, english) != strings.HasSuffix(said, say[i]) {
					t.Errorf("%s: %q is %q", l.Tag, id, said)
				}
				if strings.Contains(id, english) {
					found++
				}
			}
			if found == 0 {
				t.Errorf("%s: nobody says %q", l.Tag, english)
			}
		}
	}
}
