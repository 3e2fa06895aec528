// Package wardpack keeps the ward pack that is ready before anybody asks for it:
// the sheets that a ward goes on with on paper, already drawn, so that they can be
// printed when the copy of the record cannot be opened and central does not answer.
//
// A pack is one file of its own, beside the copy and not in it. What it promises:
//   - No sheet is ever on the disk in the clear: a pack is sealed with a key of the
//     caller's (AES-256-GCM), bound to what is said of it outside.
//   - When it was made, up to when it was right and of how many patients it is can be
//     read without the key; nothing there names anybody.
//   - A pack that was changed, cut short or sealed with another key is not opened. The
//     one before it then is.
//   - A crash while one is put away leaves the ones before.
//
// Methods may be called from several goroutines, Put and Erase from one at a time.
package wardpack

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
	"wardlight/internal/words"
)

// Keep is how many packs are kept: the newest, and the one before it for the day on
// which the newest is damaged.
const Keep = 2

// maxBytes bounds one pack on disk.
const maxBytes = 64 << 20

// About is what may be known of a pack without opening it.
type About struct {
	Made     time.Time `json:"made"`
	AsOf     time.Time `json:"asOf"` // up to here everything was in it
	Patients int       `json:"patients"`
}

// Pack is a pack that is open.
type Pack struct {
	About
	Ward string    // whose list it is; "" for everybody on the computer
	Who  []fhir.ID // whose sheets are in it
	PDF  []byte
}

// Shelf is the folder with the packs of one computer.
type Shelf struct{ Dir string }

// A file is: "WLPK", the version, the length of About (uint16, big endian), About as
// JSON, and the rest sealed, with all that stands before it as additional data. Sealed
// is the length of inside (uint32), inside as JSON, and the PDF.
const (
	magic   = "WLPK"
	version = 1
	ending  = ".wlpack"
)

type inside struct {
	Ward string    `json:"ward"`
	Who  []fhir.ID `json:"who"`
}

// Put puts a pack away, the newest from now on, and lets go what is more than Keep.
func (s Shelf) Put(key keys.Key, p Pack) error {
	const op = "wardpack.put"
	p.Patients, p.Made = len(p.Who), p.Made.UTC()
	p.AsOf = p.AsOf.UTC()
	about, err := json.Marshal(p.About)
	if err != nil {
		return fault.As(fault.Invalid, op, "", err)
	}
	in, err := json.Marshal(inside{p.Ward, p.Who})
	if err != nil {
		return fault.As(fault.Invalid, op, "", err)
	}
	head := append([]byte(magic), version)
	head = append(binary.BigEndian.AppendUint16(head, uint16(len(about))), about...) //nolint:gosec // a hundred bytes
	plain := binary.BigEndian.AppendUint32(nil, uint32(len(in)))                     //nolint:gosec // ids of three hundred patients
	plain = append(append(plain, in...), p.PDF...)
	file := keys.NewSealer(key).Append(head, head, plain)
	if len(file) > maxBytes {
		return fault.New(fault.Full, op, "", "the ward pack is too large to be kept")
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return fault.As(fault.Unavailable, op, "", err)
	}
	path := filepath.Join(s.Dir, fmt.Sprintf("%013d%s", p.Made.UnixMilli(), ending))
	if err := writeSynced(path, file); err != nil {
		return fault.As(fault.Unavailable, op, "", err)
	}
	return s.eraseBut(Keep)
}

// Newest is what is known of the newest pack; ok is false where there is none.
func (s Shelf) Newest() (a About, ok bool) {
	for _, path := range s.files() {
		if a, _, err := parse(beginning(path)); err == nil {
			return a, true
		}
	}
	return About{}, false
}

// beginning is enough of a file to know what is said of it outside; nothing where it
// cannot be read.
func beginning(path string) []byte {
	f, err := os.Open(path) //nolint:gosec // the station's own folder
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }() // it was only read
	b, _ := io.ReadAll(io.LimitReader(f, 4<<10))
	return b
}

