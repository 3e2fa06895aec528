package layers_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
)

const module = "wardlight/"

// room is one package, or a family of them ("x/..."): what of the project its
// shipped code may import. Test files may import more: they build worlds.
type room struct {
	name string
	may  []string
}

// words that stand for several rooms.
var families = map[string][]string{
	"clinical": {"internal/clinical/fhir", "internal/clinical/record", "internal/clinical/ward", "internal/clinical/catalogue", "internal/clinical/alert", "internal/clinical/phoned", "internal/clinical/naming", "internal/clinical/rota", "internal/clinical/routine", "internal/clinical/sound", "internal/clinical/told"},
	"facts":    {"internal/clinical/fhir", "internal/clinical/record"},
	"trust":    {"internal/trust/rbac", "internal/trust/bulk", "internal/trust/audit", "internal/trust/keys", "internal/trust/lease", "internal/trust/pki", "internal/trust/totp", "internal/trust/wallclock"},
	"interop":  {"internal/interop/hl7", "internal/interop/v2tofhir"},
}

// house is the table of docs/architecture.md, from the ground up.
var house = []room{
	{"internal/words", nil},
	{"internal/words/languages", []string{"internal/words", "internal/fault"}},
	{"internal/fault", nil},
	{"internal/redact", nil},
	{"internal/folder", []string{"internal/fault"}},
	{"internal/mergeroom", nil},
	{"internal/tidy", nil},
	{"assets", nil},
	{"internal/clinical/fhir", []string{"internal/fault"}},
	{"internal/clinical/record", []string{"internal/clinical/fhir", "internal/fault"}},
	{"internal/clinical/ward", []string{"internal/clinical/fhir"}},
	{"internal/clinical/catalogue", []string{"internal/clinical/fhir"}},
	{"internal/clinical/alert", []string{"facts", "internal/clinical/ward", "internal/clinical/catalogue"}},
	{"internal/clinical/phoned", []string{"internal/clinical/fhir", "internal/clinical/catalogue", "internal/clinical/alert"}},
	{"internal/clinical/naming", nil},
	{"internal/clinical/rota", nil},
	{"internal/clinical/routine", []string{"internal/clinical/fhir"}},
	{"internal/clinical/sound", []string{"internal/clinical/ward"}},
	{"internal/clinical/told", nil},
	{"internal/interop/hl7", []string{"internal/fault"}},
	{"internal/interop/v2tofhir", []string{"internal/interop/hl7", "facts", "internal/fault"}},
	{"internal/trust/rbac", []string{"clinical", "internal/fault"}},
	{"internal/trust/bulk", []string{"internal/trust/rbac", "internal/fault"}},
	{"internal/trust/audit", []string{"facts", "internal/fault"}},
	{"internal/trust/keys", []string{"internal/fault"}},
	{"internal/trust/lease", nil},
	{"internal/trust/totp", []string{"internal/fault"}},
	{"internal/trust/wallclock", nil},
	{"internal/trust/pki", []string{"internal/fault"}},
	{"internal/compact/columns", []string{"internal/fault"}},
	{"internal/compact", []string{"internal/compact/columns", "internal/fault"}},
	{"sync/wire", []string{"facts", "internal/compact", "internal/fault"}},
	{"sync/merge", []string{"facts", "internal/clinical/ward", "internal/clinical/catalogue"}},
	{"sync/link", []string{"sync/wire", "internal/fault"}},
	{"sync/pace", []string{"sync/wire", "internal/compact", "internal/fault"}},
	{"sync/client", []string{"sync/wire", "sync/pace", "sync/merge", "facts", "internal/compact", "internal/fault"}},
	{"sync/hub", []string{"sync/wire", "sync/pace", "sync/merge", "facts", "internal/compact", "internal/fault"}},
	{"internal/central/journal", []string{"facts", "trust", "internal/fault"}},
	{"internal/central/journal/...", []string{"internal/central/journal", "internal/central/journal/...", "facts", "trust", "internal/mergeroom", "internal/fault"}},
	{"internal/central/rawlog", []string{"trust", "internal/fault"}},
	{"internal/central/scope", []string{"internal/central/journal", "facts", "trust", "internal/fault"}},
	{"internal/central/submit", []string{"sync/merge", "trust", "internal/central/journal", "clinical", "internal/fault"}},
	{"internal/central/callout", []string{"internal/central/submit", "clinical", "internal/fault"}},
	{"internal/central/sso", []string{"internal/fault"}},
	{"internal/central/enrol", []string{"internal/central/journal", "internal/central/sso", "facts", "trust", "internal/fault"}},
	{"internal/central/mllpd", []string{"interop", "facts", "internal/fault"}},
	{"internal/central/documents", []string{"internal/central/journal", "facts", "internal/fault"}},
	{"internal/central/faults", []string{"internal/central/journal", "facts", "internal/fault"}},
	{"internal/central/node", []string{"internal/central/...", "interop", "clinical", "trust", "sync/hub", "sync/link", "sync/wire", "internal/folder", "internal/tidy", "internal/fault"}},
	{"internal/station/cache", []string{"internal/station/cache/outbox", "internal/compact", "facts", "trust", "internal/mergeroom", "internal/tidy", "internal/fault"}},
	{"internal/station/cache/...", []string{"facts", "trust", "internal/fault"}},
	{"internal/station/desk", []string{"clinical", "trust", "internal/station/cache", "sync/merge", "internal/fault"}},
	{"internal/station/headless", []string{"clinical", "internal/fault"}},
	{"internal/station/join", []string{"facts", "trust", "internal/fault"}},
	{"internal/station/paper", []string{"assets", "internal/clinical/ward", "internal/station/view/handover", "internal/station/view/obschart", "internal/fault"}},
	{"internal/station/wardpack", []string{"internal/clinical/fhir", "trust", "internal/fault"}},
	{"internal/station/loopback", []string{"internal/fault"}},
	{"internal/station/speaker/ear", nil},
	{"internal/station/speaker", []string{"internal/clinical/sound", "internal/fault"}},
	{"internal/station/printer", []string{"internal/fault"}},
	{"internal/station/seat", []string{"internal/station/...", "clinical", "trust", "sync/client", "sync/link", "sync/wire", "internal/folder", "internal/fault"}},
	{"internal/station/view/sound", []string{"internal/clinical/sound", "internal/clinical/ward", "internal/station/view/base"}},
	{"internal/station/view/...", []string{"internal/clinical/fhir", "internal/clinical/ward", "internal/station/view/..."}},
	{"ui/theme", []string{"assets"}},
	{"ui/kit", []string{"assets", "ui/theme"}},
	{"ui/uitest", nil},
	{"ui/shell", []string{"internal/station/view/...", "internal/clinical/ward", "internal/clinical/fhir", "ui/..."}},
	{"ui/...", []string{"internal/station/view/...", "internal/clinical/ward", "internal/clinical/fhir", "ui/kit", "ui/theme"}},
	{"internal/demo", []string{"..."}},
	{"internal/hospitalid", nil},
	{"internal/shape", []string{"internal/fault"}},
	{"internal/bench", []string{"..."}},
	{"internal/dictionary", []string{"..."}},
	{"cmd/...", []string{"..."}},
	{"sync/simtest", []string{"..."}},
	{"internal/layers", nil},
	{"internal/e2e", []string{"..."}},
}

