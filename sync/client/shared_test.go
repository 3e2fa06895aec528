package client_test

import (
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/sync/client"
	"wardlight/sync/wire"
)

// A batch for all stations of our wards is ours; for those of others, or of more
// or fewer, it is not, and neither is one that names nobody.
func TestABatchForOurWardsIsOurs(t *testing.T) {
	for name, c := range map[string]struct {
		wards []record.Ward
		caps  []wire.Capability
		takes bool
	}{
		"our wards":         {[]record.Ward{"4B", "5A"}, wire.Capabilities(), true},
		"one of them":       {[]record.Ward{"4B"}, wire.Capabilities(), false},
		"one more":          {[]record.Ward{"4B", "5A", "6C"}, wire.Capabilities(), false},
		"nobody's":          {nil, wire.Capabilities(), false},
		"not agreed so":     {[]record.Ward{"4B", "5A"}, []wire.Capability{1, 2, 3}, false},
		"another's by name": {nil, wire.Capabilities(), false},
	} {
		k := begin(t).step(client.Wakeup{})
		k.step(client.Dialled{Session: k.session}).step(client.Loaded{Session: k.session, Cursor: at(5)})
		k.got(&wire.Welcome{Epoch: epoch1, Head: at(5), Mode: wire.ModeTail, PushWindow: 4, Capabilities: c.caps, Wards: []record.Ward{"5A", "4B"}})
		b := batch(5, 6)
		b.Station, b.Wards = "", c.wards
		if name == "another's by name" {
			b.Station = "s2"
		}
		k.take().batch(b)
		if n := len(all[client.Apply](k)); (n == 1) != c.takes || k.m.State().Connected != c.takes {
			t.Errorf("%s: applied %d, connected %v", name, n, k.m.State().Connected)
		}
	}
}
