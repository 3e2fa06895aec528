package cache

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// Open opens the store in o.Dir, or makes one. It finishes what a crash left
// half done, and brings Badger and the outbox file together: own work that one
// of them lacks is taken from the other.
func Open(ctx context.Context, o Options) (*Cache, error) {
	const op = "cache.open"
	if err := o.complete(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fault.As(fault.Unavailable, op, o.Dir, err)
	}
	lock, err := tryLock(filepath.Join(o.Dir, "lock"))
	if err != nil {
		return nil, err
	}
	c := &Cache{o: o, box: newBox(o.Key), audit: o.Key.Derive("looks v1"), lock: lock, scrub: make(chan struct{}), commitTxn: (*badger.Txn).Commit}
	c.space = newSpace(o)
	c.life.stop, c.life.asked = make(chan struct{}), o.Asked
	c.news.init()
	if err := c.open(ctx); err != nil {
		c.abandon()
		return nil, err
	}
	c.life.calls.Add(2)
	go c.walk()
	go c.tend()
	return c, nil
}

func (o *Options) complete() error {
	if o.Dir == "" || o.Key.IsZero() || o.Station == "" {
		return fault.New(fault.Invalid, "cache.open", string(o.Station), "folder, data key and station id are needed")
	}
	if o.Reserve <= 0 {
		o.Reserve = DefaultReserve
	}
	if o.Retention <= 0 {
		o.Retention = DefaultRetention
	}
	if o.ReturnBytes <= 0 {
		o.ReturnBytes = DefaultReturns
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.FreeSpace == nil {
		o.FreeSpace = freeSpace
	}
	return nil
}

// open does the work of Open; what it has opened when it fails, abandon
// closes.
func (c *Cache) open(ctx context.Context) error {
	if err := c.space.beforeOpen(); err != nil {
		return err
	}
	fresh, err := inspect(c.badgerDir())
	if err != nil {
		return err
	}
	right, err := c.checkKey(fresh)
	if err != nil {
		return err
	}
	if err := c.openBadger(right); err != nil {
		return err
	}
	if err := c.loadMeta(fresh); err != nil {
		return err
	}
	if err := c.openOutbox(); err != nil {
		return err
	}
	if err := c.finishStaged(); err != nil {
		return err
	}
	if err := c.finishReoffer(); err != nil {
		return err
	}
	if err := c.openLookKey(); err != nil {
		return err
	}
	c.anchor(ctx)
	return c.space.keepReserve()
}

func (c *Cache) abandon() {
	if c.db != nil {
		_ = c.closeDB()
	}
	if c.out != nil {
		_ = c.out.Close()
	}
	if c.count != nil {
		_ = c.count.Close()
	}
	c.lookKey.close()
	unlock(c.lock)
}

// inspect looks at Badger's folder before Badger does: a missing key registry
// would end the program from a goroutine of Badger's, a missing manifest would
// make it delete every table, and a log file in plain text would be replayed
// as if this program had written it.
func inspect(dir string) (fresh bool, err error) {
	const op = "cache.inspect"
	files, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, fault.As(fault.Unavailable, op, dir, err)
	}
	have := map[string]bool{}
	data := 0
	for _, f := range files {
		have[f.Name()] = true
		switch filepath.Ext(f.Name()) {
		case ".mem", ".vlog":
			data++
			if err := mustBeEncrypted(filepath.Join(dir, f.Name())); err != nil {
				return false, err
			}
		case ".sst":
			data++
		}
	}
	reg, man := have[badger.KeyRegistryFileName], have[badger.ManifestFilename]
	if data == 0 && !reg {
		return true, nil // nothing was ever written
	}
	if !reg {
		return false, damaged(op, badger.KeyRegistryFileName, "the cache's key registry is missing")
	}
	if !man {
		return false, damaged(op, badger.ManifestFilename, "the cache's list of tables is missing")
	}
	return false, nil
}

// mustBeEncrypted refuses a log that says of itself that it is in plain text:
// key id 0 in its first eight bytes. An empty one is as Badger leaves it when
// it is killed while making it.
func mustBeEncrypted(path string) error {
	f, err := os.Open(path) //nolint:gosec // the station's own folder
	if err != nil {
		return fault.As(fault.Unavailable, "cache.inspect", path, err)
	}
	defer func() { _ = f.Close() }()
	var head [64]byte
	n, _ := f.Read(head[:])
	plainKey, empty := true, true
	for i, b := range head[:n] {
		plainKey = plainKey && (b == 0 || i >= 8)
		empty = empty && b == 0
	}
	if n >= 8 && plainKey && !empty {
		return damaged("cache.inspect", filepath.Base(path), "a file in the cache's folder was not written by this program")
	}
	return nil
}

// checkKey tells a wrong key from a damaged registry: both look alike to
// Badger. A small sealed file says whose key it is; it only ever explains what
// Badger refused.
func (c *Cache) checkKey(fresh bool) (right bool, err error) {
	path := filepath.Join(c.o.Dir, keyCheckName)
	aad := []byte("wardlight cache key " + string(c.o.Station))
	if fresh {
		return true, fault.As(fault.Unavailable, "cache.open", path, os.WriteFile(path, c.box.seal.Seal(aad, nil), 0o600))
	}
	b, err := os.ReadFile(path) //nolint:gosec // the station's own folder
	if err != nil {
		return false, nil
	}
	_, err = c.box.seal.Open(aad, b)
	return err == nil, nil
}