// owners: which rooms may import a library, by its path's beginning.
var owners = map[string][]string{
	"fyne.io/fyne/v2":                 {"ui/...", "cmd/wardlight"},
	"fyne.io/fyne/v2/app":             {"cmd/wardlight"},
	"github.com/dgraph-io/badger/v4":  {"internal/station/cache", "internal/central/journal/badgerjournal", "internal/mergeroom", "internal/bench"},
	"github.com/jackc/pgx":            {"internal/central/journal/pgjournal"},
	"github.com/zalando/go-keyring":   {"internal/trust/keys"},
	"nhooyr.io/websocket":             {"sync/link"},
	"github.com/sqids/sqids-go":       {"internal/central/enrol"},
	"filippo.io/age":                  {"internal/station/cache/outbox", "internal/station/cache", "internal/trust/keys", "internal/central/node", "internal/station/seat"},
	"github.com/wneessen/go-mail":     {"internal/central/callout"},
	"codeberg.org/go-pdf/fpdf":        {"internal/station/paper"},
	"github.com/coreos/go-oidc/v3":    {"internal/central/sso"},
	"golang.org/x/oauth2":             {"internal/central/sso", "internal/station/seat"},
	"github.com/pquerna/otp":          {"internal/trust/totp"},
	"github.com/ebitengine/oto/v3":    {"internal/station/speaker"},
	"github.com/ebitengine/purego":    {"cmd/wardlight"},
	"github.com/boombuler/barcode":    {"cmd/wardlightd", "internal/station/paper"},
	"github.com/go-jose/go-jose/v4":   {"internal/central/sso"},
	"github.com/alecthomas/kong":      {"cmd/..."},
	"github.com/klauspost/compress":   {"internal/compact", "internal/dictionary"},
	"github.com/fxamacker/cbor/v2":    {"internal/clinical/record", "sync/wire"},
	"github.com/nicksnyder/go-i18n":   {"internal/words/languages"},
	"github.com/jeandeaual/go-locale": {"internal/words/languages"},
}

