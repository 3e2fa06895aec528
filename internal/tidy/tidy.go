// Package tidy gives memory back to the system where a program holds more of it
// than it did after it gave back last: the runtime itself returns little while
// nothing is allocated, which is just when others could use it.
package tidy

import (
	"runtime/debug"
	"runtime/metrics"
)

// Giver gives back what was taken since it gave back last. It is for one
// goroutine.
//
// What is alive is not asked: it is known for the last collection only. That one
// fell into a wave, perhaps, when everything was alive, and a program that has
// little to do makes the next one minutes later.
type Giver struct {
	Worth uint64 // bytes below which it is not worth a collection
	after uint64 // held, when it had given back
}

// Give collects and gives back, where it is worth it.
func (g *Giver) Give() {
	now := held()
	g.after = min(g.after, now)
	if now < g.after+g.Worth {
		return
	}
	debug.FreeOSMemory()
	g.after = held()
}

// held is what the program has of the system's memory, in bytes.
func held() uint64 {
	v := read("/memory/classes/total:bytes", "/memory/classes/heap/released:bytes")
	return v[0] - v[1]
}

// Allocated is what was ever allocated, in bytes: how fast it grows says how busy
// a program is.
func Allocated() uint64 { return read("/gc/heap/allocs:bytes")[0] }

// Live is what the last collection found alive, in bytes; 0 before the first.
func Live() int64 { return int64(read("/gc/heap/live:bytes")[0]) } //nolint:gosec // a heap fits

func read(names ...string) []uint64 {
	s := make([]metrics.Sample, len(names))
	for i, name := range names {
		s[i].Name = name
	}
	metrics.Read(s)
	v := make([]uint64, len(s))
	for i, x := range s {
		if x.Value.Kind() == metrics.KindUint64 {
			v[i] = x.Value.Uint64()
		}
	}
	return v
}
