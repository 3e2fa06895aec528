package seat_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// With the network out a test is asked for and its labels are printed, on this
// computer's paper; whose they are is said; printed again it is said, and central's
// audit knows which were; the label of an order that was withdrawn is refused.
func TestLabelsArePrintedWithTheNetworkOut(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	var args []string
	var pdf []byte
	run := func(_ context.Context, name string, a ...string) (string, error) {
		switch name {
		case "lpstat":
			return "system default destination: bay-2\n", nil
		case "lp":
			b, err := os.ReadFile(a[len(a)-1])
			if err != nil {
				t.Error(err)
			}
			args, pdf = a, b
		}
		return "", nil
	}
	s, d := w.signedIn(dir, run)
	ctx := context.Background()
	var who ward.Identity
	waitFor(t, "somebody is on the ward", func() bool {
		rows, err := d.Board(ctx)
		if err != nil || len(rows) == 0 {
			return false
		}
		who = rows[0].Who
		return true
	})
	s.Disconnect()
	ask := func(name string) fhir.ID {
		t.Helper()
		done, err := d.Do(ctx, ward.SignOrders{Patient: who.ID, Items: []ward.OrderItem{{Kind: ward.OrderTest, Code: "ue", Name: name}}})
		if err != nil || len(done.Made) != 1 {
			t.Fatalf("%+v %v", done, err)
		}
		return done.Made[0]
	}
	order := ask("Urea and electrolytes")
	if err := s.KeepLabelPaper(ward.LabelLarge); err != nil {
		t.Fatal(err)
	}
	words, err := s.PrintLabels(ctx, who.ID, []fhir.ID{order}, 2)
	if err != nil || words != "2 labels for ADEYEMI, Folake, born 14-Mar-1954, NHS No. 999 041 7733. Sent to the printer bay-2" && !strings.HasPrefix(words, "2 labels for "+who.ShowName()+", born 14-Mar-1954, ") {
		t.Fatalf("%q, %v", words, err)
	}
	if !strings.Contains(strings.Join(args, " "), "media=Custom.100x50mm") || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Errorf("lp %v", args)
	}
	if words, err = s.PrintLabels(ctx, who.ID, []fhir.ID{order}, 1); err != nil || !strings.Contains(words, "Printed before on this computer") {
		t.Errorf("again: %q, %v", words, err)
	}
	if _, err := s.PrintLabels(ctx, who.ID, []fhir.ID{order, "nobodys-1"}, 1); !fault.Is(err, fault.NotFound) {
		t.Errorf("of nobody's order: %v", err)
	}
	if _, err := d.Do(ctx, ward.WithdrawOrder{Patient: who.ID, Order: order}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PrintLabels(ctx, who.ID, []fhir.ID{order}, 1); !fault.Is(err, fault.Conflict) {
		t.Errorf("of one that was withdrawn: %v", err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "print")); err != nil || len(left) != 0 {
		t.Errorf("left in the folder: %v %v", left, err)
	}
	s.Connect()
	waitFor(t, "central knows which labels were printed, and which again", func() bool {
		first, second := 0, 0
		for _, l := range w.order("audit list", nil) {
			said := func(what string) bool {
				return strings.Contains(mustText(t, l), `"`+base64.StdEncoding.EncodeToString([]byte("printed: "+what))+`"`)
			}
			if said("labels, 2 of each, of orders " + string(order)) {
				first++
			}
			if said("labels, 1 of each, of orders " + string(order) + "; printed before: " + string(order)) {
				second++
			}
		}
		return first == 1 && second == 1
	})
	d.Lock()
	if _, err := s.PrintLabels(ctx, who.ID, []fhir.ID{order}, 1); err == nil {
		t.Error("printed at a locked computer")
	}
}
