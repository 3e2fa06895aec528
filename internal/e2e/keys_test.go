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
