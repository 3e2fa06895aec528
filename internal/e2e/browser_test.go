package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"wardlight/internal/hospitalid"
)

// The system's browser is this test's own program under the name that the window
// starts, first on its PATH: it follows redirects, keeps cookies and fills in the
// form, as somebody does at a real one.

const (
	browserProgram = "xdg-open"
	browserFile    = "WARDLIGHT_E2E_BROWSER" // names the file of a sitter
)

// sitter is who sits at the browser; each page that they come to is a line of Log.
type sitter struct{ CA, User, Password, Log string }

// visited is one line of it.
type visited struct{ Asked, Ended, Page, Error string }

// browse is that program. The address is its only argument.
func browse(argv []string) int {
	b, err := os.ReadFile(os.Getenv(browserFile))
	var s sitter
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil || len(argv) != 1 {
		fmt.Fprintln(os.Stderr, "the browser's stand-in:", argv, err)
		return 2
	}
	v := visited{Asked: argv[0]}
	br, err := hospitalid.NewBrowser(s.CA)
	if err == nil {
		v.Page, err = br.SignIn(argv[0], s.User, s.Password)
	}
	if br != nil && br.Last != nil {
		v.Ended = br.Last.String()
	}
	if err != nil {
		v.Error = err.Error()
	}
	line, err := json.Marshal(v)
	if err != nil {
		return 2
	}
	f, err := os.OpenFile(s.Log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 2
	}
	if _, err := f.Write(append(line, '\n')); err != nil || f.Close() != nil {
		return 2
	}
	return 0
}

// withBrowser puts the stand-in on the PATH of every program that is started now.
func (w *world) withBrowser() {
	w.t.Helper()
	self, err := os.Executable()
	check(w.t, err)
	check(w.t, os.MkdirAll(w.path("browser"), 0o700))
	check(w.t, os.Symlink(self, w.path("browser", browserProgram)))
	w.env = append(w.env, "PATH="+w.path("browser")+string(filepath.ListSeparator)+os.Getenv("PATH"), browserFile+"="+w.path("sitter.json"))
}

// sits puts somebody at the browser.
func (w *world) sits(id *hospitalid.Service, who hospitalid.User, password string) {
	w.t.Helper()
	b, err := json.Marshal(sitter{id.CA, who.Username, password, w.path("visited.log")})
	check(w.t, err)
	w.write("sitter.json", string(b))
}

// visits are the pages that were come to so far.
func (w *world) visits() []visited {
	w.t.Helper()
	b, err := os.ReadFile(w.path("visited.log"))
	if os.IsNotExist(err) {
		return nil
	}
	check(w.t, err)
	var lines []json.RawMessage
	for line := range strings.Lines(string(b)) {
		lines = append(lines, json.RawMessage(line))
	}
	return decode[visited](w.t, lines)
}
