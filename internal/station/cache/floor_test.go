package cache

import (
	"fmt"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/trust/keys"
)

// BenchmarkFloor is what Badger alone takes for the rows of BenchmarkFirstSync:
// same profile, same sizes, same number of synced commits.
func BenchmarkFloor(b *testing.B) {
	const docs, each = 20000, 500
	doc, owner := make([]byte, 1000), make([]byte, 50)
	for b.Loop() {
		db, err := badger.Open(profile(b.TempDir(), keys.NewKey()))
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		for i := 0; i < docs; i += each {
			t := db.NewTransaction(true)
			for j := i; j < i+each; j++ {
				_ = t.Set(fmt.Appendf(nil, "c/p%d/Observation/obs-%06d", j/100, j), doc)
				_ = t.Set(fmt.Appendf(nil, "t/Observation/obs-%06d", j), owner)
			}
			if err := t.Commit(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(docs/time.Since(start).Seconds(), "docs/s")
		_ = db.Close()
	}
}
