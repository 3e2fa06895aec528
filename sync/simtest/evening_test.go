package simtest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
	"wardlight/sync/hub"
)

// What the second recording needs beyond the first: large resources, many of one
// shape, a document, and a patient whose copy seems to differ.

// secondRecording is of the programs of the evening of 28 November 2026, which name
// the capabilities up to 18.
const secondRecording = "2026-11-28-capabilities-1-18.session"

// recordedRate is of the line, in bytes a second: slow enough that both sides pack
// as hard as they can.
const recordedRate = 12_000

const criticalOfTheEvening = `{"code":{"text":"Potassium"},"id":"lab0","resourceType":"Observation","status":"final","subject":{"reference":"Patient/anna"},"valueQuantity":{"unit":"mmol/L","value":7.1}}`

// paperOfTheEvening is a document of no end of noise: it goes in several parts.
func paperOfTheEvening() []byte {
	b := make([]byte, 20_000)
	rng := rand.New(rand.NewPCG(28, 11))
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// evening is what central holds besides wardOfThe28th: older results, so that there
// are several chunks, and a report on 200 lines, which names a document.
func (h *hospital) evening() {
	for i := range 120 {
		h.put(labOfTheEvening("old", i))
	}
	h.put(reportOfTheEvening(1))
}

func labOfTheEvening(name string, i int) string {
	return fmt.Sprintf(`{"code":{"coding":[{"code":"2823-3","system":"http://loinc.org"}],"text":"Analyte %d"},"id":"%s%03d","resourceType":"Observation","status":"final","subject":{"reference":"Patient/anna"},"valueQuantity":{"unit":"mmol/L","value":%d.%02d}}`, i%7, name, i, i*7919%140, i*31%100)
}

func reportOfTheEvening(v int) string {
	b, err := fhir.Make([]any{fhir.DocumentOf(paperOfTheEvening(), "application/pdf", "").Attachment()})
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"conclusion":"read %d times","id":"big","presentedForm":%s,"resourceType":"DiagnosticReport","result":[%s],"status":"final","subject":{"reference":"Patient/anna"}}`, v, b, each(200, func(i int) string {
		return fmt.Sprintf(`{"display":"Analyte %d","reference":"Observation/%s"}`, i, unlike(i, 26))
	}))
}

// whatTheEveningBrings happens one after another: results of one shape, and what
// changes a little in a large report.
func (h *hospital) whatTheEveningBrings() []func() {
	return []func(){
		func() {
			for i := range 30 {
				h.put(labOfTheEvening("new", i))
			}
		},
		func() { h.put(reportOfTheEvening(2)) },
		func() { h.put(reportOfTheEvening(3)) },
	}
}

// theEvening lets central do all that it can do.
func theEvening(c *hub.Config) {
	c.Comparer = &doubtful{Comparer: c.Source.(hub.Comparer)}
	c.Documents = onePaper{}
}

// doubtful says of one patient, once, that central holds something else.
type doubtful struct {
	hub.Comparer
	said atomic.Bool
}

func (d *doubtful) Heads(ctx context.Context, dev record.Device, after fhir.ID, patients []fhir.ID) (record.Heads, error) {
	h, err := d.Comparer.Heads(ctx, dev, after, patients)
	for i := range h.Heads {
		if h.Heads[i].Patient == "anna" && !d.said.Swap(true) {
			h.Heads[i].Head.Hash[0] ^= 1
		}
	}
	return h, err
}

// onePaper gives out the one document.
type onePaper struct{}

func (onePaper) Part(_ context.Context, _ record.Device, ref fhir.Ref, hash record.Hash, offset, length int64) ([]byte, int64, error) {
	b := paperOfTheEvening()
	if ref.ID != "big" || hash != sha256.Sum256(b) || offset < 0 || offset > int64(len(b)) {
		return nil, 0, fault.New(fault.NotFound, "test.part", "", "there is no such document")
	}
	return b[offset:min(offset+length, int64(len(b)))], int64(len(b)), nil
}

// has waits until the station holds the document, byte for byte.
func (c *recordedComputer) has(t *testing.T, paper []byte) {
	t.Helper()
	eventually(t, "the document is there", 60*time.Second, func() (ok bool) {
		check(t, c.cache.View(context.Background(), func(r cache.Reader) error {
			got, err := r.Document("anna", sha256.Sum256(paper))
			ok = err == nil && bytes.Equal(got, paper)
			return nil
		}))
		return ok
	})
}
