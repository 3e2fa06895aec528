package wire

import (
	"slices"

	"wardlight/internal/compact"
)

// Packing. A station names CapPacked in its hello, with the dictionaries that it
// has; central, if it names CapPacked too, chooses one in its welcome, and from
// there on either side may pack a payload with it: the whole payload, before it
// is cut into frames, flagged FlagZstd in each. hello and welcome themselves are
// never packed. Whoever does not know CapPacked is sent, and sends, plain
// payloads, for ever.

// worthPacking is the least payload that is packed: below it the line gains
// nothing.
const worthPacking = 256

// worthQuick is the least payload that is packed on a quick line. To pack one and
// to open it takes a tenth of a millisecond, in which such a line carries a
// kilobyte on a network of 100 Mbit/s.
const worthQuick = 2 << 10

// Agreed is the dictionary that a central of this program chooses for a
// station's hello; 0 for none.
func Agreed(h *Hello) compact.Dictionary {
	if !slices.Contains(h.Capabilities, CapPacked) {
		return 0
	}
	return compact.Best(h.Dictionaries)
}

// worthHard is the least payload that is packed hard, on a slow line. That takes
// 70 MB and, whatever is packed, some milliseconds to set them up: of what is
// short it would save a few bytes, for more time than they take to send.
const worthHard = 2 << 10
