package e2e_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// copyOf keeps a folder's present state, as a snapshot of a virtual machine
// does. Central must not be running.
func (w *world) copyOf(name, to string) {
	w.t.Helper()
	check(w.t, os.RemoveAll(w.path(to)))
	check(w.t, os.CopyFS(w.path(to), os.DirFS(w.path(name))))
}

// putBack makes a folder what it was when it was copied.
func (w *world) putBack(from, name string) {
	w.t.Helper()
	check(w.t, os.RemoveAll(w.path(name)))
	check(w.t, os.CopyFS(w.path(name), os.DirFS(w.path(from))))
}

// backOnce waits until each of the resources stands in the record exactly once.
func (w *world) backOnce(ids []string) {
	w.t.Helper()
	w.await("what was lost is back", 60*time.Second, func() error {
		all := w.export()
		for _, id := range ids {
			if n := strings.Count(all, `"id":"`+id+`"`); n != 1 {
				return fmt.Errorf("%s stands %d times", id, n)
			}
		}
		return nil
	})
}

// The machine of central is put back to an earlier snapshot, raw log and all,
// and nobody says so. Meanwhile one computer has died. The other one notices,
// proves it, and brings back what central had signed: what it wrote itself, what
// the dead one wrote, and the result that came in.
func TestAMachineIsRolledBackAndNobodySaysSo(t *testing.T) {
	w, a, b, patient := theWard(t)
	made := a.do("note", args{"patient": patient, "text": "Before the snapshot."})
	a.allSent()
	w.central.Stop(10 * time.Second)
	w.copyOf("central", "snapshot")
	w.serve()

	made = append(made, a.do("note", args{"patient": patient, "text": "From the computer that dies."})...)
	a.allSent()
	w.send(potassium(0, "K2", "3.4", "N"))
	made = append(made, b.do("record_vitals", args{"patient": patient, "set": set("pulse", "64")})...)
	b.allSent()
	w.await("b has all of it", 20*time.Second, func() error {
		if c, _ := b.chart(patient); len(c.Notes) != 2 || len(c.Results) != 2 {
			return fmt.Errorf("%d notes, %d results", len(c.Notes), len(c.Results))
		}
		return nil
	})
	before := w.values()
	a.Stop(3 * time.Second)
	w.central.Kill()
	w.putBack("snapshot", "central")
	w.serve()

	b.do("note", args{"patient": patient, "text": "Writing goes on meanwhile."})
	w.backOnce(made)
	b.allSent()
	if after := w.values(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("results before %v, after %v", before, after)
	}
	epochs := joined(w.ask("epoch list", nil))
	if strings.Count(epochs, `"cause":"restored"`) != 1 || !strings.Contains(epochs, "put back to an earlier day") {
		t.Errorf("the epochs are %s", epochs)
	}
	if !strings.Contains(w.log(), "was rolled back and nobody said so") {
		t.Error("central's log does not tell the administrator")
	}
	w.verify()
	if c, _ := b.chart(patient); len(c.Notes) != 3 || len(c.Results) != 2 {
		t.Errorf("%d notes and %d results on the chart, 3 and 2 expected", len(c.Notes), len(c.Results))
	}
}

// Central is emptied on purpose. The computers stay enrolled, and nothing comes
// back from the dead: not from them, not from the raw log, not after a later
// restore either.
func TestNothingComesBackAfterAWipe(t *testing.T) {
	w, a, b, patient := theWard(t)
	a.do("note", args{"patient": patient, "text": "Of the trial."})
	a.allSent()
	w.central.Stop(10 * time.Second)
	w.admin("wipe", "--everything")
	w.serve()
	for _, s := range []*station{a, b} {
		w.await(s.Name+" has forgotten", 60*time.Second, func() error {
			if n := len(s.board()); n != 0 || !s.link().Connected {
				return fmt.Errorf("%d patients on the board, connected %v", n, s.link().Connected)
			}
			return nil
		})
	}
	w.admin("backup", "--to", w.path("empty.wlj"))
	w.send(admission(1))
	b.patient(somebody[1].family)
	w.admin("epoch", "begin")
	a.allSent()
	b.allSent()
	b.patient(somebody[1].family)
	if all := w.export(); strings.Contains(all, patient) || strings.Contains(all, "Of the trial") {
		t.Error("something came back from before the wipe")
	}
	epochs := joined(w.ask("epoch list", nil))
	if !strings.Contains(epochs, `"cause":"wiped"`) || !strings.Contains(epochs, "emptied on purpose") {
		t.Errorf("the epochs are %s", epochs)
	}
	w.verify()
}

