package badgerjournal

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/journaltest"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// onItsOwnDisk gives a test a file system of its own: image is the file that
// holds its blocks.
type ownDisk struct {
	t     *testing.T
	image string
	mnt   string
}

func onItsOwnDisk(t *testing.T, size string) ownDisk {
	t.Helper()
	if os.Getuid() != 0 || testing.Short() {
		t.Skip("a disk of its own needs root and a loop mount")
	}
	work := t.TempDir()
	d := ownDisk{t, filepath.Join(work, "disk"), filepath.Join(work, "mnt")}
	d.run("mkdir", d.mnt)
	d.run("truncate", "-s", size, d.image)
	d.run("mkfs.ext4", "-q", "-m", "0", d.image)
	d.mount(d.image)
	return d
}

func (d ownDisk) run(name string, args ...string) {
	d.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		d.t.Skipf("a disk of its own cannot be had here: %s: %s", name, out)
	}
}

func (d ownDisk) mount(image string) {
	d.t.Helper()
	d.run("mount", "-o", "loop", image, d.mnt)
	d.t.Cleanup(func() { _ = exec.Command("umount", "-l", d.mnt).Run() })
}

// filling is how somebody else fills the disk of a child: first in the middle of
// Badger's merging until the journal gives its reserve up, then on, at once or
// when Badger has come to rest.
type filling struct {
	pause time.Duration // after each 64 KiB; 2 ms: 30 MB/s
	leave uint64        // then until this much is left, when Badger is at rest; 0: nothing, at once
}

// fillings by the child's role.
var fillings = map[string]filling{
	"fill-slowly":     {pause: 2 * time.Millisecond, leave: 115 << 20}, // too little to go on, enough to end in peace
	"fill-to-the-end": {pause: 2 * time.Millisecond},
	"fill":            {},
}

