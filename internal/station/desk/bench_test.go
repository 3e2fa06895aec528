package desk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/cache"
	"wardlight/internal/station/desk"
	"wardlight/internal/trust/keys"
)

// benchPatients is the number that the window is measured with.
const benchPatients = 10000

// fullCache is a cache with many patients, each with a bed, four results, an
// allergy and a set of observations.
func fullCache(b *testing.B, patients int) (*cache.Cache, cache.Options) {
	b.Helper()
	id, err := keys.NewSealIdentity()
	ok(b, err)
	opts := cache.Options{Dir: b.TempDir(), Key: keys.NewKey(), Station: station, DeviceSealing: id, RecoveryRecipient: id.Recipient(), Reserve: 1 << 20}
	c, err := cache.Open(bg, opts)
	ok(b, err)
	pos := record.Position(0)
	var list []record.Change
	flush := func() {
		ok(b, c.Apply(bg, record.Batch{Epoch: "e1", From: pos, To: pos + 1, Chain: record.Hash{1}, Changes: list, Station: station}))
		pos++
		list = nil
	}
	add := func(p string, body obj) {
		raw, err := json.Marshal(body)
		ok(b, err)
		canon, err := fhir.Canonical(raw)
		ok(b, err)
		ref, err := fhir.Resource(canon).Ref()
		ok(b, err)
		list = append(list, record.Change{Ref: ref, Version: 1, Patient: fhir.ID(p), Body: canon, Author: record.Author{Sender: "lab"}, Times: record.Times{Central: noon.UnixMilli()}})
	}
	for i := range patients {
		p := fmt.Sprintf("p%05d", i)
		for _, body := range admitted(p, fmt.Sprintf("Family%d", i%3000), fmt.Sprintf("Given%d", i), fmt.Sprint(i)) {
			add(p, body)
		}
		for k := range 4 {
			add(p, potassium(fmt.Sprintf("%s.k%d", p, k), p, fmt.Sprintf("4.%d", k), "final", "N"))
		}
		add(p, obj{"resourceType": "AllergyIntolerance", "id": p + ".a", "patient": ref(fhir.TypePatient, p), "code": obj{"text": "Penicillin"}})
		for k, code := range []string{"9279-1", "2708-6", "8867-4", "8310-5"} {
			add(p, obj{
				"resourceType": "Observation", "id": fmt.Sprintf("%s.v%d", p, k), "status": "final", "subject": ref(fhir.TypePatient, p), "code": coded(fhir.SystemLOINC, code, ""),
				"category": []any{coded(fhir.SystemObservationCat, "vital-signs", "")}, "effectiveDateTime": "2026-11-22T11:00:00Z", "valueQuantity": obj{"value": 37},
			})
		}
		if len(list) > 800 {
			flush()
		}
	}
	flush()
	return c, opts
}

func benchDesk(b *testing.B, c *cache.Cache) *desk.Desk {
	b.Helper()
	device, err := keys.NewDeviceKey(nil)
	ok(b, err)
	d, err := desk.New(desk.Config{Store: desk.OverCache(c), Signer: desk.Always(device), Station: station, Now: func() time.Time { return noon }, Ward: "4B"})
	ok(b, err)
	d.SetSession(grace)
	return d
}

// BenchmarkFirstList is from the start of the desk to a list that can be used,
// with everybody on one ward: the worst case.
func BenchmarkFirstList(b *testing.B) {
	c, opts := fullCache(b, benchPatients)
	ok(b, c.Close())
	for b.Loop() {
		c, err := cache.Open(bg, opts)
		ok(b, err)
		started := time.Now()
		d := benchDesk(b, c)
		rows, err := d.Board(bg)
		ok(b, err)
		if len(rows) != benchPatients {
			b.Fatal(len(rows))
		}
		b.ReportMetric(float64(time.Since(started).Milliseconds()), "first-ms")
		ctx, cancel := context.WithCancel(bg)
		done := make(chan error)
		go func() { done <- d.Run(ctx) }()
		wait, stop := context.WithTimeout(bg, 2*time.Minute)
		ok(b, d.Settle(wait))
		stop()
		b.ReportMetric(float64(time.Since(started).Milliseconds()), "whole-ms")
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapAlloc>>20), "heap-MB")
		cancel()
		<-done
		ok(b, c.Close())
	}
}

func BenchmarkWithTenThousand(b *testing.B) {
	c, _ := fullCache(b, benchPatients)
	defer c.Close()
	d := benchDesk(b, c)
	_, err := d.Board(bg)
	ok(b, err)
	b.Run("search", func(b *testing.B) {
		for b.Loop() {
			_, err := d.Search(bg, "given99")
			ok(b, err)
		}
	})
	b.Run("search-for-everybody", func(b *testing.B) { // as the first letter may
		for b.Loop() {
			_, err := d.Search(bg, "g")
			ok(b, err)
		}
	})
	b.Run("chart", func(b *testing.B) {
		i := 0
		for b.Loop() {
			_, err := d.Chart(bg, fhir.ID(fmt.Sprintf("p%05d", i*7919%benchPatients)))
			ok(b, err)
			i++
		}
	})
	b.Run("board", func(b *testing.B) {
		for b.Loop() {
			_, err := d.Board(bg)
			ok(b, err)
		}
	})
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			_, err := d.Do(bg, ward.AddTask{Patient: "p00007", Words: "x"})
			ok(b, err)
		}
	})
}
