package rawlog

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

var ctx = context.Background()

func testOptions(dir string) Options {
	return Options{Dir: dir, Key: keys.Key{9}, Segment: 4096, Now: func() time.Time { return time.UnixMilli(1795312800000) }}
}

func open(t testing.TB, dir string, change ...func(*Options)) *Log {
	t.Helper()
	o := testOptions(dir)
	for _, c := range change {
		c(&o)
	}
	l, err := Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func message(i int) []byte {
	return fmt.Appendf(nil, "MSH|^~\\&|LAB|HOSP|||20261122||ORU^R01|%d|P|2.5\r%s\r", i, strings.Repeat("x", i%300))
}

func appendAll(t testing.TB, l *Log, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if h, err := l.Append(ctx, "lab", message(i)); err != nil || h != sha256.Sum256(message(i)) {
			t.Fatal(err)
		}
	}
}

// wantAll finds each message by its hash and meets them in order.
func wantAll(t testing.TB, l *Log, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		r, ok, err := l.Find(ctx, sha256.Sum256(message(i)))
		if err != nil || !ok || string(r.Raw) != string(message(i)) || r.Channel != "lab" || r.Received != 1795312800000 {
			t.Fatalf("message %d: %v %v", i, ok, err)
		}
	}
	i := from
	for r, err := range l.Records(ctx, Place{}) {
		if err != nil || string(r.Raw) != string(message(i)) {
			t.Fatalf("message %d in order: %v", i, err)
		}
		i++
	}
	if i != to {
		t.Fatalf("%d messages, want %d", i-from, to-from)
	}
}

func TestWhatWasStoredIsFoundAgain(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	appendAll(t, l, 0, 60)
	wantAll(t, l, 0, 60)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(t, dir)
	wantAll(t, l, 0, 60)
	appendAll(t, l, 60, 90)
	wantAll(t, l, 0, 90)
	if len(l.Torn())+len(l.Damaged()) > 0 {
		t.Error(l.Torn(), l.Damaged())
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "raw-*.v1")); len(files) < 4 {
		t.Errorf("only %d segments", len(files))
	}
	if _, ok, err := l.Find(ctx, Hash{1}); ok || err != nil {
		t.Error("a message that never came", err)
	}
	// From a place on.
	var third Place
	n := 0
	for r, err := range l.Records(ctx, Place{}) {
		if n++; n == 3 {
			third = r.Place
		} else if n > 3 || err != nil {
			break
		}
	}
	for r, err := range l.Records(ctx, third) {
		if err != nil || string(r.Raw) != string(message(3)) {
			t.Error("the record after the third is not the fourth", err)
		}
		break
	}
}

// The folder shows nothing of a message, not even to whoever can guess one.
func TestNothingIsReadableFromOutside(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	appendAll(t, l, 0, 40)
	h := sha256.Sum256(message(7))
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), "ORU^R01") || strings.Contains(string(b), string(h[:8])) {
			t.Errorf("%s shows a message or its hash", f.Name())
		}
	}
}

