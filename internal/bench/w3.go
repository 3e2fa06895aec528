package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/seat"
	"wardlight/internal/trust/keys"
)

// W3 is 500 single writes, each from one station through central to another
// one's desk, every commit synced.
func W3(ctx context.Context, o Options) (Result, error) {
	c, err := startCentral(ctx, o, "w3")
	if err != nil {
		return nil, err
	}
	defer c.stop()
	if err := firstOf(c.feed(ctx, wardOf, 1), c.addUser(ctx, "BENCH")); err != nil {
		return nil, err
	}
	a, err := c.seat(ctx, "w3-a")
	if err != nil {
		return nil, err
	}
	defer func() { _ = a.Close() }()
	b, err := c.seat(ctx, "w3-b")
	if err != nil {
		return nil, err
	}
	defer func() { _ = b.Close() }()
	stations, server := processorMS(os.Getpid()), processorMS(c.proc.PID())
	waits, err := passNotes(ctx, a, b, max(10, int(500*o.Scale)))
	if err != nil {
		return nil, err
	}
	each := func(began float64, pid int) float64 { return round((processorMS(pid) - began) / float64(len(waits))) }
	p := percentiles(waits)
	r := Result{"workload": "W3", "writes": len(waits), "p50_ms": p[0], "p95_ms": p[1], "p99_ms": p[2]}
	r["stations_cpu_ms"], r["central_cpu_ms"] = each(stations, os.Getpid()), each(server, c.proc.PID())
	if o.Floor {
		began := processorMS(os.Getpid())
		floor, err := rawRelay(ctx, o.Dir, len(waits))
		if err != nil {
			return nil, err
		}
		f := percentiles(floor)
		r["floor_p50_ms"], r["floor_p99_ms"], r["floor_cpu_ms"] = f[0], f[2], each(began, os.Getpid())
		r["ratio"], r["ratio_p99"] = round(p[0]/f[0]), round(p[2]/f[2])
	}
	return r, nil
}

// seat is an enrolled station with somebody signed in.
func (c *central) seat(ctx context.Context, name string) (*seat.Seat, error) {
	secrets, dir := keys.MemorySecrets(), filepath.Join(c.o.Dir, name)
	if err := c.enrol(ctx, dir, "BENCH", secrets); err != nil {
		return nil, err
	}
	s, err := seat.Open(ctx, seat.Config{Dir: dir, Secrets: secrets, Program: "wardsim"})
	if err != nil {
		return nil, err
	}
	if _, err := s.SignIn(ctx, "bench", "914275"); err != nil {
		return nil, firstOf(err, s.Close())
	}
	return s, nil
}

// wardOf is how many patients the writes go round: a ward's worth.
const wardOf = 24

func passNotes(ctx context.Context, a, b *seat.Seat, n int) ([]float64, error) {
	from, err := a.Desk()
	if err != nil {
		return nil, err
	}
	to, err := b.Desk()
	if err != nil {
		return nil, err
	}
	var who []ward.PatientID
	err = until(ctx, 30*time.Second, func() bool {
		rowsA, errA := from.Board(ctx)
		rowsB, errB := to.Board(ctx)
		if errA != nil || errB != nil || len(rowsA) < wardOf || len(rowsB) < wardOf {
			return false
		}
		for _, r := range rowsA {
			who = append(who, r.Who.ID)
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	notices := to.Subscribe(ctx)
	var waits []float64
	for i := range n {
		text := fmt.Sprintf("note %d", i)
		began := time.Now()
		p := who[i%len(who)]
		if _, err := from.Do(ctx, ward.WriteNote{Patient: p, Text: text}); err != nil {
			return nil, err
		}
		if err := arrives(ctx, notices, func() bool {
			ch, err := to.Chart(ctx, p)
			return err == nil && len(ch.Notes) > 0 && ch.Notes[0].Text == text
		}); err != nil {
			return nil, err
		}
		waits = append(waits, float64(time.Since(began).Microseconds())/1000)
	}
	return waits, nil
}

// arrives waits until something is there. It looks when a notice comes, as a
// screen does, and not before: to look in vain would take the processor from
// what is on its way.
func arrives(ctx context.Context, notices <-chan ward.Notice, there func() bool) error {
	limit := time.After(10 * time.Second)
	for {
		select {
		case <-ctx.Done():
			return fault.As(fault.Timeout, "bench.w3", "", ctx.Err())
		case <-limit:
			return fault.New(fault.Timeout, "bench.w3", "", "a write did not arrive within 10 s")
		case <-notices:
		}
		if there() {
			return nil
		}
	}
}

func until(ctx context.Context, limit time.Duration, ok func() bool) error {
	deadline := time.Now().Add(limit)
	for !ok() {
		if time.Now().After(deadline) || ctx.Err() != nil {
			return fault.New(fault.Timeout, "bench.until", "", "it did not happen in time")
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil
}

// percentiles are p50, p95 and p99 by nearest rank.
func percentiles(v []float64) [3]float64 {
	s := append([]float64(nil), v...)
	sort.Float64s(s)
	at := func(p float64) float64 {
		i := int(p*float64(len(s))+0.999999) - 1
		return round(s[max(0, min(i, len(s)-1))])
	}
	return [3]float64{at(0.50), at(0.95), at(0.99)}
}

func firstOf(errs ...error) error {
	for _, e := range errs {
		if e != nil {
			return e
		}
	}
	return nil
}