type pkg struct {
	path    string // relative to the module
	imports map[string]bool
	doc     bool
	files   int
}

func TestTheHouseStands(t *testing.T) {
	for _, p := range packages(t) {
		r, ok := roomOf(p.path)
		if !ok {
			t.Errorf("%s has no room: add it to the house's table here and in docs/architecture.md, with a reason", p.path)
			continue
		}
		if !p.doc {
			t.Errorf("%s has no package doc", p.path)
		}
		for imp := range p.imports {
			checkImport(t, p.path, r, imp)
		}
	}
}

func checkImport(t *testing.T, from string, r room, imp string) {
	t.Helper()
	if rel, ours := strings.CutPrefix(imp, module); ours {
		if rel != from && !allowed(r.may, rel) && !speaks(from, rel) {
			t.Errorf("%s may not import %s", from, rel)
		}
		return
	}
	owner, who := "", []string(nil)
	for lib, rooms := range owners {
		if (imp == lib || strings.HasPrefix(imp, lib+"/")) && len(lib) > len(owner) {
			owner, who = lib, rooms
		}
	}
	if owner != "" && !allowed(who, from) {
		t.Errorf("%s may not import %s: its owner is %s", from, imp, strings.Join(who, ", "))
	}
}

// speakers are who may say something to a person through package words, and who may ask
// which languages there are. Central, sync and what reads messages are not among them:
// what they write is stored or sent, and stays English.
var speakers = map[string][]string{
	"internal/words":           {"internal/fault", "internal/clinical/...", "internal/trust/rbac", "internal/trust/bulk", "internal/trust/keys", "internal/station/...", "sync/merge", "ui/...", "cmd/wardlight"},
	"internal/words/languages": {"internal/station/view/settings", "ui/shell", "ui/settings", "ui/uitest", "cmd/wardlight"},
}

// speaks says whether a room may import one of the rooms of words.
func speaks(from, imp string) bool { return allowed(speakers[imp], from) }