// A computer's disk was copied, and both copies write under one number. The
// second is told, loses nothing, gets a new identity, and its entry reaches the
// record beside the first one's.
func TestAClonedComputerGetsANewIdentity(t *testing.T) {
	w, a, b, patient := theWard(t)
	made := a.do("note", args{"patient": patient, "text": "Before the copy."})
	a.allSent()
	a.Stop(5 * time.Second)
	w.copyOf("a", "copy")

	a = w.open("a")
	a.signIn(nurse)
	made = append(made, a.do("note", args{"patient": patient, "text": "On the first computer."})...)
	a.allSent()
	a.Stop(5 * time.Second)

	twin := w.open("copy")
	twin.signIn(nurse)
	own := twin.do("note", args{"patient": patient, "text": "On the copy."})
	if own[0] != made[1] {
		t.Fatalf("the copies write under %s and %s: nothing is shown", made[1], own[0])
	}
	w.await("the copy is told", 60*time.Second, func() error {
		if r := twin.link().Refused; !strings.Contains(r, "new identity") {
			return fmt.Errorf("it says %q", r)
		}
		return nil
	})
	if n := twin.link().Unsent; n != 1 {
		t.Errorf("%d unsent on the copy, 1 expected", n)
	}
	twin.Stop(5 * time.Second)
	if !strings.Contains(w.log(), "two computers use one identity") {
		t.Error("central's log does not tell the administrator")
	}
	w.turnedAway("two computers use one identity")

	if said := w.again("copy"); !strings.Contains(said, `"mutations":1`) {
		t.Fatalf("a new identity: %s", said)
	}
	twin = w.open("copy")
	twin.signIn(nurse)
	twin.allSent()
	a = w.open("a")
	a.signIn(nurse)
	a.do("note", args{"patient": patient, "text": "The first one goes on."})
	a.allSent()
	w.await("all have all", 30*time.Second, func() error {
		for _, s := range []*station{a, b, twin} {
			texts := map[string]int{}
			c, _ := s.chart(patient)
			for _, n := range c.Notes {
				texts[n.Text]++
			}
			for _, text := range []string{"Before the copy.", "On the first computer.", "On the copy.", "The first one goes on."} {
				if texts[text] != 1 {
					return fmt.Errorf("on %s %q stands %d times", s.Name, text, texts[text])
				}
			}
		}
		return nil
	})
	w.verify()
}

// Central's disk is gone with the raw inbound log, and so is one computer. The
// backup is older than all that matters. What central had signed comes back from
// the other computer: the dead one's entry, a result, and who was admitted.
func TestASignedDayComesBackFromOneComputer(t *testing.T) {
	w, a, b, patient := theWard(t)
	w.admin("backup", "--to", w.path("backup.wlj"))
	made := a.do("note", args{"patient": patient, "text": "From the computer that dies."})
	a.allSent()
	w.send(potassium(0, "K2", "3.4", "N"), admission(1), potassium(1, "K3", "4.4", "N"))
	made = append(made, b.do("record_vitals", args{"patient": patient, "set": set("pulse", "64")})...)
	b.allSent()
	second := b.patient(somebody[1].family)
	w.await("b has all of it", 20*time.Second, func() error {
		c, _ := b.chart(patient)
		d, _ := b.chart(second)
		if len(c.Notes) != 1 || len(c.Results) != 2 || len(d.Results) != 1 {
			return fmt.Errorf("%d notes, %d and %d results", len(c.Notes), len(c.Results), len(d.Results))
		}
		return nil
	})
	before := w.values()
	a.Stop(3 * time.Second)
	w.central.Kill()
	w.restoreFrom("backup.wlj")

	w.backOnce(append(made, patient, second))
	b.allSent()
	w.await("the results are back", 30*time.Second, func() error {
		if after := w.values(); fmt.Sprint(after) != fmt.Sprint(before) {
			return fmt.Errorf("before %v, after %v", before, after)
		}
		return nil
	})
	// The sender repeats what it never knew to be lost: nothing is doubled.
	w.send(potassium(0, "K2", "3.4", "N"), potassium(1, "K3", "4.4", "N"))
	if after := w.values(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("sent again: before %v, after %v", before, after)
	}
	if !strings.Contains(joined(w.ask("audit list", nil)), "given back after a restore") {
		t.Error("what was taken back is not on record")
	}
	w.verify()
}