func TestManySendersShareASync(t *testing.T) {
	var syncs atomic.Int32
	l := open(t, t.TempDir(), func(o *Options) {
		o.Segment = 1 << 20
		o.sync = func(f *os.File) error { syncs.Add(1); time.Sleep(3 * time.Millisecond); return f.Sync() }
	})
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := range 10 {
				if _, err := l.Append(ctx, "lab", message(w*10+i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := syncs.Load(); n > 60 {
		t.Errorf("%d syncs for 160 messages", n)
	}
	n := 0
	for _, err := range l.Records(ctx, Place{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 160 {
		t.Errorf("%d messages", n)
	}
}

// Nothing is answered before it is synced.
func TestAnswerWaitsForTheSync(t *testing.T) {
	gate := make(chan struct{})
	hold := false
	l := open(t, t.TempDir(), func(o *Options) {
		o.sync = func(f *os.File) error {
			if hold {
				<-gate
			}
			return f.Sync()
		}
	})
	hold = true
	var answered atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = l.Append(ctx, "lab", message(1)); answered.Store(true) })
	time.Sleep(30 * time.Millisecond)
	if answered.Load() {
		t.Error("answered before the sync")
	}
	close(gate)
	wg.Wait()
}

// A crash tears an end off: what was answered stays, the torn bytes are put
// aside and reported, and the log goes on.
func TestTornEnd(t *testing.T) {
	for cut := 1; cut < 150; cut += 33 {
		dir := t.TempDir()
		l := open(t, dir, func(o *Options) { o.Segment = 1 << 20 })
		appendAll(t, l, 0, 5)
		whole := l.active.size
		appendAll(t, l, 5, 6)
		_ = l.Close()
		path := segmentFile(dir, 1)
		if err := os.Truncate(path, l.active.size-int64(cut)); err != nil {
			t.Fatal(err)
		}
		l = open(t, dir, func(o *Options) { o.Segment = 1 << 20 })
		if torn := l.Torn(); len(torn) != 1 || torn[0].Place != (Place{1, whole}) || torn[0].Bytes != sizeOf(torn[0], dir) {
			t.Fatalf("cut %d: torn %+v", cut, torn)
		}
		wantAll(t, l, 0, 5)
		appendAll(t, l, 5, 8)
		wantAll(t, l, 0, 8)
		_ = l.Close()
		if l = open(t, dir); len(l.Torn()) != 0 {
			t.Error("the torn end is still there")
		}
	}
}

func sizeOf(torn Torn, dir string) int64 {
	info, err := os.Stat(filepath.Join(dir, torn.File))
	if err != nil {
		return -1
	}
	return info.Size()
}

// A header that was never finished is a crash too.
func TestTornHeader(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	appendAll(t, l, 0, 3)
	_ = l.Close()
	if err := os.WriteFile(segmentFile(dir, 2), []byte("WLRA"), 0o600); err != nil {
		t.Fatal(err)
	}
	l = open(t, dir)
	if len(l.Torn()) != 1 {
		t.Error(l.Torn())
	}
	appendAll(t, l, 3, 30)
	wantAll(t, l, 0, 30)
}

// A flipped bit costs its own record and no other, wherever it is: in a full
// segment, with and without its index, and in the one that is appended to.
func TestFlippedBits(t *testing.T) {
	for _, c := range []struct {
		name    string
		segment uint32
		prepare func(dir string) error
	}{
		{"full segment", 1, func(string) error { return nil }},
		{"full segment whose index is lost", 1, func(dir string) error { return os.Remove(indexFile(dir, 1)) }},
		{"active segment", 0, func(string) error { return nil }},
	} {
		for _, where := range []int64{2, 10, 30, frameHead + 3, frameHead + 60} { // length, tag, check, sealed header, content
			dir := t.TempDir()
			l := open(t, dir)
			appendAll(t, l, 0, 40)
			n := c.segment
			if n == 0 {
				n = l.active.n
			}
			victim := placeIn(t, l, n, 1)
			_ = l.Close()
			if err := errors.Join(c.prepare(dir), flip(segmentFile(dir, n), victim.Offset+where)); err != nil {
				t.Fatal(err)
			}
			l = open(t, dir)
			good, bad := 0, 0
			for r, err := range l.Records(ctx, Place{}) {
				if err == nil {
					good++
				} else if bad++; !fault.Is(err, fault.Corrupt) || r.Place != victim {
					t.Errorf("%s, %d: %v at %v, damaged was %v", c.name, where, err, r.Place, victim)
				}
			}
			if good != 39 || bad != 1 || len(l.Torn()) > 0 {
				t.Errorf("%s, %d: %d good, %d bad, torn %v", c.name, where, good, bad, l.Torn())
			}
			corrupt := 0
			for i := range 40 {
				if _, ok, err := l.Find(ctx, sha256.Sum256(message(i))); fault.Is(err, fault.Corrupt) {
					corrupt++
				} else if !ok || err != nil {
					t.Errorf("%s, %d: message %d: %v %v", c.name, where, i, ok, err)
				}
			}
			if corrupt != 1 {
				t.Errorf("%s, %d: Find calls %d damaged", c.name, where, corrupt)
			}
			_ = l.Close()
		}
	}
}

// placeIn is the i-th record of a segment.
func placeIn(t *testing.T, l *Log, n uint32, i int) Place {
	t.Helper()
	for r := range l.Records(ctx, Place{}) {
		if r.Place.Segment == n {
			if i == 0 {
				return r.Place
			}
			i--
		}
	}
	t.Fatal("no such record")
	return Place{}
}

func flip(path string, at int64) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	b[at] ^= 4
	return os.WriteFile(path, b, 0o600)
}

// A record moved to another place, or taken from another log, is refused.
func TestAMovedRecordIsRefused(t *testing.T) {
	l := open(t, t.TempDir(), func(o *Options) { o.Segment = 1 << 20 })
	appendAll(t, l, 0, 1)
	at := l.active.size
	b, err := os.ReadFile(segmentFile(l.o.Dir, 1))
	if err != nil {
		t.Fatal(err)
	}
	copied := append(b, b[headSize:]...)
	_ = l.Close()
	if err := os.WriteFile(segmentFile(l.o.Dir, 1), copied, 0o600); err != nil {
		t.Fatal(err)
	}
	l = open(t, l.o.Dir)
	n := 0
	for r, err := range l.Records(ctx, Place{}) {
		if n++; n == 2 && (!fault.Is(err, fault.Corrupt) || r.Place.Offset != at) {
			t.Errorf("a record that was copied: %v", err)
		}
	}
	if n != 2 {
		t.Errorf("%d records", n)
	}
}

func TestFullDiskAndFailingDisk(t *testing.T) {
	var fail, failSync error
	dir := t.TempDir()
	l := open(t, dir, func(o *Options) {
		o.Segment = 1 << 20
		o.write = func(f *os.File, b []byte, at int64) error {
			if fail != nil {
				_, _ = f.WriteAt(b[:len(b)/2], at) // what a full disk does
				return fail
			}
			_, err := f.WriteAt(b, at)
			return err
		}
		o.sync = func(f *os.File) error { return errors.Join(failSync, f.Sync()) }
	})
	appendAll(t, l, 0, 3)
	fail = syscall.ENOSPC
	if _, err := l.Append(ctx, "lab", message(3)); !fault.Is(err, fault.Full) {
		t.Errorf("err = %v", err)
	}
	fail = nil
	appendAll(t, l, 3, 6) // goes on by itself
	wantAll(t, l, 0, 6)
	failSync = syscall.EIO
	if _, err := l.Append(ctx, "lab", message(6)); !fault.Is(err, fault.Unavailable) {
		t.Errorf("err = %v", err)
	}
	failSync = nil
	if _, err := l.Append(ctx, "lab", message(6)); !fault.Is(err, fault.Unavailable) {
		t.Errorf("after a failed sync the log goes on: %v", err)
	}
	_ = l.Close()
	l = open(t, dir)
	for i := range 6 {
		if _, ok, err := l.Find(ctx, sha256.Sum256(message(i))); !ok || err != nil {
			t.Error(i, ok, err)
		}
	}
}

// A disk that is full when a new segment is begun.
func TestFullDiskAtANewSegment(t *testing.T) {
	full := atomic.Bool{}
	l := open(t, t.TempDir(), func(o *Options) {
		o.Segment = 600
		o.write = func(f *os.File, b []byte, at int64) error {
			if full.Load() && at == 0 {
				return syscall.ENOSPC
			}
			_, err := f.WriteAt(b, at)
			return err
		}
	})
	full.Store(true)
	stored := 0
	for i := range 20 {
		_, err := l.Append(ctx, "lab", message(i))
		if err == nil {
			stored++
		} else if !fault.Is(err, fault.Full) {
			t.Fatal(err)
		}
	}
	if stored == 0 || stored > 8 {
		t.Errorf("%d stored", stored)
	}
	full.Store(false)
	appendAll(t, l, stored, 30)
	wantAll(t, l, 0, 30)
}

func TestOpeningSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	appendAll(t, l, 0, 80)
	refuse := func(what string, want fault.Kind, change func(*Options)) {
		t.Helper()
		o := testOptions(dir)
		change(&o)
		if l, err := Open(ctx, o); !fault.Is(err, want) {
			t.Errorf("%s: err = %v", what, err)
			if err == nil {
				_ = l.Close()
			}
		}
	}
	same := func(*Options) {}
	refuse("a second process", fault.Unavailable, same)
	_ = l.Close()
	if _, err := l.Append(ctx, "lab", message(1)); !fault.Is(err, fault.Unavailable) {
		t.Error("a closed log takes messages")
	}
	refuse("another key", fault.Denied, func(o *Options) { o.Key[0]++ })
	if err := os.Rename(segmentFile(dir, 2), filepath.Join(t.TempDir(), "away")); err != nil {
		t.Fatal(err)
	}
	refuse("a missing segment", fault.Corrupt, same)
	other := t.TempDir()
	if err := os.Mkdir(filepath.Join(other, "badger"), 0o700); err != nil {
		t.Fatal(err)
	}
	refuse("the journal's folder", fault.Invalid, func(o *Options) { o.Dir = other })
	l = open(t, t.TempDir())
	if _, err := l.Append(ctx, "lab", make([]byte, MaxMessage+1)); !fault.Is(err, fault.Invalid) {
		t.Error("a message above the bound is taken")
	}
}

func BenchmarkAppend16Senders(b *testing.B) {
	l := open(b, b.TempDir(), func(o *Options) { o.Segment = 64 << 20 })
	raw := []byte(strings.Repeat("OBX|1|NM|2823-3^Potassium||4.1|mmol/L\r", 40))
	b.SetParallelism(8)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := l.Append(ctx, "lab", raw); err != nil {
				b.Error(err)
			}
		}
	})
}
