package seat

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/folder"
	"wardlight/internal/station/cache"
	"wardlight/internal/station/desk"
	"wardlight/internal/trust/keys"
)

// The copy of the record has a key of its own, kept in the slots file and wrapped
// by the key that the slots open. So it can be exchanged without anybody's PIN:
// the old key is forgotten, and with it everything that only it opens. Stations of
// earlier versions have none; there the slots' key is the copy's.
//
// A new key means a new copy: central fills it. What only this computer has comes
// along: unsent work lies in the outbox file, which has keys of its own; drafts
// and the count of the time alone are carried in a file, sealed with the slots'
// key, that is there from before the old copy goes until after the new one has
// them.

const (
	copyKeyName = "copy"
	// renewMarker asks for a new copy when the station is next opened.
	renewMarker = "renew-copy"
	carriedName = "carried.v1"
)

// copyKey is the key of this station's copy, and when it was made.
type copyKey struct {
	Version int       `json:"v"` // 1
	Key     []byte    `json:"key"`
	Made    time.Time `json:"made"`
}

// copyKeyOf reads it; data itself, without a time, where there is none.
func copyKeyOf(slots *keys.Slots, data keys.Key) (keys.Key, time.Time, error) {
	b, err := slots.Secret(copyKeyName, data)
	if fault.Is(err, fault.NotFound) {
		return data, time.Time{}, nil
	}
	if err != nil {
		return keys.Key{}, time.Time{}, err
	}
	var k copyKey
	if json.Unmarshal(b, &k) != nil || k.Version != 1 {
		return keys.Key{}, time.Time{}, fault.New(fault.Unsupported, "seat.copykey", "", "the key of this computer's copy was written by a newer program")
	}
	key, err := keys.KeyFrom(k.Key)
	return key, k.Made, err
}

// newCopyKey makes another one in its place.
func newCopyKey(slots *keys.Slots, data keys.Key, now time.Time) error {
	b, err := copyKeyJSON(keys.NewKey(), now.UTC())
	if err != nil {
		return err
	}
	defer clear(b)
	return slots.SetSecret(copyKeyName, b, data)
}

func copyKeyJSON(key keys.Key, made time.Time) ([]byte, error) {
	b, err := json.Marshal(copyKey{Version: 1, Key: key[:], Made: made})
	return b, fault.Wrap("seat.copykey", "", err)
}

// carried is what comes along into a new copy.
type carried struct {
	Version int                             `json:"v"` // 1
	Drafts  map[record.UserID][]cache.Draft `json:"drafts"`
	Lease   []byte                          `json:"lease,omitempty"`
	// Told is how far what is told once is on record, by its fact; an older program leaves
	// it behind, and then what is kept beside the copy is told again.
	Told    map[string][]byte `json:"told,omitempty"`
	Printed []byte            `json:"printed,omitempty"` // desk.BulkFact: another copy is no way to print more
}

// toldFacts are those facts.
var toldFacts = []string{wrongFact, clockFact}

func (s *Seat) carriedPath() string { return filepath.Join(s.conf.Dir, s.info.Home, carriedName) }

var carriedAAD = []byte("wardlight carried v1")

// askRenewal asks for a new copy at the next start. ordered is when central ordered one, by
// its clock, ms since 1970; 0: it did not.
func (s *Seat) askRenewal(ordered int64) error {
	var b []byte
	if ordered > 0 {
		b = strconv.AppendInt(nil, ordered, 10)
	}
	return writeSynced(filepath.Join(s.conf.Dir, renewMarker), b)
}

// mostBehind bounds how far a clock may be behind central's for that. A marker that somebody
// edits could say any time, and a key of next year would answer every order until then.
const mostBehind = 48 * time.Hour

// keyTime is when a copy's key that is made now is said to have been made: not before it
// was ordered. By a clock that is behind central's it would be, and central would go on
// asking, so that each start let go of a copy that is new.
func (s *Seat) keyTime() time.Time {
	now := s.conf.Now()
	b, err := os.ReadFile(filepath.Join(s.conf.Dir, renewMarker))
	if err != nil {
		return now
	}
	ms, err := strconv.ParseInt(string(b), 10, 64) // an older program wrote nothing there
	if ordered := time.UnixMilli(ms); err == nil && ordered.After(now) && ordered.Sub(now) <= mostBehind {
		return ordered
	}
	return now
}

