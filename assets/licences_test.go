package assets

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every module that is built into a program stands on the page of licences with
// its version and its text, and nothing else does. UPDATE_LICENCES=1 writes the
// file anew.
func TestEveryModuleHasItsLicence(t *testing.T) {
	if testing.Short() {
		t.Skip("asks the toolchain for all modules")
	}
	want := built(t)
	if os.Getenv("UPDATE_LICENCES") != "" {
		if err := os.WriteFile("licences.txt", []byte(compose(want)), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have := map[string]string{}
	for _, l := range LicencesOf() {
		for _, of := range l.Of {
			have[of] = l.Text
		}
	}
	for of, text := range want {
		if have[of] != text {
			t.Errorf("%s has no licence on the page, or another one; UPDATE_LICENCES=1 writes them", of)
		}
	}
	for of := range have {
		if _, ok := want[of]; !ok && !strings.HasPrefix(of, "IBM Plex") && of != "Phosphor Icons" {
			t.Errorf("%s is on the page and not in a program", of)
		}
	}
}

// built are the modules of all programs on all systems that we build for, with
// their licence texts.
func built(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, system := range []string{"linux", "windows"} {
		list := exec.Command("go", "list", "-deps", "-tags", "migrated_fynedo", "-f", `{{with .Module}}{{.Path}}|{{.Version}}|{{.Dir}}{{end}}`, "../cmd/...")
		list.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=1")
		text, err := list.Output()
		if err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
			path, rest, _ := strings.Cut(line, "|")
			version, dir, _ := strings.Cut(rest, "|")
			if version == "" || out[path+" "+version] != "" {
				continue // ours, or known
			}
			out[path+" "+version] = licenceIn(t, dir)
		}
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	const itself = "Go, its library and runtime"
	dir := strings.TrimSpace(string(root))
	if _, err := os.Stat(filepath.Join(dir, "LICENSE")); errors.Is(err, fs.ErrNotExist) {
		// A distribution's Go keeps its licence among the system's: what is kept stands.
		for _, l := range LicencesOf() {
			if slices.Contains(l.Of, itself) {
				out[itself] = l.Text
			}
		}
		return out
	}
	out[itself] = licenceIn(t, dir)
	return out
}

func licenceIn(t *testing.T, dir string) string {
	t.Helper()
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		stem := strings.ToLower(strings.TrimSuffix(n.Name(), filepath.Ext(n.Name())))
		if !n.IsDir() && (stem == "license" || stem == "licence" || stem == "copying") {
			b, err := os.ReadFile(filepath.Join(dir, n.Name()))
			if err != nil {
				t.Fatal(err)
			}
			return strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n"))
		}
	}
	t.Errorf("%s has no licence", filepath.Base(dir))
	return ""
}

// compose writes each text once, under everything that it is the licence of.
func compose(of map[string]string) string {
	names := map[string][]string{}
	for name, text := range of {
		names[text] = append(names[text], name)
	}
	texts := make([]string, 0, len(names))
	for text := range names {
		slices.Sort(names[text])
		texts = append(texts, text)
	}
	slices.SortFunc(texts, func(a, b string) int { return cmp.Compare(names[a][0], names[b][0]) })
	var b strings.Builder
	for _, text := range texts {
		for _, name := range names[text] {
			fmt.Fprintf(&b, "%s%s\n", licenceMark, name)
		}
		fmt.Fprintf(&b, "\n%s\n\n", text)
	}
	return b.String()
}
