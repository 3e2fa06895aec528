package keys

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/words"
)

// How many tries may wait for the one that is made, and for how long: each may
// sleep for half a minute before it is made (delay).
const (
	slotsWaiting  = 8
	slotsPatience = 2 * time.Minute
)

// SlotsFile is the name of the file in the station's folder.
const SlotsFile = "slots.v1"

// Slots is a station's data key, wrapped: in one slot for each local user, and
// in one for central's share. Beside the slots the file keeps the station's
// other private keys, wrapped by the data key.
//
// Every slot needs the device secret besides the PIN or the share, and is
// bound to its kind, its user and the station: a slot copied from another user
// or another computer opens nothing.
type Slots struct {
	path    string
	station string
	cost    Cost
	sleep   func(context.Context, time.Duration) error
	now     func() time.Time

	gate *Gate // what stretching PINs may cost this computer

	mu sync.Mutex // one try at a time: parallel guesses are no faster

	disk  sync.Mutex // held for as long as a file is made or put in place, and no longer
	wiped bool       // nothing is written any more; under disk
}

// SlotUser is a local user as the sign-in screen needs it.
type SlotUser struct {
	User   string
	Tries  int  // wrong PINs since the last right one
	Erased bool // after MaxTries: sign in through central, then set a new PIN
}

// NewSlots is the slots file in dir for a station. The file is made by the
// first Add. The zero cost is DefaultCost; slots that exist keep their own.
func NewSlots(dir, station string, cost Cost) (*Slots, error) {
	if cost == (Cost{}) {
		cost = DefaultCost
	}
	if err := cost.check(); err != nil {
		return nil, fault.As(fault.Invalid, "slots.new", station, err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.As(fault.Unavailable, "slots.new", dir, err)
	}
	s := &Slots{path: filepath.Join(dir, SlotsFile), station: station, cost: cost, sleep: pause, now: time.Now, gate: NewGate(1, slotsWaiting, slotsPatience)}
	_, err := s.load("slots.new") // a file that cannot be used is better told now
	return s, err
}

// NewDeviceSecret makes the secret that the keyring keeps for this station.
func NewDeviceSecret() []byte {
	k := NewKey()
	return k[:]
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fault.As(fault.Timeout, "slots.open", "", ctx.Err())
	}
}

// AddPIN gives a user a slot, or a new PIN. It needs the data key, so a PIN
// can only be set by somebody who has opened the station.
func (s *Slots) AddPIN(user, pin string, deviceSecret []byte, data Key) error {
	const op = "slots.addpin"
	switch {
	case user == "" || len(user) > 64:
		return fault.New(fault.Invalid, op, "", "a user name has 1 to 64 characters")
	case len(pin) < 4 || len(pin) > 128:
		return fault.As(fault.Invalid, op, user, words.Errorf("a PIN has 4 to 128 characters; six digits or more are advised"))
	}
	sl := slot{Kind: slotPIN, User: user, Salt: newSalt(), Cost: s.cost}
	var known []byte
	if err := s.gate.Do(context.Background(), op, func() { known = s.cost.stretch([]byte(pin), sl.Salt) }); err != nil {
		return err
	}
	return s.add(op, sl, known, deviceSecret, data)
}

// AddShare makes the slot that central's share opens, or replaces it.
func (s *Slots) AddShare(share, deviceSecret []byte, data Key) error {
	if len(share) < 16 {
		return fault.New(fault.Invalid, "slots.addshare", s.station, "central's share is too short")
	}
	sl := slot{Kind: slotShare, Salt: newSalt(), Cost: s.cost}
	return s.add("slots.addshare", sl, share, deviceSecret, data)
}

func (s *Slots) add(op string, sl slot, known, deviceSecret []byte, data Key) error {
	if len(deviceSecret) != KeySize || data.IsZero() {
		return fault.New(fault.Invalid, op, s.station, "the device secret or the data key is missing")
	}
	kek := wrappingKey(known, deviceSecret, sl.Salt, "slot v1")
	sl.Wrapped = NewSealer(kek).Seal(sl.aad(s.station), data[:])
	return s.change(op, func(f *slotFile) error {
		if err := f.checkDevice(op, s.station, deviceSecret); err != nil {
			return err
		}
		if err := f.checkData(op, s.station, data); err != nil {
			return err
		}
		f.Device = deviceMark(deviceSecret)
		f.remove(sl.Kind, sl.User)
		f.Slots = append(f.Slots, sl)
		f.tidy()
		return nil
	})
}