// TestPagesDoNotLeanOnEachOther: a page of the ui is a thin binding; only the
// shell knows more than one.
func TestPagesDoNotLeanOnEachOther(t *testing.T) {
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.path, "ui/") || p.path == "ui/shell" {
			continue
		}
		for imp := range p.imports {
			rel, ours := strings.CutPrefix(imp, module+"ui/")
			if ours && rel != "kit" && rel != "theme" && "ui/"+rel != p.path {
				t.Errorf("%s imports the page ui/%s", p.path, rel)
			}
		}
	}
}

// TestNoGoFileShadowsTheStandardLibrary: a package at sync/ would be called
// sync.
func TestNoGoFileShadowsTheStandardLibrary(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root(t), "sync", "*.go"))
	if err != nil || len(files) > 0 {
		t.Errorf("Go files directly in sync/: %v %v", files, err)
	}
}

// TestNoFileOfOursIsC: with -trimpath the compiler's cache serves one clone what
// another compiled, and of a file with import "C" it keeps the other's folder, which
// go vet then cannot read.
func TestNoFileOfOursIsC(t *testing.T) {
	for _, p := range packages(t) {
		if p.imports["C"] {
			t.Errorf("%s imports C; ask for the function by name (purego)", p.path)
		}
	}
}

// TestTheRuleBites: the check itself must be able to fail.
func TestTheRuleBites(t *testing.T) {
	r, _ := roomOf("internal/station/desk")
	if allowed(r.may, "internal/central/submit") {
		t.Error("the station's wing may import central's")
	}
	if _, ok := roomOf("internal/nowhere"); ok {
		t.Error("an unlisted package has a room")
	}
	if allowed(owners["github.com/dgraph-io/badger/v4"], "internal/station/desk") {
		t.Error("desk may import badger")
	}
	if speaks("internal/central/submit", "internal/words") || speaks("internal/clinical/ward", "internal/words/languages") || !speaks("internal/station/desk", "internal/words") {
		t.Error("central speaks another language than English, or the desk cannot")
	}
	if !allowed(r.may, "sync/merge") || !allowed([]string{"ui/..."}, "ui/kit") {
		t.Error("an allowed import is refused")
	}
}

func roomOf(path string) (room, bool) {
	for _, r := range house {
		if matches(r.name, path) {
			return r, true
		}
	}
	return room{}, false
}

func allowed(may []string, path string) bool {
	for _, m := range may {
		if list, ok := families[m]; ok {
			if allowed(list, path) {
				return true
			}
			continue
		}
		if matches(m, path) {
			return true
		}
	}
	return false
}

func matches(pattern, path string) bool {
	if pattern == "..." {
		return true
	}
	if prefix, ok := strings.CutSuffix(pattern, "/..."); ok {
		return strings.HasPrefix(path, prefix+"/")
	}
	return pattern == path
}

// packages reads every shipped Go file, whatever its build tags.
func packages(t *testing.T) []*pkg {
	t.Helper()
	top, byDir := root(t), map[string]*pkg{}
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			switch d.Name() {
			case ".git", "build", "testdata", "tools", "packaging":
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(top, filepath.Dir(path))
		if err != nil {
			return err
		}
		return read(byDir, filepath.ToSlash(rel), path)
	})
	if err != nil {
		t.Fatal(err)
	}
	var list []*pkg
	for _, p := range byDir {
		list = append(list, p)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].path < list[j].path })
	if len(list) < 5 {
		t.Fatalf("only %d packages found: the walk is broken", len(list))
	}
	return list
}

func read(byDir map[string]*pkg, rel, path string) error {
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return err
	}
	p := byDir[rel]
	if p == nil {
		p = &pkg{path: rel, imports: map[string]bool{}}
		byDir[rel] = p
	}
	p.files++
	p.doc = p.doc || docOf(f)
	for _, imp := range f.Imports {
		s, err := strconv.Unquote(imp.Path.Value)
		if err != nil {
			return err
		}
		p.imports[s] = true
	}
	return nil
}

func docOf(f *ast.File) bool {
	return f.Doc != nil && len(strings.Fields(f.Doc.Text())) >= 8
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
