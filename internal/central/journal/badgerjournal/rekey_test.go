package badgerjournal

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/central/journal"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

var nextKey = keys.Key{4, 5, 6}

func rekeyed(o *Options) { o.Key, o.Former = nextKey, []keys.Key{testKey} }

func wantNotes(t *testing.T, j *Journal, from, to int) {
	t.Helper()
	err := j.View(ctx, func(r journal.Reader) error {
		for i := from; i < to; i++ {
			v, ok, err := r.Note(fmt.Sprint("n/", i))
			if err != nil || !ok || string(v) != fmt.Sprint("note ", i) {
				return fmt.Errorf("note %d: %q %v %w", i, v, ok, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// The data key changes while four write: nothing of before or after is lost, what was
// sealed with either is read, also after the next start, from which on Badger's own
// keys lie under the new one; and the former key alone does not open what came later.
func TestADataKeyChangesWhileTheJournalWorks(t *testing.T) {
	j := fresh(t)
	const each = 60
	var group sync.WaitGroup
	half := make(chan struct{}, 4)
	for w := range 4 {
		group.Go(func() {
			for i := range each {
				if err := note(j, fmt.Sprint("n/", w*each+i), fmt.Sprint("note ", w*each+i)); err != nil {
					t.Error(err)
				}
				if i == each/2 {
					half <- struct{}{}
				}
			}
		})
	}
	<-half
	j.Rekey(nextKey)
	group.Wait()
	wantNotes(t, j, 0, 4*each)
	head := j.Head()

	j = again(t, j, rekeyed)
	wantNotes(t, j, 0, 4*each)
	if j.Head() != head {
		t.Errorf("it ends at %+v, not at %+v", j.Head(), head)
	}
	if _, err := journal.Verify(ctx, j); err != nil {
		t.Error(err)
	}
	if err := note(j, "n/240", "note 240"); err != nil {
		t.Fatal(err)
	}
	j = again(t, j, rekeyed) // Badger's registry was moved, and stays
	wantNotes(t, j, 0, 4*each+1)
	dir := j.o.Dir
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		key  keys.Key
		want error
	}{{testKey, badger.ErrEncryptionKeyMismatch}, {nextKey, nil}} {
		_, err := badger.OpenKeyRegistry(badger.KeyRegistryOptions{Dir: filepath.Join(dir, dbFolder), ReadOnly: true, EncryptionKey: badgerKey(tc.key)})
		if !errors.Is(err, tc.want) {
			t.Errorf("Badger's registry with key %d: %v, want %v", tc.key[0], err, tc.want)
		}
	}
	if _, err := Open(ctx, testOptions(dir)); !fault.Is(err, fault.Denied) {
		t.Errorf("with the former key alone: %v", err)
	}
	o := testOptions(dir)
	o.Key = nextKey
	if _, err := Open(ctx, o); err == nil { // rows of the former key are there, and it was forgotten
		k, err := Open(ctx, o)
		if err == nil {
			err = k.View(ctx, func(r journal.Reader) error { _, _, err := r.Note("n/0"); return err })
			_ = k.Close()
		}
		if err == nil {
			t.Error("a row of the former key is read without it")
		}
	}
}

// A change that was durable and then not made use of, because the program was killed
// just then, opens as one that was.
func TestADataKeyThatWasNotUsedYet(t *testing.T) {
	j := fresh(t)
	if err := note(j, "n/0", "note 0"); err != nil {
		t.Fatal(err)
	}
	j = again(t, j, rekeyed)
	wantNotes(t, j, 0, 1)
}