// OpenPIN opens a user's slot. A wrong PIN is fault.Unknown; a slot that was
// erased after too many is fault.Denied. The try is on disk before it is made,
// so that pulling the plug wins nothing, and a wrong one stays there until it is told
// (Untold). While too many wait it is fault.Full, and nothing was counted.
func (s *Slots) OpenPIN(ctx context.Context, user, pin string, deviceSecret []byte) (data Key, err error) {
	return s.tryPIN(ctx, user, pin, deviceSecret, false)
}

// OpenVouched is OpenPIN with a PIN that central has found right: that the slot is of an
// earlier one is nobody's mistake, and nothing to tell.
func (s *Slots) OpenVouched(ctx context.Context, user, pin string, deviceSecret []byte) (data Key, err error) {
	return s.tryPIN(ctx, user, pin, deviceSecret, true)
}

func (s *Slots) tryPIN(ctx context.Context, user, pin string, deviceSecret []byte, vouched bool) (data Key, err error) {
	const op = "slots.openpin"
	refused := s.gate.Do(ctx, op, func() {
		data, err = s.openPIN(ctx, attempt{op: op, user: user, device: deviceSecret, vouched: vouched}, pin)
	})
	if refused != nil {
		return Key{}, refused
	}
	return data, err
}

// attempt is one try of a PIN.
type attempt struct {
	op, user string
	device   []byte
	vouched  bool
	f        *slotFile
	sl       *slot
	rule     Guessing
	wrong    wrongPINs
}

// note writes what is known of the try into the file, with everything else of it.
func (s *Slots) note(a *attempt) error {
	if !a.vouched {
		if err := a.f.setWrong(s.station, a.wrong, a.device); err != nil {
			return err
		}
	}
	return s.save(a.op, a.f)
}

func (s *Slots) openPIN(ctx context.Context, a attempt, pin string) (Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	unlock, err := s.lock(a.op)
	if err != nil {
		return Key{}, err
	}
	defer unlock()
	if a.f, err = s.load(a.op); err != nil {
		return Key{}, err
	}
	if err := a.f.checkDevice(a.op, s.station, a.device); err != nil {
		return Key{}, err // before the try is counted: the person did nothing wrong
	}
	if a.sl = a.f.find(slotPIN, a.user); a.sl == nil {
		return Key{}, fault.As(fault.Unknown, a.op, a.user, words.Errorf("this computer knows no such user, or the PIN is wrong"))
	}
	a.rule = a.f.guessing(s.station, a.device)
	a.wrong, _ = a.f.wrong(s.station, a.device)
	a.wrong.settle()
	if a.sl.spent(a.rule.Tries) {
		return Key{}, s.end(&a)
	}
	if err := a.sl.Cost.check(); err != nil {
		return Key{}, fault.Wrap(a.op, a.user, err)
	}
	a.sl.Tries++
	a.sl.Once = false
	a.wrong.Begun = &WrongTry{User: a.user, At: s.now().UTC()}
	if err := s.note(&a); err != nil {
		return Key{}, err
	}
	if err := s.sleep(ctx, a.rule.delay(a.sl.Tries)); err != nil {
		return Key{}, err
	}
	known := a.sl.Cost.stretch([]byte(pin), a.sl.Salt)
	defer clear(known)
	return s.settle(&a, known)
}

// try opens a slot with what a person or central knows, and goes on to the present
// data key.
func (s *Slots) try(f *slotFile, sl *slot, known, deviceSecret []byte) (Key, error) {
	wrapped, device, err := sl.plain(s.station, deviceSecret)
	if err != nil {
		return Key{}, fault.New(fault.Corrupt, "slots.try", "", "a slot's layer is damaged")
	}
	kek := wrappingKey(known, device, sl.Salt, "slot v1")
	defer kek.Zero()
	b, err := NewSealer(kek).Open(sl.aad(s.station), wrapped)
	if err != nil {
		return Key{}, err
	}
	defer clear(b)
	opened, err := KeyFrom(b)
	if err != nil {
		return Key{}, err
	}
	defer opened.Zero()
	data, err := f.lead(sl, s.station, opened, deviceSecret)
	if err != nil {
		return Key{}, fault.New(fault.Corrupt, "slots.try", "", "the way from a slot to the data key is damaged")
	}
	return data, nil
}

