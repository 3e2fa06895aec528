package demo

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"regexp"
	"sort"
	"strings"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
)

// Sending is one HL7 message that the hospital will send.
type Sending struct {
	File      string // where it comes from
	N         int    // its place in the file, from 1
	ControlID string
	Raw       []byte
	Why       string // duplicate, late, out of order, corrected, malformed, or ""
}

var stamp = regexp.MustCompile(`\{T([+-]\d+)([smh])\}`)

// At puts real times in the place of {T-3h}: so long before (or after) base.
func At(raw []byte, base time.Time) []byte {
	return stamp.ReplaceAllFunc(raw, func(m []byte) []byte {
		parts := stamp.FindSubmatch(m)
		d, err := time.ParseDuration(string(parts[1]) + string(parts[2]))
		if err != nil {
			return m // the pattern admits only durations
		}
		return []byte(hl7.FormatTime(base.Add(d)))
	})
}

// File is one file of a folder, with the messages in it: none where it is no HL7.
type File struct {
	Name     string
	Messages []Sending
}

// LoadFiles reads a folder's files in order of name, each split at MSH.
func LoadFiles(dir fs.FS, base time.Time) ([]File, error) {
	var names []string
	err := fs.WalkDir(dir, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		return nil, fault.As(fault.NotFound, "demo.load", "", err)
	}
	sort.Strings(names)
	var files []File
	for _, name := range names {
		b, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, fault.As(fault.Unavailable, "demo.load", name, err)
		}
		f := File{Name: name}
		for i, raw := range hl7.Messages(At(b, base)) {
			f.Messages = append(f.Messages, Sending{File: name, N: i + 1, ControlID: hl7.ReadHeader(raw).ControlID, Raw: raw})
		}
		files = append(files, f)
	}
	return files, nil
}

// Load reads a folder's HL7 files in order of name, split at MSH. What is not
// HL7 is skipped.
func Load(dir fs.FS, base time.Time) ([]Sending, error) {
	files, err := LoadFiles(dir, base)
	var list []Sending
	for _, f := range files {
		list = append(list, f.Messages...)
	}
	return list, err
}

// LoadFolder is Load for a folder on disk.
func LoadFolder(dir string, base time.Time) ([]Sending, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, fault.Newf(fault.NotFound, "demo.load", dir, "there is no folder %s", dir)
	}
	return Load(os.DirFS(dir), base)
}

// Trouble disturbs a feed as real senders do, from a seed: some messages come
// twice, some results arrive after younger ones, some control ids are used
// again, and some messages are cut short. A registration never moves behind
// the results of its patient: that would be another story (the results are
// held back).
func Trouble(list []Sending, rng *rand.Rand) []Sending {
	var adt, rest []Sending
	for _, s := range list {
		if hl7.ReadHeader(s.Raw).Type.Code == "ADT" {
			adt = append(adt, s)
		} else {
			rest = append(rest, s)
		}
	}
	var out []Sending
	for _, s := range rest {
		switch p := rng.IntN(100); {
		case p < 8 && len(out) > 0: // late: changes place with an earlier one
			s.Why = "late"
			at := rng.IntN(len(out))
			out = append(out[:at], append([]Sending{s}, out[at:]...)...)
		default:
			out = append(out, s)
		}
		if rng.IntN(100) < 10 {
			twin := s
			twin.Why = "duplicate"
			out = append(out, twin)
		}
		if rng.IntN(100) < 4 {
			out = append(out, cutShort(s, rng))
		}
	}
	return append(adt, out...)
}

// cutShort is what a broken line makes of a message: under another control id,
// so that it is a message of its own.
func cutShort(s Sending, rng *rand.Rand) Sending {
	id := fmt.Sprintf("%sX%02d", s.ControlID, rng.IntN(100))
	raw := strings.Replace(string(s.Raw), "|"+s.ControlID+"|", "|"+id+"|", 1)
	head := strings.IndexByte(raw, '\r') + 1
	if head <= 0 || head >= len(raw)-20 {
		head = len(raw) / 2
	}
	cut := head + rng.IntN(max(1, (len(raw)-head)/2))
	return Sending{File: s.File, N: s.N, ControlID: id, Raw: []byte(raw[:cut]), Why: "malformed"}
}
