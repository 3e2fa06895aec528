package hub_test

import (
	"slices"
	"testing"

	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

// A station that knows the word is asked to ask how it stands, and no other, and none that
// has not been welcomed.
func TestAStationIsAskedToAsk(t *testing.T) {
	asked := func(k *talk) (n int) {
		for _, s := range sent[*wire.Status](k) {
			if s.Ask {
				n++
			}
		}
		return n
	}
	if k := level(t, 100).step(hub.AskSoon{}); asked(k) != 1 {
		t.Errorf("asked %d times", asked(k))
	}
	older := slices.DeleteFunc(wire.Capabilities(), func(c wire.Capability) bool { return c == wire.CapAsk })
	k := begin(t).got(&wire.Hello{Capabilities: older, Station: "s1", Cursor: at(100)}).step(hub.Fetched{To: at(100)}).step(hub.AskSoon{})
	if asked(k) != 0 {
		t.Error("one that does not know the word was sent it")
	}
	if k := begin(t).step(hub.AskSoon{}); asked(k) != 0 {
		t.Error("one that was not welcomed was sent it")
	}
}
