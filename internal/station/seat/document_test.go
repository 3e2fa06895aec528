package seat_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
)

// A report comes as a PDF of several parts. Its result says so, it is fetched by
// itself, and opened with the network out: the very bytes that were sent, once the
// look is written down; at a locked computer by nobody.
func TestADocumentIsOpenedWithTheNetworkOut(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	var opened [][]byte
	run := func(_ context.Context, name string, args ...string) (string, error) {
		b, err := os.ReadFile(args[len(args)-1])
		if name != "xdg-open" && name != "open" || err != nil || !strings.HasSuffix(args[len(args)-1], ".pdf") {
			t.Errorf("%s %v: %v", name, args, err)
		}
		opened = append(opened, b)
		return "", nil
	}
	s, d := w.signedIn(dir, run)
	want := []byte("%PDF-1.4\n")
	for i := 0; len(want) < 150_000; i++ {
		sum := sha256.Sum256(fmt.Append(nil, i))
		want = append(want, sum[:]...)
	}
	reported(t, w, want)
	var who ward.PatientID
	var result ward.Result
	waitFor(t, "the document is on this computer", func() bool {
		rows, err := d.Board(context.Background())
		if err != nil || len(rows) == 0 {
			return false
		}
		who = rows[0].Who.ID
		c, err := d.Chart(context.Background(), who)
		if err != nil || len(c.Results) == 0 {
			return false
		}
		result = c.Results[0]
		return len(result.Documents) == 1 && result.Documents[0].Here
	})
	doc := result.Documents[0]
	if result.Value != "see the document" || doc.Words() != "PDF · 150 KB · on this computer" || doc.Sum != fmt.Sprintf("%x", sha256.Sum256(want)) {
		t.Errorf("the chart says %q, %q, %s", result.Value, doc.Words(), doc.Sum)
	}
	s.Disconnect()
	words, err := s.OpenDocument(context.Background(), who, result.ID, doc.Sum)
	if err != nil || len(opened) != 1 || !bytes.Equal(opened[0], want) || !strings.HasPrefix(words, "Opened") {
		t.Errorf("%q, %v, %d opened", words, err, len(opened))
	}
	if _, err := s.OpenDocument(context.Background(), who, result.ID, strings.Repeat("0", 64)); err == nil {
		t.Error("a document that the result does not name was opened")
	}
	s.Connect()
	waitFor(t, "the look is at central", func() bool {
		for _, l := range w.order("audit list", nil) {
			if strings.Contains(fmt.Sprint(l), base64.StdEncoding.EncodeToString([]byte("document "+doc.Sum))) {
				return true
			}
		}
		return false
	})
	d.Lock()
	if _, err := s.OpenDocument(context.Background(), who, result.ID, doc.Sum); err == nil || len(opened) != 1 {
		t.Errorf("opened at a locked computer: %v", err)
	}
	waitFor(t, "nothing of it is left", func() bool {
		left, err := os.ReadDir(filepath.Join(dir, "print"))
		return err == nil && len(left) == 0
	})
}

// reported sends a report that is a PDF, as a laboratory does.
func reported(t *testing.T, w *world, content []byte) {
	t.Helper()
	c, err := net.Dial("tcp", w.conf.MLLP)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	now := time.Now().Format("20060102150405")
	message := strings.Join([]string{
		"MSH|^~\\&|LAB|HOSP|WARDLIGHT|HOSP|" + now + "||ORU^R01^ORU_R01|R1|P|2.5.1",
		"PID|1||9990417733^^^NHS^NH||ADEYEMI^FOLAKE||19540314|F", "PV1|1|I|4B^^07^HOSP",
		"OBR|1||F1^LAB|11502-2^Report^LN|||" + now + "|||||||||||||||" + now + "|||F",
		"OBX|1|ED|11502-2^Report^LN||LAB^AP^PDF^Base64^" + base64.StdEncoding.EncodeToString(content) + "||||||F", "",
	}, "\r")
	if _, err := fmt.Fprintf(c, "\x0b%s\x1c\r", message); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 4096)
	n, err := c.Read(answer)
	if err != nil || !strings.Contains(string(answer[:n]), "MSA|AA") {
		t.Fatalf("%v: %q", err, answer[:n])
	}
}
