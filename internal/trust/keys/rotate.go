package keys

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"wardlight/internal/fault"
)

// Another device secret and another data key, with nobody's PIN at hand.
//
// A slot cannot be made anew without the PIN (or the share) that stretches into
// its wrapping key. So a change wraps the slot as it is once more: what it held,
// and the device secret that it was made with, are sealed by the new device secret
// (slot.Under). Whoever has the former device secret and the file can then not even
// begin to guess. The slot still opens the data key of before; from that one and
// the new device secret together a bridge leads to the present one
// (slotFile.Bridges). When the person next gives the PIN the slot is made plain
// again. However many changes come between, there is one layer: it is opened and
// made anew each time.
//
// Data keys of before, of which bridges still begin, are kept sealed by the
// present one: they protect nothing else any more.
//
// A file with such a slot has version 2, which earlier programs refuse in words;
// without any it is version 1 again, and they read it.

const (
	// formerKeys names the former data keys among the file's secrets.
	formerKeys = "former data keys"
	// replacedSuffix is that of the file of before while it is written over.
	replacedSuffix = ".replaced"
	// maxFormer bounds how many changes a slot outlives that nobody opens.
	maxFormer = 16
)

// under is what slot.Under seals.
type under struct {
	Device  []byte `json:"device"`  // with which the slot was made
	Wrapped []byte `json:"wrapped"` // what it held
}

func (s *slot) underAAD(station string) []byte { return append(s.aad(station), "\x00under v2"...) }

func outer(deviceSecret []byte) (*Sealer, error) {
	k, err := KeyFrom(deviceSecret)
	if err != nil {
		return nil, err
	}
	defer k.Zero()
	return NewSealer(k.Derive("slot under v2")), nil
}

// bridge seals and opens the present data key by an earlier one and the present
// device secret.
func bridge(from Key, deviceSecret []byte) *Sealer {
	return NewSealer(wrappingKey(from[:], deviceSecret, nil, "data key bridge v2"))
}

func bridgeAAD(station, from string) []byte {
	return []byte("wardlight data key bridge v2\x00" + station + "\x00" + from)
}

// dataMark names a data key in the file; it tells nothing about it.
func dataMark(data Key) string {
	m := hmac.New(sha256.New, data[:])
	m.Write([]byte("wardlight data key mark v2"))
	return hex.EncodeToString(m.Sum(nil)[:8])
}

// checkData refuses a data key that was the file's before the last change.
func (f *slotFile) checkData(op, station string, data Key) error {
	if f.Data == "" || f.Data == dataMark(data) {
		return nil
	}
	return fault.New(fault.Conflict, op, station, "the keys of this computer were changed meanwhile; nothing was written. Try again")
}

// plain finds what a slot wraps, and the device secret that it was made with.
func (s *slot) plain(station string, deviceSecret []byte) (wrapped, device []byte, err error) {
	if len(s.Under) == 0 {
		return s.Wrapped, deviceSecret, nil
	}
	o, err := outer(deviceSecret)
	if err != nil {
		return nil, nil, err
	}
	b, err := o.Open(s.underAAD(station), s.Under)
	if err != nil {
		return nil, nil, err
	}
	defer clear(b)
	var u under
	if json.Unmarshal(b, &u) != nil || len(u.Device) != KeySize {
		return nil, nil, fault.New(fault.Corrupt, "slots.plain", "", "a slot's layer is damaged")
	}
	return u.Wrapped, u.Device, nil
}

// lead goes from the data key that a slot opened to the present one.
func (f *slotFile) lead(s *slot, station string, opened Key, deviceSecret []byte) (Key, error) {
	if s.Data == "" {
		return opened, nil
	}
	b, err := bridge(opened, deviceSecret).Open(bridgeAAD(station, s.Data), f.Bridges[s.Data])
	if err != nil {
		return Key{}, err
	}
	defer clear(b)
	return KeyFrom(b)
}

// flatten makes a slot plain again, now that its wrapping key can be made; it says
// whether there was anything to do.
func (f *slotFile) flatten(s *slot, station string, known, deviceSecret []byte, data Key) bool {
	if len(s.Under) == 0 && s.Data == "" {
		return false
	}
	s.Wrapped = NewSealer(wrappingKey(known, deviceSecret, s.Salt, "slot v1")).Seal(s.aad(station), data[:])
	s.Under, s.Data = nil, ""
	f.tidy()
	return true
}

