package main

import (
	"context"
	"math"
	"runtime/debug"
	"time"

	"wardlight/internal/tidy"
)

// memoryWish is what the Go side of central should stay within. Its tables in memory and
// its caches take up to half of it. While a hospital's results of years come in, merging
// them makes hundreds of megabytes of garbage between two collections: with a million
// results the program took 1.7 GB, of which a third lived.
const memoryWish = 512 << 20

// memoryEvery is how often the limit follows what lives. A merge of the largest level
// takes a few seconds.
const memoryEvery = time.Second

// keepMemory holds the Go side near the wish until ctx ends. Who set GOMEMLIMIT knows
// better.
func keepMemory(ctx context.Context) {
	if debug.SetMemoryLimit(-1) != math.MaxInt64 {
		return
	}
	tick := time.NewTicker(memoryEvery)
	defer tick.Stop()
	for {
		debug.SetMemoryLimit(tidy.Limit(memoryWish, tidy.Live()))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
