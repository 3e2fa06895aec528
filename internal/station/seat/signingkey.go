package seat

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/keys"
)

// Another device key, while the ward works: on order, together with the device secret
// ('wardlight rekey', 'wardlightd stations rekey', after a year), as soon as central
// answers. Central certifies it over a connection of the present one, and lets the computer
// in by either until the new one is shown.
//
//  1. the keyring gets the new key beside the present one
//  2. central notes it and answers with its certificate
//  3. station.json gets the certificate: from here on the new key signs and connects
//  4. the keyring forgets the one of before
//  5. central sees the new key, and lets in by that one alone
//  6. it is on record here, and the marker goes
//
// A program that is killed between any two finds at its next start, by the certificate in
// station.json, which of the two keys is in use, and goes on from there; before step 3 with
// the same new key. What was signed with the one of before stays as it is: central keeps
// both public keys.

const newKeyMarker = "rekey-signing"

// AskNewKey asks the station in a folder for another device key, as soon as it is open and
// central answers.
func AskNewKey(dir string) error {
	return writeSynced(filepath.Join(dir, newKeyMarker), nil)
}

// NewKeyAsked says whether one was asked for and is not in use yet.
func NewKeyAsked(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, newKeyMarker))
	return err == nil
}

// settleKey forgets the key of before, after a change that was broken off. Where the
// keyring does not take it now the next change of anything in it does.
func (s *Seat) settleKey(ctx context.Context) {
	if err := s.secret.Save(ctx, s.conf.Secrets, s.info.Station); err != nil {
		s.conf.Log.Warn("the device key of before could not be removed from the keyring yet", "err", err)
	}
}

// keepKey changes the device key where it was asked for. That central does not answer is
// no failure: it is tried again.
func (s *Seat) keepKey(ctx context.Context) error {
	if !NewKeyAsked(s.conf.Dir) || time.Since(s.keyFailed) < s.keyAgain() {
		return nil
	}
	err := s.newKey(ctx)
	if err != nil {
		s.keyFailed = time.Now()
	}
	if fault.Is(err, fault.Timeout) {
		return err // the keyring: see keepDevice
	}
	if err != nil && ctx.Err() == nil {
		s.conf.Log.Info("the device key could not be changed yet", "err", err)
	}
	return nil
}

// keyAgain is how long after a try that failed the next one is made.
func (s *Seat) keyAgain() time.Duration {
	if s.conf.Every > 0 {
		return s.conf.Every
	}
	return 15 * time.Second
}

func (s *Seat) newKey(ctx context.Context) error {
	s.kept.Lock()
	defer s.kept.Unlock()
	was, err := begunWith(filepath.Join(s.conf.Dir, newKeyMarker), s.key.Load().ID())
	if err != nil {
		return err
	}
	key, err := s.followingKey(ctx)
	if err != nil {
		return err
	}
	s.between("keyring holds both keys")
	now, err := join.Load(s.conf.Dir)
	if err != nil {
		return err
	}
	sec := join.Secret{Version: 1, Key: s.secret.NextKey}
	next, err := s.door.NewKey(ctx, now, sec)
	if err != nil {
		return err
	}
	s.between("central has certified it")
	conf, err := next.TLS(sec)
	if err != nil {
		return err
	}
	if err := next.Save(s.conf.Dir); err != nil {
		return err
	}
	s.between("station.json has its certificate")
	s.key.Store(&key)
	s.tls.Store(conf)
	s.secret.Key, s.secret.NextKey = s.secret.NextKey, nil
	if err := s.saveSecret(ctx); err != nil {
		return err
	}
	s.between("keyring holds the new key")
	if _, err := s.door.Welcome(ctx, s.conf.Now); err != nil {
		s.conf.Log.Info("the server has not seen the new device key yet; it does at the next connection", "err", err)
	}
	s.between("central has seen it")
	e := s.ofThisComputer(audit.Config)
	e.Details = append([]audit.Detail{{Name: "what", Value: "this computer has another device key"}},
		audit.Changed(audit.Change{Name: "device key", Before: was, After: key.ID()})...)
	if err := s.onRecord(ctx, e); err != nil {
		return err
	}
	s.conf.Log.Info("this computer has another device key", "key", key.ID())
	return removeIfThere(filepath.Join(s.conf.Dir, newKeyMarker))
}

// followingKey is the key that follows: one that a change which was broken off has left in
// the keyring, or another one. It is in the keyring, beside the present one.
func (s *Seat) followingKey(ctx context.Context) (keys.DeviceKey, error) {
	if len(s.secret.NextKey) > 0 {
		return keys.ParseDeviceKey(s.secret.NextKey)
	}
	key, err := keys.NewDeviceKey(nil)
	if err != nil {
		return key, err
	}
	if s.secret.NextKey, err = key.MarshalPKCS8(); err != nil {
		return key, err
	}
	if err := s.saveSecret(ctx); err != nil {
		s.secret.NextKey = nil
		return key, err
	}
	return key, nil
}

// saveSecret writes the keyring's entry with the device secrets that are held.
func (s *Seat) saveSecret(ctx context.Context) error {
	s.rekeying.Lock()
	defer s.rekeying.Unlock()
	now := s.held.Load()
	if now.data == nil {
		return fault.New(fault.Unavailable, "seat.newkey", string(s.info.Station), "this computer is being erased")
	}
	sec := join.Secret{Version: 1, Device: now.device[0].Bytes(), Key: s.secret.Key, NextKey: s.secret.NextKey}
	if len(now.device) > 1 { // either may be in use: both stay
		sec.Next = now.device[1].Bytes()
	}
	defer func() { clear(sec.Device); clear(sec.Next) }()
	return sec.Save(ctx, s.conf.Secrets, s.info.Station)
}