// tidy drops bridges that no slot needs, and gives the file the lowest version
// that says all of it.
func (f *slotFile) tidy() {
	f.Version = 1
	need := map[string]bool{}
	for i := range f.Slots {
		if s := &f.Slots[i]; len(s.Under) > 0 || s.Data != "" {
			f.Version, need[s.Data] = 2, true
		}
	}
	for id := range f.Bridges {
		if !need[id] {
			delete(f.Bridges, id)
		}
	}
	if len(f.Bridges) == 0 {
		f.Bridges = nil
		delete(f.Sealed, formerKeys)
	}
}

// Change is another device secret and another data key of a station.
type Change struct {
	OldDevice, NewDevice []byte
	OldData, NewData     Key
	Now                  time.Time
	// Keep are secrets to be kept under the new data key where the file holds none
	// of their names: what the old data key itself has been used for.
	Keep map[string][]byte
	// Replace are secrets that are other ones from now on, in the same step.
	Replace map[string][]byte
}

// Rotate changes device secret and data key in one step on disk: a crash leaves
// the file of before, which only the old pair opens, or the new one. Every PIN and
// the share go on opening it, with their counts of wrong tries. The caller has
// made the new device secret durable beside the old one before, and lets the old
// one go afterwards. The file of before is written over.
func (s *Slots) Rotate(c Change) error {
	const op = "slots.rotate"
	if len(c.NewDevice) != KeySize || c.NewData.IsZero() || c.NewData == c.OldData {
		return fault.New(fault.Invalid, op, s.station, "the new keys are missing")
	}
	err := s.change(op, func(f *slotFile) error {
		if err := f.checkDevice(op, s.station, c.OldDevice); err != nil {
			return err
		}
		if err := f.checkData(op, s.station, c.OldData); err != nil {
			return err
		}
		if err := f.layer(op, s.station, c); err != nil {
			return err
		}
		// A second name for the file of before, so that it can be written over once
		// the new one is in its place. Where the disk knows no second names its blocks
		// are only given back.
		_ = os.Link(s.path, s.path+replacedSuffix)
		return nil
	})
	if err != nil {
		return err
	}
	return s.Sweep()
}

// layer changes every part of the file.
func (f *slotFile) layer(op, station string, c Change) error {
	over, err := outer(c.NewDevice)
	if err != nil {
		return err
	}
	for i := range f.Slots {
		sl := &f.Slots[i]
		if sl.erased() {
			continue
		}
		wrapped, device, err := sl.plain(station, c.OldDevice)
		if err != nil {
			return fault.Wrap(op, sl.User, err)
		}
		b, err := json.Marshal(under{Device: device, Wrapped: wrapped})
		if err != nil {
			return fault.Wrap(op, sl.User, err)
		}
		sl.Under, sl.Wrapped = over.Seal(sl.underAAD(station), b), nil
		clear(b)
		if sl.Data == "" {
			sl.Data = dataMark(c.OldData)
		}
	}
	former, err := f.former(op, station, c.OldData)
	if err != nil {
		return err
	}
	if err := f.reseal(station, c); err != nil {
		return fault.Wrap(op, station, err)
	}
	f.setGuessing(station, f.guessing(station, c.OldDevice), c.NewDevice)
	if wrong, there := f.wrong(station, c.OldDevice); there {
		if err := f.setWrong(station, wrong, c.NewDevice); err != nil {
			return err
		}
	}
	f.Device, f.Data, f.Since = deviceMark(c.NewDevice), dataMark(c.NewData), c.Now.UTC()
	return f.build(station, former, c)
}

// former are the data keys before the present one, which the present one opens,
// and itself.
func (f *slotFile) former(op, station string, data Key) ([]Key, error) {
	var list []Key
	if sealed, ok := f.Sealed[formerKeys]; ok {
		b, err := NewSealer(data.Derive("slots secrets v1")).Open(secretAAD(station, formerKeys), sealed)
		if err != nil {
			return nil, fault.Wrap(op, formerKeys, err)
		}
		defer clear(b)
		if len(b)%KeySize != 0 {
			return nil, fault.New(fault.Corrupt, op, formerKeys, "the former data keys are damaged")
		}
		for k := range slices.Chunk(b, KeySize) {
			list = append(list, Key(k))
		}
	}
	return append(list, data), nil
}

