package cache

import (
	"context"
	"strings"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// Draft is what somebody has begun to write and not yet saved.
type Draft struct {
	Key   string
	Body  []byte
	Saved time.Time
}

type draftRow struct {
	Body  []byte `cbor:"1,keyasint"`
	Saved int64  `cbor:"2,keyasint"`
}

// A draft is nobody's business but its author's: it is sealed with a key of
// the author's own, derived from the data key, inside the row that is sealed
// like every other.
func (c *Cache) author(user record.UserID) *keys.Sealer {
	return keys.NewSealer(c.o.Key.Derive("draft v1 " + string(user)))
}

const (
	maxDraft  = 64 << 10
	maxDrafts = 500 // of one person
)

// SetDraft keeps a draft, synced; it survives a kill of the program. An empty
// body is a draft too.
func (c *Cache) SetDraft(ctx context.Context, user record.UserID, key string, body []byte) error {
	const op = "cache.setdraft"
	if !validPart(string(user)) || strings.Contains(string(user), "/") || !validPart(key) || len(body) > maxDraft {
		return fault.New(fault.Invalid, op, "", "a draft has an author, a key of 1 to 200 characters and at most 64 KiB")
	}
	all, err := c.Drafts(user)
	if err != nil {
		return err
	}
	if _, there, _ := c.Draft(user, key); !there && len(all) >= maxDrafts {
		return fault.New(fault.Full, op, "", "there are 500 drafts already; save or discard some")
	}
	plain, err := record.Encode(draftRow{body, c.o.Now().UnixMilli()})
	if err != nil {
		return err
	}
	k := keyDraft(user, key)
	return c.do(&job{ctx: ctx, op: op, need: needEntry, rows: []rowWrite{{k, c.author(user).Seal(k, plain)}}})
}

// DropDraft removes a draft; removing none is no error, and costs no sync.
func (c *Cache) DropDraft(ctx context.Context, user record.UserID, key string) error {
	if _, there, err := c.Draft(user, key); err == nil && !there {
		return nil
	}
	return c.do(&job{ctx: ctx, op: "cache.dropdraft", need: needLook, rows: []rowWrite{{keyDraft(user, key), nil}}})
}

// Draft reads one draft.
func (c *Cache) Draft(user record.UserID, key string) (d Draft, ok bool, err error) {
	b, end, err := c.reading("cache.draft")
	if err != nil {
		return d, false, err
	}
	defer end()
	k := keyDraft(user, key)
	_, sealed, _, ok, err := c.get(b, k)
	if err != nil || !ok {
		return d, false, err
	}
	d, err = c.openDraft(user, k, sealed)
	return d, err == nil, err
}

// Drafts reads all drafts of one person, in order of key.
func (c *Cache) Drafts(user record.UserID) ([]Draft, error) {
	b, end, err := c.reading("cache.drafts")
	if err != nil {
		return nil, err
	}
	defer end()
	var out []Draft
	prefix := keyDraft(user, "")
	err = c.from(b, prefix, prefix, func(key, sealed []byte) (bool, error) {
		d, err := c.openDraft(user, key, sealed)
		out = append(out, d)
		return true, err
	})
	return out, err
}

// AllDrafts reads everybody's drafts, for a computer that gets a new identity.
func (c *Cache) AllDrafts() (map[record.UserID][]Draft, error) {
	b, end, err := c.reading("cache.drafts")
	if err != nil {
		return nil, err
	}
	defer end()
	all := map[record.UserID][]Draft{}
	prefix := join('w', "")
	err = c.from(b, prefix, prefix, func(key, sealed []byte) (bool, error) {
		name, _, _ := strings.Cut(string(key[len(prefix):]), "/")
		d, err := c.openDraft(record.UserID(name), key, sealed)
		all[record.UserID(name)] = append(all[record.UserID(name)], d)
		return true, err
	})
	return all, err
}

// CountDrafts is how many drafts somebody has. It opens none of them.
func (c *Cache) CountDrafts(user record.UserID) (int, error) {
	b, end, err := c.reading("cache.drafts")
	if err != nil {
		return 0, err
	}
	defer end()
	n, prefix := 0, keyDraft(user, "")
	err = c.from(b, prefix, prefix, func(_, _ []byte) (bool, error) {
		n++
		return true, nil
	})
	return n, err
}

func (c *Cache) openDraft(user record.UserID, key, sealed []byte) (Draft, error) {
	plain, err := c.author(user).Open(key, sealed)
	if err != nil {
		return Draft{}, damaged("cache.draft", "w", "a draft is not what was written")
	}
	var r draftRow
	if err := record.Decode(plain, &r); err != nil {
		return Draft{}, err
	}
	return Draft{Key: string(key[len(keyDraft(user, "")):]), Body: r.Body, Saved: time.UnixMilli(r.Saved)}, nil
}

// SetFact keeps one small fact; a nil value removes it.
func (c *Cache) SetFact(ctx context.Context, key string, value []byte) error {
	return c.Commit(ctx, nil, nil, Fact{key, value})
}

// Fact reads one small fact; nil where there is none.
func (c *Cache) Fact(key string) ([]byte, error) {
	b, end, err := c.reading("cache.fact")
	if err != nil {
		return nil, err
	}
	defer end()
	_, plain, _, ok, err := c.get(b, keyFact(key))
	if ok && plain == nil {
		plain = []byte{}
	}
	return plain, err
}
