package outbox

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// Damage is one place where the files are not as they were written.
type Damage struct {
	Segment uint64
	File    string // the file's name, without its folder
	Offset  int    // where in it
	Torn    bool   // only the end is unreadable, as after a power cut while writing
	Words   string // for a person
}

// Contents is everything that could be read.
type Contents struct {
	Station record.StationID
	Entries []Entry
	Damage  []Damage
}

// segment is one file as read.
type segment struct {
	path    string
	size    int64
	head    header
	sealer  *keys.Sealer // nil: not sealed to us
	by      string       // the recipient of ours that it is sealed to
	entries []Entry
	next    uint64      // index after the last entry
	chain   record.Hash // chain hash after the last entry
	end     int         // offset behind the last entry
	clean   bool        // nothing but zeros behind end
	damage  []Damage
}

// Read reads a segment, or all segments of a folder, in order. Damage is part
// of the result; the error says that nothing could be read: fault.NotFound,
// fault.Unavailable, or fault.Denied where the files are sealed to others.
func Read(path string, id keys.SealIdentity) (Contents, error) {
	files, err := list(path)
	if err != nil {
		return Contents{}, err
	}
	var out Contents
	var last *segment
	var denied error
	for _, f := range files {
		s, err := readSegment(f, id)
		if fault.Is(err, fault.Denied) {
			denied = err
			continue
		}
		if err != nil && s == nil {
			return out, err
		}
		out.Station = s.head.Station
		out.Damage = append(append(out.Damage, s.damage...), gap(last, s)...)
		out.Entries = append(out.Entries, s.entries...)
		last = s
	}
	if last == nil && denied != nil {
		return out, denied
	}
	if denied != nil {
		out.Damage = append(out.Damage, Damage{Words: "a segment is sealed to somebody else"})
	}
	return out, nil
}

// gap compares where one segment ends with where the next says it begins.
func gap(last, s *segment) []Damage {
	if last == nil || s.sealer == nil || last.sealer == nil || s.head.First == last.next && s.head.Chain == last.chain {
		return nil
	}
	return []Damage{{
		Segment: s.head.Segment, File: filepath.Base(s.path),
		Words: fmt.Sprintf("entries are missing before this segment: it begins at %d, what was read ends at %d", s.head.First, last.next),
	}}
}

// Recover reads every mutation that is intact in a segment or a folder of
// segments, in the order written, without those that never happened (void).
// Where something is damaged it returns what is intact and an error of kind
// fault.Corrupt that says where. Offering a mutation again is harmless:
// central knows each by its id.
func Recover(path string, id keys.SealIdentity) ([]record.Mutation, error) {
	c, err := Read(path, id)
	if err != nil {
		return nil, err
	}
	muts := c.Mutations()
	if len(c.Damage) == 0 {
		return muts, nil
	}
	var words []string
	for _, d := range c.Damage {
		words = append(words, fmt.Sprintf("%s at byte %d: %s", d.File, d.Offset, d.Words))
	}
	return muts, fault.Newf(fault.Corrupt, "outbox.recover", filepath.Base(path),
		"%d mutations were read; the rest of the file is damaged (%s)", len(muts), strings.Join(words, "; "))
}

// RecoverLooks reads every look that is intact in a segment or a folder of
// segments, in order of number: central passes over those that it has.
func RecoverLooks(path string, id keys.SealIdentity) ([]record.Look, error) {
	c, err := Read(path, id)
	if err != nil {
		return nil, err
	}
	var looks []record.Look
	for _, e := range c.Entries {
		if e.Kind == KindLook {
			looks = append(looks, e.Look)
		}
	}
	slices.SortStableFunc(looks, func(a, b record.Look) int { return cmp.Compare(a.Seq, b.Seq) })
	return slices.CompactFunc(looks, func(a, b record.Look) bool { return a.Seq == b.Seq && a.MAC == b.MAC }), nil
}

// Mutations are all that happened, in the order written, each once.
func (c Contents) Mutations() []record.Mutation {
	void := map[int]bool{}
	lastOf := map[uint64]int{}
	for i, e := range c.Entries {
		switch e.Kind {
		case KindMutation:
			if j, again := lastOf[e.Seq()]; again && !void[j] {
				void[i] = true // repaired from the cache: the same one again
				continue
			}
			lastOf[e.Seq()] = i
		case KindVoid:
			for _, seq := range e.Void {
				if j, ok := lastOf[seq]; ok {
					void[j] = true
				}
			}
		default: // the rest is no work to be recovered
		}
	}
	var out []record.Mutation
	for i, e := range c.Entries {
		if e.Kind == KindMutation && !void[i] {
			out = append(out, e.Mutation)
		}
	}
	return out
}