// Open opens the newest pack that can be. With none at all it is fault.NotFound;
// otherwise the error is the newest one's.
func (s Shelf) Open(key keys.Key) (Pack, error) {
	const op = "wardpack.open"
	first := fault.As(fault.NotFound, op, "", words.Errorf("No ward pack is kept on this computer."))
	for i, path := range s.files() {
		p, err := open(key, path)
		if err == nil {
			return p, nil
		}
		if i == 0 {
			first = err
		}
	}
	return Pack{}, fault.Wrap(op, "", first)
}

func open(key keys.Key, path string) (Pack, error) {
	b, err := readFile(path)
	if err != nil {
		return Pack{}, err
	}
	about, head, err := parse(b)
	if err != nil {
		return Pack{}, err
	}
	plain, err := keys.NewSealer(key).Open(b[:head], b[head:])
	if err != nil {
		return Pack{}, err
	}
	if len(plain) < 4 || int64(binary.BigEndian.Uint32(plain)) > int64(len(plain)-4) {
		return Pack{}, fault.New(fault.Corrupt, "wardpack.open", "", "the ward pack is cut short")
	}
	n := 4 + int(binary.BigEndian.Uint32(plain))
	var in inside
	if err := json.Unmarshal(plain[4:n], &in); err != nil {
		return Pack{}, fault.As(fault.Corrupt, "wardpack.open", "", err)
	}
	return Pack{About: about, Ward: in.Ward, Who: in.Who, PDF: plain[n:]}, nil
}

// parse reads what stands before the sealed part, and where that begins.
func parse(b []byte) (a About, head int, err error) {
	const op = "wardpack.parse"
	at := len(magic) + 1
	switch {
	case len(b) < at+2 || !bytes.HasPrefix(b, []byte(magic)):
		return a, 0, fault.New(fault.Corrupt, op, "", "this is no ward pack")
	case b[len(magic)] != version:
		return a, 0, fault.Newf(fault.Unsupported, op, "", "ward pack format %d is not known to this program", b[len(magic)])
	}
	head = at + 2 + int(binary.BigEndian.Uint16(b[at:]))
	if head > len(b) {
		return a, 0, fault.New(fault.Corrupt, op, "", "the ward pack is cut short")
	}
	return a, head, fault.As(fault.Corrupt, op, "", json.Unmarshal(b[at+2:head], &a))
}

// Erase removes every pack.
func (s Shelf) Erase() error {
	return fault.As(fault.Unavailable, "wardpack.erase", "", os.RemoveAll(s.Dir))
}

// EraseOlder removes every pack but the newest.
func (s Shelf) EraseOlder() error { return s.eraseBut(1) }

func (s Shelf) eraseBut(n int) error {
	var err error
	files := s.files()
	for _, path := range files[min(n, len(files)):] {
		if e := os.Remove(path); !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return fault.As(fault.Unavailable, "wardpack.erase", "", err)
}

// files are the packs' paths, the newest first. What a crash left half written is none of them.
func (s Shelf) files() []string {
	entries, _ := os.ReadDir(s.Dir) // no folder, no packs
	var out []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ending) {
			out = append(out, filepath.Join(s.Dir, e.Name()))
		}
	}
	slices.Sort(out)
	slices.Reverse(out)
	return out
}

func readFile(path string) ([]byte, error) {
	i, err := os.Stat(path)
	if err != nil {
		return nil, fault.As(fault.Unavailable, "wardpack.read", "", err)
	}
	if i.Size() > maxBytes {
		return nil, fault.New(fault.Corrupt, "wardpack.read", "", "the ward pack is larger than one can be")
	}
	b, err := os.ReadFile(path) //nolint:gosec // the station's own folder
	return b, fault.As(fault.Unavailable, "wardpack.read", "", err)
}

// writeSynced writes a file so that a crash leaves the whole of it or nothing. The
// unfinished one has always the same name: the next takes its place.
func writeSynced(path string, b []byte) error {
	unfinished := filepath.Join(filepath.Dir(path), "unfinished")
	f, err := os.OpenFile(unfinished, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // the station's own folder
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(unfinished, path)
	}
	return err
}
