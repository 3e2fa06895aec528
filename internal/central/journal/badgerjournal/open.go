package badgerjournal

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/mergeroom"
	"wardlight/internal/trust/keys"
)

// Names in the journal's folder.
const (
	dbFolder    = "badger"
	headName    = "head.v1"
	reserveName = "reserve"
)

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Reserve == 0 {
		o.Reserve = mergeroom.Unasked(o.database(nil))
	}
	return o
}

// memTable is the size of one of Badger's tables in memory.
func (o Options) memTable() int64 {
	if o.Small {
		return 8 << 20
	}
	return 64 << 20
}

// database are Badger's options. Sealed values do not compress; there is one
// writer, so nothing can conflict; the gate holds merges back while the disk is
// nearly full. Tables have one size on every level and level 0 is short, so that
// what a merge may need at once is known and small (mergeroom.Unasked).
func (o Options) database(gate badger.Logger) badger.Options {
	b := badger.DefaultOptions(filepath.Join(o.Dir, dbFolder)).
		WithSyncWrites(true).
		WithEncryptionKey(badgerKey(o.Key)).
		WithCompression(options.None).
		WithDetectConflicts(false).
		WithChecksumVerificationMode(options.OnBlockRead). // else a damaged block can make Badger panic
		WithMetricsEnabled(false).
		WithLogger(gate).
		WithMemTableSize(o.memTable()).
		WithValueThreshold(1 << 20).
		WithValueLogFileSize(128 << 20).
		WithNumCompactors(2)
	b.TableSizeMultiplier = 1
	if f := o.faults.badger; f != nil {
		b = f(b)
	}
	if o.Small {
		return b.WithNumMemtables(2).WithNumLevelZeroTables(2).WithNumLevelZeroTablesStall(4).
			WithBaseTableSize(1 << 20).WithBlockCacheSize(16 << 20).WithIndexCacheSize(16 << 20)
	}
	return b.WithNumMemtables(2).WithNumLevelZeroTables(4).WithNumLevelZeroTablesStall(6).
		WithBaseTableSize(8 << 20).WithBlockCacheSize(128 << 20).WithIndexCacheSize(64 << 20)
}

// badgerKey is what Badger seals its own keys with.
func badgerKey(data keys.Key) []byte {
	k := data.Derive("journal badger")
	return k[:]
}

// looksWhole checks what Badger would panic about.
func looksWhole(op, dir string) error {
	db := filepath.Join(dir, dbFolder)
	if _, err := os.Stat(db); os.IsNotExist(err) {
		return fault.New(fault.NotFound, op, dir, "there is no journal in this folder")
	} else if err != nil {
		return fault.As(fault.Unavailable, op, dir, err)
	}
	for _, name := range []string{badger.KeyRegistryFileName, badger.ManifestFilename} {
		if _, err := os.Stat(filepath.Join(db, name)); os.IsNotExist(err) {
			return fault.Newf(fault.Corrupt, op, dir, "the file %s is missing, without which nothing can be read; put it back from the same copy of the folder, or restore a backup", name)
		}
	}
	return nil
}

// openDB opens Badger and says in plain words why it does not open.
func openDB(op string, o Options, gate *mergeroom.Gate) (*badger.DB, error) {
	db, err := badger.OpenManaged(o.database(gate))
	if errors.Is(err, badger.ErrEncryptionKeyMismatch) && len(o.Former) > 0 {
		if err := moveRegistry(op, o); err != nil {
			return nil, err
		}
		db, err = badger.OpenManaged(o.database(gate))
	}
	switch {
	case err == nil:
		return db, nil
	case errors.Is(err, badger.ErrEncryptionKeyMismatch):
		return nil, fault.New(fault.Denied, op, o.Dir, "the key does not open this journal; nothing was changed: check the keyring, or the passphrase file")
	case strings.Contains(err.Error(), "Cannot acquire directory lock"), strings.Contains(err.Error(), "being used by another process"):
		return nil, fault.New(fault.Unavailable, op, o.Dir, "a server runs on this folder already, or another command is at work in it; nothing was changed: use the one that runs, or end it first")
	case errors.Is(err, syscall.ENOSPC):
		return nil, fault.As(fault.Full, op, o.Dir, err)
	}
	// Opening names files, never rows: its words may be shown.
	return nil, fault.Newf(fault.Corrupt, op, o.Dir, "a file of the journal is damaged; nothing was changed. Restore the newest backup (wardlightd restore): what came since is in the raw inbound log and on the computers. Tell whoever helps you these words: %w", err)
}

