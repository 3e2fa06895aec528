package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
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
// It is made anew from the journal when it is needed, so that nothing of it can be
// out of step. It takes 64 bytes an event, in memory or where LogOn puts them, and
// is for one goroutine.
type Log struct {
	hashes []tlog.Hash // where on is nil
	on     Store
	count  int64 // of hashes
	size   int64
}

// Store holds a Log's hashes, such as a file does. What it holds is worth nothing
// once the Log is gone.
type Store interface {
	io.ReaderAt
	io.WriterAt
}

// LogOn is an empty Log that keeps its hashes in a store.
func LogOn(s Store) *Log { return &Log{on: s} }

// Add appends an event that the journal holds at this position.
func (l *Log) Add(at record.Position, event []byte) error {
	leaf := append(binary.BigEndian.AppendUint64(nil, uint64(at)), event...)
	more, err := tlog.StoredHashes(l.size, leaf, tlog.HashReaderFunc(l.read))
	if err != nil {
		return fault.Wrap("audit.log", "", err)
	}
	if l.on == nil {
		l.hashes = append(l.hashes, more...)
	} else if err := l.put(more); err != nil {
		return err
	}
	l.count += int64(len(more))
	l.size++
	return nil
}

func (l *Log) put(more []tlog.Hash) error {
	b := make([]byte, 0, len(more)*tlog.HashSize)
	for _, h := range more {
		b = append(b, h[:]...)
	}
	_, err := l.on.WriteAt(b, l.count*tlog.HashSize)
	return fault.As(fault.Unavailable, "audit.log", "", err)
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
		if at < 0 || at >= l.count {
			return nil, fault.New(fault.Invalid, "audit.log", "", "a hash beyond the tree was asked for")
		}
		if l.on == nil {
			list[i] = l.hashes[at]
		} else if _, err := l.on.ReadAt(list[i][:], at*tlog.HashSize); err != nil {
			return nil, fault.As(fault.Unavailable, "audit.log", "", err)
		}
	}
	return list, nil
}

// Proof shows that the log at one size is the beginning of what it was at a later
// one (RFC 6962 2.1.2). It is empty where there is nothing to show.
func (l *Log) Proof(from, to int64) ([]record.Hash, error) {
	if from <= 0 || from >= to || to > l.size {
		return nil, nil
	}
	proof, err := tlog.ProveTree(to, from, tlog.HashReaderFunc(l.read))
	if err != nil {
		return nil, fault.Wrap("audit.log", "", err)
	}
	list := make([]record.Hash, len(proof))
	for i, h := range proof {
		list[i] = record.Hash(h)
	}
	return list, nil
}

// Verdict is what a newer checkpoint is to one that is held.
type Verdict int

// The verdicts.
const (
	Continues Verdict = iota // everything of before is still there, in its place
	NewEpoch                 // central began anew on record, and what was before cannot be shown: a restore, or a wipe on purpose
	Broken                   // something of before was altered, removed or reordered
)

// Judge holds a newer checkpoint to one that is held, by the proof that came with
// it. Where central has been restored its log goes on from where the backup was
// made: a checkpoint from before that still holds, and one from after it cannot.
func (c Checkpoint) Judge(newer Checkpoint, proof []record.Hash) Verdict {
	switch {
	case c.begins(newer, proof):
		return Continues
	case newer.Epoch != c.Epoch:
		return NewEpoch
	default:
		return Broken
	}
}

func (c Checkpoint) begins(newer Checkpoint, proof []record.Hash) bool {
	switch {
	case c.Size == 0:
		return true
	case newer.Size < c.Size:
		return false
	case newer.Size == c.Size:
		return newer.Root == c.Root
	}
	list := make(tlog.TreeProof, len(proof))
	for i, h := range proof {
		list[i] = tlog.Hash(h)
	}
	return tlog.CheckTree(list, newer.Size, tlog.Hash(newer.Root), c.Size, tlog.Hash(c.Root)) == nil
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

// OpenCheckpoint reads a checkpoint and verifies that the owner of one of the public
// keys signed it. fault.Denied: somebody else did.
func OpenCheckpoint(b []byte, public ...[]byte) (Checkpoint, error) {
	var known []note.Verifier
	for _, k := range public {
		v, err := verifier(k)
		if err != nil {
			return Checkpoint{}, err
		}
		known = append(known, v)
	}
	if len(b) > maxCheckpoint {
		return Checkpoint{}, fault.New(fault.Invalid, "audit.checkpoint", "", "the file is too large for a checkpoint")
	}
	if !bytes.HasPrefix(b, []byte(origin+"\n")) {
		return Checkpoint{}, errNoCheckpoint()
	}
	n, err := note.Open(b, note.VerifierList(known...))
	if err != nil {
		return Checkpoint{}, fault.New(fault.Denied, "audit.checkpoint", "", "the checkpoint was not signed by this central, or was changed afterwards")
	}
	return parseCheckpoint(n.Text)
}

func errNoCheckpoint() error {
	return fault.New(fault.Invalid, "audit.checkpoint", "", "the file is no checkpoint of an audit log of this version, so nothing was held to it; name one that 'wardlightd audit checkpoint' wrote")
}

func parseCheckpoint(text string) (c Checkpoint, err error) {
	bad := errNoCheckpoint()
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
