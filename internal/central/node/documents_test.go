package node_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// picture is a document that no part of is like another.
func picture(n int) []byte {
	b := []byte("%PDF-1.4\n")
	for i := 0; len(b) < n; i++ {
		sum := sha256.Sum256(fmt.Append(nil, i))
		b = append(b, sum[:]...)
	}
	return b[:n]
}

// withDocument is a report that came as a PDF.
func withDocument(control string, content []byte) []string {
	m := potassium(control, "4.1")
	m[len(m)-1] = "OBX|1|ED|11502-2^Report^LN||LAB^AP^PDF^Base64^" + base64.StdEncoding.EncodeToString(content) + "||||||F"
	return m
}

func sumOf(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }

// document asks for one, and holds it against the original.
func (h *house) document(want []byte) {
	h.t.Helper()
	got := decode[struct {
		Base64 []byte `json:"base64"`
	}](h.t, h.ask("document", args{"sum": sumOf(want)}))
	if len(got) != 1 || !bytes.Equal(got[0].Base64, want) {
		h.t.Errorf("the document came back otherwise: %d bytes of %d", len(got[0].Base64), len(want))
	}
}

// A document that came in a message is named by what export shows, is not in it,
// and comes back byte for byte; whoever has it given out stands in the trail. After
// a restore from a backup in which its message is not, it is there again.
func TestADocumentComesBackByteForByteAlsoAfterARestore(t *testing.T) {
	early, late := picture(70_000), picture(90_000)
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	h.send(admission("A1")...)
	if code := h.send(withDocument("D1", early)...); code != "AA" {
		t.Fatal(code)
	}
	backup := filepath.Join(t.TempDir(), "b.wlj")
	h.ask("backup", args{"to": backup, "keys_passphrase": "a passphrase of some length"})
	h.send(withDocument("D2", late)...)
	holds := func() {
		t.Helper()
		all := text(h.ask("export", nil))
		if !strings.Contains(all, "urn:wardlight:blob:"+sumOf(late)) || strings.Contains(all, base64.StdEncoding.EncodeToString(late[:300])) {
			t.Error("the resource does not name the document, or holds it")
		}
		h.document(early)
		h.document(late)
	}
	holds()
	if _, err := h.try("document", args{"sum": sumOf([]byte("none"))}); err == nil {
		t.Error("a document that never came was given out")
	}
	if !strings.Contains(text(h.ask("audit list", nil)), sumOf(late)) {
		t.Error("nobody wrote down who had it given out")
	}
	h.stop()
	check(t, os.Rename(filepath.Join(h.conf.Dir, "journal"), filepath.Join(h.conf.Dir, "moved-aside")))
	_, err := h.restore(backup)
	check(t, err)
	h.serve()
	holds()
}
