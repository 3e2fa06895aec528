package simtest_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/shape"
	"wardlight/sync/client"
	"wardlight/sync/hub"
	"wardlight/sync/link"
	"wardlight/sync/simtest"
	"wardlight/sync/wire"
)

// large are resources as hospitals have them, each with a version number in it
// that stands for the one thing that has changed.
var large = map[string]struct {
	kind fhir.Type
	body func(v int) string
}{
	"a report on 200 lines": {fhir.TypeDiagnosticReport, func(v int) string {
		return fmt.Sprintf(`{"id":"big","resourceType":"DiagnosticReport","result":[%s],"status":"%d"}`, each(200, func(i int) string {
			return fmt.Sprintf(`{"display":"Analyte %d","reference":"Observation/%s"}`, i, unlike(i, 26))
		}), v)
	}},
	"an observation of 100 components": {fhir.TypeObservation, func(v int) string {
		return fmt.Sprintf(`{"component":[%s],"id":"big","note":[{"text":"seen %d times"}],"resourceType":"Observation"}`, each(100, func(i int) string {
			return fmt.Sprintf(`{"code":{"coding":[{"code":"%s","system":"http://loinc.org"}]},"valueQuantity":{"unit":"mmol/L","value":%d.%02d}}`, unlike(i, 7), i*7919%140, i*31%100)
		}), v)
	}},
	"a care plan of 8 pages": {"CarePlan", func(v int) string {
		return fmt.Sprintf(`{"description":"%s","id":"big","note":[{"text":"reviewed %d times"}],"resourceType":"CarePlan"}`, each(400, func(i int) string {
			return fmt.Sprintf("On day %d walk %d metres with %s, then rest and note %s", i%30, i*7%90, unlike(i, 6), unlike(i+900, 9))
		}), v)
	}},
}

func each(n int, line func(int) string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = line(i)
	}
	return strings.Join(all, ",")
}

// unlike is a word that is like no other.
func unlike(seed, n int) string {
	rng := rand.New(rand.NewPCG(uint64(seed), 9))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return base64.RawURLEncoding.EncodeToString(b)[:n]
}

func (h *house) revise(kind fhir.Type, v int, body string) {
	h.t.Helper()
	_, err := h.journal.Update(context.Background(), func(tx journal.Tx) error {
		return tx.Put(record.Change{Ref: fhir.Ref{Type: kind, ID: "big"}, Version: record.Version(v), Patient: "anna", Body: fhir.Resource(body)})
	})
	check(h.t, err)
}

func (c *computer) version(kind fhir.Type) (v int, body string) {
	c.store.with(func(s *simtest.Store) {
		held := s.Held[fhir.Ref{Type: kind, ID: "big"}]
		v, body = int(held.Version), string(held.Body)
	})
	return v, body
}

// Over a line of 64 kbit/s a large resource that changes a little is there in the
// time of the little, and is what it should be. What it costs with and without
// deltas is logged: the figures in docs/sync-protocol.md are these.
func TestALargeResourceThatChangesALittle(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	t.Parallel() // it mostly waits for the line
	for name, c := range large {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they mostly wait for the line
			whole := changesOf(t, c.kind, c.body, wire.CapDelta)
			delta := changesOf(t, c.kind, c.body)
			t.Logf("%d bytes: a new version is %d bytes on the line whole, %d as a delta", len(c.body(1)), whole, delta)
			if 3*delta > whole {
				t.Errorf("%d bytes, and %d without deltas: it is not worth it", delta, whole)
			}
		})
	}
}

// changesOf is what each of five changes costs on the line, heartbeats and
// acknowledgements left out.
func changesOf(t *testing.T, kind fhir.Type, body func(int) string, without ...wire.Capability) int64 {
	const changes = 2
	h := openHouse(t, hub.Timing{})
	var bytes atomic.Int64
	conf := h.tlsOf(h.ca, "sa")
	a := h.run("sa", func(ctx context.Context, server string) (client.Conn, error) {
		conn, err := link.Dial(ctx, server, conf)
		return batches{conn, &bytes}, err
	}, client.Timing{}, without, h.line(shape.Named["64k"]))
	h.revise(kind, 1, body(1))
	arrives := func(v int) {
		eventually(t, "the new version is there", 20*time.Second, func() bool {
			held, is := a.version(kind)
			if held == v && is != body(v) {
				t.Fatal("it is another one")
			}
			return held == v
		})
	}
	arrives(1)
	bytes.Store(0)
	for v := 2; v < 2+changes; v++ {
		h.revise(kind, v, body(v))
		arrives(v)
	}
	return bytes.Load() / changes
}

// batches counts the bytes of batches and deltas alone.
type batches struct {
	client.Conn
	bytes *atomic.Int64
}

func (c batches) Read(ctx context.Context) ([]byte, error) {
	f, err := c.Conn.Read(ctx)
	if err == nil && (wire.Type(f[1]) == wire.TypeBatch || wire.Type(f[1]) == wire.TypeDelta) {
		c.bytes.Add(int64(len(f)))
	}
	return f, err
}
