package bench

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/fault"
	"wardlight/internal/station/seat"
	"wardlight/internal/trust/keys"
)

// W1 is the first sync of a station: 20,000 Observations into an empty,
// encrypted, synced cache.
func W1(ctx context.Context, o Options) (Result, error) {
	c, err := startCentral(ctx, o, "w1")
	if err != nil {
		return nil, err
	}
	defer c.stop()
	panels := max(1, int(20*o.Scale))
	const patients = 100
	if err := c.feed(ctx, patients, panels); err != nil {
		return nil, err
	}
	secrets, dir := keys.MemorySecrets(), filepath.Join(o.Dir, "w1-station")
	if err := c.enrol(ctx, dir, "BENCH", secrets); err != nil {
		return nil, err
	}
	used, began := c.processors(), time.Now()
	s, err := seat.Open(ctx, seat.Config{Dir: dir, Secrets: secrets, Program: "wardsim"})
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }()
	// Patients, encounters and reports come along; the rate counts all of them.
	want := patients * (2 + panels*(len(analytes)+1))
	n, err := filled(ctx, s, want)
	if err != nil {
		return nil, err
	}
	took, cpu := time.Since(began).Seconds(), used.since()
	received, sent := s.Traffic()
	r := Result{
		"workload": "W1", "documents": n, "observations": patients * panels * len(analytes), "seconds": round(took),
		"docs_per_second": int(float64(n) / took), "client_peak_rss_mb": memory(os.Getpid(), "VmHWM"), "client_disk_mb": disk(dir),
		"wire_bytes": received + sent, "wire_bytes_per_document": round(float64(received+sent) / float64(n)),
		"station_cpu_ms": cpu[0], "central_cpu_ms": cpu[1],
	}
	if o.Floor {
		rate, err := rawBadger(filepath.Join(o.Dir, "w1-floor"), n, rawDoc)
		if err != nil {
			return nil, err
		}
		r["floor_docs_per_second"], r["ratio"] = int(rate), round(float64(n)/took/rate)
	}
	return r, nil
}

// stuck is after how long without one resource more a filling is given up: how long
// the whole takes is the machine's affair, and a million results take a busy one
// longer than any guess.
const stuck = 3 * time.Minute

// filled waits until the station holds want resources, as long as they go on coming.
func filled(ctx context.Context, s *seat.Seat, want int) (int, error) {
	most, came := 0, time.Now()
	for {
		n := s.Count().Resources
		if n >= want {
			return n, nil
		}
		if n > most {
			most, came = n, time.Now()
		}
		if time.Since(came) > stuck {
			return 0, fault.Newf(fault.Timeout, "bench.w1", "", "%d of %d resources, and none more for %s", n, want, stuck)
		}
		select {
		case <-ctx.Done():
			return 0, fault.As(fault.Timeout, "bench.w1", "", ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// rawBadger is the floor of W1: the same number of documents of the same size,
// in an encrypted Badger with synced batches, and nothing else.
func rawBadger(dir string, docs, size int) (float64, error) {
	db, err := badger.Open(rawOptions(dir))
	if err != nil {
		return 0, fault.As(fault.Unavailable, "bench.floor", "", err)
	}
	defer func() { _ = db.Close() }()
	body := make([]byte, size)
	began := time.Now()
	for at := 0; at < docs; at += 250 {
		err := db.Update(func(tx *badger.Txn) error {
			for i := at; i < min(at+250, docs); i++ {
				b := append([]byte(nil), body...)
				if err := tx.Set([]byte{byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)}, b); err != nil { //nolint:gosec // any byte will do
					return err
				}
			}
			return nil
		})
		if err != nil {
			return 0, fault.As(fault.Unavailable, "bench.floor", "", err)
		}
	}
	return float64(docs) / time.Since(began).Seconds(), nil
}
