package simtest_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/shape"
	"wardlight/sync/client"
	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

// The wards of these tests: the station holds both, and its screen shows 5A.
const (
	bedsOfWard = 10
	resultsOf  = 150 // of each patient, one after the other
)

// twoWards fills two wards: patients lie on them in turn, so that by order of name
// half of those on the screen would come late.
func (h *house) twoWards() {
	h.t.Helper()
	put := func(c record.Change) {
		_, err := h.journal.Update(context.Background(), func(tx journal.Tx) error { c.Version = 1; return tx.Put(c) })
		check(h.t, err)
	}
	of := func(p string, kind fhir.Type, id, body string, tags ...string) {
		put(record.Change{Ref: fhir.Ref{Type: kind, ID: fhir.ID(id)}, Patient: fhir.ID(p), Body: fhir.Resource(body), Tags: tags})
	}
	for i := range 2 * bedsOfWard {
		p, ward := fmt.Sprintf("p%02d", i), []string{"4B", "5A"}[i%2]
		of(p, "Patient", p, fmt.Sprintf(`{"id":%q,"resourceType":"Patient"}`, p))
		of(p, "Encounter", "e"+p, fmt.Sprintf(`{"extension":[{"url":%q,"valueString":%q}],"id":"e%s","resourceType":"Encounter","status":"in-progress"}`, fhir.ExtWard, ward, p))
		of(p, "AllergyIntolerance", "a"+p, fmt.Sprintf(`{"code":{"text":"Penicillin"},"id":"a%s","resourceType":"AllergyIntolerance"}`, p))
		of(p, "Observation", "zz-first-"+p, fmt.Sprintf(`{"code":{"text":"Potassium"},"id":"zz-first-%s","resourceType":"Observation","status":"final","valueQuantity":{"value":6.8}}`, p), record.TagCritical)
		for n := range resultsOf {
			id := fmt.Sprintf("o%03d-%s", (n*67)%resultsOf, p)
			of(p, "Observation", id, fmt.Sprintf(`{"code":{"text":"Sodium"},"id":%q,"note":[{"text":%q}],"resourceType":"Observation","status":"final","valueQuantity":{"value":%d}}`, id, fmt.Sprintf("%x", sha256.Sum256([]byte(id))), n)) // words that do not pack
		}
	}
}

// boardNeeds is what the board of 5A and its charts show of these patients: who
// they are, their allergies, the critical result of long ago, the newest result.
func boardNeeds() map[fhir.Ref]bool {
	need := map[fhir.Ref]bool{}
	for i := 1; i < 2*bedsOfWard; i += 2 {
		p := fmt.Sprintf("p%02d", i)
		newest := fmt.Sprintf("o%03d-%s", ((resultsOf-1)*67)%resultsOf, p)
		for _, r := range []fhir.Ref{{Type: "Patient", ID: fhir.ID(p)}, {Type: "Encounter", ID: fhir.ID("e" + p)}, {Type: "AllergyIntolerance", ID: fhir.ID("a" + p)}, {Type: "Observation", ID: fhir.ID("zz-first-" + p)}, {Type: "Observation", ID: fhir.ID(newest)}} {
			need[r] = true
		}
	}
	return need
}

// watched notes with how many bytes and chunks the board was usable, and with how
// many everything was there.
type watched struct {
	*locked
	received func() uint64

	mu                      sync.Mutex
	need                    map[fhir.Ref]bool
	chunks                  int
	usableBytes, wholeBytes uint64
	usableAt, wholeAt       int // chunks
	parts                   []record.Part
}

func (w *watched) ApplyChunks(ctx context.Context, list []record.Chunk) error {
	if err := w.locked.ApplyChunks(ctx, list); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, ch := range list {
		w.chunks++
		w.parts = append(w.parts, ch.Part)
		for _, c := range ch.Changes {
			delete(w.need, c.Ref)
		}
		if len(w.need) == 0 && w.usableAt == 0 {
			w.usableAt, w.usableBytes = w.chunks, w.received()
		}
		if ch.Last {
			w.wholeAt, w.wholeBytes = w.chunks, w.received()
		}
	}
	return nil
}

// firstFilling fills a station over a slow line and says what it took.
func firstFilling(t *testing.T, without ...wire.Capability) *watched {
	h := openHouse(t, hub.Timing{})
	h.wards = []record.Ward{"4B", "5A"}
	h.twoWards()
	var conn client.Conn
	var mu sync.Mutex
	w := &watched{need: boardNeeds(), received: func() uint64 {
		mu.Lock()
		defer mu.Unlock()
		return conn.Received()
	}}
	by := dialling(h.tlsOf(h.ca, "sa"))
	c := h.runWith("sa", func(ctx context.Context, server string) (client.Conn, error) {
		dialled, err := by(ctx, server)
		mu.Lock()
		defer mu.Unlock()
		conn = dialled
		return dialled, err
	}, func(c *client.Config) {
		w.locked, _ = c.Store.(*locked)
		c.Store, c.Without = w, without
		c.First = func() record.First { return record.First{Wards: []record.Ward{"5A"}} }
	}, h.line(shape.Line{Rate: 24_000, Delay: 300 * time.Millisecond}))
	eventually(t, "everything is there", 2*time.Minute, func() bool { return c.link().CaughtUp })
	return w
}

// Over a slow line the board of the ward on the screen is right long before the
// last byte of what else the station is to hold; before a screen could say what it
// needs, it was right with the last chunks.
func TestTheFirstScreenIsThereLongBeforeTheRest(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	t.Parallel() // it mostly waits for the line
	var group sync.WaitGroup
	var today, before *watched
	group.Go(func() { today = firstFilling(t) })
	group.Go(func() { before = firstFilling(t, wire.CapFirst) })
	group.Wait()
	for name, w := range map[string]*watched{"today": today, "before": before} {
		t.Logf("%s: the board is usable with %d bytes and chunk %d, everything is there with %d bytes and chunk %d", name, w.usableBytes, w.usableAt, w.wholeBytes, w.wholeAt)
	}
	if today.usableBytes*3 > today.wholeBytes {
		t.Errorf("the board is usable with %d of %d bytes, want a third at most", today.usableBytes, today.wholeBytes)
	}
	if today.usableBytes*2 > before.usableBytes {
		t.Errorf("the board is usable with %d bytes, and was with %d before", today.usableBytes, before.usableBytes)
	}
	if slack := before.wholeBytes / 10; today.wholeBytes > before.wholeBytes+slack {
		t.Errorf("the whole takes %d bytes, and took %d before", today.wholeBytes, before.wholeBytes)
	}
}