// A folder that was made with the small profile holds the server's reserve back
// when the server opens it.
func TestTheReserveGrowsWithTheProfile(t *testing.T) {
	j := fresh(t, func(o *Options) { o.Reserve = 2 << 20 })
	again(t, j)
	o := testOptions(j.o.Dir)
	size := func() int64 {
		info, err := os.Stat(filepath.Join(o.Dir, reserveName))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	for _, want := range []int64{3 << 20, 1 << 20} {
		o.Reserve = want
		s := newSpace(o)
		if err := s.opening("test"); err != nil || !s.held || size() < want {
			t.Errorf("%d bytes are held back, %v", size(), err)
		}
	}
	if size() != 3<<20 {
		t.Error("more than is needed was given away")
	}
}

// atRest waits until nothing has changed on the disk for a second.
func atRest(dir string) {
	for last, same := uint64(0), 0; same < 10; time.Sleep(100 * time.Millisecond) {
		free, _ := freeSpace(dir)
		if same++; free != last {
			last, same = free, 0
		}
	}
}

// reserveOnDisk is what the journal holds back in these tests; a little more
// must be free for a commit.
const reserveOnDisk = 64 << 20

// How much must be free is a promise to whoever sizes a disk (docs/operations).
func TestWhatBadgerMayWriteUnasked(t *testing.T) {
	for _, c := range []struct {
		small bool
		mib   uint64
	}{{true, 69}, {false, 680}} {
		s := newSpace(Options{Small: c.small}.withDefaults())
		if s.unasked>>20 != c.mib || s.reserve != s.unasked {
			t.Errorf("small %t: %d MiB unasked, %d MiB in reserve; want %d", c.small, s.unasked>>20, s.reserve>>20, c.mib)
		}
	}
}

// childFills writes until the journal says that the disk is full, in the middle
// of Badger's merging. Then somebody else fills the disk.
func childFills(dir string, how filling) {
	o := testOptions(dir)
	o.Reserve = reserveOnDisk
	say := func(what string, err error) { fmt.Println(what, fault.KindOf(err), err) }
	j, err := Open(ctx, o)
	if err != nil {
		say("error", err)
		os.Exit(1)
	}
	pad := strings.Repeat("0", 500000)
	for i := 0; err == nil; i++ {
		id := fmt.Sprintf("f%d", i)
		_, err = j.Update(ctx, func(tx journal.Tx) error {
			return errors.Join(tx.Put(journaltest.Observation("p1", fhir.ID(id), 1, "1."+pad)), tx.Put(journaltest.Observation("p1", fhir.ID(id+"b"), 1, "1."+pad)))
		})
		if err == nil {
			fmt.Println("ack", id, uint64(j.Head().Position))
		}
	}
	say("first", err)
	fill(o, how)
	say("second", note(j, "k", "v"))
	say("third", note(j, "k", "v"))
	_, err = journal.Verify(ctx, j)
	say("verify", err)
	say("close", j.Close())
	os.Exit(0)
}

func fill(o Options, how filling) {
	f, err := os.Create(filepath.Join(filepath.Dir(o.Dir), "somebody else's"))
	if err != nil {
		return
	}
	defer f.Close()
	block := make([]byte, 1<<16)
	write := func(enough func() bool) {
		for err == nil && !enough() {
			_, err = f.Write(block)
			time.Sleep(how.pause)
		}
	}
	write(func() bool { _, e := os.Stat(filepath.Join(o.Dir, reserveName)); return e != nil })
	if how.leave > 0 {
		atRest(o.Dir)
	}
	write(func() bool { free, _ := freeSpace(o.Dir); return free < how.leave })
}

// A disk that somebody else fills up: the process lives, says so, closes, and
// opens again with everything that it answered.
func TestDiskReallyFull(t *testing.T) {
	d, o, acked, said, err := fullDisk(t, "fill-slowly")
	if err != nil {
		t.Fatalf("the process died: %v, after %v", err, said)
	}
	if got, want := strings.Join(said, ", "), "first full, second full, third full, verify other, close other"; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	j, err := Open(ctx, o)
	if err != nil {
		t.Fatalf("with the disk still full: %v", err)
	}
	if lost, moved := missing(t, j, acked); lost+moved > 0 {
		t.Errorf("%d lost, %d moved of %d", lost, moved, len(acked))
	}
	// Merging may have made room meanwhile; then it simply goes on.
	if err := note(j, "k", "v"); err != nil && !fault.Is(err, fault.Full) {
		t.Error(err)
	}
	d.makeRoom()
	mustNote(t, j, "k", "v")
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// Somebody else does not stop: the last block goes, at 30 MB/s. The process
// lives on and can be read; what it cannot do is end tidily or start, and it
// says so.
func TestDiskFullToTheLastBlock(t *testing.T) {
	d, o, acked, said, err := fullDisk(t, "fill-to-the-end")
	if err != nil {
		t.Fatalf("the process died: %v, after %v", err, said)
	}
	if got, want := strings.Join(said, ", "), "first full, second full, third full, verify other, close full"; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	if j, err := Open(ctx, o); !fault.Is(err, fault.Full) {
		t.Errorf("opening on a disk without a block: %v", err)
		if err == nil {
			_ = j.Close()
		}
	}
	d.makeRoom()
	allThere(t, o, acked)
}

// Filled within a moment, to the last block: nobody can promise that the process
// lives (a table may be half written just then), and nothing that it answered is
// lost.
func TestDiskFullAtOnce(t *testing.T) {
	d, o, acked, said, err := fullDisk(t, "fill")
	t.Logf("the child said %v and ended with %v", said, err)
	d.makeRoom()
	allThere(t, o, acked)
}

// allThere opens the journal again, finds everything and goes on.
func allThere(t *testing.T, o Options, acked map[string]record.Position) {
	t.Helper()
	j, err := Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	verify(t, j)
	if lost, moved := missing(t, j, acked); lost+moved > 0 {
		t.Errorf("%d lost, %d moved of %d", lost, moved, len(acked))
	}
	mustNote(t, j, "after", "v")
}

// makeRoom removes what others have put on the disk.
func (d ownDisk) makeRoom() {
	d.t.Helper()
	d.run("rm", filepath.Join(d.mnt, "somebody else's"), filepath.Join(d.mnt, "an old file of somebody else's"))
}

// fullDisk runs a child that fills a small disk, and gives back what it said.
func fullDisk(t *testing.T, role string) (d ownDisk, o Options, acked map[string]record.Position, said []string, died error) {
	t.Helper()
	d = onItsOwnDisk(t, "440M")
	d.run("fallocate", "-l", "40M", filepath.Join(d.mnt, "an old file of somebody else's"))
	o = testOptions(filepath.Join(d.mnt, "journal"))
	o.Reserve = reserveOnDisk
	j, err := Create(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	_ = j.Close()
	c := startChild(t, role, o.Dir)
	acked = map[string]record.Position{}
	for lines := bufio.NewScanner(c.out); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if f[0] == "ack" {
			p, _ := strconv.ParseUint(f[2], 10, 64)
			acked[f[1]] = record.Position(p)
		} else {
			said = append(said, f[0]+" "+f[1])
		}
	}
	died = c.cmd.Wait()
	if len(acked) < 10 {
		t.Errorf("only %d updates fitted", len(acked))
	}
	return d, o, acked, said, died
}

// powerCut runs a child on a file system of its own, copies that file system's
// blocks while it writes (what a power cut would leave), and counts what was
// acknowledged before and is not in the copy.
func powerCut(t *testing.T, role string) (acked, lost int, err error) {
	t.Helper()
	d := onItsOwnDisk(t, "400M")
	copied := d.image + ".after"
	o := testOptions(filepath.Join(d.mnt, "journal"))
	j, e := Create(ctx, o)
	if e != nil {
		t.Fatal(e)
	}
	_ = j.Close()
	d.run("sync", "-f", d.mnt)
	c := startChild(t, role, o.Dir)
	all := c.acked(t, 300, func() {
		d.run("cp", "--sparse=always", d.image, copied)
		_ = c.cmd.Process.Kill()
	})
	// Only what was acknowledged before the copy began counts: it is what the
	// first 300 lines said.
	early := map[string]record.Position{}
	for id, p := range all {
		if p <= 250 {
			early[id] = p
		}
	}
	d.run("umount", d.mnt)
	d.mount(copied)
	j, err = Open(ctx, o)
	if err != nil {
		return len(early), len(early), err
	}
	defer j.Close()
	if _, err := journal.Verify(ctx, j); err != nil {
		return len(early), 0, err
	}
	lost, moved := missing(t, j, early)
	return len(early), lost + moved, nil
}

// The power fails while eight writers update: everything acknowledged is there
// afterwards.
func TestPowerCut(t *testing.T) {
	began := time.Now()
	acked, lost, err := powerCut(t, "write")
	if err != nil || lost > 0 || acked < 200 {
		t.Errorf("of %d acknowledged updates %d are lost: %v", acked, lost, err)
	}
	t.Logf("%d acknowledged, %s", acked, time.Since(began).Round(time.Millisecond))
}

// The same tests must see planted faults, or they prove nothing.
func TestPlantedFaultsAreSeen(t *testing.T) {
	t.Run("writes are not synced", func(t *testing.T) {
		if acked, lost, err := powerCut(t, "write-unsynced"); lost == 0 && err == nil {
			t.Errorf("a power cut lost none of %d unsynced updates", acked)
		}
	})
	t.Run("answers before the sync", func(t *testing.T) {
		// The journal is stopped between answer and commit; everything answered
		// is lost, which is what TestKill9 counts.
		hold := make(chan struct{})
		j := fresh(t, func(o *Options) {
			o.faults.await = func() {}
			o.faults.commit = func(record.Cursor) error { <-hold; return errors.New("killed") }
		})
		e, err := j.Update(ctx, func(tx journal.Tx) error { return childUpdate(tx, "x", 0) })
		close(hold)
		if err != nil {
			t.Fatal(err)
		}
		n := again(t, j)
		if lost, _ := missing(t, n, map[string]record.Position{"x": e.Position}); lost != 1 {
			t.Error("the answered update is not missed")
		}
	})
	t.Run("a position is skipped", func(t *testing.T) {
		j := fresh(t, func(o *Options) {
			o.faults.joined = func(head *record.Cursor) {
				if head.Position%7 == 0 {
					head.Position++
				}
			}
		})
		for i := range 9 {
			mustNote(t, j, fmt.Sprint(i), "v")
		}
		if _, err := journal.Verify(ctx, j); err == nil {
			t.Error("Verify does not see a missing position")
		}
	})
}
