package keys

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"wardlight/internal/fault"
)

// The file is JSON: it is small, it must be readable for ever, and whoever has
// to help a station may look at it. All that is secret in it is sealed.

type slotKind string

const (
	slotPIN   slotKind = "pin"
	slotShare slotKind = "share"
)

type slot struct {
	Kind    slotKind `json:"kind"`
	User    string   `json:"user,omitempty"`
	Salt    []byte   `json:"salt"`
	Cost    Cost     `json:"cost"`
	Tries   int      `json:"tries,omitempty"`
	Once    bool     `json:"once,omitempty"`    // one more try, though Tries are too many by what was set since
	Wrapped []byte   `json:"wrapped,omitempty"` // the data key; none, and no Under: erased
	Under   []byte   `json:"under,omitempty"`   // instead of Wrapped, since a change of the device secret: see under
	Data    string   `json:"data,omitempty"`    // dataMark of the data key that it opens; "": the present one
}

func (s *slot) empty() bool { return len(s.Wrapped) == 0 && len(s.Under) == 0 }

func (s *slot) erased() bool { return s.empty() || s.Tries >= MaxTries }

// spent says that there is no further try where so many are allowed.
func (s *slot) spent(most int) bool { return s.erased() || s.Tries >= most && !s.Once }

func (s *slot) erase() { s.Wrapped, s.Under, s.Data, s.Once = nil, nil, "", false }

// aad binds a slot to what it is for; the parts cannot run together.
func (s *slot) aad(station string) []byte {
	return []byte(strings.Join([]string{"wardlight slot v1", string(s.Kind), s.User, station}, "\x00"))
}

func secretAAD(station, name string) []byte {
	return []byte(strings.Join([]string{"wardlight secret v1", station, name}, "\x00"))
}

const slotFormat = "wardlight slots"

type slotFile struct {
	Format  string            `json:"format"`
	Version int               `json:"version"`
	Station string            `json:"station"`
	Device  []byte            `json:"device,omitempty"` // deviceMark
	Slots   []slot            `json:"slots"`
	Sealed  map[string][]byte `json:"sealed,omitempty"`
	Since   time.Time         `json:"since,omitzero"`    // of the present device secret
	Data    string            `json:"data,omitempty"`    // dataMark of the present data key; "": never changed
	Bridges map[string][]byte `json:"bridges,omitempty"` // from a former data key (its dataMark) to the present one
	// Guessing is what central set; nil: the default. Programs of before it leave it out
	// when they write the file, and go by the default.
	Guessing *keptGuessing `json:"guessing,omitempty"`
	Wrong    []byte        `json:"wrong,omitempty"` // wrongPINs, sealed by the device secret
}

// maxSlotFile bounds the file: a thousand users are 400 KB.
const maxSlotFile = 4 << 20

func (s *Slots) load(op string) (*slotFile, error) {
	info, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return &slotFile{Format: slotFormat, Version: 1, Station: s.station}, nil
	}
	if err != nil {
		return nil, fault.As(fault.Unavailable, op, s.path, err)
	}
	damaged := fault.New(fault.Corrupt, op, s.path, "the key file is damaged. "+
		"What was written on this computer is safe in the outbox file, which central's recovery key opens. "+
		"Put the file back from a copy, or enrol the computer again")
	if info.Size() > maxSlotFile {
		return nil, damaged
	}
	b, err := os.ReadFile(s.path)
	if err != nil {
		return nil, fault.As(fault.Unavailable, op, s.path, err)
	}
	f := new(slotFile)
	if json.Unmarshal(b, f) != nil || f.Format != slotFormat {
		return nil, damaged
	}
	if f.Version != 1 && f.Version != 2 {
		return nil, fault.Newf(fault.Unsupported, op, s.path, "the key file has version %d; a newer program wrote it", f.Version)
	}
	if f.Station != s.station {
		return nil, fault.New(fault.Invalid, op, s.path, "the key file belongs to another station")
	}
	return f, nil
}

func (s *Slots) save(op string, f *slotFile) error {
	b, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		return fault.As(fault.Invalid, op, s.path, err)
	}
	s.disk.Lock()
	defer s.disk.Unlock()
	if s.wiped {
		return fault.New(fault.Denied, op, s.station, "this computer's keys were destroyed")
	}
	return writeFile(op, s.path, append(b, '\n'))
}

func (f *slotFile) find(kind slotKind, user string) *slot {
	for i := range f.Slots {
		if f.Slots[i].Kind == kind && f.Slots[i].User == user {
			return &f.Slots[i]
		}
	}
	return nil
}

func (f *slotFile) remove(kind slotKind, user string) {
	f.Slots = slices.DeleteFunc(f.Slots, func(s slot) bool { return s.Kind == kind && s.User == user })
}

func (f *slotFile) checkDevice(op, station string, deviceSecret []byte) error {
	if len(f.Device) == 0 || bytes.Equal(f.Device, deviceMark(deviceSecret)) {
		return nil
	}
	return fault.New(fault.Denied, op, station, "the keyring's secret does not belong to this key file: "+
		"the keyring was reset, or the folder comes from another computer. No try was counted. "+
		"What was written here is safe in the outbox file. Ask the administrator to enrol this computer again")
}

func compare(a, b string) int { return strings.Compare(a, b) }
