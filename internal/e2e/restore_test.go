package e2e_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// TestCentralIsRestoredToYesterday: a backup, then work, then the machine is
// lost. What senders and stations were answered for after the backup comes
// back from the raw inbound log and from the stations.
func TestCentralIsRestoredToYesterday(t *testing.T) {
	w, a, b, patient := theWard(t)
	made := a.do("note", args{"patient": patient, "text": "Before the backup."})
	a.allSent()
	w.admin("backup", "--to", w.path("backup.wlj"))

	late := potassium(0, "K2", "3.4", "N")
	answers := w.send(admission(1), late, potassium(1, "K3", "4.4", "N"))
	made = append(made, a.do("note", args{"patient": patient, "text": "After the backup."})...)
	made = append(made, b.do("record_vitals", args{"patient": patient, "set": set("pulse", "64")})...)
	a.allSent()
	b.allSent()
	b.patient(somebody[1].family)
	before := w.values()

	w.central.Kill()
	check(t, os.Rename(w.path("central"), w.path("lost")))
	check(t, os.MkdirAll(w.path("central"), 0o700))
	for _, kept := range []string{"central.json", "vault.v1", "master.v1", "inbound"} {
		check(t, os.Rename(w.path("lost", kept), w.path("central", kept)))
	}
	said := joined(w.admin("restore", "--from", w.path("backup.wlj")))
	if !strings.Contains(said, `"replayed":3`) {
		t.Errorf("restore says %s; three messages came after the backup", said)
	}
	w.serve()
	for _, s := range []*station{a, b} {
		s.allSent()
	}
	w.await("what the stations wrote after the backup is back", 30*time.Second, func() error {
		all := w.export()
		for _, id := range made {
			if n := strings.Count(all, `"id":"`+id+`"`); n != 1 {
				return fmt.Errorf("%s stands %d times", id, n)
			}
		}
		return nil
	})
	w.everythingOnce(made)
	if after := w.values(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("results before the loss %v, after the restore %v", before, after)
	}
	w.await("both charts are equal", 20*time.Second, func() error { return difference(a, b, patient) })
	if c, _ := a.chart(patient); len(c.Notes) != 2 || len(c.Results) != 2 {
		t.Errorf("%d notes and %d results on the chart, 2 and 2 expected", len(c.Notes), len(c.Results))
	}
	a.do("note", args{"patient": patient, "text": "And work goes on."})
	a.allSent()
	all := w.export()
	if again := w.send(late); again[0] != answers[1] || w.export() != all {
		t.Errorf("a message that came after the backup is answered %s, then %s, or changes the record", answers[1], again[0])
	}
	w.verify()
	w.healthy()
}
