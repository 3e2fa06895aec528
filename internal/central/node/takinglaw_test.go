package node

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/internal/fault"
)

// What was taken out is known after the end of central, and after its clock was put back
// or forward while it ran; time alone lets it be forgotten.
func TestNobodyTakesMoreByStartingCentralAgain(t *testing.T) {
	commands["one record"] = command{look: "one record", takes: oneRecord, run: func(*Node, context.Context, Order, Emit) error { return nil }}
	defer delete(commands, "one record")
	conf := newCentral(t)
	now, up := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), time.Hour
	conf.Now, conf.Uptime = func() time.Time { return now }, func() time.Duration { return up }
	open := func() *Node {
		n, err := Open(context.Background(), conf)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	n := open()
	defer func() { _ = n.Close() }()
	must := func(cmd string, a map[string]string) {
		t.Helper()
		if _, err := ask(t, n, cmd, a); err != nil {
			t.Fatalf("%s: %v", cmd, err)
		}
	}
	must("limits", map[string]string{"take_hour": "10", "take_day": "15", "reason": "agreed with the privacy officer"})
	for range 10 {
		if _, err := ask(t, n, "quarantine show", map[string]string{"id": "nothing"}); !fault.Is(err, fault.NotFound) { // takes nothing out
			t.Fatal(err)
		}
		must("one record", nil)
	}
	held := func(when string) {
		t.Helper()
		if _, err := ask(t, n, "one record", nil); !fault.Is(err, fault.Denied) {
			t.Errorf("%s: %v", when, err)
		}
	}
	held("at once")
	now = now.Add(-72 * time.Hour)
	held("the clock is three days back")
	now = now.Add(144 * time.Hour)
	held("the clock is three days ahead")
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	n = open()
	held("central was started again")
	up += time.Hour
	for range 5 {
		must("one record", nil)
	}
	if _, err := ask(t, n, "one record", nil); !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "15 a day") {
		t.Errorf("the day's limit: %v", err)
	}
}

// Every command that shows something takes patients' data out within a limit, or says why
// it has none.
func TestEveryCommandSaysWhatItTakesOut(t *testing.T) {
	for name, c := range commands {
		if c.look != "" && (c.takes != nil) == (c.free != "") {
			t.Errorf("%s: limited %v, free because %q", name, c.takes != nil, c.free)
		}
	}
	for _, cmd := range []string{"export", "backup", "history", "document", "quarantine show", "audit patient"} {
		if commands[cmd].takes == nil {
			t.Errorf("%s has no limit", cmd)
		}
	}
}

// A command about which nobody has decided shows nothing, and is on record as refused.
func TestACommandThatNobodyDecidedAboutShowsNothing(t *testing.T) {
	n, err := Open(context.Background(), newCentral(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = n.Close() }()
	commands["everything twice"] = command{look: "everything", run: (*Node).export}
	defer delete(commands, "everything twice")
	if _, err := ask(t, n, "everything twice", nil); !fault.Is(err, fault.Denied) {
		t.Errorf("it was carried out: %v", err)
	}
	lines, err := ask(t, n, "audit list", nil)
	if err != nil || !strings.Contains(fmt.Sprint(lines), "nobody has decided") {
		t.Errorf("it is not on record: %v", err)
	}
}