func (s *Seat) renewalAsked() bool {
	_, err := os.Stat(filepath.Join(s.conf.Dir, renewMarker))
	return err == nil
}

// renewCopy lets the old copy and its key go. Each step may be interrupted and
// done again. Nothing is opened meanwhile.
func (s *Seat) renewCopy(data keys.Key, id keys.SealIdentity) error {
	if _, err := os.Stat(s.carriedPath()); errors.Is(err, os.ErrNotExist) {
		if err := s.carry(data, id); err != nil {
			return err
		}
	}
	dir := filepath.Join(s.conf.Dir, s.info.Home, "store")
	if _, err := cache.SetAside(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := cache.RemoveSetAside(dir); err != nil {
		return err
	}
	if err := s.shelf().Erase(); err != nil { // what the old key opens goes with it
		return err
	}
	if err := newCopyKey(s.slots, data, s.keyTime()); err != nil {
		return err
	}
	s.conf.Log.Info("the copy of the record and its key were let go; a new copy is filled from the server")
	return removeIfThere(filepath.Join(s.conf.Dir, renewMarker))
}

// carry writes down what comes along. A damaged copy has nothing that can.
func (s *Seat) carry(data keys.Key, id keys.SealIdentity) error {
	bag := carried{Version: 1}
	old, _, err := copyKeyOf(s.slots, data)
	if err != nil {
		return err
	}
	c, err := cache.Open(s.ctx, storeOf(s.conf, s.info, old, id))
	switch {
	case fault.Is(err, fault.Corrupt):
		s.conf.Log.Warn("the old copy is damaged; no draft comes along", "err", err)
	case err != nil:
		return err
	default:
		if bag.Drafts, err = c.AllDrafts(); err == nil {
			bag.Lease, err = c.Fact(leaseFact)
		}
		for _, key := range toldFacts {
			var b []byte
			if err == nil {
				b, err = c.Fact(key)
			}
			if b != nil {
				if bag.Told == nil {
					bag.Told = map[string][]byte{}
				}
				bag.Told[key] = b
			}
		}
		if err == nil {
			bag.Printed, err = c.Fact(desk.BulkFact)
		}
		if cerr := c.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return err
		}
	}
	b, err := json.Marshal(bag)
	if err != nil {
		return fault.Wrap("seat.carry", "", err)
	}
	return writeSynced(s.carriedPath(), keys.NewSealer(data.Derive("carried v1")).Seal(carriedAAD, b))
}

// unpackCarried puts what was carried into the copy that is open now.
func (s *Seat) unpackCarried(ctx context.Context, c *cache.Cache, data keys.Key) error {
	sealed, err := os.ReadFile(s.carriedPath())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fault.As(fault.Unavailable, "seat.carried", "", err)
	}
	plain, err := keys.NewSealer(data.Derive("carried v1")).Open(carriedAAD, sealed)
	if err != nil {
		return fault.Wrap("seat.carried", "", err)
	}
	var bag carried
	if json.Unmarshal(plain, &bag) != nil || bag.Version != 1 {
		return fault.New(fault.Unsupported, "seat.carried", "", "what was carried was written by a newer program")
	}
	for user, drafts := range bag.Drafts {
		for _, d := range drafts {
			if err := c.SetDraft(ctx, user, d.Key, d.Body); err != nil {
				return err
			}
		}
	}
	if len(bag.Lease) > 0 {
		if err := c.SetFact(ctx, leaseFact, bag.Lease); err != nil {
			return err
		}
	}
	for _, key := range toldFacts {
		if b := bag.Told[key]; b != nil {
			if err := c.SetFact(ctx, key, b); err != nil {
				return err
			}
		}
	}
	if len(bag.Printed) > 0 {
		if err := c.SetFact(ctx, desk.BulkFact, bag.Printed); err != nil {
			return err
		}
	}
	return removeIfThere(s.carriedPath())
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fault.As(fault.Unavailable, "seat.remove", filepath.Base(path), err)
	}
	return nil
}

// writeSynced is folder.Write with a fault.
func writeSynced(path string, b []byte) error {
	return fault.As(fault.Unavailable, "seat.write", filepath.Base(path), folder.Write(path, b))
}
