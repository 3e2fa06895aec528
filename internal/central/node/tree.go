package node

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/pki"
)

// Every computer keeps the last checkpoint of central's audit log that it was
// given, and is shown with the next one that what it knew is still there: so a log
// that is written anew, or shown differently to different computers, is noticed by
// the first computer that comes, and not only by whoever keeps checkpoints by hand.
//
// The tree is made anew from the journal at each start, in the background: what
// an earlier run left would be shown long after the journal was changed. Its
// hashes lie in a file, for they are 64 bytes an event.

const (
	treeName   = "audit-tree.tmp"
	treeEvery  = 20 * time.Second
	treeAgain  = 10 * time.Minute      // after a failure, as of a full disk
	treeAtOnce = 2048                  // entries in one view
	treePause  = 20 * time.Millisecond // between two, so that a start has the processor
)

// tree is the audit log as it is shown to computers. The zero value shows nothing.
type tree struct {
	mu   sync.Mutex
	log  *audit.Log
	size int64  // of what note covers
	note []byte // the newest checkpoint, signed; nil: none yet
	in   string // the epoch that it names
}

// logState is how the log stands for a computer that holds a checkpoint of so many
// events. A checkpoint of more than there are gets no proof. Where another epoch
// has just begun nothing is said until a checkpoint names it: what cannot be shown
// after a restore must not look like a log that was changed.
func (n *Node) logState(events int64) (*pki.LogState, error) {
	t := &n.tree
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.note == nil || t.in != n.journal.Epoch().ID {
		return nil, nil
	}
	s := &pki.LogState{Checkpoint: t.note}
	proof, err := t.log.Proof(events, t.size)
	if err != nil {
		return nil, err
	}
	for _, h := range proof {
		s.Proof = append(s.Proof, h[:])
	}
	return s, nil
}

// growTree makes the tree and lets it grow with the journal, until ctx ends.
func (n *Node) growTree(ctx context.Context) {
	for {
		err := n.makeTree(ctx)
		if ctx.Err() != nil {
			return
		}
		n.conf.Log.Error("computers cannot be shown how the audit log stands; it is tried again in ten minutes", "err", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(treeAgain):
		}
	}
}

func (n *Node) makeTree(ctx context.Context) error {
	path := filepath.Join(n.conf.Dir, treeName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // central's own folder
	if err != nil {
		return fault.As(fault.Unavailable, "node.tree", treeName, err)
	}
	defer func() {
		n.tree.close()
		_ = f.Close()
		_ = os.Remove(path)
	}()
	return n.followTree(ctx, audit.LogOn(f))
}

func (t *tree) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.log, t.note, t.size, t.in = nil, nil, 0, ""
}

func (n *Node) followTree(ctx context.Context, log *audit.Log) error {
	every := treeEvery
	if n.conf.TreeEvery > 0 {
		every = n.conf.TreeEvery
	}
	var at record.Position
	for {
		head, more, err := n.treeStep(ctx, log, at)
		if err != nil {
			return err
		}
		at = head
		wait := treePause
		if !more {
			if err := n.showTree(log, at); err != nil {
				return err
			}
			wait = every
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// errEnough ends a view that has read as much as it wants.
var errEnough = errors.New("enough")

// treeStep adds the events behind a position, of some entries; more says whether
// there are others.
func (n *Node) treeStep(ctx context.Context, log *audit.Log, after record.Position) (at record.Position, more bool, err error) {
	at = after
	err = n.journal.View(ctx, func(r journal.Reader) error {
		read := 0
		for e, err := range r.Trail(after) {
			if err != nil {
				return err
			}
			if read++; read > treeAtOnce {
				more = true
				return errEnough
			}
			if err := n.tree.grow(log, e); err != nil {
				return err
			}
			at = e.Position
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return at, more, err
}

// grow adds one entry's events; proofs are made meanwhile.
func (t *tree) grow(log *audit.Log, e record.Entry) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, event := range e.Audits {
		if err := log.Add(e.Position, event); err != nil {
			return err
		}
	}
	return nil
}

// showTree signs how the log stands now.
func (n *Node) showTree(log *audit.Log, at record.Position) error {
	t := &n.tree
	t.mu.Lock()
	defer t.mu.Unlock()
	epoch := n.journal.Epoch().ID
	if t.note != nil && t.size == log.Size() && t.in == epoch {
		return nil
	}
	root, err := log.Root(log.Size())
	if err != nil {
		return err
	}
	c := audit.Checkpoint{Size: log.Size(), Root: root, Position: at, Epoch: epoch, Time: n.conf.Now()}
	b, err := c.Sign(n.keys.journal.Public(), n.keys.journal.Sign)
	if err != nil {
		return err
	}
	t.log, t.note, t.size, t.in = log, b, c.Size, epoch
	return nil
}