const keyCheckName = "key-check.v1"

func errWrongKey() error {
	return fault.New(fault.Denied, "cache.open", "", "this key does not belong to the cache in this folder. "+
		"Nothing was changed. Check that the folder is this station's; "+
		"if the station was enrolled anew, set the cache aside and let it fill again from central")
}

// openBadger opens the database with the small desktop profile, and counts
// attempts that ended the program: damaged files can make Badger panic on a
// goroutine of its own, which nobody can catch.
func (c *Cache) openBadger(keyRight bool) (err error) {
	const op = "cache.open"
	marker := filepath.Join(c.o.Dir, "opening")
	if tries := readInt(marker); tries >= 3 {
		return damaged(op, "", "opening the cache has stopped the program three times running")
	} else if err := os.WriteFile(marker, []byte(strconv.Itoa(tries+1)), 0o600); err != nil {
		return fault.As(fault.Unavailable, op, marker, err)
	}
	defer func() { _ = os.Remove(marker) }() // one left behind only counts as one more try
	defer func() {
		if r := recover(); r != nil {
			err = damaged(op, "", "the cache cannot be opened (the database stopped)")
		}
	}()
	o := profile(c.badgerDir(), c.o.Key.Derive("badger v1")).WithLogger(c.space.gate)
	c.db, err = badger.Open(o)
	if err != nil {
		c.db = nil
		return c.openFault(err, keyRight)
	}
	c.space.stalled = func() bool { return c.db.Levels()[0].NumTables >= o.NumLevelZeroTablesStall-1 }
	return nil
}

func readInt(path string) int {
	b, err := os.ReadFile(path) //nolint:gosec // the station's own folder
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(strings.TrimSpace(string(b)))
	return n
}

func (c *Cache) openFault(err error, keyRight bool) error {
	const op = "cache.open"
	switch {
	case errors.Is(err, badger.ErrEncryptionKeyMismatch):
		if keyRight {
			return damaged(op, badger.KeyRegistryFileName, "the key is right, but the cache's key registry is damaged")
		}
		return errWrongKey()
	case strings.Contains(err.Error(), "directory lock") || strings.Contains(err.Error(), "lock file"):
		return errInUse(c.o.Dir)
	case isDiskFull(err):
		return errFull(op, 0, 0)
	}
	return fault.Newf(fault.Corrupt, op, "", "the cache cannot be opened. "+
		"What was written on this computer is safe in the outbox file. "+
		"Set the cache aside; it fills again from central: %w", err)
}

func errInUse(dir string) error {
	return fault.New(fault.Unavailable, "cache.open", dir, "another Wardlight is using this folder. "+
		"Nothing was changed. Use the window that is already open, or give this one a folder of its own")
}

// profile is Badger for a ward's computer: small tables, small caches, every
// commit synced, checksums of blocks tested when they are read.
func profile(dir string, key keys.Key) badger.Options {
	o := badger.DefaultOptions(dir).
		WithSyncWrites(true).
		WithEncryptionKey(key[:]).
		WithMemTableSize(8 << 20).
		WithBaseTableSize(1 << 20).
		WithNumMemtables(2).
		WithNumLevelZeroTables(2).
		WithNumLevelZeroTablesStall(4).
		WithNumCompactors(2).
		WithBlockCacheSize(8 << 20).
		WithIndexCacheSize(8 << 20).
		WithValueLogFileSize(32 << 20).
		WithValueThreshold(1 << 20).
		WithCompression(options.None). // sealed bytes do not shrink
		WithChecksumVerificationMode(options.OnBlockRead).
		WithDetectConflicts(false). // one writer at a time, see Cache.mu
		WithMetricsEnabled(false).
		WithLogger(nil)
	// Tables stay small on the lower levels, too: one is built in memory of up to
	// six times its size (it is encrypted, and its buffer doubles), and ten are
	// built at once.
	o.TableSizeMultiplier = 1
	return o
}

// loadMeta reads the meta row, or writes the first one.
func (c *Cache) loadMeta(fresh bool) error {
	b := c.db.NewTransaction(false)
	defer b.Discard()
	c.byPatient, c.awaiting = map[fhir.ID]int{}, map[uint64]awaited{}
	c.bases, c.kept = map[versionOf]int{}, map[uint64]int64{}
	ok, err := c.getValue(b, keyMeta, &c.meta)
	if err != nil {
		return err
	}
	if !ok && (!fresh || c.db.MaxVersion() > 0) {
		if !c.neverWritten() {
			return damaged("cache.open", "", "the cache has lost its own description")
		}
	}
	if !ok {
		c.health.Fresh = true
		c.meta = meta{Format: metaFormat, Station: c.o.Station}
		c.absent.begin()
	}
	switch {
	case c.meta.Format != metaFormat && c.meta.Format != metaLists:
		return fault.Newf(fault.Unsupported, "cache.open", "", "the cache has format %d; a newer program wrote it", c.meta.Format)
	case c.meta.Station != c.o.Station:
		return fault.New(fault.Denied, "cache.open", "", "the cache belongs to another station")
	}
	if err := c.loadOwners(b); err != nil {
		return err
	}
	c.toSend.are(c.meta, 0)
	return c.openCounter()
}

