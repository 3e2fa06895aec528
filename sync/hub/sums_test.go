package hub_test

import (
	"slices"
	"testing"

	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

// A chunk is signed by its sum for a station that knows it, and for no other.
func TestOnlyWhoKnowsSumsIsSentThem(t *testing.T) {
	for _, knows := range []bool{true, false} {
		can := wire.Capabilities()
		if !knows {
			can = slices.DeleteFunc(can, func(c wire.Capability) bool { return c == wire.CapSums })
		}
		k := begin(t).got(&wire.Hello{Capabilities: can, Station: "s1"}).got(&wire.AskChunk{Credit: 1}).step(hub.Admitted{})
		if f := all[hub.FetchChunk](k); len(f) != 1 || f[0].Summed != knows {
			t.Errorf("knows it %v: %+v", knows, f)
		}
	}
}
