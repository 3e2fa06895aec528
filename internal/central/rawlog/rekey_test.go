package rawlog

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

func rekeyed(o *Options) { o.Key, o.Former = keys.Key{10}, []keys.Key{{9}} }

// The log's key changes while three write: every message is found by its hash and met
// in order, before and after the next start; what came later is in segments that the
// former key does not open.
func TestTheLogsKeyChangesWhileItIsWritten(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, func(o *Options) { o.Segment = 1 << 20 })
	const each = 80
	var group sync.WaitGroup
	var done atomic.Int32
	half := make(chan struct{})
	for w := range 3 {
		group.Go(func() {
			for i := w * each; i < (w+1)*each; i++ {
				appendAll(t, l, i, i+1)
				if done.Add(1) == each {
					close(half)
				}
			}
		})
	}
	<-half
	if err := l.Rekey(keys.Key{10}); err != nil {
		t.Fatal(err)
	}
	group.Wait()
	appendAll(t, l, 3*each, 3*each+1)
	if l.active.n != 2 {
		t.Errorf("the newest segment is %d, want the second", l.active.n)
	}
	for i := range 3*each + 1 {
		wantFound(t, l, i)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(t, dir, rekeyed)
	for i := range 3*each + 1 {
		wantFound(t, l, i)
	}
	count := 0
	for r, err := range l.Records(ctx, Place{}) {
		if err != nil {
			t.Fatal(err)
		}
		if count++; len(r.Raw) == 0 {
			t.Error("an empty record")
		}
	}
	if count != 3*each+1 {
		t.Errorf("%d records of %d", count, 3*each+1)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	// An index that is missing is made again, under the segment's own key.
	if err := os.Remove(indexFile(dir, 1)); err != nil {
		t.Fatal(err)
	}
	l = open(t, dir, rekeyed)
	wantFound(t, l, 0)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, testOptions(dir)); !fault.Is(err, fault.Denied) {
		t.Errorf("the former key opens the newest segment: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.new")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// A log whose newest segment is under the former key, because the program was killed
// before the first message of the new one, begins another with the next.
func TestALogsKeyThatWasNotUsedYet(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	appendAll(t, l, 0, 3)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(t, dir, rekeyed)
	appendAll(t, l, 3, 60)
	for i := range 60 {
		wantFound(t, l, i)
	}
	if r, _, _ := l.Find(ctx, sha256.Sum256(message(3))); r.Place.Segment != 2 {
		t.Errorf("the first message after the change is in segment %d", r.Place.Segment)
	}
}

func wantFound(t *testing.T, l *Log, i int) {
	t.Helper()
	r, ok, err := l.Find(ctx, sha256.Sum256(message(i)))
	if err != nil || !ok || string(r.Raw) != string(message(i)) {
		t.Fatalf("message %d: %v %v", i, ok, err)
	}
}
