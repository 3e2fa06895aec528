package seat

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/keys"
)

// Another device secret and another data key, while the ward works: on order (a
// marker in the folder, which 'wardlight rekey' and central's 'stations rekey' leave),
// and by itself when the present ones are a year old.
//
// The keyring and the slots file cannot change in one step, so the keyring holds both
// secrets meanwhile:
//
//  1. the keyring gets the new secret beside the old one
//  2. the slots file is replaced: from here on only the new one opens it
//  3. the keyring forgets the old one
//  4. the file of before is written over, and the marker goes
//
// A program that is killed between any two finds at its next start, by the mark in
// the slots file, which of the two secrets is in use, and goes on from there: before
// step 2 the new one is forgotten and another made, after it the old one is. PINs and
// the share go on opening the computer throughout (keys.Slots.Rotate). The sealing
// identity changes in step 2 as well (sealing.go). The copy has a key of its own below
// the data key, which stays; 'stations rekey' changes that too.

const (
	rekeyMarker    = "rekey-device"
	deviceLastsFor = 365 * 24 * time.Hour
	rekeyEvery     = 2 * time.Second // how often the marker is looked for
)

// held is what opens this station: the device secrets that may be in use, the present
// one first, and the data key once it was opened. It is replaced whole.
type held struct {
	device []*keys.Kept
	data   *keys.Kept // nil: closed
}

// settleDevice finishes a change that was broken off, or forgets it.
func (s *Seat) settleDevice(ctx context.Context) error {
	if len(s.secret.Next) == 0 {
		return nil
	}
	next := s.secret
	next.Next = nil
	if fits, err := s.slots.Fits(s.secret.Next); err != nil {
		return err
	} else if fits {
		next.Device = s.secret.Next
	}
	if err := next.Save(ctx, s.conf.Secrets, s.info.Station); err != nil {
		return err
	}
	s.secret = next
	return s.slots.Sweep()
}

// keep takes the secret out of the plain structure into memory that is locked.
func (s *Seat) keep() {
	s.held.Store(&held{device: []*keys.Kept{keys.Keep(s.secret.Device)}})
	s.secret.Device, s.secret.Next = nil, nil
}

// withDevice does something with the device secret in use. One that was changed
// meanwhile is noticed before a try is counted, and the next one taken.
func (s *Seat) withDevice(do func(device []byte) error) (err error) {
	for {
		now := s.held.Load()
		b := s.pick(now)
		if s.held.Load() != now {
			continue
		}
		err = do(b)
		clear(b)
		if !fault.Is(err, fault.Denied) && !fault.Is(err, fault.Conflict) || !s.changedSince(now, fault.Is(err, fault.Conflict)) {
			return err
		}
	}
}

// changedWithin is how long a change that has begun is waited for: a keyring that hangs
// must not keep somebody at the door.
var changedWithin = 2 * time.Second

// changedSince says whether other keys are held than those. Where a file says already
// that they were changed, they will be in a moment: the change puts the file in its
// place first.
func (s *Seat) changedSince(then *held, told bool) bool {
	for end := time.Now().Add(changedWithin); told && s.held.Load() == then && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	return s.held.Load() != then
}

// pick is the device secret that the slots file was made with; the first one where
// none was.
func (s *Seat) pick(h *held) []byte {
	for _, k := range h.device[1:] {
		b := k.Bytes()
		if fits, err := s.slots.Fits(b); err == nil && fits {
			return b
		}
		clear(b)
	}
	return h.device[0].Bytes()
}

// openPIN opens somebody's slot.
func (s *Seat) openPIN(ctx context.Context, user, pin string) (data keys.Key, err error) {
	err = s.withDevice(func(device []byte) error {
		data, err = s.slots.OpenPIN(ctx, user, pin, device)
		return err
	})
	if err != nil {
		s.wrongPIN(err)
	}
	return data, err
}

// openWith opens the slot of central's share.
func (s *Seat) openWith(share []byte) (data keys.Key, err error) {
	err = s.withDevice(func(device []byte) error {
		data, err = s.slots.OpenShare(share, device)
		return err
	})
	return data, err
}

// withData does something with the data key, again where it was changed meanwhile.
// While the station is closed it is the zero key.
func (s *Seat) withData(do func(data keys.Key) error) error {
	for {
		now := s.held.Load()
		data := now.data.Key()
		if s.held.Load() != now {
			continue
		}
		err := do(data)
		data.Zero()
		if !fault.Is(err, fault.Conflict) || !s.changedSince(now, true) {
			return err
		}
	}
}

// askRekey asks for another device secret as soon as the station is open.
func (s *Seat) askRekey() error {
	return AskRekey(s.conf.Dir)
}

// AskRekey asks the station in a folder for another device secret: the program that
// runs there makes one within seconds of being open, or the next one that does.
func AskRekey(dir string) error {
	return writeSynced(filepath.Join(dir, rekeyMarker), nil)
}

// RekeyAsked says whether one was asked for and is not there yet.
func RekeyAsked(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, rekeyMarker))
	return err == nil
}

