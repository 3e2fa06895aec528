package node_test

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/central/node"
)

// Whoever forgets --inbound once has two raw logs, and learns of it weeks later, from a
// result that cannot be filed. So it is said at the start.
func TestAnotherRawLogIsNoticedAtTheStart(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central"))
	h.conf.Inbound = filepath.Join(t.TempDir(), "inbound")
	h.serve()
	if answer := h.send(potassium("K1", "6.8")...); answer != "AA" {
		t.Fatal(answer)
	}
	h.stop()
	start := func(inbound string) string {
		var said bytes.Buffer
		conf := h.conf
		conf.Inbound, conf.Log = inbound, slog.New(slog.NewTextHandler(&said, nil))
		n, err := node.Open(context.Background(), conf)
		check(t, err)
		check(t, n.Close())
		return said.String()
	}
	if said := start(h.conf.Inbound); strings.Contains(said, "raw inbound log") {
		t.Errorf("with its own log it says %s", said)
	}
	if said := start(""); !strings.Contains(said, "another folder than before") || !strings.Contains(said, "--inbound") {
		t.Errorf("with another log it says %q", said)
	}
}