// settle makes the try and writes down what came of it.
func (s *Slots) settle(a *attempt, known []byte) (Key, error) {
	data, openErr := s.try(a.f, a.sl, known, a.device)
	if openErr == nil {
		a.sl.Tries, a.wrong.Begun = 0, nil
		a.f.flatten(a.sl, s.station, known, a.device, data)
		if err := s.note(a); err != nil {
			return Key{}, err
		}
		return data, nil
	}
	if !fault.Is(openErr, fault.Denied) && !fault.Is(openErr, fault.Unknown) {
		// The key's id is right but the bytes are not: not the person's mistake.
		return Key{}, fault.As(fault.Corrupt, a.op, a.sl.User, words.Errorf("this user's entry in the key file is damaged. "+
			"What was written here is safe in the outbox file. Sign in with another user or through central, then set a new PIN"))
	}
	if a.sl.Tries >= a.rule.Tries {
		return Key{}, s.end(a)
	}
	left := a.rule.Tries - a.sl.Tries
	a.wrong.add(WrongTry{User: a.user, At: a.wrong.Begun.At})
	a.wrong.Begun = nil
	if err := s.note(a); err != nil {
		return Key{}, err
	}
	return Key{}, fault.As(fault.Unknown, a.op, a.sl.User, words.ErrorN(left, "the PIN is wrong; %d try is left", "the PIN is wrong; %d tries are left"))
}

// end refuses a try at a slot that bears no further one, and erases it where that was not
// done: the program was killed between the count of the last try and its end.
func (s *Slots) end(a *attempt) error {
	if !a.sl.empty() {
		a.sl.erase()
		a.f.tidy()
	}
	a.wrong.add(WrongTry{User: a.user, At: s.now().UTC()})
	a.wrong.Begun = nil
	if err := s.note(a); err != nil {
		return err
	}
	n := a.sl.Tries
	if n == 0 {
		n = MaxTries // somebody took the count away; what it counted is gone all the same
	}
	return fault.As(fault.Denied, a.op, a.sl.User, words.Errorf("after %d wrong PINs this user's entry was erased. "+
		"Nothing that was written is lost. Another user can still sign in; "+
		"the administrator or central can set a new PIN", n))
}

// OpenShare opens the station with central's share. It is not counted: a share
// has 128 bits or more.
func (s *Slots) OpenShare(share, deviceSecret []byte) (Key, error) {
	const op = "slots.openshare"
	s.mu.Lock()
	defer s.mu.Unlock()
	unlock, err := s.lock(op)
	if err != nil {
		return Key{}, err
	}
	defer unlock()
	f, err := s.load(op)
	if err != nil {
		return Key{}, err
	}
	if err := f.checkDevice(op, s.station, deviceSecret); err != nil {
		return Key{}, err
	}
	sl := f.find(slotShare, "")
	if sl == nil {
		return Key{}, fault.New(fault.NotFound, op, s.station, "this computer was never given a share")
	}
	data, err := s.try(f, sl, share, deviceSecret)
	if err != nil {
		return Key{}, fault.New(fault.Denied, op, s.station, "central's share does not open this computer's key file")
	}
	if f.flatten(sl, s.station, share, deviceSecret, data) {
		_ = s.save(op, f) // on a full disk it stays as it is, and opens all the same
	}
	return data, nil
}

// Users are the local users, in order of name.
func (s *Slots) Users() ([]SlotUser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.load("slots.users")
	if err != nil {
		return nil, err
	}
	var out []SlotUser
	for i := range f.Slots {
		if sl := &f.Slots[i]; sl.Kind == slotPIN {
			out = append(out, SlotUser{User: sl.User, Tries: sl.Tries, Erased: sl.erased()})
		}
	}
	slices.SortFunc(out, func(a, b SlotUser) int { return compare(a.User, b.User) })
	return out, nil
}