// keepDevice changes the device secret whenever it is asked for or old.
func (s *Seat) keepDevice(ctx context.Context) error {
	every := rekeyEvery
	if s.conf.Every > 0 {
		every = min(every, s.conf.Every)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		s.keepSealing(ctx)
		due, err := s.rekeyDue()
		if err == nil && due {
			err = s.rekey(ctx)
		}
		if err == nil {
			err = s.keepKey(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case fault.Is(err, fault.Timeout):
			// What was asked of the keyring may still happen. Nothing else is written
			// there in this run, or the later of two secrets could be lost to the earlier.
			s.conf.Log.Error("the device secret could not be changed, because the keyring does not answer; it is tried at the next start", "err", err)
			return nil
		case err != nil:
			s.conf.Log.Warn("the device secret could not be changed yet", "err", err)
		}
		wait := tick.C
		if err != nil {
			wait = time.After(30 * every)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wait:
		}
	}
}

// rekeyDue says whether another device secret is to be made now. One whose age is not
// known is taken for new.
func (s *Seat) rekeyDue() (bool, error) {
	if RekeyAsked(s.conf.Dir) {
		return true, nil
	}
	since, err := s.slots.Since()
	if err != nil {
		return false, err
	}
	if since.IsZero() {
		return false, s.slots.Mark(s.conf.Now())
	}
	if s.conf.Now().Sub(since) <= deviceLastsFor {
		return false, nil
	}
	return true, AskNewKey(s.conf.Dir)
}

// rekey changes device secret and data key.
func (s *Seat) rekey(ctx context.Context) error {
	s.rekeying.Lock()
	defer s.rekeying.Unlock()
	now := s.held.Load()
	if now.data == nil {
		return nil // it is being erased
	}
	device, data := now.device[0].Bytes(), now.data.Key()
	defer func() { clear(device); data.Zero() }()
	before, err := begunWith(filepath.Join(s.conf.Dir, rekeyMarker), keys.RecipientID(s.sealing.Load().Recipient()))
	if err != nil {
		return err
	}
	next, fresh := keys.NewDeviceSecret(), keys.NewKey()
	keep, err := s.copyKeyKept(data)
	if err != nil {
		return err
	}
	sealing, replace, err := s.nextSealing(data)
	if err != nil {
		return err
	}
	both := join.Secret{Version: 1, Device: device, Next: next, Key: s.secret.Key, NextKey: s.secret.NextKey}
	if err := both.Save(ctx, s.conf.Secrets, s.info.Station); err != nil {
		return err
	}
	s.between("keyring holds both")
	nextKept, freshKept := keys.Keep(append([]byte(nil), next...)), keys.Keep(append([]byte(nil), fresh[:]...))
	s.held.Store(&held{device: []*keys.Kept{now.device[0], nextKept}, data: now.data})
	s.resealClock()
	err = s.slots.Rotate(keys.Change{OldDevice: device, NewDevice: next, OldData: data, NewData: fresh, Now: s.conf.Now(), Keep: keep, Replace: replace})
	s.between("slots file written")
	switch fits, ferr := s.slots.Fits(next); {
	case ferr != nil:
		return ferr // either may be in use: both stay
	case !fits:
		s.held.Store(now)
		return err
	}
	s.held.Store(&held{device: []*keys.Kept{nextKept}, data: freshKept})
	s.resealClock()
	s.sealing.Store(&sealing)
	now.device[0].Drop()
	now.data.Drop()
	s.between("slots file replaced")
	one := join.Secret{Version: 1, Device: next, Key: s.secret.Key, NextKey: s.secret.NextKey}
	if err := one.Save(ctx, s.conf.Secrets, s.info.Station); err != nil {
		return err
	}
	clear(next)
	fresh.Zero()
	s.between("keyring holds the new one")
	if err := s.slots.Sweep(); err != nil {
		return err
	}
	s.between("file of before written over")
	if err := s.sealAs(ctx); err != nil { // it is tried again, and at the next start at the latest
		s.conf.Log.Warn("unsent work is sealed to this computer's identity of before; it is tried again", "err", err)
	}
	s.between("outbox file sealed to the new identity")
	if err := s.noteRekey(ctx, before, sealing); err != nil {
		return err
	}
	s.conf.Log.Info("this computer has another device secret")
	return removeIfThere(filepath.Join(s.conf.Dir, rekeyMarker))
}

// copyKeyKept is the copy's key where none is kept: on a station of an earlier version
// the data key itself opens the copy, and goes on doing so under a name of its own.
func (s *Seat) copyKeyKept(data keys.Key) (map[string][]byte, error) {
	key, made, err := copyKeyOf(s.slots, data)
	if err != nil || key != data {
		return nil, err
	}
	b, err := copyKeyJSON(key, made)
	return map[string][]byte{copyKeyName: b}, err
}

// noteRekey puts it on record, in this computer's chain, from where central gets it.
func (s *Seat) noteRekey(ctx context.Context, was string, is keys.SealIdentity) error {
	e := s.ofThisComputer(audit.Config)
	e.Details = append([]audit.Detail{{Name: "what", Value: "this computer has another device secret and data key"}},
		audit.Changed(audit.Change{Name: "sealing identity", Before: was, After: keys.RecipientID(is.Recipient())})...)
	return s.onRecord(ctx, e)
}

// begunWith is what was in use when a change began, by name: a change that was broken off
// and is made once more is on record with what was before both. The marker keeps it.
func begunWith(marker, now string) (string, error) {
	b, err := os.ReadFile(marker) //nolint:gosec // the station's own folder
	if err == nil && len(b) > 0 && len(b) <= maxName {
		return string(b), nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fault.As(fault.Unavailable, "seat.begunwith", filepath.Base(marker), err)
	}
	return now, writeSynced(marker, []byte(now))
}

// maxName bounds the name of a key.
const maxName = 64

// between is where tests kill the program.
func (s *Seat) between(step string) {
	if s.conf.between != nil {
		s.conf.between(step)
	}
}