func list(path string) ([]string, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "outbox.read", path, "there is no such file or folder")
	}
	if err != nil {
		return nil, fault.As(fault.Unavailable, "outbox.read", path, err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	names, err := filepath.Glob(filepath.Join(path, "outbox-*.wlo"))
	if err != nil {
		return nil, fault.As(fault.Unavailable, "outbox.read", path, err)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(number(a), number(b)) })
	return names, nil
}

func name(segment uint64) string { return fmt.Sprintf("outbox-%08d.wlo", segment) }

func number(path string) uint64 {
	s := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "outbox-"), ".wlo")
	n, _ := strconv.ParseUint(s, 10, 64) // a strange name sorts first, and fails by its header
	return n
}

// maxSegment bounds what is read into memory.
const maxSegment = 64 << 20

// readSegment reads one file. A file whose header cannot be read is a segment
// of nothing but damage.
func readSegment(path string, id keys.SealIdentity) (*segment, error) {
	s := &segment{path: path, head: header{Segment: number(path)}}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fault.As(fault.Unavailable, "outbox.read", path, err)
	}
	if info.Size() > maxSegment {
		s.hurt(0, "the file is larger than any segment")
		return s, nil
	}
	b, err := os.ReadFile(path) //nolint:gosec // the station's own folder
	if err != nil {
		return nil, fault.As(fault.Unavailable, "outbox.read", path, err)
	}
	s.size = int64(len(b))
	h, at, err := decodeHeader(b)
	if fault.Is(err, fault.Unsupported) {
		return nil, err
	}
	if err != nil {
		s.hurt(0, cause(err))
		return s, nil
	}
	s.head = h
	by, _ := id.Of(h.SealedKey)
	key, err := by.Unseal(h.SealedKey)
	if fault.Is(err, fault.Denied) {
		return s, fault.Newf(fault.Denied, "outbox.read", filepath.Base(path),
			"the file is sealed to station %s and to the recovery key %s; this is neither", h.Station, h.Recovery)
	}
	k, kerr := keys.KeyFrom(key)
	if err != nil || kerr != nil {
		s.hurt(0, "the sealed key of the file is damaged; nothing in it can be read")
		return s, nil
	}
	s.sealer, s.by = keys.NewSealer(k), by.Recipient()
	s.scan(b, at)
	return s, nil
}

func (s *segment) hurt(at int, words string) {
	s.damage = append(s.damage, Damage{Segment: s.head.Segment, File: filepath.Base(s.path), Offset: at, Words: words})
}

// scan reads the entries from offset at. Behind damage it looks for the next
// place where an entry begins; sealing makes sure that none is mistaken.
func (s *segment) scan(b []byte, at int) {
	s.next, s.chain, s.end = s.head.First, s.head.Chain, at
	hole := -1 // where unreadable bytes began
	for at < len(b) {
		index, prev, plain, size := s.head.unframe(s.sealer, b[at:])
		if size == 0 {
			if rest := b[at:]; hole < 0 && allZero(rest) {
				s.clean = true
				return
			}
			if hole < 0 {
				hole = at
			}
			step := bytes.Index(b[at+1:], []byte(entryMagic))
			if step < 0 {
				break
			}
			at += 1 + step
			continue
		}
		if index < s.next {
			s.hurt(at, fmt.Sprintf("entry %d stands here a second time", index))
			at += size
			hole = -1
			continue
		}
		if hole >= 0 || index != s.next || prev != s.chain {
			s.hurt(max(hole, s.end), fmt.Sprintf("entries %d to %d are damaged, missing or out of place", s.next, int64(index)-1)) //nolint:gosec // checked against the file's size
			hole = -1
		}
		e, err := decode(plain)
		if err != nil {
			s.hurt(at, "an entry is intact but cannot be read by this program")
		} else {
			s.entries = append(s.entries, e)
		}
		s.next, s.chain = index+1, chainAfter(prev, b[at:at+size])
		at += size
		s.end = at
	}
	if hole >= 0 {
		s.hurt(hole, "the last entry is torn: it was being written when the computer stopped, or was damaged since")
		s.damage[len(s.damage)-1].Torn = true
	}
	s.clean = at >= len(b) && hole < 0
}

func allZero(b []byte) bool {
	for len(b) >= len(zeros) {
		if !bytes.Equal(b[:len(zeros)], zeros[:]) {
			return false
		}
		b = b[len(zeros):]
	}
	return bytes.Equal(b, zeros[:len(b)])
}

var zeros [4096]byte

// cause are the words of a fault without its operation.
func cause(err error) string {
	var f *fault.Error
	if errors.As(err, &f) && f.Err != nil {
		return f.Err.Error()
	}
	return err.Error()
}
