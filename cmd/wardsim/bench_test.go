package main

import (
	"strings"
	"testing"

	"wardlight/internal/bench"
	"wardlight/internal/fault"
)

// A bound that was not kept is an error, and what was measured is told all the same.
func TestFiguresAreToldWithAnError(t *testing.T) {
	var out strings.Builder
	err := tell(&out, "W5", bench.Result{"rss_mb": 313}, fault.New(fault.Full, "bench.soak", "", "too much"))
	if !fault.Is(err, fault.Full) || !strings.Contains(out.String(), "313") {
		t.Errorf("%v, %q", err, out.String())
	}
	out.Reset()
	if err := tell(&out, "W5", nil, fault.New(fault.Full, "bench.soak", "", "nothing")); err == nil || out.Len() > 0 {
		t.Errorf("%v, %q", err, out.String())
	}
}
