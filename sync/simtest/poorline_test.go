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
	url, _ := h.counted(l)
	return url
}

// counted is line, and how many bytes have come down it so far.
func (h *house) counted(l shape.Line) (url string, down func() int64) {
	h.t.Helper()
	p, err := shape.Listen("127.0.0.1:0", h.srv.Listener.Addr().String(), l)
	check(h.t, err)
	h.t.Cleanup(func() { check(h.t, p.Close()) })
	return "https://" + p.Addr(), func() int64 { _, n := p.Bytes(); return n }
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

// soon is what such a line may carry before a critical result is there: that of half of
// the delay, of half a second that was under way, of what it takes itself, and some. It
// is counted in bytes and not by a clock: the line is never idle, so that on a quiet
// machine both are the same, and one that does other work carries as much later.
const soon = 8_000 * (300 + 500 + 400 + 600) / 1000

// overtakes puts a critical result behind a long row of others, three times.
func (h *house) overtakes(c *computer, down func() int64, still func() bool) {
	h.t.Helper()
	// Once more than half a second of the line has gone, what is under way is full.
	going := func() {
		h.t.Helper()
		at := down()
		eventually(h.t, "the line is busy", 15*time.Second, func() bool { return down() > at+6_000 })
	}
	going()
	for n := range 3 {
		at := down()
		id := h.critical(n)
		took := eventually(h.t, "the critical result is there", 10*time.Second, func() bool { return c.knows(id) })
		before := down() - at
		if before > soon {
			h.t.Errorf("before a critical result came %d bytes, want at most %d", before, soon)
		}
		h.t.Logf("after %d bytes, %v", before, took)
		if !still() {
			h.t.Fatalf("nothing was left that could be overtaken: %+v", c.link())
		}
		going()
	}
}

func TestACriticalResultOvertakesASnapshot(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	t.Parallel() // it mostly waits for the line
	h := openHouse(t, hub.Timing{})
	h.fill(2000) // minutes of such a line
	url, down := h.counted(shape.Named["64k"])
	c := h.stationAt("sa", client.Timing{}, url)
	eventually(t, "the snapshot is under way", 15*time.Second, func() bool { return c.link().Snapshot.Done > 0 })
	h.overtakes(c, down, func() bool { return c.link().Snapshot.Active })
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
	t.Parallel() // it mostly waits for the line
	h := openHouse(t, hub.Timing{})
	url, down := h.counted(shape.Named["64k"])
	c := h.stationAt("sa", client.Timing{}, url)
	eventually(t, "it is level", 15*time.Second, func() bool { return c.link().CaughtUp })
	h.fill(2000)
	// What the computer knows of it may be old: a critical result can be there before the
	// first word of the tail.
	h.overtakes(c, down, func() bool { l := c.link(); return l.Connected && l.Cursor.Position < h.head() })
}

// With long batches both ways, and a line that stands still for four seconds,
// neither side gives the other up, and what is written goes up.
func TestHeartbeatsSurviveAPoorLine(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	t.Parallel() // it mostly waits for the line
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