// HasShare says whether there is a slot that central's share opens.
func (s *Slots) HasShare() (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.load("slots.hasshare")
	return err == nil && f.find(slotShare, "") != nil, err
}

// Remove takes a user's slot away; removing nobody is no error.
func (s *Slots) Remove(user string) error {
	return s.change("slots.remove", func(f *slotFile) error {
		f.remove(slotPIN, user)
		f.tidy()
		return nil
	})
}

// SetSecret keeps a private key of the station in the file, wrapped by the
// data key.
func (s *Slots) SetSecret(name string, secret []byte, data Key) error {
	const op = "slots.setsecret"
	if name == "" || len(name) > 64 || len(secret) > 64<<10 || name == formerKeys {
		return fault.New(fault.Invalid, op, name, "a name has 1 to 64 characters, a secret at most 64 KiB")
	}
	return s.change(op, func(f *slotFile) error {
		if err := f.checkData(op, s.station, data); err != nil {
			return err
		}
		if f.Sealed == nil {
			f.Sealed = map[string][]byte{}
		}
		f.Sealed[name] = NewSealer(data.Derive("slots secrets v1")).Seal(secretAAD(s.station, name), secret)
		return nil
	})
}

// Secret returns what SetSecret kept, or fault.NotFound.
func (s *Slots) Secret(name string, data Key) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.load("slots.secret")
	if err != nil {
		return nil, err
	}
	if err := f.checkData("slots.secret", s.station, data); err != nil {
		return nil, err
	}
	sealed, ok := f.Sealed[name]
	if !ok {
		return nil, fault.New(fault.NotFound, "slots.secret", name, "the key file holds no such secret")
	}
	b, err := NewSealer(data.Derive("slots secrets v1")).Open(secretAAD(s.station, name), sealed)
	return b, fault.Wrap("slots.secret", name, err)
}

// DropSecret forgets what SetSecret kept: whatever only it opened is gone. The
// file is written anew, so that no older state of it stays behind.
func (s *Slots) DropSecret(name string) error {
	return s.change("slots.dropsecret", func(f *slotFile) error {
		delete(f.Sealed, name)
		return nil
	})
}

// Wipe writes over the file and removes it, with what an earlier state of it was left
// in: with the keyring's item gone too, nothing on this computer can be read again. Only
// central's recovery key still opens the outbox file.
//
// Whoever is about to write then, with the slots of before in hand, is refused, and
// so is every later call that writes: a file that came back would open the copy again.
// It does not wait for a try that is held up because there were many before it.
func (s *Slots) Wipe() error {
	const op = "slots.wipe"
	s.disk.Lock()
	defer s.disk.Unlock()
	s.wiped = true
	err := s.shredLeft(op)
	if gone := shredFile(s.path); !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, fault.As(fault.Unavailable, op, s.path, gone))
	}
	_ = os.Remove(s.path + lockSuffix) // says nothing; where a try holds it, some systems let it be
	return errors.Join(err, fault.As(fault.Unavailable, op, s.path, syncDir(filepath.Dir(s.path))))
}

// lock takes the lock of this and other processes on the file.
func (s *Slots) lock(op string) (unlock func(), err error) {
	s.disk.Lock()
	defer s.disk.Unlock()
	if s.wiped {
		return nil, fault.New(fault.Denied, op, s.station, "this computer's keys were destroyed")
	}
	return lockFile(op, s.path)
}

// change loads, changes and saves under the lock of this and other processes.
func (s *Slots) change(op string, edit func(*slotFile) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	unlock, err := s.lock(op)
	if err != nil {
		return err
	}
	defer unlock()
	f, err := s.load(op)
	if err != nil {
		return err
	}
	if err := edit(f); err != nil {
		return err
	}
	return s.save(op, f)
}

// deviceMark tells whether a device secret is the one the slots were made
// with. The secret has 256 random bits, so its mark gives nothing away.
func deviceMark(deviceSecret []byte) []byte {
	m := hmac.New(sha256.New, deviceSecret)
	m.Write([]byte("wardlight device mark v1"))
	return m.Sum(nil)[:8]
}
