package seat_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
)

// With the network out, the pack, the list and the sheets are printed from this
// computer's own copy; the look stands before there is a file, and nothing of it
// is left in the folder.
func TestThePackIsPrintedWithTheNetworkOut(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	var printed [][]byte
	broken := false
	run := func(_ context.Context, name string, args ...string) (string, error) {
		if broken && name != "lpstat" {
			return "", errors.New("out of paper")
		}
		switch name {
		case "lpstat":
			return "system default destination: bay-2\n", nil
		case "lp":
			pdf, err := os.ReadFile(args[len(args)-1])
			if err != nil {
				t.Error(err)
			}
			printed = append(printed, pdf)
		}
		return "", nil
	}
	s, d := w.signedIn(dir, run)
	var who ward.PatientID
	waitFor(t, "somebody is on the ward", func() bool {
		rows, err := d.Board(context.Background())
		if err != nil || len(rows) == 0 {
			return false
		}
		who = rows[0].Who.ID
		return true
	})
	broken = true
	if words, err := s.PrintWard(context.Background()); err == nil || words != "" {
		t.Errorf("without paper: %q, %v", words, err)
	}
	broken = false
	waitFor(t, "central knows that there was no sheet", func() bool {
		for _, l := range w.order("audit list", nil) {
			if l["outcome"] == "failed" && l["why"] == "nothing was printed" {
				return true
			}
		}
		return false
	})
	s.Disconnect()
	for what, print := range map[string]func(context.Context) (string, error){
		"pack": s.PrintPack, "list": s.PrintWard,
		"handover": func(ctx context.Context) (string, error) { return s.PrintHandover(ctx, []ward.PatientID{who}) },
	} {
		words, err := print(context.Background())
		if err != nil || words != "Sent to the printer bay-2" {
			t.Errorf("%s: %q, %v", what, words, err)
		}
	}
	if len(printed) != 3 || !bytes.HasPrefix(printed[0], []byte("%PDF-")) {
		t.Fatalf("%d sheets", len(printed))
	}
	left, err := os.ReadDir(filepath.Join(dir, "print"))
	if err != nil || len(left) != 0 {
		t.Errorf("left in the folder: %v %v", left, err)
	}
	if _, err := s.PrintHandover(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("a sheet of nobody: %v", err)
	}
	d.Lock()
	if _, err := s.PrintPack(context.Background()); err == nil || len(printed) != 3 {
		t.Errorf("printed at a locked computer: %v", err)
	}
}

// admit puts somebody into a bed of the ward, as the hospital's system does, and
// discharge lets them go.
func admit(t *testing.T, w *world)     { t.Helper(); moved(t, w, "A01", "A1") }
func discharge(t *testing.T, w *world) { t.Helper(); moved(t, w, "A03", "A2") }

// admitOdum puts a second patient beside her.
func admitOdum(t *testing.T, w *world) { t.Helper(); moved(t, w, "A01", "B1") }

func moved(t *testing.T, w *world, event, id string) {
	t.Helper()
	pid, bed := "9990417733^^^NHS^NH||ADEYEMI^FOLAKE||19540314|F", "07"
	if strings.HasPrefix(id, "B") {
		pid, bed = "9990417741^^^NHS^NH||ODUM^GRACE||19610502|F", "08"
	}
	c, err := net.Dial("tcp", w.conf.MLLP)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	now := time.Now().Format("20060102150405")
	structure, left := "ADT_A01", ""
	if event == "A03" {
		structure, left = "ADT_A03", "|"+now
	}
	message := strings.Join([]string{
		"MSH|^~\\&|ADT|HOSP|WARDLIGHT|HOSP|" + now + "||ADT^" + event + "^" + structure + "|" + id + "|P|2.5.1", "EVN|" + event + "|" + now,
		"PID|1||" + pid, "PV1|1|I|4B^^" + bed + "^HOSP||||||||||||||||V" + bed + "|||||||||||||||||||||||||" + now + left, "",
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
