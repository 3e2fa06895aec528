package badgerjournal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/journaltest"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// The crash tests run this test binary again as the process that dies.
const (
	childRole = "WARDLIGHT_JOURNAL_CHILD"
	childDir  = "WARDLIGHT_JOURNAL_DIR"
)

func TestMain(m *testing.M) {
	switch os.Getenv(childRole) {
	case "":
		os.Exit(m.Run())
	case "write":
		childWrites(os.Getenv(childDir), func(*Options) {})
	case "write-unsynced":
		childWrites(os.Getenv(childDir), func(o *Options) { o.faults.badger = unsynced })
	case "fill", "fill-slowly", "fill-to-the-end":
		childFills(os.Getenv(childDir), fillings[os.Getenv(childRole)])
	case "die-unpublished":
		childDies(os.Getenv(childDir))
	}
}

// unsynced is a Badger that answers before its writes are on the disk.
func unsynced(o badger.Options) badger.Options { return o.WithSyncWrites(false) }

// childWrites updates with eight writers for ever, and prints the id and the
// position of every update that was acknowledged.
func childWrites(dir string, change func(*Options)) {
	o := testOptions(dir)
	change(&o)
	j, err := Open(ctx, o)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	start := j.Head().Position
	var out sync.Mutex
	fmt.Println("ready")
	for w := range 8 {
		go func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("r%d-w%d-%d", start, w, i)
				e, err := j.Update(ctx, func(tx journal.Tx) error { return childUpdate(tx, id, i) })
				out.Lock()
				if err != nil {
					fmt.Println("error", err)
				} else {
					fmt.Println("ack", id, uint64(e.Position))
				}
				out.Unlock()
			}
		}()
	}
	select {}
}

// childUpdate writes a little; every sixtieth time more than one Badger
// transaction holds.
func childUpdate(tx journal.Tx, id string, i int) error {
	err := errors.Join(tx.Put(journaltest.Observation("p1", fhir.ID(id), 1, "4.1")), tx.Audit([]byte(`{"resourceType":"AuditEvent"}`)), tx.SetNote("last", []byte(id)))
	if i%60 != 39 {
		return err
	}
	pad := strings.Repeat("0", 30000)
	for n := range 60 {
		err = errors.Join(err, tx.Put(journaltest.Observation("p2", fhir.ID(fmt.Sprintf("%s-%d", id, n)), 1, "1."+pad)))
	}
	return err
}

type child struct {
	cmd *exec.Cmd
	out io.ReadCloser
}

func startChild(t *testing.T, role, dir string) child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childRole+"="+role, childDir+"="+dir)
	if role != "fill" { // it may die loudly
		cmd.Stderr = os.Stderr
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return child{cmd, out}
}

// acked reads the child's acknowledgements until it ends; strike is called
// once, when there are enough of them.
func (c child) acked(t *testing.T, enough int, strike func()) map[string]record.Position {
	t.Helper()
	got := map[string]record.Position{}
	lines := bufio.NewScanner(c.out)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) == 3 && f[0] == "ack" {
			p, err := strconv.ParseUint(f[2], 10, 64)
			if err == nil {
				got[f[1]] = record.Position(p)
			}
			if len(got) == enough {
				strike()
			}
		} else if f[0] == "error" {
			t.Error(lines.Text())
			strike()
		}
	}
	_ = c.cmd.Wait()
	return got
}

