package cache

import (
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/keys"
)

// The audit key goes forward with every look and is then forgotten, see
// audit.Ratchet. It lies in a file of its own that is written over in its place:
// in Badger, which only ever appends, every earlier key would lie on the disk
// until its tables are merged. A disk that keeps what is written over (flash, a
// copy-on-write file system, a backup) keeps earlier keys for as long, sealed.
//
// The file is sealed with a key that follows from the station's sealing identity,
// as the outbox file is, for the chain goes on when the cache is set aside or gets
// another key. It is written after the commit and not synced: it may lag behind,
// and is then brought forward by as many steps. Only where a new key begins it is
// synced before the commit, with both keys, as the new one follows from nothing.
// A file that is lost costs the proof that the next key is this station's: central
// tells it, and the chain goes on.
const (
	lookKeyName    = "looks-key.v1"
	lookKeyFile    = 512 // one sector: written whole or not at all
	lookKeyVersion = 1
)

var lookKeyAAD = []byte("wardlight looks key v1")

// lookKeys are the keys as the file has them.
type lookKeys struct {
	Now   *audit.Ratchet `cbor:"1,keyasint,omitempty"`
	Begun *audit.Ratchet `cbor:"2,keyasint,omitempty"` // where the look that begins it was committed
}

// lookKey is the audit key. Guarded by Cache.mu.
type lookKey struct {
	file  *os.File
	seal  *keys.Sealer
	now   *audit.Ratchet // of a look to come; nil: none is known
	begin bool           // the next look begins a new one
}

// openLookKey takes up the key behind the last look. The next look begins a new
// one in any case.
func (c *Cache) openLookKey() error {
	if c.o.RecoveryRecipient == "" || c.o.DeviceSealing.IsZero() {
		return nil // nobody could check: the chain stays one of the data key
	}
	path := filepath.Join(c.o.Dir, lookKeyName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the station's own folder
	if err != nil {
		return fault.As(fault.Unavailable, "cache.open", path, err)
	}
	c.lookKey = lookKey{file: f, begin: true}
	k, ok, err := c.lookKey.readBy(c.o.DeviceSealing)
	if err != nil || !ok {
		return err
	}
	at := k.Now
	if k.Begun != nil && k.Begun.Seq <= c.meta.LookSeq {
		at = k.Begun
	}
	if at == nil {
		return nil
	}
	if now, ok := at.At(c.meta.LookSeq + 1); ok {
		c.lookKey.now = &now
	}
	return nil
}

// readBy reads the file by the station's identity, or by one of before: a change of it
// that broke off left the file as it was. It is sealed to the present one then.
func (k *lookKey) readBy(id keys.SealIdentity) (out lookKeys, ok bool, err error) {
	present, err := lookSealer(id)
	if err != nil {
		return out, false, err
	}
	for n, one := range id.All() {
		if k.seal, err = lookSealer(one); err != nil {
			return out, false, err
		}
		if out, ok = k.read(); ok {
			k.seal = present
			if n > 0 {
				k.write(out, true)
			}
			return out, true, nil
		}
	}
	k.seal = present
	return out, false, nil
}

func lookSealer(id keys.SealIdentity) (*keys.Sealer, error) {
	root, err := keys.KeyFrom(secretSum(id))
	if err != nil {
		return nil, err
	}
	defer root.Zero()
	return keys.NewSealer(root.Derive("looks key file v1")), nil
}

// sealAs writes the file over, sealed to another identity. What it held is what is in
// memory, or begins behind a look that was never committed.
func (k *lookKey) sealAs(id keys.SealIdentity) error {
	if k.file == nil {
		return nil
	}
	seal, err := lookSealer(id)
	if err != nil {
		return err
	}
	k.seal = seal
	k.write(lookKeys{Now: k.now}, true)
	return nil
}

func (k *lookKey) read() (out lookKeys, ok bool) {
	b := make([]byte, lookKeyFile)
	if n, _ := k.file.ReadAt(b, 0); n != len(b) || b[0] != lookKeyVersion {
		return out, false
	}
	n := int(binary.BigEndian.Uint16(b[1:]))
	if 3+n > len(b) {
		return out, false
	}
	plain, err := k.seal.Open(lookKeyAAD, b[3:3+n])
	return out, err == nil && record.Decode(plain, &out) == nil
}

// write writes over what the file holds. That it fails costs a warning at
// central after a crash, and no look.
func (k *lookKey) write(keys lookKeys, sync bool) {
	plain, err := record.Encode(keys)
	if err != nil {
		return
	}
	sealed := k.seal.Seal(lookKeyAAD, plain)
	b := make([]byte, lookKeyFile)
	if 3+len(sealed) > len(b) {
		return
	}
	b[0] = lookKeyVersion
	binary.BigEndian.PutUint16(b[1:], uint16(len(sealed))) //nolint:gosec // shorter than the file
	copy(b[3:], sealed)
	if _, err := k.file.WriteAt(b, 0); err == nil && sync {
		_ = k.file.Sync()
	}
}

// went notes what a commit made of the key: earlier ones are forgotten.
func (k *lookKey) went(now *audit.Ratchet, begin bool) {
	if k.file == nil || now == nil || k.now != nil && k.now.Seq == now.Seq {
		return
	}
	k.now, k.begin = now, begin
	k.write(lookKeys{Now: now}, false)
}

func (k *lookKey) close() {
	if k.file != nil {
		_ = k.file.Sync()
		_ = k.file.Close()
	}
}

// ratcheted makes the next look with the key that it has, or with a new one.
func (t *tx) ratcheted(prev record.Look, event []byte) (l record.Look, err error) {
	station := t.c.o.Station
	var start []byte
	at := t.lookNow
	if t.lookBegin || at == nil {
		fresh, s, err := audit.Begin(station, prev.Seq+1, at, func(b []byte) ([]byte, error) {
			return keys.SealTo(b, t.c.o.RecoveryRecipient)
		})
		if err != nil {
			return l, err
		}
		t.c.lookKey.write(lookKeys{Now: at, Begun: &fresh}, true)
		at, start, t.lookBegin = &fresh, s, false
	}
	l = at.Look(station, prev, event, start)
	next := at.Next()
	t.lookNow = &next
	return l, nil
}

func secretSum(id keys.SealIdentity) []byte {
	sum := sha256.Sum256(id.Secret())
	return sum[:]
}
