package audit

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// The journal's own chain shows that somebody without central's keys changed
// it. Whoever holds the keys could write the whole journal anew, so a privacy
// officer keeps checkpoints somewhere else: each says how many audit events
// there were and what the root of their Merkle tree was. A later log that does
// not have that root at that size was altered, shortened or reordered below it.

// Log is the Merkle tree (RFC 6962, by golang.org/x/mod/sumdb/tlog) over
// central's audit events in the order of the journal. The zero value is empty.
// It is made anew from the journal when it is needed: nothing of it is stored,
// so nothing of it can be out of step. It takes 64 bytes of memory an event, and
// is for one goroutine.
type Log struct {
	hashes []tlog.Hash
	size   int64
}

// Add appends an event that the journal holds at this position.
func (l *Log) Add(at record.Position, event []byte) error {
	leaf := append(binary.BigEndian.AppendUint64(nil, uint64(at)), event...)
	more, err := tlog.StoredHashes(l.size, leaf, tlog.HashReaderFunc(l.read))
	if err != nil {
		return fault.Wrap("audit.log", "", err)
	}
	l.hashes = append(l.hashes, more...)
	l.size++
	return nil
}

// Size is how many events there are.
func (l *Log) Size() int64 { return l.size }

// Root is the root of the tree of the first size events.
func (l *Log) Root(size int64) (record.Hash, error) {
	if size < 0 || size > l.size {
		return record.Hash{}, fault.Newf(fault.Invalid, "audit.log", "", "the log holds %d events, not %d", l.size, size)
	}
	root, err := tlog.TreeHash(size, tlog.HashReaderFunc(l.read))
	return record.Hash(root), fault.Wrap("audit.log", "", err)
}

func (l *Log) read(indexes []int64) ([]tlog.Hash, error) {
	list := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		if at < 0 || at >= int64(len(l.hashes)) {
			return nil, fault.New(fault.Invalid, "audit.log", "", "a hash beyond the tree was asked for")
		}
		list[i] = l.hashes[at]
	}
	return list, nil
}

// Checkpoint says how the log stood at one moment.
type Checkpoint struct {
	Size     int64           // events
	Root     record.Hash     // of their tree
	Position record.Position // of the journal
	Epoch    string          // of the journal
	Time     time.Time       // central's
}

// origin names this kind of log in its checkpoints, for ever.
const origin = "wardlight/audit/v1"

// checkpointLines are the lines of a checkpoint before its signature: origin,
// size, root, and three that are ours.
const checkpointLines = 6

// maxCheckpoint bounds a checkpoint's file.
const maxCheckpoint = 4096

// Sign writes the checkpoint as a signed note in the form that transparency
// logs use (C2SP tlog-checkpoint). public is the Ed25519 key that sign signs
// with.
func (c Checkpoint) Sign(public []byte, sign func(msg []byte) []byte) ([]byte, error) {
	v, err := verifier(public)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("%s\n%d\n%s\nposition %d\nepoch %s\ntime %s\n", origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]),
		c.Position, c.Epoch, c.Time.UTC().Format(time.RFC3339))
	b, err := note.Sign(&note.Note{Text: text}, signer{v, sign})
	return b, fault.Wrap("audit.checkpoint", "", err)
}

// OpenCheckpoint reads a checkpoint and verifies that public's owner signed it.
// fault.Denied: somebody else did.
func OpenCheckpoint(b, public []byte) (Checkpoint, error) {
	v, err := verifier(public)
	if err != nil {
		return Checkpoint{}, err
	}
	if len(b) > maxCheckpoint {
		return Checkpoint{}, fault.New(fault.Invalid, "audit.checkpoint", "", "the file is too large for a checkpoint")
	}
	n, err := note.Open(b, note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, fault.New(fault.Denied, "audit.checkpoint", "", "the checkpoint was not signed by this central, or was changed afterwards")
	}
	return parseCheckpoint(n.Text)
}

func parseCheckpoint(text string) (c Checkpoint, err error) {
	bad := fault.New(fault.Invalid, "audit.checkpoint", "", "the file is no checkpoint of an audit log of this version")
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) != checkpointLines || lines[0] != origin {
		return c, bad
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != len(c.Root) {
		return c, bad
	}
	c.Root = record.Hash(root)
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 {
		return c, bad
	}
	position, err := strconv.ParseUint(strings.TrimPrefix(lines[3], "position "), 10, 64)
	if err != nil {
		return c, bad
	}
	c.Position, c.Epoch = record.Position(position), strings.TrimPrefix(lines[4], "epoch ")
	if c.Time, err = time.Parse(time.RFC3339, strings.TrimPrefix(lines[5], "time ")); err != nil {
		return c, bad
	}
	return c, nil
}

func verifier(public []byte) (note.Verifier, error) {
	key, err := note.NewEd25519VerifierKey(origin, public)
	if err != nil {
		return nil, fault.As(fault.Invalid, "audit.checkpoint", "", err)
	}
	v, err := note.NewVerifier(key)
	return v, fault.As(fault.Invalid, "audit.checkpoint", "", err)
}

// signer lends a key that never leaves its owner to package note.
type signer struct {
	note.Verifier
	sign func(msg []byte) []byte
}

func (s signer) Sign(msg []byte) ([]byte, error) { return s.sign(msg), nil }

// Holds holds a log to a checkpoint of its past.
func (c Checkpoint) Holds(l *Log) error {
	if l.Size() < c.Size {
		return fault.Newf(fault.Corrupt, "audit.checkpoint", "", "the log holds %d events; at the checkpoint it held %d: records were removed, or central was restored from an older backup", l.Size(), c.Size)
	}
	root, err := l.Root(c.Size)
	if err != nil {
		return err
	}
	if root != c.Root {
		return fault.Newf(fault.Corrupt, "audit.checkpoint", "", "the first %d events are not those of the checkpoint: records were altered, replaced or reordered", c.Size)
	}
	return nil
}