// missing compares what was acknowledged with what the journal holds.
func missing(t testing.TB, j journal.Journal, acked map[string]record.Position) (lost, moved int) {
	t.Helper()
	err := j.View(ctx, func(r journal.Reader) error {
		for id, p := range acked {
			c, ok, err := r.Current(fhir.Ref{Type: fhir.TypeObservation, ID: fhir.ID(id)})
			switch {
			case err != nil:
				return err
			case !ok:
				lost++
			case c.Position != p:
				moved++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lost, moved
}

// kill -9 in the middle of updates, four times over in the same folder: every
// acknowledged update is there at the position that was answered, the chain
// verifies, and nothing is half there.
func TestKill9(t *testing.T) {
	j := fresh(t)
	dir := j.o.Dir
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	all := map[string]record.Position{}
	for round := range 4 {
		c := startChild(t, "write", dir)
		for id, p := range c.acked(t, 150+97*round, func() { _ = c.cmd.Process.Kill() }) {
			all[id] = p
		}
		j, err := Open(ctx, testOptions(dir))
		if err != nil {
			t.Fatal(err)
		}
		v := verify(t, j)
		lost, moved := missing(t, j, all)
		if lost+moved > 0 || v.Entries < uint64(len(all)) {
			t.Errorf("round %d: of %d acknowledged updates %d are lost and %d stand elsewhere; %d entries", round, len(all), lost, moved, v.Entries)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// childDies stops in a commit of several parts, after the parts and before the
// head.
func childDies(dir string) {
	o := testOptions(dir)
	o.faults.beforePub = func() {
		fmt.Println("ready")
		select {} // until it is killed
	}
	j, err := Open(ctx, o)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	_, err = j.Update(ctx, largeUpdate)
	fmt.Println("error", "answered", err)
}

// largeUpdate needs several Badger transactions; it writes new resources,
// changes old ones, moves index keys and removes a note.
func largeUpdate(tx journal.Tx) error {
	if err := errors.Join(tx.Put(journaltest.Observation("p9", "o1", 2, "9")), tx.SetNote("gone", nil), tx.SetNote("kept", []byte("new")),
		tx.Put(journaltest.Encounter("p1", "e1", 2, "in-progress", "5A"))); err != nil {
		return err
	}
	return childUpdate(tx, "large", 39)
}

// A crash between the parts of a large commit and its head: nothing of it is
// left, and what it would have changed is as it was.
func TestUnpublishedPartsAreUndone(t *testing.T) {
	j := fresh(t)
	_, err := j.Update(ctx, func(tx journal.Tx) error {
		return errors.Join(tx.Put(journaltest.Observation("p1", "o1", 1, "1")), tx.SetNote("gone", []byte("old")), tx.SetNote("kept", []byte("old")),
			tx.Put(journaltest.Encounter("p1", "e1", 1, "in-progress", "4B")))
	})
	if err != nil {
		t.Fatal(err)
	}
	head := j.Head()
	_ = j.Close()
	c := startChild(t, "die-unpublished", j.o.Dir)
	line, err := bufio.NewReader(c.out).ReadString('\n')
	if err != nil || line != "ready\n" {
		t.Fatal(line, err)
	}
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
	for range 2 { // the second opening finds nothing left to undo
		j = again(t, j)
		if j.Head() != head {
			t.Errorf("head %+v, was %+v", j.Head(), head)
		}
		if v := verify(t, j); v.Changes != 2 {
			t.Errorf("%+v", v)
		}
		checkAsBefore(t, j)
	}
	// What comes next is read at a later time than the stray parts were written.
	mustNote(t, j, "next", "v")
	checkAsBefore(t, j)
	verify(t, j)
	if _, err := j.Update(ctx, largeUpdate); err != nil {
		t.Fatal(err)
	}
	if v := verify(t, j); v.Changes != 65 {
		t.Errorf("%+v", v)
	}
}

func checkAsBefore(t *testing.T, j *Journal) {
	t.Helper()
	_ = j.View(ctx, func(r journal.Reader) error {
		n := 0
		for range r.Compartment("p2") {
			n++
		}
		for range r.Compartment("p9") {
			n++
		}
		for range r.Find(journal.ByWard, "5A") {
			n++
		}
		if n > 0 {
			t.Errorf("%d rows of the unpublished update are there", n)
		}
		gone, _, _ := r.Note("gone")
		kept, _, _ := r.Note("kept")
		if string(gone) != "old" || string(kept) != "old" {
			t.Errorf("notes %q %q", gone, kept)
		}
		for range r.Find(journal.ByWard, "4B") {
			return nil
		}
		t.Error("the index lost the encounter")
		return nil
	})
}