// neverWritten says that no commit was ever made: the program was killed
// between making the folder and its first commit.
func (c *Cache) neverWritten() bool {
	b, err := os.ReadFile(c.counterPath())
	return c.db.MaxVersion() == 0 && (err != nil || len(b) == 0)
}

func (c *Cache) dbFault(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case tooBig(err) || fault.KindOf(err) != fault.Other:
		return err
	case isDiskFull(err):
		return errFull(op, 0, 0)
	case errors.Is(err, badger.ErrDBClosed) || errors.Is(err, badger.ErrBlockedWrites):
		return errClosed(op)
	case strings.Contains(err.Error(), "checksum"):
		return damaged(op, "", "a block of the cache fails its checksum")
	}
	return fault.As(fault.Unavailable, op, "", err)
}

// RemoveSetAside removes everything that was set aside, for a copy that is to be
// let go.
func RemoveSetAside(dir string) error {
	old, _ := filepath.Glob(filepath.Join(dir, "set-aside-*"))
	for _, o := range old {
		if err := os.RemoveAll(o); err != nil {
			return fault.As(fault.Unavailable, "cache.removesetaside", dir, err)
		}
	}
	return nil
}

// SetAside moves a damaged Badger out of the way, so that Open makes a new
// one; the outbox file stays. It returns the new name, for whoever examines
// it. At most three are kept.
func SetAside(dir string) (newName string, err error) {
	const op = "cache.setaside"
	lock, err := tryLock(filepath.Join(dir, "lock"))
	if err != nil {
		return "", err
	}
	defer unlock(lock)
	for n := 1; ; n++ {
		newName = filepath.Join(dir, fmt.Sprintf("set-aside-%s-%d", time.Now().UTC().Format("20060102-150405"), n))
		if _, err := os.Lstat(newName); errors.Is(err, os.ErrNotExist) {
			break
		}
	}
	if err := os.Rename(badgerDir(dir), newName); err != nil {
		return "", fault.As(fault.Unavailable, op, dir, err)
	}
	// They describe the one that went; its key check too, as the caller may
	// come with another key.
	for _, f := range []string{counterName, keyCheckName, "opening"} {
		if err := os.Remove(filepath.Join(dir, f)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return newName, fault.As(fault.Unavailable, op, dir, err)
		}
	}
	old, _ := filepath.Glob(filepath.Join(dir, "set-aside-*"))
	for len(old) > 3 { // the names sort by time
		if err := os.RemoveAll(old[0]); err != nil {
			return newName, fault.As(fault.Unavailable, op, dir, err)
		}
		old = old[1:]
	}
	return newName, fault.As(fault.Unavailable, op, dir, syncDir(dir))
}

// anchor compares the store with what is remembered outside the folder. A
// store that was opened less often than the anchor knows was put back to an
// older state: its sequence goes on far behind what may have been used.
func (c *Cache) anchor(ctx context.Context) {
	c.seq.next = c.meta.LastSeq + 1
	if c.o.Anchor == nil {
		return
	}
	var a anchored
	b, err := c.o.Anchor.Load(ctx)
	if err == nil {
		err = record.Decode(b, &a)
	} else if fault.Is(err, fault.NotFound) {
		err = nil
	}
	if err != nil {
		c.health.Anchor = err.Error()
		return
	}
	if a.Opened > c.meta.Opened {
		c.health.RolledBack = c.health.RolledBack || !c.health.Fresh
		c.seq.next = max(c.seq.next, a.Reserved+1)
	}
	t := c.begin()
	t.m.Opened = max(a.Opened, t.m.Opened) + 1
	t.m.LastSeq = c.seq.next - 1
	if err := t.commit(); err != nil {
		c.health.Anchor = err.Error()
		return
	}
	c.seq.opened = c.meta.Opened
	c.saveAnchor(ctx, c.seq.next+reserveSeqs)
}

// anchored is what the anchor keeps.
type anchored struct {
	Opened   uint64 `cbor:"1,keyasint"`
	Reserved uint64 `cbor:"2,keyasint"` // no sequence above was ever used
}

// reserveSeqs is how many sequences are set aside in the anchor at once: the
// keyring is slow, a commit must not wait for it.
const reserveSeqs = 10000

func (c *Cache) saveAnchor(ctx context.Context, upTo uint64) {
	b, err := record.Encode(anchored{Opened: c.seq.opened, Reserved: upTo})
	if err == nil {
		err = c.o.Anchor.Save(ctx, b)
	}
	c.seq.mu.Lock()
	defer c.seq.mu.Unlock()
	c.seq.saving = false
	if err == nil {
		c.seq.reserved = upTo
	}
}
