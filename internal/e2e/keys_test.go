package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/demo"
	"wardlight/internal/station/join"
	"wardlight/internal/trust/keys"
)

// TestCentralsKeysChangeUnderLoad: a laboratory sends and a nurse writes without a
// pause, while every key of central's is changed, several times, its keys in a real
// keyring, and central is killed in between. What was answered and what she wrote is in
// the record once, and the audit log holds to a checkpoint of before.
func TestCentralsKeysChangeUnderLoad(t *testing.T) {
	w := keyringWorld(t)
	w.account(nurse, "4B")
	w.enrol("a", "4B")
	w.send(admission(0))
	a := w.open("a")
	a.signIn(nurse)
	patient := a.patient(somebody[0].family)
	w.admin("audit", "checkpoint", "--to", w.path("before.note"))

	w.enrol("b", "4B") // off through all of it
	b := w.open("b")
	b.signIn(nurse)
	w.await("each has said that it can follow another signing key", 90*time.Second, func() error {
		if list := joined(w.admin("keys", "list")); strings.Contains(list, `"behind"`) {
			return fmt.Errorf("%s", list)
		}
		return nil
	})
	b.Kill()

	stop := make(chan struct{})
	var sent, wrote atomic.Int64
	var answered sync.Map
	var made []string
	var load sync.WaitGroup
	load.Go(func() {
		s := &demo.Sender{Addr: w.ready.MLLP, Patient: time.Minute}
		defer s.Close()
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			id := fmt.Sprintf("K%04d", n)
			r, err := s.Send(context.Background(), demo.Sending{Raw: []byte(potassium(0, id, fmt.Sprintf("4.%04d", n), "N"))})
			if err != nil {
				t.Errorf("%s was never answered: %v", id, err)
				return
			}
			answered.Store(id, r.Answer)
			sent.Add(1)
		}
	})
	load.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			made = append(made, a.do("note", args{"patient": patient, "text": fmt.Sprintf("Note %d", n)})...)
			wrote.Add(1)
		}
	})
	further := func() { // some more of both, so that each key is used
		s, n := sent.Load(), wrote.Load()
		w.await("people and machines go on", time.Minute, func() error {
			if sent.Load() < s+15 || wrote.Load() < n+5 {
				return fmt.Errorf("%d results and %d notes more", sent.Load()-s, wrote.Load()-n)
			}
			return nil
		})
	}
	changes := 0
	for round := range 2 {
		for _, key := range []string{"data", "raw", "signing", "master"} {
			further()
			w.admin("keys", "change", key)
			changes++
			if round == 1 || key == "data" || key == "signing" {
				w.central.Kill()
				w.serve()
			}
		}
	}
	further()
	close(stop)
	load.Wait()
	a.allSent()
	w.central.Kill()
	w.serve()
	t.Logf("%d changes, %d results, %d notes", changes, sent.Load(), len(made))

	rows, results := map[string]int{}, w.values()
	for _, r := range w.rows() {
		rows[r.ControlID]++
	}
	answered.Range(func(k, said any) bool {
		if said != "CA" || rows[k.(string)] != 1 {
			t.Errorf("%v was answered %v and is there %d times", k, said, rows[k.(string)])
		}
		return true
	})
	if len(results) == 0 {
		t.Error("no value is in the record")
	}
	w.everythingOnce(made)
	w.verify()
	if said := joined(w.admin("audit", "verify", "--checkpoint", w.path("before.note"))); !strings.Contains(said, `"checkpoint":"holds"`) {
		t.Errorf("the checkpoint of before: %s", said)
	}
	list := joined(w.admin("keys", "list"))
	for _, key := range []string{"master", "data", "raw", "signing"} {
		if !strings.Contains(list, `"key":"`+key+`"`) || !strings.Contains(list, `"former":2`) {
			t.Errorf("keys list: %s", list)
		}
	}
	b = w.open("b")
	b.signIn(nurse)
	w.await("who was off comes level", time.Minute, func() error { return difference(a, b, patient) })
	if said := w.log(); strings.Contains(said, "does not go on from the checkpoint") {
		t.Error("a computer was alarmed about the audit log")
	}
	// Everything comes back from the raw inbound log and a backup of all of it, too.
	w.admin("backup", "--to", w.path("after.wlj"))
}

// TestWorkSealedToEachRecoveryKeyIsRecovered: two computers write with the network out,
// sealed to central's recovery key. It is changed by command; one of them hears of it and
// writes on, with the network out again, the other never comes back. Both are killed and
// lose their keyrings, and central is killed as well: what either wrote, under whichever
// key, is recovered from the outbox files.
func TestWorkSealedToEachRecoveryKeyIsRecovered(t *testing.T) {
	w := keyringWorld(t)
	w.account(nurse, "4B")
	w.enrol("a", "4B")
	w.enrol("b", "4B")
	w.send(admission(0))
	a, b := w.open("a"), w.open("b")
	a.signIn(nurse)
	b.signIn(nurse)
	patient := a.patient(somebody[0].family)
	b.patient(somebody[0].family)
	var made []string
	write := func(s *station, text string) {
		for n := range 3 {
			made = append(made, s.do("note", args{"patient": patient, "text": fmt.Sprintf("%s, %d", text, n)})...)
		}
	}
	w.cut(b)
	w.cut(a)
	write(b, "To the key of before, on a computer that never comes back")
	b.Kill()
	write(a, "To the key of before")
	before, err := join.Load(w.path("a"))
	check(t, err)
	w.admin("keys", "change", "recovery")
	if list := joined(w.admin("keys", "list")); strings.Count(list, string(before.Station)) != 1 {
		t.Errorf("keys list does not name the computers that are behind: %s", list)
	}
	w.central.Kill()
	w.serve()
	check(t, w.net.Mend())
	w.await("a seals to the new key, and central knows", 90*time.Second, func() error {
		now, err := join.Load(w.path("a"))
		check(t, err)
		if list := joined(w.admin("keys", "list")); now.Recovery == before.Recovery || strings.Contains(list, string(before.Station)) {
			return fmt.Errorf("%s, %s", now.Recovery, list)
		}
		return nil
	})
	w.cut(a)
	write(a, "To the new key")
	a.Kill()
	w.central.Kill()
	w.serve()

	ring := keys.Keyring(10 * time.Second)
	for _, name := range []string{"a", "b"} {
		info, err := join.Load(w.path(name))
		check(t, err)
		check(t, ring.Delete(context.Background(), "station/"+string(info.Station)))
		said := joined(w.admin("outbox", "recover", w.path(name, "store", "outbox")))
		if want := map[string]int{"a": 6, "b": 3}[name]; !strings.Contains(said, `"damage":""`) || !strings.Contains(said, fmt.Sprintf(`"recovered":%d`, want)) {
			t.Errorf("%s: %d entries are to be recovered: %s", name, want, said)
		}
	}
	w.everythingOnce(made)
	w.verify()
	if said := joined(w.admin("audit", "verify")); !strings.Contains(said, `"gaps":[]`) {
		t.Errorf("audit verify: %s", said)
	}
}