// reseal puts every secret under the new data key.
func (f *slotFile) reseal(station string, c Change) error {
	from, to := NewSealer(c.OldData.Derive("slots secrets v1")), NewSealer(c.NewData.Derive("slots secrets v1"))
	delete(f.Sealed, formerKeys) // made anew by build
	for name, sealed := range f.Sealed {
		b, err := from.Open(secretAAD(station, name), sealed)
		if err != nil {
			return fault.Wrap("slots.reseal", name, err)
		}
		f.Sealed[name] = to.Seal(secretAAD(station, name), b)
		clear(b)
	}
	for name, b := range c.Keep {
		if _, there := f.Sealed[name]; there {
			continue
		}
		if f.Sealed == nil {
			f.Sealed = map[string][]byte{}
		}
		f.Sealed[name] = to.Seal(secretAAD(station, name), b)
	}
	for name, b := range c.Replace {
		if f.Sealed == nil {
			f.Sealed = map[string][]byte{}
		}
		f.Sealed[name] = to.Seal(secretAAD(station, name), b)
	}
	return nil
}

// build makes the bridges anew, from every former data key that a slot opens. A
// slot that nobody has opened for maxFormer changes goes.
func (f *slotFile) build(station string, former []Key, c Change) error {
	if len(former) > maxFormer {
		former = former[len(former)-maxFormer:]
	}
	f.Bridges = map[string][]byte{}
	var kept []byte
	for _, k := range former {
		id := dataMark(k)
		if !slices.ContainsFunc(f.Slots, func(s slot) bool { return s.Data == id }) {
			continue
		}
		f.Bridges[id] = bridge(k, c.NewDevice).Seal(bridgeAAD(station, id), c.NewData[:])
		kept = append(kept, k[:]...)
	}
	defer clear(kept)
	f.Slots = slices.DeleteFunc(f.Slots, func(s slot) bool { return s.Data != "" && f.Bridges[s.Data] == nil })
	if len(kept) > 0 {
		if f.Sealed == nil {
			f.Sealed = map[string][]byte{}
		}
		f.Sealed[formerKeys] = NewSealer(c.NewData.Derive("slots secrets v1")).Seal(secretAAD(station, formerKeys), kept)
	}
	f.tidy()
	return nil
}

// Fits says whether the file was made with this device secret: of two, between
// which a change was broken off, the one that fits is the present one.
func (s *Slots) Fits(deviceSecret []byte) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.load("slots.fits")
	return err == nil && f.checkDevice("slots.fits", s.station, deviceSecret) == nil, err
}

// Since is when the present device secret came into use, as far as is known: at
// the last change, or when Mark noted it; the zero time: not known.
func (s *Slots) Since() (time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.load("slots.since")
	if err != nil {
		return time.Time{}, err
	}
	return f.Since, nil
}

// Mark notes a time for a device secret whose age is not known.
func (s *Slots) Mark(now time.Time) error {
	return s.change("slots.mark", func(f *slotFile) error {
		if f.Since.IsZero() {
			f.Since = now.UTC()
		}
		return nil
	})
}

// Sweep writes over and removes what an earlier state of the file was left in: by
// a change, or by a crash between writing a file and putting it in place. On flash
// the device may keep what was there all the same.
func (s *Slots) Sweep() error {
	const op = "slots.sweep"
	s.mu.Lock()
	defer s.mu.Unlock()
	unlock, err := s.lock(op)
	if err != nil {
		return err
	}
	defer unlock()
	return s.shredLeft(op)
}

// shredLeft writes over and removes what an earlier state of the file was left in.
func (s *Slots) shredLeft(op string) error {
	left, err := filepath.Glob(s.path + ".new-*")
	if err != nil {
		return fault.As(fault.Invalid, op, s.path, err)
	}
	for _, path := range append(left, s.path+replacedSuffix) {
		if err := s.shred(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fault.As(fault.Unavailable, op, filepath.Base(path), err)
		}
	}
	return nil
}

// shred writes zeros over a file and removes it. Where it is the slots file itself
// under a second name, because a change broke off before the new one was in place,
// only the name goes.
func (s *Slots) shred(path string) error {
	is, err := os.Stat(path)
	if err != nil {
		return err
	}
	if now, err := os.Stat(s.path); err == nil && os.SameFile(is, now) {
		return os.Remove(path)
	}
	return shredFile(path)
}

func shredFile(path string) error {
	is, err := os.Stat(path)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0) //nolint:gosec // beside the slots file
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, min(is.Size(), maxSlotFile)))
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(path))
}
