package e2e_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/fault"
)

// What an attacker writes to break out of the field that it stands in: for each
// language that something of a hospital speaks.
var hostile = map[string]string{
	"SQL":             `Robert'); DROP TABLE patients; -- " OR 1=1`,
	"HL7 delimiters":  `a|b^c&d~e\F\.br\X0D\MSH|^~\&|LAB|`,
	"FHIR JSON":       `"},"allergy":"none","resourceType":"Patient","id":"x{"`,
	"a path":          `../../../../../etc/passwd`,
	"a Windows path":  `..\..\C:\Windows\System32\calc.exe|`,
	"a format":        `%s%n%x%!d(PANIC=x) {{.Secret}} ${jndi:ldap://x} $(reboot) ` + "`reboot`",
	"HTML":            `<script>alert(1)</script><img src=x onerror=y>&amp;`,
	"turned around":   "abc\u202egnp.exe\u202c \u2066x\u2069 a\u200bb",
	"a terminal's":    "\u001b[31mred\u001b[0m \u001b]0;title\u0007",
	"a long one":      strings.Repeat("%n'\\", 700),
	"an archive's":    "-rf /; --output=x @file \\\\server\\share",
	"a spreadsheet's": `=HYPERLINK("http://x","y")`,
}

var escaped = strings.NewReplacer(`\`, `\E\`, `|`, `\F\`, `^`, `\S\`, `&`, `\T\`, `~`, `\R\`)

// textsIn are all strings of a JSON value, names of members too.
func textsIn(v any) (all []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, x := range v {
			all = append(all, textsIn(x)...)
		}
	case map[string]any:
		for k, x := range v {
			all = append(append(all, k), textsIn(x)...)
		}
	}
	return all
}

// standing is where on a chart such a text stands.
type standing struct {
	Results     []struct{ Test, Value string }
	Notes       []struct{ Text string }
	AllergyList []struct{ Substance string }
}

// lacks says where the text does not stand, letter by letter; "" for nowhere.
func (c standing) lacks(text string) string {
	var notes, values, tests, substances bool
	for _, n := range c.Notes {
		notes = notes || n.Text == text
	}
	for _, r := range c.Results {
		values, tests = values || r.Value == text, tests || r.Test == text
	}
	for _, a := range c.AllergyList {
		substances = substances || a.Substance == substance(text)
	}
	switch {
	case !notes:
		return "a note"
	case !values:
		return "a result's value"
	case !tests:
		return "a document's title"
	case !substances:
		return "an allergy"
	}
	return ""
}

// substance is a text as long as the name of one.
func substance(text string) string { return text[:min(len(text), 60)] }

func holdsText(t *testing.T, raw, text string) bool {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(raw))
	for dec.More() {
		var v any
		check(t, dec.Decode(&v))
		if slices.Contains(textsIn(v), text) {
			return true
		}
	}
	return false
}

// TestWordsOfAnAttackerStayWords: through the laboratory's port and from a
// station, and on another station and in central's export, they are the text that
// was written, and nothing else comes of them; where they stand for a name of
// something, that is refused in words.
func TestWordsOfAnAttackerStayWords(t *testing.T) {
	w, a, b, patient := theWard(t)
	names := make([]string, 0, len(hostile))
	for name := range hostile {
		names = append(names, name)
	}
	slices.Sort(names)
	files := w.everyFile()
	var messages []string
	for i, name := range names {
		m := result(0, "HOSTILE"+string(rune('A'+i)), "8251-1", "Comment", escaped.Replace(hostile[name]), "", "")
		m = strings.Replace(m, "OBX|1|NM|", "OBX|1|TX|", 1)
		m = strings.Replace(m, "|^^UCUM||", "|||", 1)
		pdf := base64.StdEncoding.EncodeToString([]byte("%PDF-1.4\n" + name))
		m += `OBX|2|ED|11502-2^` + escaped.Replace(hostile[name]) + `^LN||LAB^AP^PDF^Base64^` + pdf + `||||||F` + "\r"
		messages = append(messages, m)
	}
	for i, answer := range w.send(messages...) {
		if !strings.HasSuffix(answer, "A") { // AA or CA: taken
			t.Errorf("%s over MLLP is answered %s", names[i], answer)
		}
	}
	var made []string
	for _, name := range names {
		made = append(made, a.do("note", args{"patient": patient, "text": hostile[name]})...)
		made = append(made, a.do("add_allergy", args{"patient": patient, "substance": substance(hostile[name])})...)
	}
	a.allSent()
	b.allSent()
	w.everythingOnce(made)
	w.await("all of it is on the other station", 60*time.Second, func() error {
		var r struct{ Chart standing }
		if err := b.call("chart", args{"patient": patient}, &r); err != nil {
			return err
		}
		for _, name := range names {
			if where := r.Chart.lacks(hostile[name]); where != "" {
				return fmt.Errorf("%s is not on the chart as %s", name, where)
			}
		}
		return nil
	})
	exported := w.export()
	for _, name := range names {
		if !holdsText(t, exported, hostile[name]) {
			t.Errorf("%s is not in the record as it was written", name)
		}
	}
	w.asNames(a)
	if now := w.everyFile(); len(now) < len(files) || slices.ContainsFunc(now, func(f string) bool {
		return strings.Contains(f, "passwd") || strings.Contains(f, "calc") || strings.Contains(f, "gnp") || strings.Contains(f, "title")
	}) {
		t.Errorf("a file took its name from what was written: %v", now)
	}
	w.healthy()
}

// asNames: where a name or a number of something is expected.
func (w *world) asNames(a *station) {
	w.t.Helper()
	for name, text := range hostile {
		for cmd, with := range map[string]args{
			"chart": {"patient": text}, "document": {"patient": text, "result": text, "sum": text}, "note": {"patient": text, "text": "x"},
			"take": {"patient": text, "result": text, "version": 1}, "sign_in": {"user": text, "pin": text}, "no such " + text: {},
		} {
			err := a.call(cmd, with, nil)
			if k := kind(err); err == nil || k == fault.Other || k == fault.Corrupt || k == fault.Timeout {
				w.t.Errorf("%s: %.20s for %s: %v", a.Name, cmd, name, err)
			}
		}
		if err := a.call("search", args{"text": text}, nil); err != nil {
			w.t.Errorf("searching for %s: %v", name, err)
		}
		for _, argv := range [][]string{{"history", "Patient", text}, {"quarantine", "show", text}} {
			if strings.HasPrefix(text, "-") {
				continue // the shell's words, not ours
			}
			_, said, err := w.try(argv...)
			if err == nil || !strings.Contains(said, "no") || strings.Contains(said, "panic") || strings.ContainsRune(said, '\u001b') {
				w.t.Errorf("wardlightd %s for %s: %v %q", argv[0], name, err, said)
			}
		}
	}
	if _, refused := w.signIns(strings.ToLower(hostile["SQL"])); refused == 0 {
		w.t.Error("a refused sign-in in an attacker's words is not on record")
	}
}

// everyFile are the names of all files of the world.
func (w *world) everyFile() (names []string) {
	w.t.Helper()
	check(w.t, filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimPrefix(path, w.dir))
		}
		return nil // what is just being removed
	}))
	return names
}
