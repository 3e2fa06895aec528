package simtest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/shape"
	"wardlight/sync/client"
	"wardlight/sync/hub"
	"wardlight/sync/simtest"
)

// These tests run both halves, with their real intervals, over a line of
// 64 kbit/s whose answers take 600 ms.

func (h *house) line(l shape.Line) string {
	h.t.Helper()
	p, err := shape.Listen("127.0.0.1:0", h.srv.Listener.Addr().String(), l)
	check(h.t, err)
	h.t.Cleanup(func() { check(h.t, p.Close()) })
	return "https://" + p.Addr()
}

// critical puts a critical potassium and returns its id.
func (h *house) critical(n int) string {
	h.t.Helper()
	id := fmt.Sprintf("k%d", n)
	_, err := h.journal.Update(context.Background(), func(tx journal.Tx) error {
		return tx.Put(record.Change{
			Ref: fhir.Ref{Type: fhir.TypeObservation, ID: fhir.ID(id)}, Version: 1, Patient: "anna", Tags: []string{record.TagCritical},
			Body: fhir.Resource(fmt.Sprintf(`{"code":{"text":"Potassium"},"id":%q,"resourceType":"Observation","status":"final","valueQuantity":{"value":6.8}}`, id)),
		})
	})
	check(h.t, err)
	return id
}

func (c *computer) knows(id string) (ok bool) {
	c.store.with(func(s *simtest.Store) {
		ref := fhir.Ref{Type: fhir.TypeObservation, ID: fhir.ID(id)}
		_, early := s.Early[ref]
		_, held := s.Held[ref]
		ok = early || held
	})
	return ok
}

// soon is what a critical result may take on such a line: half of the delay,
// half a second behind what is under way, what it takes itself, and some for a
// busy machine.
const soon = 300*time.Millisecond + 500*time.Millisecond + 400*time.Millisecond + 600*time.Millisecond

func TestACriticalResultOvertakesASnapshot(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	h := openHouse(t, hub.Timing{})
	h.fill(2000) // minutes of such a line
	c := h.stationAt("sa", client.Timing{}, h.line(shape.Named["64k"]))
	eventually(t, "the snapshot is under way", 15*time.Second, func() bool { return c.link().Snapshot.Done > 0 })
	for n := range 3 {
		id := h.critical(n)
		took := eventually(t, "the critical result is there", 10*time.Second, func() bool { return c.knows(id) })
		if took > soon {
			t.Errorf("a critical result took %v, want at most %v", took, soon)
		}
		t.Logf("%v", took)
		if !c.link().Snapshot.Active {
			t.Fatal("the snapshot was over: nothing was overtaken")
		}
		time.Sleep(700 * time.Millisecond)
	}
	c.store.with(func(s *simtest.Store) {
		for _, ref := range []fhir.Ref{{Type: fhir.TypePatient, ID: "anna"}, {Type: fhir.TypeEncounter, ID: "e1"}} {
			if _, ok := s.Early[ref]; !ok {
				t.Errorf("the result came without its %s", ref.Type)
			}
		}
	})
}

func TestACriticalResultOvertakesALongTail(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	h := openHouse(t, hub.Timing{})
	c := h.stationAt("sa", client.Timing{}, h.line(shape.Named["64k"]))
	eventually(t, "it is level", 15*time.Second, func() bool { return c.link().CaughtUp })
	h.fill(2000)
	time.Sleep(2 * time.Second)
	for n := range 3 {
		id := h.critical(n)
		if took := eventually(t, "the critical result is there", 10*time.Second, func() bool { return c.knows(id) }); took > soon {
			t.Errorf("a critical result took %v, want at most %v", took, soon)
		} else {
			t.Logf("%v", took)
		}
		time.Sleep(700 * time.Millisecond)
	}
	if c.link().CaughtUp || !c.link().Connected {
		t.Errorf("at the end: %+v", c.link())
	}
}

// With long batches both ways, and a line that stands still for four seconds,
// neither side gives the other up, and what is written goes up.
func TestHeartbeatsSurviveAPoorLine(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	h := openHouse(t, hub.Timing{})
	h.fill(2000)
	c := h.stationAt("sa", client.Timing{}, h.line(shape.Line{Rate: 8_000, Delay: 600 * time.Millisecond, Stall: 4 * time.Second, Every: 12 * time.Second}))
	eventually(t, "it is connected", 15*time.Second, func() bool { return c.link().Connected })
	since := h.hub.Sessions()[0].Since
	for began := time.Now(); time.Since(began) < 26*time.Second; time.Sleep(500 * time.Millisecond) {
		id := c.write(fmt.Sprintf("%01000d", 0))
		if list := h.hub.Sessions(); len(list) != 1 || list[0].Since != since || !c.link().Connected {
			t.Fatalf("the connection was given up after %v", time.Since(began))
		}
		_ = id
	}
	// Central has them; the station believes it when its snapshot is through.
	up := 0
	check(t, h.journal.View(context.Background(), func(r journal.Reader) error {
		for e, err := range r.Entries(0) {
			if err != nil {
				return err
			}
			up += len(e.Mutations)
		}
		return nil
	}))
	if up < 12 {
		t.Errorf("only %d of 52 notes have gone up", up)
	}
	if l := c.link(); !l.Measured || l.Offset > time.Second || l.Offset < -time.Second {
		t.Errorf("the clock: %+v", l)
	}
}