// moveRegistry seals Badger's own keys, with which its tables are encrypted, by the
// present data key, where they are sealed by a former one: the way of 'badger rotate'.
// A crash leaves the registry of before or the new one. Those keys themselves change
// every ten days.
func moveRegistry(op string, o Options) error {
	at := badger.KeyRegistryOptions{Dir: filepath.Join(o.Dir, dbFolder), ReadOnly: true, EncryptionKeyRotationDuration: o.database(nil).EncryptionKeyRotationDuration}
	for _, k := range o.Former {
		at.EncryptionKey = badgerKey(k)
		r, err := badger.OpenKeyRegistry(at)
		if errors.Is(err, badger.ErrEncryptionKeyMismatch) {
			continue
		}
		if err != nil {
			return fault.As(fault.Corrupt, op, o.Dir, err)
		}
		at.EncryptionKey = badgerKey(o.Key)
		return errors.Join(fault.As(fault.Unavailable, op, o.Dir, badger.WriteKeyRegistry(r, at)), r.Close())
	}
	return nil // opening says that none fits
}

// dbErr classifies an error of Badger's. Its words may hold keys of rows, so
// they are not passed on; an error number of the system is.
func dbErr(kind fault.Kind, op string, err error) error {
	if err == nil || fault.KindOf(err) != fault.Other {
		return err
	}
	var errno syscall.Errno
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return fault.As(fault.Full, op, "", syscall.ENOSPC)
	case errors.Is(err, badger.ErrDBClosed), errors.Is(err, badger.ErrBlockedWrites):
		return errClosed(op)
	case errors.As(err, &errno):
		return fault.As(kind, op, "", errno)
	}
	return fault.New(kind, op, "", "the database reports an error")
}

// load finds the head, undoes what lies beyond it, and checks that the journal
// is as new as it was.
func (j *Journal) load(op string) error {
	txn := j.db.NewTransactionAt(math.MaxUint64, false)
	defer txn.Discard()
	var head headRow
	if err := j.meta(txn, headKey, &head); err != nil {
		return err
	}
	var epochs []record.Epoch
	if err := j.meta(txn, epochsKey, &epochs); err != nil {
		return err
	}
	j.at = head.published()
	if len(epochs) == 0 || epochs[len(epochs)-1].ID != head.Epoch {
		return fault.New(fault.Corrupt, op, j.o.Dir, "the journal's epoch is missing")
	}
	j.epochs = epochs
	if err := j.checkEpoch(op); err != nil {
		return err
	}
	if err := j.undo(txn); err != nil {
		return err
	}
	if j.o.Begin != "" {
		return j.start(j.o.Begin, j.at.head.Position)
	}
	return j.head.check(op, j.o.Dir, j.at)
}

// checkEpoch holds the epoch to its signature and to central's own key.
func (j *Journal) checkEpoch(op string) error {
	e := j.Epoch()
	if err := journal.CheckEpoch(e); err != nil {
		return err
	}
	ours := func(k []byte) bool { return string(k) == string(e.Key) }
	if !ours(j.o.Signer.Public()) && !slices.ContainsFunc(j.o.FormerSigners, ours) {
		return fault.New(fault.Denied, op, j.o.Dir, "the journal was signed by another journal key than central holds")
	}
	return nil
}

// undo removes what a crash left of a large commit that was never published:
// rows beyond the head's timestamp. Each such key gets, at a new timestamp,
// what it held at the head; then the head moves to that timestamp. When this
// too is interrupted, the next opening does it again.
func (j *Journal) undo(txn *badger.Txn) error {
	const op = "badgerjournal.undo"
	o := badger.DefaultIteratorOptions
	o.AllVersions, o.PrefetchValues, o.SinceTs = true, false, j.at.ts
	it := txn.NewIterator(o)
	defer it.Close()
	var stray [][]byte
	newest := j.at.ts
	for it.Rewind(); it.Valid(); it.Next() {
		item := it.Item()
		newest = max(newest, item.Version())
		if n := len(stray); n == 0 || string(stray[n-1]) != string(item.Key()) {
			stray = append(stray, item.KeyCopy(nil))
		}
	}
	if len(stray) == 0 {
		return nil
	}
	before := j.db.NewTransactionAt(j.at.ts, false)
	defer before.Discard()
	ts := newest + 1
	list := make([]row, 0, len(stray))
	for _, key := range stray {
		plain, ok, err := j.get(before, string(key))
		if err != nil {
			return err
		}
		r := row{key: key}
		if ok {
			r.value = j.seal.at(ts).Seal(bindTo(key, ts), plain)
		}
		list = append(list, r)
	}
	at := published{ts: ts, head: j.at.head}
	head, err := j.sealRow(headKey, headOf(at), ts)
	if err != nil {
		return err
	}
	if err := j.inParts(list, head, ts); err != nil {
		return dbErr(fault.Unavailable, op, err)
	}
	j.at = at
	return nil
}
