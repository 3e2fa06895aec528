package cache

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"strconv"

	"wardlight/internal/fault"
)

// counterName is a file that holds how many commits were made, and nothing
// else. It is written after each commit and not synced: it may lag behind, but
// it is never ahead. If the store has fewer commits than it says, Badger
// dropped some when it opened (one bad bit in its log does that), and what is
// on the screen is older than it was: that must be told.
const counterName = "commits.v1"

func (c *Cache) counterPath() string { return filepath.Join(c.o.Dir, counterName) }

func (c *Cache) counterBytes(n uint64) []byte {
	b := binary.BigEndian.AppendUint64(nil, n)
	m := hmac.New(sha256.New, c.box.secret[:])
	m.Write(b)
	return append(b, m.Sum(nil)[:8]...)
}

func (c *Cache) openCounter() error {
	f, err := os.OpenFile(c.counterPath(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fault.As(fault.Unavailable, "cache.open", c.counterPath(), err)
	}
	c.count = f
	var b [16]byte
	if n, _ := f.ReadAt(b[:], 0); n == len(b) {
		was := binary.BigEndian.Uint64(b[:8])
		if hmac.Equal(b[:], c.counterBytes(was)) && was > c.meta.Commits {
			c.health.RolledBack = true
		}
	}
	return nil
}

func (c *Cache) writeCounter(n uint64) {
	_, _ = c.count.WriteAt(c.counterBytes(n), 0) // losing it costs a warning, not data
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
