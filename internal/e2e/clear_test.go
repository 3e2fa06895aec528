package e2e_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// clothes are the forms in which a word may stand in a file: as it is, in two
// bytes a letter as Windows writes it, in base64 wherever it begins, in
// hexadecimal.
func clothes(word string) map[string][]byte {
	low := strings.ToLower(word)
	out := map[string][]byte{"plain": []byte(low)}
	for i, form := range forms(word) {
		out["hexadecimal "+strconv.Itoa(i+1)] = []byte(hex.EncodeToString([]byte(form)))
	}
	var little, big []byte
	for _, u := range utf16.Encode([]rune(low)) {
		little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
	}
	out["UTF-16"], out["UTF-16, big end first"] = little, big
	if q, err := json.Marshal(low); err == nil && len(q) > 2 {
		out["JSON"] = bytes.ToLower(q[1 : len(q)-1])
	}
	return out
}

// wrapped are the middles of a word's base64 at each of three places, which are
// the same whatever stands before and behind.
func wrapped(word string) [][]byte {
	var out [][]byte
	for skip := range 3 {
		b := []byte(word)[min(len(word), (3-skip)%3):]
		b = b[:len(b)/3*3]
		if len(b) >= 6 {
			out = append(out, []byte(base64.StdEncoding.EncodeToString(b)))
		}
	}
	return out
}

// forms are a word in small letters, in capitals, and with one.
func forms(w string) []string {
	return []string{w, strings.ToUpper(w), strings.ToUpper(w[:1]) + w[1:]}
}

// search is a word in all its clothes.
type search struct {
	word    string
	folded  map[string][]byte // looked for in lower case
	exactly [][]byte
}

func searches(words []string) []search {
	var out []search
	for _, w := range words {
		s := search{word: w, folded: clothes(w)}
		for _, form := range forms(w) {
			s.exactly = append(s.exactly, wrapped(form)...)
		}
		out = append(out, s)
	}
	return out
}

// in says in what form the word stands in a file; "" where it does not.
func (s search) in(raw, lower []byte) string {
	for form, b := range s.folded {
		if bytes.Contains(lower, b) {
			return form
		}
	}
	for _, b := range s.exactly {
		if bytes.Contains(raw, b) {
			return "base64"
		}
	}
	return ""
}

// noPatientInClear reads every file below the folders of a finished run: stores,
// logs, the keyring, preferences, what the window left, temporary files. The
// hospital's own list of what it meant to send is the one exception, and shows
// that the search finds.
func noPatientInClear(t *testing.T, words []string, dirs ...string) {
	t.Helper()
	list, files, control := searches(words), 0, false
	for _, dir := range dirs {
		check(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			files++
			raw, err := os.ReadFile(path)
			check(t, err)
			lower := bytes.ToLower(raw)
			for _, s := range list {
				form := s.in(raw, lower)
				switch {
				case form == "":
				case filepath.Base(path) == "intents.jsonl":
					control = true
				default:
					t.Errorf("%q stands in clear (%s) in %s", s.word, form, strings.TrimPrefix(path, dir))
				}
			}
			return nil
		}))
	}
	if files < 30 || !control {
		t.Errorf("%d files were searched, and the search finds what is there: %v", files, control)
	}
}

// TestTheSearchForPatientsFindsThem: in each form in which a program might have
// left a name behind.
func TestTheSearchForPatientsFindsThem(t *testing.T) {
	s := searches([]string{"cholmondeley"})[0]
	name := "Cholmondeley"
	little := func(text string) (b []byte) {
		for _, u := range utf16.Encode([]rune(text)) {
			b = append(b, byte(u), byte(u>>8))
		}
		return b
	}
	for form, text := range map[string][]byte{
		"as it is": []byte("Mrs " + name + ", bed 3"), "in capitals": []byte("CHOLMONDELEY^PERPETUA"), "as Windows writes it": little("Mrs " + name),
		"in hexadecimal": []byte("x" + hex.EncodeToString([]byte(name))), "in base64": []byte(base64.StdEncoding.EncodeToString([]byte(name + "^PERPETUA"))),
		"in base64, one on": []byte(base64.StdEncoding.EncodeToString([]byte("|" + name))), "in base64, two on": []byte(base64.StdEncoding.EncodeToString([]byte("|^" + name + "|"))),
	} {
		if s.in(text, bytes.ToLower(text)) == "" {
			t.Errorf("%s it is not found: %q", form, text)
		}
	}
	if form := s.in([]byte("Cholmondel"), []byte("cholmondel")); form != "" {
		t.Errorf("what is not there was found in %s", form)
	}
}
