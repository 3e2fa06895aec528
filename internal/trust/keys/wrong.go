package keys

import (
	"crypto/rand"
	"encoding/json"
	"slices"
	"time"

	"wardlight/internal/fault"
)

// Wrong PINs are on record, also those that were tried while nothing could be written
// anywhere but here: the copy of the record is closed until a PIN opens it.
//
// So the slots file keeps them until they are told, in the same write that counts the try.
// Each has a number that only grows. Whoever puts them on record keeps the last number of
// those in the same transaction, so that a kill between that and TellWrong tells none
// twice. A try that was begun stands in the file until it is known whether the PIN was
// right: a program that is killed meanwhile leaves a try of which that is not known, and
// it is told as such.
//
// The list is sealed by the device secret. Whoever may write the folder can take it away, and
// then its name is another one; or put back an older file, and then its numbers are lower
// than those that were told. Both show, unless nothing of it had been told since.
type wrongPINs struct {
	ID    string     `json:"id"`
	Seq   uint64     `json:"seq"` // of the last one
	Tries []WrongTry `json:"tries,omitempty"`
	More  *WrongMore `json:"more,omitempty"`
	Begun *WrongTry  `json:"begun,omitempty"`
}

// maxWrong bounds how many are kept one by one; those beyond are counted together.
const maxWrong = 64

// WrongTry is a sign-in that was refused.
type WrongTry struct {
	Seq  uint64    `json:"seq"`
	User string    `json:"user,omitempty"` // "": a name that has no slot here; what was typed is not kept
	At   time.Time `json:"at"`
	Cut  bool      `json:"cut,omitempty"` // broken off before it was known whether the PIN was right
}

// WrongMore are those beyond, by the numbers and times of the first and the last.
type WrongMore struct {
	First uint64    `json:"first"`
	Last  uint64    `json:"last"`
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
}

// Wrong is what is not told yet, as far as this file knows.
type Wrong struct {
	ID    string
	Seq   uint64
	Tries []WrongTry
	More  *WrongMore
}

func (w *wrongPINs) add(t WrongTry) {
	w.Seq++
	t.Seq = w.Seq
	switch {
	case w.More != nil:
		w.More.Last, w.More.To = t.Seq, t.At
	case len(w.Tries) < maxWrong:
		w.Tries = append(w.Tries, t)
	default:
		w.More = &WrongMore{First: t.Seq, Last: t.Seq, From: t.At, To: t.At}
	}
}

// settle counts a try that a killed program left begun.
func (w *wrongPINs) settle() bool {
	if w.Begun == nil {
		return false
	}
	w.add(WrongTry{User: w.Begun.User, At: w.Begun.At, Cut: true})
	w.Begun = nil
	return true
}

func wrongSealer(deviceSecret []byte) (*Sealer, error) {
	k, err := KeyFrom(deviceSecret)
	if err != nil {
		return nil, err
	}
	defer k.Zero()
	return NewSealer(k.Derive("slots wrong v1")), nil
}

func wrongAAD(station string) []byte { return []byte("wardlight wrong PINs v1\x00" + station) }

// wrong is the list; a new one where there is none, or none that this device secret sealed.
func (f *slotFile) wrong(station string, deviceSecret []byte) (w wrongPINs, there bool) {
	s, err := wrongSealer(deviceSecret)
	if err == nil && len(f.Wrong) > 0 {
		if b, err := s.Open(wrongAAD(station), f.Wrong); err == nil && json.Unmarshal(b, &w) == nil {
			return w, true
		}
	}
	return wrongPINs{ID: rand.Text()}, false
}

func (f *slotFile) setWrong(station string, w wrongPINs, deviceSecret []byte) error {
	s, err := wrongSealer(deviceSecret)
	if err != nil {
		return err
	}
	b, err := json.Marshal(w)
	if err != nil {
		return fault.Wrap("slots.wrong", station, err)
	}
	f.Wrong = s.Seal(wrongAAD(station), b)
	return nil
}

// changeWrong changes the list under the locks, and writes it where it is another.
func (s *Slots) changeWrong(op string, deviceSecret []byte, edit func(*wrongPINs) bool) (w wrongPINs, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	unlock, err := s.lock(op)
	if err != nil {
		return w, err
	}
	defer unlock()
	f, err := s.load(op)
	if err != nil {
		return w, err
	}
	if err := f.checkDevice(op, s.station, deviceSecret); err != nil {
		return w, err
	}
	w, there := f.wrong(s.station, deviceSecret)
	if !edit(&w) && there {
		return w, nil
	}
	if err := f.setWrong(s.station, w, deviceSecret); err != nil {
		return w, err
	}
	return w, s.save(op, f)
}

// Stranger counts somebody who tried to sign in and has no slot.
func (s *Slots) Stranger(deviceSecret []byte) error {
	_, err := s.changeWrong("slots.stranger", deviceSecret, func(w *wrongPINs) bool {
		w.settle()
		w.add(WrongTry{At: s.now().UTC()})
		return true
	})
	return err
}

// Untold are the wrong PINs that TellWrong has not let go yet. A file that has no list
// gets an empty one, so that it is missed where it is taken away.
func (s *Slots) Untold(deviceSecret []byte) (Wrong, error) {
	w, err := s.changeWrong("slots.untold", deviceSecret, (*wrongPINs).settle)
	return Wrong{ID: w.ID, Seq: w.Seq, Tries: w.Tries, More: w.More}, err
}

// TellWrong lets go those of a list that are on record, up to and with this number.
func (s *Slots) TellWrong(id string, seq uint64, deviceSecret []byte) error {
	_, err := s.changeWrong("slots.tellwrong", deviceSecret, func(w *wrongPINs) bool {
		if w.ID != id {
			return false
		}
		before := len(w.Tries)
		w.Tries = slices.DeleteFunc(w.Tries, func(t WrongTry) bool { return t.Seq <= seq })
		gone := w.More != nil && w.More.First <= seq
		switch {
		case gone && w.More.Last <= seq:
			w.More = nil
		case gone: // those since are another count
			w.More.First = seq + 1
		}
		return gone || len(w.Tries) != before
	})
	return err
}

// Clock makes another clock than the computer's say when a PIN was tried.
func (s *Slots) Clock(now func() time.Time) { s.now = now }
