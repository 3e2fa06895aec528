package node

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/pki"
)

// shown is the next checkpoint of a central that is held to one of before, which
// covers other events than that.
func shown(t *testing.T, n *Node, held audit.Checkpoint) (audit.Checkpoint, audit.Verdict) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		s, err := n.logState(held.Size)
		if err != nil || time.Now().After(end) {
			t.Fatal("nothing is shown: ", err)
		}
		if s == nil {
			continue
		}
		c, verdict := judged(t, n, held, s)
		if held.Size == 0 || c.Size != held.Size {
			return c, verdict
		}
	}
}

func judged(t *testing.T, n *Node, held audit.Checkpoint, s *pki.LogState) (audit.Checkpoint, audit.Verdict) {
	t.Helper()
	c, err := audit.OpenCheckpoint(s.Checkpoint, n.keys.journal.Public())
	if err != nil {
		t.Fatal(err)
	}
	var proof []record.Hash
	for _, h := range s.Proof {
		proof = append(proof, record.Hash(h))
	}
	return c, held.Judge(c, proof)
}

// grows lets a node show its audit log; end waits until it does so no more.
func grows(n *Node) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); n.growTree(ctx) }()
	return func() { cancel(); <-done }
}

// What a computer is shown goes on while central lives, over starts, and not after
// somebody has put another journal in its place.
func TestComputersAreShownThatTheAuditLogGoesOn(t *testing.T) {
	conf := newCentral(t)
	conf.TreeEvery = 10 * time.Millisecond
	n := openNode(t, conf)
	look := func() {
		t.Helper()
		if _, err := ask(t, n, "audit list", nil); err != nil {
			t.Fatal(err)
		}
	}
	look()
	look()
	end := grows(n)
	first, _ := shown(t, n, audit.Checkpoint{})
	look()
	second, verdict := shown(t, n, first)
	if verdict != audit.Continues || second.Size <= first.Size || second.Epoch != n.journal.Epoch().ID {
		t.Errorf("%d, then %d events: %v", first.Size, second.Size, verdict)
	}
	end()
	if s, err := n.logState(0); s != nil || err != nil {
		t.Errorf("at the end it still shows %v, %v", s, err)
	}
	if _, err := os.Stat(filepath.Join(conf.Dir, treeName)); !os.IsNotExist(err) {
		t.Errorf("the file of the tree is left: %v", err)
	}
	closeNode(t, n)
	fork := filepath.Join(t.TempDir(), "fork")
	if err := os.CopyFS(fork, os.DirFS(conf.Dir)); err != nil {
		t.Fatal(err)
	}
	n = openNode(t, conf)
	look()
	end = grows(n)
	third, verdict := shown(t, n, second)
	if verdict != audit.Continues {
		t.Errorf("after a start: %v", verdict)
	}
	end()
	closeNode(t, n)

	conf.Dir = fork
	n = openNode(t, conf)
	defer closeNode(t, n)
	for range 3 {
		if _, err := ask(t, n, "inbound", nil); err != nil {
			t.Fatal(err)
		}
	}
	defer grows(n)()
	if _, verdict := shown(t, n, second); verdict != audit.Continues {
		t.Errorf("the fork, to who knows what is before it: %v", verdict)
	}
	if _, verdict := shown(t, n, third); verdict != audit.Broken {
		t.Errorf("the fork, to who knows what was behind it: %v", verdict)
	}
}

// Between two checkpoints the tree grows on, and the proof is still one of what was
// signed; and a checkpoint that names an epoch of before is not shown any more.
func TestWhatIsShownIsWhatWasSigned(t *testing.T) {
	conf := newCentral(t)
	conf.TreeEvery = time.Hour
	n := openNode(t, conf)
	defer closeNode(t, n)
	for range 3 {
		if _, err := ask(t, n, "audit list", nil); err != nil {
			t.Fatal(err)
		}
	}
	defer grows(n)()
	now, _ := shown(t, n, audit.Checkpoint{})
	whole, _, _, err := n.auditLog(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	held := audit.Checkpoint{Size: 1, Epoch: now.Epoch}
	if held.Root, err = whole.Root(1); err != nil {
		t.Fatal(err)
	}
	if _, err := ask(t, n, "inbound", nil); err != nil {
		t.Fatal(err)
	}
	n.tree.mu.Lock()
	log := n.tree.log
	n.tree.mu.Unlock()
	if _, _, err := n.treeStep(context.Background(), log, now.Position); err != nil || log.Size() <= now.Size {
		t.Fatalf("%d events, %v", log.Size(), err)
	}
	if c, verdict := shown(t, n, held); verdict != audit.Continues || c.Size != now.Size {
		t.Errorf("with a tree that has grown: %v, of %d events", verdict, c.Size)
	}
	if _, err := ask(t, n, "epoch begin", nil); err != nil {
		t.Fatal(err)
	}
	if s, err := n.logState(1); s != nil || err != nil {
		t.Errorf("in another epoch the checkpoint of before is shown: %v %v", s, err)
	}
}
