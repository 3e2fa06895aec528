package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// A station's looks form a chain: each MAC covers the one before it, the
// sequence number and the event. Taking a look out, changing one, or putting
// one in between breaks the chain at that place; only whoever holds the
// station's audit key can make a link. Looks are deleted on the station only
// after central has receipted them, so the last link is always there to
// continue from.

// Next is the look after prev, which holds event. prev is the zero Look for
// the station's first.
func Next(key [32]byte, station record.StationID, prev record.Look, event []byte) record.Look {
	l := record.Look{Station: station, Seq: prev.Seq + 1, Prev: prev.MAC, Event: event}
	l.MAC = mac(key, l)
	return l
}

func mac(key [32]byte, l record.Look) record.Hash {
	h := hmac.New(sha256.New, key[:])
	h.Write(l.Prev[:])
	h.Write(binary.BigEndian.AppendUint64(nil, l.Seq))
	h.Write(l.Event)
	return record.Hash(h.Sum(nil))
}

// Linked checks what can be checked without the station's key: that looks are
// of one station, have no gaps, and each names the one before it. prev is the
// last look that is held already, or the zero Look.
func Linked(prev record.Look, looks []record.Look) error {
	for _, l := range looks {
		switch {
		case prev.Station != "" && l.Station != prev.Station:
			return broken(l, "it is another station's")
		case l.Seq != prev.Seq+1:
			return broken(l, "one before it is missing")
		case l.Prev != prev.MAC:
			return broken(l, "it does not follow from the one before it")
		}
		prev = l
	}
	return nil
}

// Verify is Linked that also checks every MAC with the station's audit key.
func Verify(key [32]byte, prev record.Look, looks []record.Look) error {
	if err := Linked(prev, looks); err != nil {
		return err
	}
	for _, l := range looks {
		want := mac(key, l)
		if !hmac.Equal(want[:], l.MAC[:]) {
			return broken(l, "its content was changed")
		}
	}
	return nil
}

func broken(l record.Look, why string) error {
	return fault.Newf(fault.Corrupt, "audit.verify", string(l.Station), "the chain of looks is broken at %d: %s", l.Seq, why)
}
