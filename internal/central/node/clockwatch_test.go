package node

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"wardlight/internal/trust/wallclock"
)

// That central's clock was set is on record: its journal's times are of it. Time that
// passes is not.
func TestThatCentralsClockWasSetIsOnRecord(t *testing.T) {
	ctx, wall, up := context.Background(), time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC), time.Hour
	conf := newCentral(t)
	conf.Now, conf.Uptime = func() time.Time { return wall }, func() time.Duration { return up }
	n := openNode(t, conf)
	t.Cleanup(func() { closeNode(t, n) })
	onRecord := func() (list []string) {
		must(t, n.Do(ctx, Order{Cmd: "audit list", Who: "test"}, func(line any) error {
			b, err := json.Marshal(line)
			if strings.Contains(string(b), "the clock was set") {
				list = append(list, string(b))
			}
			return err
		}))
		return list
	}
	var w wallclock.Watch
	for range 6 {
		n.lookAtOwnClock(ctx, &w)
		wall, up = wall.Add(10*time.Minute), up+10*time.Minute
	}
	if list := onRecord(); len(list) != 0 {
		t.Fatalf("time that passed is on record: %v", list)
	}
	wall = wall.Add(-90 * time.Minute)
	n.lookAtOwnClock(ctx, &w)
	n.lookAtOwnClock(ctx, &w)
	if list := onRecord(); len(list) != 1 || !strings.Contains(list[0], "-5400 s") || !strings.Contains(list[0], "2026-11-29T04:00:00Z") || !strings.Contains(list[0], "2026-11-29T02:30:00Z") {
		t.Errorf("on record: %v", list)
	}
}
