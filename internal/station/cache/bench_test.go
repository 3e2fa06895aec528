package cache_test

import (
	"fmt"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/station/cache"
)

// BenchmarkFirstSync is W1 without the network: 20,000 Observations of about
// 770 bytes into an empty encrypted cache, in batches of 250, every commit
// synced.
func BenchmarkFirstSync(b *testing.B) {
	const docs, each = 20000, 500
	var batches []record.Batch
	for i := 0; i < docs; i += each {
		bt := batch(record.Position(i), record.Position(i+each))
		for j := i; j < min(i+each, docs); j++ {
			bt.Changes = append(bt.Changes, potassium(fmt.Sprintf("obs-%06d", j), fhir.ID(fmt.Sprintf("p%03d", j/100)), 1, "4.1"))
		}
		batches = append(batches, bt)
	}
	b.Logf("body of %d bytes", len(batches[0].Changes[0].Body))
	for b.Loop() {
		b.StopTimer()
		o := options(b)
		c := open(b, o)
		b.StartTimer()
		start := time.Now()
		for _, bt := range batches {
			ok(b, c.Apply(bg, bt))
		}
		b.ReportMetric(docs/time.Since(start).Seconds(), "docs/s")
		b.StopTimer()
		ok(b, c.Close())
		start = time.Now()
		c, err := cache.Open(bg, o)
		ok(b, err)
		b.ReportMetric(float64(time.Since(start).Milliseconds()), "reopen-ms")
		<-c.Checked()
		b.ReportMetric(float64(time.Since(start).Milliseconds()), "checked-ms")
		ok(b, c.Damaged())
		ok(b, c.Close())
		b.StartTimer()
	}
}

// BenchmarkCommit is one synced note after another, by one writer.
func BenchmarkCommit(b *testing.B) {
	c := open(b, options(b))
	seq := uint64(0)
	for b.Loop() {
		seq++
		ok(b, c.Commit(bg, []record.Mutation{note(seq, "p1", "slept well")}, nil))
	}
}

// BenchmarkCommitTogether is the same by many writers at once.
func BenchmarkCommitTogether(b *testing.B) {
	c := open(b, options(b))
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			seq, err := c.NextSeq()
			ok(b, err)
			ok(b, c.Commit(bg, []record.Mutation{note(seq, "p1", "slept well")}, nil))
		}
	})
}

// BenchmarkFirstFilling is what a station does with a snapshot once it has arrived:
// 20,000 Observations in chunks of 200, read out of the bytes that were signed and
// stored five at a time.
func BenchmarkFirstFilling(b *testing.B) {
	const docs, each = 20000, 200
	var bodies [][]byte
	for i := 0; i < docs; i += each {
		ch := chunk("s1", uint32(i/each), "tok", snapshotAt, i+each == docs)
		ch.Part = record.PartFirst
		for j := i; j < i+each; j++ {
			ch.Changes = append(ch.Changes, potassium(fmt.Sprintf("obs-%06d", j), fhir.ID(fmt.Sprintf("p%03d", j/each)), 1, "4.1"))
		}
		body, err := ch.SigningBytes()
		ok(b, err)
		bodies = append(bodies, body)
	}
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		c := open(b, options(b))
		b.StartTimer()
		var list []record.Chunk
		for _, body := range bodies {
			ch, err := record.DecodeChunk(body)
			ok(b, err)
			ch.Signed = body
			if list = append(list, ch); len(list) == 5 {
				ok(b, c.ApplyChunks(bg, list))
				list = nil
			}
		}
		b.StopTimer()
		ok(b, c.Close())
		b.StartTimer()
	}
}
