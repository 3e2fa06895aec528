package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/seat"
)

// Sizes of W2's outage.
const (
	w2Up   = 2000 // notes written on the station
	w2Down = 5000 // results that came in at central
)

// W2 is the end of an outage: a station that was cut off has 2,000 writes of its
// own, central has 5,000 results for it. The clock runs from the moment at which
// the network is back until both hold all of it: everything is receipted, and
// the station has everything up to central's head.
func W2(ctx context.Context, o Options) (Result, error) {
	c, err := startCentral(ctx, o, "w2")
	if err != nil {
		return nil, err
	}
	defer c.stop()
	if err := firstOf(c.feed(ctx, wardOf, 1), c.addUser(ctx, "BENCH")); err != nil {
		return nil, err
	}
	s, err := c.seat(ctx, "w2-station")
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }()
	up, down := max(10, int(w2Up*o.Scale)), max(len(analytes), int(w2Down*o.Scale))
	want, err := outage(ctx, c, s, up, down)
	if err != nil {
		return nil, err
	}
	used, began := c.processors(), time.Now()
	s.Connect()
	if err := until(ctx, 5*time.Minute, func() bool {
		n := s.Count()
		return n.Unsent == 0 && n.Resources >= want
	}); err != nil {
		return nil, err
	}
	took, cpu := time.Since(began).Seconds(), used.since()
	r := Result{"workload": "W2", "up": up, "down": down, "seconds": round(took)}
	r["station_cpu_ms"], r["central_cpu_ms"] = cpu[0], cpu[1]
	if o.Floor {
		rate, err := rawBadger(filepath.Join(o.Dir, "w2-floor"), up+down, rawDoc)
		if err != nil {
			return nil, err
		}
		floor := float64(up+down) / rate
		r["floor_seconds"], r["ratio"] = round(floor), round(took/floor)
	}
	return r, nil
}

// outage cuts a station off, lets both sides work, and returns how many
// resources the station holds once both know of everything.
func outage(ctx context.Context, c *central, s *seat.Seat, up, down int) (want int, err error) {
	d, err := s.Desk()
	if err != nil {
		return 0, err
	}
	var who []ward.PatientID
	err = until(ctx, 30*time.Second, func() bool {
		rows, err := d.Board(ctx)
		who = who[:0]
		for _, r := range rows {
			who = append(who, r.Who.ID)
		}
		return err == nil && len(rows) >= wardOf
	})
	if err != nil {
		return 0, err
	}
	held := s.Count().Resources
	s.Disconnect()
	if err := until(ctx, 10*time.Second, func() bool { return !s.Link().Connected }); err != nil {
		return 0, err
	}
	if err := writeNotes(ctx, d, who, up); err != nil {
		return 0, err
	}
	panels := down / len(analytes)
	for i := range panels {
		if err := c.sendPanel(ctx, i); err != nil {
			return 0, err
		}
	}
	return held + up + panels*(len(analytes)+1), nil
}

// writeNotes writes as people do who do not wait for one another, so that their
// commits share a flush of the disk.
func writeNotes(ctx context.Context, d interface {
	Do(ctx context.Context, c ward.Command) (ward.Done, error)
}, who []ward.PatientID, n int,
) error {
	var next atomic.Int64
	errs := make(chan error, wardOf)
	for range wardOf {
		go func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					errs <- nil
					return
				}
				text := fmt.Sprintf("Note %d of the outage. Slept well, ate little, walked to the window and back with one nurse.", i)
				if _, err := d.Do(ctx, ward.WriteNote{Patient: who[i%len(who)], Text: text}); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	var first error
	for range wardOf {
		if err := <-errs; first == nil {
			first = err
		}
	}
	return fault.Wrap("bench.w2", "", first)
}
