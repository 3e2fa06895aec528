package node

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// That central's clock was set is on record: its journal's times are of it. Time that
// passes is not.
func TestThatCentralsClockWasSetIsOnRecord(t *testing.T) {
	wall, up := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC), time.Hour
	conf := newCentral(t)
	conf.Now, conf.Uptime, conf.clockEvery = func() time.Time { return wall }, func() time.Duration { return up }, time.Millisecond
	n := openNode(t, conf)
	t.Cleanup(func() { closeNode(t, n) })
	onRecord := func() (list []string) {
		must(t, n.Do(context.Background(), Order{Cmd: "audit list", Who: "test"}, func(line any) error {
			b, err := json.Marshal(line)
			if strings.Contains(string(b), "the clock was set") {
				list = append(list, string(b))
			}
			return err
		}))
		return list
	}
	// A look every millisecond; time goes on, or is set, between two looks only.
	ctx, end := context.WithCancel(context.Background())
	steps := []func(){
		func() { wall, up = wall.Add(time.Hour), up+time.Hour },
		func() {
			if list := onRecord(); len(list) != 0 {
				t.Errorf("time that passed is on record: %v", list)
			}
			wall = wall.Add(-90 * time.Minute)
		},
		func() {},
		end,
	}
	looked := 0
	n.conf.Uptime = func() time.Duration {
		now := up
		if looked < len(steps) {
			steps[looked]()
		}
		looked++
		return now
	}
	n.watchClock(ctx)
	if list := onRecord(); len(list) != 1 || !strings.Contains(list[0], "-5400 s") || !strings.Contains(list[0], "2026-11-29T04:00:00Z") || !strings.Contains(list[0], "2026-11-29T02:30:00Z") {
		t.Errorf("on record: %v", list)
	}
}
