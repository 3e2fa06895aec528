package e2e_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// A computer was given a new identity, and central has to be restored to a backup
// of before: what the earlier identity had receipts for, and what only it was sent,
// comes back from that computer, which by then needs a third identity, because the
// backup knows nothing of its second.
func TestWhatAnEarlierIdentityHadReceiptsForComesBack(t *testing.T) {
	w, a, b, patient := theWard(t)
	b.Stop(5 * time.Second)
	w.admin("backup", "--to", w.path("backup.wlj"))
	made := a.do("note", args{"patient": patient, "text": "Written before the new identity."})
	made = append(made, a.do("record_vitals", args{"patient": patient, "set": set("pulse", "64")})...)
	a.allSent()
	a.Stop(5 * time.Second)

	if said := w.again("a"); !strings.Contains(said, `"mutations":0`) || strings.Contains(said, `"kept":0`) {
		t.Fatalf("a new identity: %s", said)
	}
	a = w.open("a")
	a.signIn(nurse)
	w.await("the second identity has the note", 30*time.Second, func() error {
		if c, refused := a.chart(patient); len(c.Notes) != 1 {
			return fmt.Errorf("%d notes %s", len(c.Notes), refused)
		}
		return nil
	})
	a.Stop(5 * time.Second)
	w.central.Kill()
	w.restoreFrom("backup.wlj")

	if said := w.again("a", "--user", nurse.user, "--pin-file", w.write("pin-again", nurse.pin)); strings.Contains(said, `"kept":0`) {
		t.Fatalf("a third identity: %s", said)
	}
	a = w.open("a")
	a.signIn(nurse)
	w.backOnce(made)
	b = w.open("b")
	b.signIn(nurse)
	w.backOnce(made)
	w.verify()
}

// again gives a computer a new identity, and says what came along.
func (w *world) again(name string, more ...string) string {
	w.t.Helper()
	code := w.write("code-again-"+name, string(w.admin("enrol-code", "--ward", "4B")[0]))
	lines, stderr, err := w.program("wardlight", append(append([]string{
		"enrol", "--again", "--data", w.path(name), "--server", "https://" + w.net.Addr(),
		"--ca-fingerprint", w.ready.CA, "--code-file", code, "--place", "Computer " + name,
	}, more...), w.secrets...)...)
	if err != nil {
		w.t.Fatalf("a new identity for %s: %v\n%s%s", name, err, joined(lines), stderr)
	}
	return joined(lines)
}

// restoreFrom is a central whose disk is gone with the raw inbound log: its keys and
// a backup are what is left.
func (w *world) restoreFrom(backup string) {
	w.t.Helper()
	check(w.t, os.Rename(w.path("central"), w.path("lost")))
	check(w.t, os.MkdirAll(w.path("central"), 0o700))
	for _, kept := range []string{"central.json", "vault.v1", "master.v1"} {
		check(w.t, os.Rename(w.path("lost", kept), w.path("central", kept)))
	}
	w.admin("restore", "--from", w.path(backup))
	w.serve()
}
