package badgerjournal

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// headFile remembers beside Badger how far the journal has come, so that an
// older copy of Badger's folder, or records that a damaged log silently
// dropped, are noticed at opening. It is written after each commit and synced
// only at the end, so it may lag behind and can never be ahead of what was
// durable.
//
// Two slots are written in turn: a crash in the middle of one leaves the other.
type headFile struct {
	f    *os.File
	seal *keys.Ring
	slot int64
	err  error // the first write that failed
}

const slotSize = 512

var headAAD = []byte("wardlight journal head v1")

// openHeadFile opens or makes the file.
func openHeadFile(path string, seal *keys.Ring) (*headFile, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the journal's own folder
	if err != nil {
		return nil, fault.As(fault.Unavailable, "badgerjournal.headfile", path, err)
	}
	return &headFile{f: f, seal: seal}, nil
}

// note writes the state into the older slot. The journal's promise does not
// hang on it, so a failure only stops further notes.
func (h *headFile) note(p published) {
	if h.err != nil {
		return
	}
	plain, err := record.Encode(headOf(p))
	if err == nil {
		b := make([]byte, 2, slotSize)
		sealed := h.seal.Seal(headAAD, plain)
		binary.BigEndian.PutUint16(b, uint16(len(sealed))) //nolint:gosec // some 150 bytes
		b = append(b, sealed...)
		_, err = h.f.WriteAt(b[:slotSize], h.slot*slotSize)
		h.slot = 1 - h.slot
	}
	h.err = err
}

func (h *headFile) sync() error {
	if h.err != nil {
		return fault.As(fault.Unavailable, "badgerjournal.headfile", "", h.err)
	}
	return fault.As(fault.Unavailable, "badgerjournal.headfile", "", h.f.Sync())
}

// newest reads the newer of the two slots; ok is false where neither can be
// read.
func (h *headFile) newest() (best headRow, ok bool, err error) {
	for i := range int64(2) {
		b := make([]byte, slotSize)
		if n, _ := h.f.ReadAt(b, i*slotSize); n < slotSize {
			continue
		}
		n := int(binary.BigEndian.Uint16(b))
		if n == 0 || n > slotSize-2 {
			continue
		}
		plain, e := h.seal.Open(headAAD, b[2:2+n])
		if e != nil {
			err = errors.Join(err, e)
			continue
		}
		var row headRow
		if e := record.Decode(plain, &row); e != nil {
			return headRow{}, false, e
		}
		if !ok || row.TS > best.TS {
			best, ok = row, true
			h.slot = 1 - i
		}
	}
	return best, ok, err
}

// check compares what the file remembers with what the journal holds.
func (h *headFile) check(op, dir string, at published) error {
	const advice = "; nothing was changed. Restore the newest backup, or go on from here with a new epoch: stations will offer again what they sent since"
	was, ok, err := h.newest()
	switch {
	case !ok && (err != nil || at.head.Position > 0):
		return fault.New(fault.Corrupt, op, dir, "the file "+headName+" is missing or damaged, so that it cannot be told whether the newest entries are there"+advice)
	case !ok:
		return nil
	case was.TS > at.ts:
		return fault.Newf(fault.Corrupt, op, dir, "the journal ends at position %d, and it had come to %d: entries that were answered for are missing%s", at.head.Position, was.Position, advice)
	case was.TS == at.ts && (was.Chain != at.head.Chain || was.Epoch != at.head.Epoch):
		return fault.New(fault.Corrupt, op, dir, "the journal is another one than the file "+headName+" remembers"+advice)
	}
	return nil
}

func (h *headFile) close() error {
	err := h.sync()
	if e := h.f.Close(); err == nil && !errors.Is(e, fs.ErrClosed) {
		err = e
	}
	return err
}
