package journal

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"io"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// A backup is a stream that any implementation can write and read: eight bytes
// that name the format and its version, then frames (four bytes of length, then
// record.Encode of a frame): the epochs, every entry in order, and a trailer
// that says how many entries there were and where they ended, signed by
// central's journal key. A stream without its trailer is incomplete, and
// refused. It is not encrypted: whoever stores it seals it.
var backupMagic = [8]byte{'W', 'L', 'J', 'R', 'N', 'L', 0, backupVersion}

const (
	backupVersion = 1
	// maxFrame bounds one frame, so that a damaged length is noticed and not
	// believed.
	maxFrame = 1 << 30
)

// frame is one part of a backup; exactly one member is set.
type frame struct {
	Epoch   *record.Epoch `cbor:"1,keyasint,omitempty"`
	Entry   *record.Entry `cbor:"2,keyasint,omitempty"`
	Trailer *trailer      `cbor:"3,keyasint,omitempty"`
	// Before stands beside Epoch: the epochs that led to it, oldest first.
	Before []record.Epoch `cbor:"4,keyasint,omitempty"`
}

type trailer struct {
	Head record.Cursor `cbor:"1,keyasint"`
	Sig  []byte        `cbor:"2,keyasint,omitempty"` // over the encoded Head, by central's journal key
	// Line leads from the epoch's key to the one that signed, where that is another.
	Line []record.Handover `cbor:"3,keyasint,omitempty"`
}

// Held is what a backup holds: up to where, and how many of each.
type Held struct {
	Head      record.Cursor
	Newest    int64 // when central took the last entry, ms since 1970
	Patients  uint64
	Resources uint64
	Messages  uint64
	Audits    uint64
	Accounts  uint64
	Computers uint64
}

// Backup writes everything that j holds, as one consistent state, and returns
// what that is. key is central's journal key.
func Backup(ctx context.Context, j Journal, key Signer, w io.Writer) (Held, error) {
	const op = "journal.backup"
	out := bufio.NewWriterSize(w, 1<<16)
	var held Held
	err := j.View(ctx, func(r Reader) error {
		head := r.Head()
		held = Held{Head: head}
		if _, err := out.Write(backupMagic[:]); err != nil {
			return fault.As(fault.Unavailable, op, "", err)
		}
		line := j.Epochs()
		last := len(line) - 1
		if err := writeFrame(out, frame{Epoch: &line[last], Before: line[:last]}); err != nil {
			return err
		}
		for e, err := range r.Entries(0) {
			if err == nil {
				err = fault.As(fault.Timeout, op, "", ctx.Err())
			}
			if err == nil {
				err = writeFrame(out, frame{Entry: &e})
			}
			if err != nil {
				return err
			}
			held.add(e)
		}
		if err := held.count(r); err != nil {
			return err
		}
		msg, err := record.Encode(head)
		if err != nil {
			return err
		}
		end := trailer{Head: head, Sig: key.Sign(msg)}
		if s, ok := key.(Successor); ok {
			end.Line = s.Line()
		}
		return writeFrame(out, frame{Trailer: &end})
	})
	if err == nil {
		err = fault.As(fault.Unavailable, op, "", out.Flush())
	}
	return held, err
}

func (h *Held) add(e record.Entry) {
	h.Newest = e.Received
	h.Audits += uint64(len(e.Audits))
	for _, c := range e.Changes {
		if c.Version != 1 {
			continue
		}
		h.Resources++
		if c.Ref.Type == fhir.TypePatient {
			h.Patients++
		}
	}
}

// count adds what an entry may write more than once.
func (h *Held) count(r Reader) error {
	for _, err := range r.Inbounds() {
		if err != nil {
			return err
		}
		h.Messages++
	}
	for prefix, n := range map[string]*uint64{"user/": &h.Accounts, "device/": &h.Computers} {
		for _, err := range r.Notes(prefix) {
			if err != nil {
				return err
			}
			*n++
		}
	}
	return nil
}

