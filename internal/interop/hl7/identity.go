package hl7

import (
	"crypto/sha256"
	"encoding/hex"
)

// ContentID is the SHA-256 of a message's bytes with line ends normalised.
// Together with channel, MSH-3, MSH-4 and MSH-10 it identifies a message;
// a control id alone does not, as senders restart their counters.
type ContentID [sha256.Size]byte

// String is the id in hexadecimal.
func (id ContentID) String() string { return hex.EncodeToString(id[:]) }

// Content computes the ContentID of raw bytes, whether or not they can be
// parsed. CR, LF and CRLF count as the same segment end; blank lines and a
// missing last end count for nothing.
func Content(raw []byte) ContentID {
	h := sha256.New()
	end, start := []byte{'\r'}, -1
	for i, c := range raw {
		lineEnd := c == '\r' || c == '\n'
		if !lineEnd && start < 0 {
			start = i
		}
		if lineEnd && start >= 0 {
			h.Write(raw[start:i])
			h.Write(end)
			start = -1
		}
	}
	if start >= 0 {
		h.Write(raw[start:])
		h.Write(end)
	}
	return ContentID(h.Sum(nil))
}
