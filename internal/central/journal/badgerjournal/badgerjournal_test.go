package badgerjournal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/journaltest"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

var ctx = context.Background()

// The keys of every test, so that the child processes and the fixture have
// them too.
var (
	testKey    = keys.Key{1, 2, 3}
	testSigner = must(keys.ParseJournalKey([]byte("an Ed25519 seed for tests only!!")))
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func nowAt(ms int64) func() time.Time { return func() time.Time { return time.UnixMilli(ms) } }

func testOptions(dir string) Options {
	return Options{Dir: dir, Key: testKey, Signer: testSigner, Small: true, Reserve: 1 << 20}
}

func fresh(t testing.TB, change ...func(*Options)) *Journal {
	t.Helper()
	o := testOptions(t.TempDir())
	for _, c := range change {
		c(&o)
	}
	j, err := Create(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

// again stops j and opens its folder.
func again(t testing.TB, j *Journal, change ...func(*Options)) *Journal {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	o := testOptions(j.o.Dir)
	for _, c := range change {
		c(&o)
	}
	n, err := Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	return n
}

func note(j journal.Journal, key, value string) error {
	_, err := j.Update(ctx, func(tx journal.Tx) error { return tx.SetNote(key, []byte(value)) })
	return err
}

func mustNote(t testing.TB, j journal.Journal, key, value string) {
	t.Helper()
	if err := note(j, key, value); err != nil {
		t.Fatal(err)
	}
}

func verify(t testing.TB, j journal.Journal) journal.Verified {
	t.Helper()
	v, err := journal.Verify(ctx, j)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSuite(t *testing.T) {
	journaltest.Run(t, journaltest.Maker{
		New:    func(t testing.TB) journal.Journal { return fresh(t) },
		Reopen: func(t testing.TB, j journal.Journal) journal.Journal { return again(t, j.(*Journal)) },
	})
}

// Position 0 of a new journal, its signed epoch, and the same after opening.
func TestEpochIsSignedByCentral(t *testing.T) {
	j := fresh(t)
	e := j.Epoch()
	if e.Cause != record.CauseFirst || len(e.ID) != 26 || journal.CheckEpoch(e) != nil {
		t.Fatalf("%+v", e)
	}
	if n := again(t, j); n.Epoch().ID != e.ID || journal.CheckEpoch(n.Epoch()) != nil {
		t.Error("another epoch after reopening")
	}
	e.At = 7
	if !fault.Is(journal.CheckEpoch(e), fault.Corrupt) {
		t.Error("a changed epoch keeps its signature")
	}
}

// An Update that read what is not yet durable is not answered before it is:
// "received already" would otherwise be said of what a power cut takes away.
func TestAnswersWaitForWhatTheyRead(t *testing.T) {
	gate := make(chan struct{})
	j := fresh(t, func(o *Options) { o.faults.commit = func(record.Cursor) error { <-gate; return nil } })
	var wg sync.WaitGroup
	wg.Go(func() { _ = note(j, "k", "v") })
	for len(j.turn) > 0 || !gathered(j) {
		time.Sleep(time.Millisecond)
	}
	var answered atomic.Int32
	read := func(result error) {
		_, err := j.Update(ctx, func(tx journal.Tx) error {
			if v, _, _ := tx.Note("k"); string(v) != "v" {
				t.Error("the second update does not see the first")
			}
			return result
		})
		if !errors.Is(err, result) {
			t.Error(err)
		}
		answered.Add(1)
	}
	wg.Go(func() { read(nil) })
	wg.Go(func() { read(errors.New("exists")) })
	time.Sleep(50 * time.Millisecond)
	if answered.Load() != 0 {
		t.Error("an update was answered on the ground of what was not durable")
	}
	if j.Head().Position != 0 {
		t.Error("the head moved before the commit")
	}
	close(gate)
	wg.Wait()
}

func gathered(j *Journal) bool {
	j.turn <- struct{}{}
	defer j.endTurn()
	return j.flight != nil
}

// One commit serves many writers.
func TestGroupCommit(t *testing.T) {
	var commits atomic.Int32
	j := fresh(t, func(o *Options) {
		o.faults.commit = func(record.Cursor) error { commits.Add(1); time.Sleep(5 * time.Millisecond); return nil }
	})
	var wg sync.WaitGroup
	for w := range 32 {
		wg.Go(func() {
			for i := range 5 {
				if err := note(j, fmt.Sprintf("%d-%d", w, i), "v"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := commits.Load(); n > 60 {
		t.Errorf("%d commits for 160 updates", n)
	}
	if v := verify(t, j); v.Entries != 160 {
		t.Errorf("%d entries", v.Entries)
	}
}

// A commit that fails: nobody is told that it worked, nothing further is
// taken, reading goes on, and opening again finds a whole journal.
func TestFailedCommit(t *testing.T) {
	fail := atomic.Bool{}
	j := fresh(t, func(o *Options) {
		o.faults.commit = func(record.Cursor) error {
			if fail.Load() {
				return fault.New(fault.Unavailable, "test", "", "the disk does not answer")
			}
			return nil
		}
	})
	mustNote(t, j, "a", "1")
	fail.Store(true)
	if err := note(j, "b", "1"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("err = %v", err)
	}
	fail.Store(false)
	if err := note(j, "c", "1"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("the journal goes on: %v", err)
	}
	if v := verify(t, j); v.Entries != 1 {
		t.Errorf("%d entries are seen", v.Entries)
	}
	n := again(t, j)
	mustNote(t, n, "d", "1")
	if v := verify(t, n); v.Entries != 2 {
		t.Errorf("%d entries", v.Entries)
	}
}

func TestFullDisk(t *testing.T) {
	free := atomic.Uint64{}
	free.Store(1 << 40)
	watch := func(o *Options) { o.faults.free = func(string) (uint64, error) { return free.Load(), nil } }
	j := fresh(t, watch)
	mustNote(t, j, "a", "1")
	if info, err := os.Stat(filepath.Join(j.o.Dir, reserveName)); err != nil || info.Size() != 1<<20 {
		t.Fatal("no space is held back", err)
	}
	free.Store(1000)
	if err := note(j, "b", "1"); !fault.Is(err, fault.Full) {
		t.Errorf("err = %v", err)
	}
	if _, err := os.Stat(filepath.Join(j.o.Dir, reserveName)); !os.IsNotExist(err) {
		t.Error("the reserve was not given up")
	}
	if v := verify(t, j); v.Entries != 1 {
		t.Error("reading stopped, or something was written")
	}
	if err := j.Close(); !fault.Is(err, fault.Full) {
		t.Errorf("closing on a full disk: %v", err)
	}
	free.Store(1 << 40)
	if err := errors.Join(j.Close(), j.Close()); err != nil {
		t.Errorf("closing when there is room again: %v", err)
	}
	free.Store(1000)
	o := testOptions(j.o.Dir)
	watch(&o)
	if _, err := Open(ctx, o); !fault.Is(err, fault.Full) {
		t.Errorf("opening on a full disk: %v", err)
	}
	free.Store(1 << 40)
	n, err := Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	mustNote(t, n, "b", "2") // goes on by itself
	free.Store(1000)
	if err := note(n, "c", "1"); !fault.Is(err, fault.Full) {
		t.Error(err)
	}
	free.Store(1 << 40)
	mustNote(t, n, "c", "1")
	if v := verify(t, n); v.Entries != 3 {
		t.Errorf("%d entries", v.Entries)
	}
}

func TestOpeningSaysWhatIsWrong(t *testing.T) {
	j := fresh(t)
	mustNote(t, j, "a", "1")
	if _, err := Open(ctx, testOptions(j.o.Dir)); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a second process: %v", err)
	}
	if _, err := Create(ctx, testOptions(j.o.Dir)); !fault.Is(err, fault.Exists) {
		t.Errorf("creating over it: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	open := func(want fault.Kind, change func(*Options)) {
		t.Helper()
		o := testOptions(j.o.Dir)
		change(&o)
		n, err := Open(ctx, o)
		if err == nil {
			_ = n.Close()
		}
		if !fault.Is(err, want) {
			t.Errorf("err = %v, want kind %v", err, want)
		}
	}
	open(fault.Denied, func(o *Options) { o.Key[5] ^= 1 })
	open(fault.Denied, func(o *Options) { o.Signer = must(keys.NewJournalKey()) })
	open(fault.NotFound, func(o *Options) { o.Dir = t.TempDir() })
	for _, name := range []string{"KEYREGISTRY", "MANIFEST"} {
		path := filepath.Join(j.o.Dir, dbFolder, name)
		if err := os.Rename(path, path+".away"); err != nil {
			t.Fatal(err)
		}
		open(fault.Corrupt, func(*Options) {})
		if err := os.Rename(path+".away", path); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(j.o.Dir, headName)); err != nil {
		t.Fatal(err)
	}
	open(fault.Corrupt, func(*Options) {})
}

// A machine that was rolled back: Badger's folder is yesterday's, head.v1 is
// not. It is noticed, nothing is changed, and the way on is a new epoch.
func TestRollbackIsNoticed(t *testing.T) {
	j := fresh(t)
	mustNote(t, j, "a", "1")
	j = again(t, j)
	old := filepath.Join(t.TempDir(), "yesterday")
	_ = j.Close()
	if err := os.CopyFS(old, os.DirFS(filepath.Join(j.o.Dir, dbFolder))); err != nil {
		t.Fatal(err)
	}
	j = again(t, j)
	mustNote(t, j, "b", "1")
	first := j.Epoch()
	_ = j.Close()
	db := filepath.Join(j.o.Dir, dbFolder)
	if err := errors.Join(os.RemoveAll(db), os.CopyFS(db, os.DirFS(old))); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, testOptions(j.o.Dir)); !fault.Is(err, fault.Corrupt) {
		t.Fatalf("a rolled-back journal opens: %v", err)
	}
	n := again(t, j, func(o *Options) { o.Begin = record.CauseRestored })
	e := n.Epoch()
	if e.Parent != first.ID || e.At != 1 || e.Cause != record.CauseRestored || n.Head().Epoch != e.ID || n.Head().Position != 1 {
		t.Errorf("epoch %+v, head %+v", e, n.Head())
	}
	mustNote(t, n, "c", "1")
	n = again(t, n)
	if n.Epoch().ID != e.ID || verify(t, n).Entries != 2 {
		t.Error("the new epoch did not last")
	}
}

// A View keeps what it sees, although Badger writes tables and merges them
// meanwhile; when it ends, nothing is held any more.
func TestMergingUnderALongView(t *testing.T) {
	j := fresh(t)
	mustNote(t, j, "k", "first")
	filler := bytes.Repeat([]byte("x"), 600<<10)
	err := j.View(ctx, func(r journal.Reader) error {
		for i := range 40 {
			_, err := j.Update(ctx, func(tx journal.Tx) error { return errors.Join(tx.SetNote("k", fmt.Append(nil, i)), tx.Audit(filler)) })
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := j.db.Flatten(1); err != nil {
			return err
		}
		v, ok, err := r.Note("k")
		if string(v) != "first" || !ok || err != nil {
			t.Errorf("the view lost its state: %q %v %v", v, ok, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(j.views) != 0 {
		t.Error("a view is still counted")
	}
	verify(t, j)
}

// Closing ends a view that will not end by itself, and lets an update finish.
func TestCloseWhileInUse(t *testing.T) {
	j := fresh(t)
	mustNote(t, j, "a", "1")
	inView, inUpdate, closing := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		err := j.View(ctx, func(r journal.Reader) error {
			close(inView)
			for {
				if _, _, err := r.Note("a"); err != nil {
					return err
				}
			}
		})
		if !fault.Is(err, fault.Unavailable) {
			t.Error(err)
		}
	})
	wg.Go(func() {
		_, err := j.Update(ctx, func(tx journal.Tx) error {
			close(inUpdate)
			<-closing
			time.Sleep(10 * time.Millisecond)
			if _, ok, err := tx.Note("a"); !ok || err != nil {
				t.Error("an update on its way cannot read", err)
			}
			return tx.SetNote("b", []byte("2"))
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-inView
	<-inUpdate
	close(closing)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	n := again(t, j)
	if n.Head().Position != 2 {
		t.Errorf("head %d", n.Head().Position)
	}
}

func BenchmarkUpdate64Writers(b *testing.B) {
	j := fresh(b)
	var n atomic.Int64
	b.SetParallelism(32) // times 2 processors
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			i := n.Add(1)
			c := journaltest.Observation(fhir.ID(fmt.Sprintf("p%d", i%24)), fhir.ID(fmt.Sprintf("o%d", i)), 1, "4.1")
			mu, rc := journaltest.Mutation(c, uint64(i))
			_, err := j.Update(ctx, func(tx journal.Tx) error {
				return errors.Join(tx.Put(c), tx.Receipted(mu, rc), tx.Audit([]byte(`{"resourceType":"AuditEvent"}`)))
			})
			if err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
}

func BenchmarkView20000Observations(b *testing.B) {
	j := fresh(b)
	const total = 20000
	for at := 0; at < total; at += 500 {
		_, err := j.Update(ctx, func(tx journal.Tx) error {
			for i := at; i < at+500; i++ {
				c := journaltest.Observation("p1", fhir.ID(fmt.Sprintf("o%05d", i)), 1, "4.1")
				c.Body = append(c.Body[:len(c.Body)-1], fmt.Sprintf(`,"text":"%0600d"}`, i)...)
				if err := tx.Put(c); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		n := 0
		err := j.View(ctx, func(r journal.Reader) error {
			for _, err := range r.All(fhir.TypeObservation, "") {
				if err != nil {
					return err
				}
				n++
			}
			return nil
		})
		if err != nil || n != total {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(total*b.N)/b.Elapsed().Seconds(), "docs/s")
}
