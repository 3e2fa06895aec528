package e2e_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/demo"
)

// TestWhatWasAnsweredSurvivesKillNine: three laboratories send without a
// pause while central is killed again and again. Whatever got its AA or CA is
// in the record afterwards, once.
func TestWhatWasAnsweredSurvivesKillNine(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.send(admission(0), admission(1), admission(2))

	const each = 150
	var answered sync.Map
	var count atomic.Int64
	var labs sync.WaitGroup
	for lab := range 3 {
		labs.Go(func() {
			s := &demo.Sender{Addr: w.ready.MLLP, Patient: time.Minute}
			defer s.Close()
			for n := range each {
				id := fmt.Sprintf("L%dN%03d", lab, n)
				sent, err := s.Send(context.Background(), demo.Sending{Raw: []byte(potassium(lab, id, fmt.Sprintf("4.%03d", n), "N"))})
				if err != nil {
					t.Errorf("%s was never answered: %v", id, err)
					return
				}
				answered.Store(id, sent.Answer)
				count.Add(1)
			}
		})
	}
	for kill := range 4 {
		for count.Load() < int64((kill+1)*3*each/6) {
			time.Sleep(time.Millisecond)
		}
		w.central.Kill()
		w.serve()
	}
	labs.Wait()
	w.central.Kill() // the last answers, too, must be on disk and not in memory
	w.serve()

	rows := map[string][]row{}
	for _, r := range w.rows() {
		rows[r.ControlID] = append(rows[r.ControlID], r)
	}
	results := w.values()
	answered.Range(func(k, a any) bool {
		id := k.(string)
		if a != "CA" {
			t.Errorf("%s was answered %v", id, a)
		}
		if len(rows[id]) != 1 || rows[id][0].Fate != "filed" {
			t.Errorf("%s was answered %v and has the rows %+v", id, a, rows[id])
		}
		if got := results["R"+id]; len(got) != 1 || got[0] != "4."+id[3:] {
			t.Errorf("the result of %s stands in the record as %v", id, got)
		}
		return true
	})
	if count.Load() != 3*each {
		t.Errorf("%d of %d messages were answered", count.Load(), 3*each)
	}
	w.verify()
	w.healthy()
}