func writeFrame(w io.Writer, f frame) error {
	const op = "journal.backup"
	b, err := record.Encode(f)
	if err != nil {
		return err
	}
	if len(b) > maxFrame {
		return fault.New(fault.Full, op, "", "one entry is larger than a backup can hold")
	}
	var n [4]byte
	binary.BigEndian.PutUint32(n[:], uint32(len(b))) //nolint:gosec // bounded above
	if _, err := w.Write(n[:]); err != nil {
		return fault.As(fault.Unavailable, op, "", err)
	}
	_, err = w.Write(b)
	return fault.As(fault.Unavailable, op, "", err)
}

// ReadBackup reads a backup: entry is called for each entry in order, and
// whoever stores them must check the chain as it goes (state.Tx.Replay and
// Finish do). It returns the epochs that led to what was backed up, its own last,
// and where it ended, once the trailer has been verified; before that nothing
// may be relied on.
func ReadBackup(r io.Reader, entry func(record.Entry) error) ([]record.Epoch, record.Cursor, error) {
	const op = "journal.readbackup"
	in := bufio.NewReaderSize(r, 1<<16)
	var magic [8]byte
	if _, err := io.ReadFull(in, magic[:]); err != nil || [7]byte(magic[:7]) != [7]byte(backupMagic[:7]) {
		return nil, record.Cursor{}, fault.New(fault.Invalid, op, "", "this is not a backup of a journal")
	}
	if magic[7] != backupVersion {
		return nil, record.Cursor{}, fault.Newf(fault.Unsupported, op, "", "backup format %d is not known to this program; a newer one wrote it", magic[7])
	}
	first, err := readFrame(in)
	if err == nil && first.Epoch == nil {
		err = fault.New(fault.Corrupt, op, "", "the backup does not begin with its epoch")
	}
	if err != nil {
		return nil, record.Cursor{}, err
	}
	line := append(first.Before, *first.Epoch)
	for _, e := range line {
		if err := CheckEpoch(e); err != nil {
			return nil, record.Cursor{}, err
		}
	}
	head, err := readEntries(in, *first.Epoch, entry)
	return line, head, err
}

func readEntries(in io.Reader, epoch record.Epoch, entry func(record.Entry) error) (record.Cursor, error) {
	const op = "journal.readbackup"
	at := record.Cursor{Epoch: epoch.ID}
	for {
		f, err := readFrame(in)
		switch {
		case err != nil:
			return at, err
		case f.Entry != nil:
			if err := entry(*f.Entry); err != nil {
				return at, err
			}
			at.Position, at.Chain = f.Entry.Position, f.Entry.Chain
		case f.Trailer != nil:
			msg, err := record.Encode(f.Trailer.Head)
			if err != nil {
				return at, err
			}
			by, err := record.Succession{Line: f.Trailer.Line}.Follow(epoch.Key)
			if err != nil {
				return at, fault.New(fault.Corrupt, op, "", "the backup's end was signed by a key that did not follow its epoch's; use another backup")
			}
			if f.Trailer.Head != at || !ed25519.Verify(by.Now, msg, f.Trailer.Sig) {
				return at, fault.New(fault.Corrupt, op, "", "the backup's end does not fit what stands before it; use another backup")
			}
			return at, nil
		default:
			return at, fault.New(fault.Unsupported, op, "", "the backup holds something that is not known to this program; a newer one wrote it")
		}
	}
}

func readFrame(in io.Reader) (frame, error) {
	const op = "journal.readbackup"
	var n [4]byte
	if _, err := io.ReadFull(in, n[:]); err != nil {
		return frame{}, cut(op, err)
	}
	size := binary.BigEndian.Uint32(n[:])
	if size > maxFrame {
		return frame{}, fault.New(fault.Corrupt, op, "", "the backup is damaged; use another backup")
	}
	// Grown as it arrives: a damaged length must not reserve a gigabyte.
	b, err := io.ReadAll(io.LimitReader(in, int64(size)))
	if err != nil {
		return frame{}, cut(op, err)
	}
	if len(b) < int(size) {
		return frame{}, cut(op, io.ErrUnexpectedEOF)
	}
	var f frame
	return f, record.Decode(b, &f)
}

func cut(op string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.New(fault.Corrupt, op, "", "the backup ends before its end: it is incomplete; use another backup")
	}
	return fault.As(fault.Unavailable, op, "", err)
}
