package seat_test

import (
	"context"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
)

// TestATaskForANameThatNobodyHereHasSaysSo: "bay 2" will not look for its tasks, and
// whoever wrote it sees that, as everybody does who reads the list.
func TestATaskForANameThatNobodyHereHasSaysSo(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	_, d := w.signedIn(dir, nil)
	var who ward.PatientID
	waitFor(t, "somebody is on the ward", func() bool {
		rows, err := d.Board(context.Background())
		if err == nil && len(rows) > 0 {
			who = rows[0].Who.ID
		}
		return who != ""
	})
	for _, owner := range []string{"Grace Mensah", "g.mensah", "grace mensah", "Grace Menash", "bay 2", ""} {
		if _, err := d.Do(context.Background(), ward.AddTask{Patient: who, Words: "Weigh: " + owner, Owner: owner, Due: time.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := d.Tasks(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, it := range list.Items {
		got[it.Duty.Owner] = it.Duty.For()
	}
	want := map[string]string{
		"Grace Mensah": "Grace Mensah", "g.mensah": "g.mensah", "grace mensah": "grace mensah", "": "",
		"Grace Menash": "Grace Menash (not known here)", "bay 2": "bay 2 (not known here)",
	}
	for owner, words := range want {
		if got[owner] != words {
			t.Errorf("given to %q: %q, want %q", owner, got[owner], words)
		}
	}
}
