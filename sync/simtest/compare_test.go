package simtest_test

import (
	"context"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/hub"
	"wardlight/sync/simtest"
)

// A station's copy loses a resource, and another is altered, without anybody's
// knowing: over a real line the two sides compare, and that one patient is
// refilled, with the cursor where it was and without a snapshot.
func TestACopyThatDiffersIsRefilled(t *testing.T) {
	h := openHouse(t, hub.Timing{})
	h.put("AllergyIntolerance", "a1", `{"id":"a1","resourceType":"AllergyIntolerance"}`)
	h.put("Observation", "o1", `{"id":"o1","resourceType":"Observation","valueInteger":7}`)
	c := h.station("s1", h.tlsOf(h.ca, "s1"))
	eventually(t, "level", 10*time.Second, func() bool { return c.link().CaughtUp && c.holds("Observation", "o1") })
	at := c.link().Cursor
	c.store.with(func(s *simtest.Store) {
		delete(s.Held, fhir.Ref{Type: "AllergyIntolerance", ID: "a1"})
		o := s.Held[fhir.Ref{Type: "Observation", ID: "o1"}]
		o.Body = fhir.Resource(`{"id":"o1","resourceType":"Observation","valueInteger":1}`)
		s.Held[o.Ref] = o
	})
	eventually(t, "refilled", 10*time.Second, func() (whole bool) {
		c.store.with(func(s *simtest.Store) {
			o := s.Held[fhir.Ref{Type: "Observation", ID: "o1"}]
			_, a := s.Held[fhir.Ref{Type: "AllergyIntolerance", ID: "a1"}]
			whole = a && string(o.Body) == `{"id":"o1","resourceType":"Observation","valueInteger":7}`
		})
		return whole
	})
	if got := c.link().Cursor; got != at {
		t.Errorf("the cursor moved from %v to %v", at, got)
	}
	for _, st := range c.states {
		if st.Cursor == at && st.Snapshot.Active {
			t.Error("a snapshot was made for one patient")
		}
	}
}

// Whoever asks what central holds gets it over the same line; where the station
// is not connected, the question ends with its context.
func TestSomebodyAsksWhatCentralHolds(t *testing.T) {
	h := openHouse(t, hub.Timing{})
	c := h.station("s1", h.tlsOf(h.ca, "s1"))
	eventually(t, "level", 10*time.Second, func() bool { return c.link().CaughtUp && c.holds("Patient", "anna") })
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	got, err := c.Heads(ctx, []fhir.ID{"anna", "nobody"})
	check(t, err)
	var held []record.Change
	c.store.with(func(s *simtest.Store) {
		for _, ch := range s.Held {
			held = append(held, ch)
		}
	})
	if len(got) != 1 || got["anna"] != record.HeadOf(held) {
		t.Errorf("central holds %+v", got)
	}
	c.Disconnect()
	eventually(t, "disconnected", 5*time.Second, func() bool { return !c.link().Connected })
	short, end := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer end()
	if _, err := c.Heads(short, []fhir.ID{"anna"}); err == nil {
		t.Error("an answer without a connection")
	}
}
