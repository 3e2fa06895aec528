package rawlog

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// A segment begins with eight bytes that name format and version, and a sealed
// word that shows a wrong key at once. Then frames:
//
//	length   4 bytes: of what is sealed
//	tag     16 bytes: of the message's SHA-256, under the log's key
//	check   32 bytes: SHA-256 over length, tag and what is sealed
//	sealed  the record, bound to segment and offset
//
// What is sealed is: version byte, received (8 bytes), length of the channel's
// name (2 bytes), the name, the raw bytes.
const (
	segmentVersion = 1
	recordVersion  = 1
	frameHead      = 4 + tagSize + sha256.Size
	tagSize        = 16
	canary         = "wardlight raw log segment"
	headSize       = 8 + len(canary) + keys.Overhead
	maxSealed      = MaxMessage + 1<<16 + keys.Overhead + 32
)

var segmentMagic = [8]byte{'W', 'L', 'R', 'A', 'W', 0, 0, segmentVersion}

// tag stands for a message's SHA-256 in frames and indexes: without the key it
// does not even tell whether a guessed message was received.
type tag [tagSize]byte

// segment is one file.
type segment struct {
	o        *Options
	n        uint32
	f        *os.File
	seal     *keys.Sealer
	tags     keys.Key
	size     int64 // durable
	index    map[tag]int64
	headless bool // the file ends before its header does
}

// newSegment is a segment under one of the log's keys.
func newSegment(o *Options, n uint32, f *os.File, key keys.Key) *segment {
	s := &segment{o: o, n: n, f: f, index: map[tag]int64{}}
	s.under(key)
	return s
}

func (s *segment) under(key keys.Key) {
	s.seal = keys.NewSealer(key.Derive("raw log segment " + strconv.FormatUint(uint64(s.n), 10)))
	s.tags = key.Derive(tagsPurpose)
}

const tagsPurpose = "raw log tags"

func (s *segment) tagOf(h Hash) tag { return tagOf(s.tags, h) }

func tagOf(tags keys.Key, h Hash) tag {
	sum := sha256.Sum256(append(append([]byte{}, tags[:]...), h[:]...))
	return tag(sum[:tagSize])
}

// makeSegment makes an empty segment, durable with its name.
func makeSegment(o *Options, n uint32) (*segment, error) {
	const op = "rawlog.segment"
	f, err := os.OpenFile(segmentFile(o.Dir, n), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, diskErr(op, o.Dir, err)
	}
	s := newSegment(o, n, f, o.ring.all()[0])
	head := append(segmentMagic[:], s.seal.Seal(s.place(0), []byte(canary))...)
	if err = o.write(f, head, 0); err == nil {
		err = o.sync(f)
	}
	if err == nil {
		err = syncDir(o.Dir)
	}
	if err != nil {
		_ = f.Close()
		return nil, diskErr(op, o.Dir, err)
	}
	s.size = int64(headSize)
	return s, nil
}

// openSegment opens a segment and checks its header. A segment whose header is
// incomplete is returned together with the fault.
func openSegment(o *Options, n uint32) (*segment, error) {
	const op = "rawlog.segment"
	name := filepath.Base(segmentFile(o.Dir, n))
	f, err := os.OpenFile(segmentFile(o.Dir, n), os.O_RDWR, 0)
	if err != nil {
		return nil, diskErr(op, name, err)
	}
	s := newSegment(o, n, f, o.ring.all()[0])
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, diskErr(op, name, err)
	}
	s.size = info.Size()
	if s.size < int64(headSize) {
		s.headless = true
		return s, fault.New(fault.Corrupt, op, name, "the segment ends before its header does")
	}
	if err := s.checkHead(op, name); err != nil {
		_ = f.Close()
		return nil, err
	}
	return s, nil
}

func (s *segment) checkHead(op, name string) error {
	head := make([]byte, headSize)
	if _, err := s.f.ReadAt(head, 0); err != nil {
		return diskErr(op, name, err)
	}
	if [7]byte(head[:7]) != [7]byte(segmentMagic[:7]) {
		return fault.New(fault.Corrupt, op, name, "this is no segment of a raw log")
	}
	if head[7] != segmentVersion {
		return fault.Newf(fault.Unsupported, op, name, "segment format %d is not known to this program; a newer one wrote it", head[7])
	}
	for _, k := range s.o.ring.all() {
		if s.under(k); s.seal.Sealed(head[8:]) {
			break
		}
	}
	_, err := s.seal.Open(s.place(0), head[8:])
	return fault.Wrap(op, name, err)
}

// place is what a sealed part is bound to.
func (s *segment) place(at int64) []byte {
	b := binary.BigEndian.AppendUint32([]byte("wardlight raw log v1\x00"), s.n)
	return binary.BigEndian.AppendUint64(b, uint64(at)) //nolint:gosec // an offset is positive
}

// frame makes the bytes of a record that will stand at an offset.
func (s *segment) frame(r Record, at int64) []byte {
	plain := make([]byte, 0, 11+len(r.Channel)+len(r.Raw))
	plain = append(plain, recordVersion)
	plain = binary.BigEndian.AppendUint64(plain, uint64(r.Received))     //nolint:gosec // and back again
	plain = binary.BigEndian.AppendUint16(plain, uint16(len(r.Channel))) //nolint:gosec // Append bounds it
	plain = append(append(plain, r.Channel...), r.Raw...)
	sealed := s.seal.Seal(s.place(at), plain)
	b := binary.BigEndian.AppendUint32(nil, uint32(len(sealed))) //nolint:gosec // Append bounds it
	t := s.tagOf(r.Hash)
	b = append(b, t[:]...)
	check := sha256.New()
	check.Write(b)
	check.Write(sealed)
	return append(check.Sum(b), sealed...)
}

// errTorn is a frame that is not whole.
var errTorn = errors.New("a frame is not whole")

// readFrame reads one frame from a reader: its tag and what is sealed.
func readFrame(r io.Reader) (t tag, sealed []byte, err error) {
	var head [frameHead]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		if err == io.EOF {
			return t, nil, io.EOF
		}
		return t, nil, tornOr(err)
	}
	size := binary.BigEndian.Uint32(head[:4])
	if size > maxSealed {
		return t, nil, errTorn
	}
	sealed = make([]byte, size)
	if _, err := io.ReadFull(r, sealed); err != nil {
		return t, nil, tornOr(err)
	}
	check := sha256.New()
	check.Write(head[:4+tagSize])
	check.Write(sealed)
	if [sha256.Size]byte(check.Sum(nil)) != [sha256.Size]byte(head[4+tagSize:]) {
		return t, nil, errTorn
	}
	return tag(head[4 : 4+tagSize]), sealed, nil
}

func tornOr(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errTorn
	}
	return err
}

// record opens what a frame at an offset sealed.
func (s *segment) record(sealed []byte, at int64) (Record, error) {
	const op = "rawlog.read"
	where := s.where(at)
	plain, err := s.seal.Open(s.place(at), sealed)
	if err != nil {
		return Record{}, fault.Wrap(op, where, err)
	}
	if len(plain) < 11 {
		return Record{}, fault.New(fault.Corrupt, op, where, "a record is too short")
	}
	if plain[0] != recordVersion {
		return Record{}, fault.Newf(fault.Unsupported, op, where, "record format %d is not known to this program; a newer one wrote it", plain[0])
	}
	n := int(binary.BigEndian.Uint16(plain[9:11]))
	if len(plain) < 11+n {
		return Record{}, fault.New(fault.Corrupt, op, where, "a record is too short")
	}
	raw := plain[11+n:]
	return Record{
		Place: Place{s.n, at}, Received: int64(binary.BigEndian.Uint64(plain[1:9])), //nolint:gosec // as written
		Channel: string(plain[11 : 11+n]), Hash: sha256.Sum256(raw), Raw: raw,
	}, nil
}

func (s *segment) where(at int64) string { return fmt.Sprintf("segment %d at %d", s.n, at) }

// scan reads all frames. Where one is damaged and a whole one follows, damage
// is told where, and the scan goes on there; what is behind the last whole
// frame is the torn end, and good is where it begins.
func (s *segment) scan(each func(tag, int64), damage func(at int64)) (good int64, err error) {
	at := int64(headSize)
	for {
		in := bufio.NewReaderSize(io.NewSectionReader(s.f, at, s.size-at), 1<<16)
		var t tag
		var sealed []byte
		for {
			if t, sealed, err = readFrame(in); err != nil {
				break
			}
			each(t, at)
			at += frameHead + int64(len(sealed))
		}
		if !errors.Is(err, io.EOF) && !errors.Is(err, errTorn) {
			return at, diskErr("rawlog.scan", s.where(at), err)
		}
		next, ok, err := s.resume(at)
		if err != nil || !ok {
			return at, err
		}
		damage(at)
		at = next
	}
}

// resume finds the next whole frame behind a damaged one: what is sealed begins
// with the version and the key's id, which are the same in all of a segment.
func (s *segment) resume(after int64) (at int64, ok bool, err error) {
	mark := s.seal.Seal(nil, nil)[:5]
	const window = 1 << 20
	buf := make([]byte, window+len(mark))
	for from := after + 1 + frameHead; from < s.size; from += window {
		n, err := s.f.ReadAt(buf[:min(int64(len(buf)), s.size-from)], from)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, false, diskErr("rawlog.scan", s.where(from), err)
		}
		for i := 0; ; i++ {
			hit := bytes.Index(buf[i:n], mark)
			if hit < 0 {
				break
			}
			i += hit
			at = from + int64(i) - frameHead
			if _, _, err := readFrame(io.NewSectionReader(s.f, at, s.size-at)); err == nil {
				return at, true, nil
			}
		}
	}
	return 0, false, nil
}

// putAside copies everything from an offset on into a file of its own, and
// then cuts it off.
func (s *segment) putAside(list []Torn, from int64) ([]Torn, error) {
	const op = "rawlog.torn"
	name := fmt.Sprintf("raw-%08d.torn-%d", s.n, from)
	err := func() error {
		out, err := os.OpenFile(filepath.Join(s.o.Dir, name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // the log's own folder
		if err != nil {
			return err
		}
		defer func() { _ = out.Close() }()
		if _, err := io.Copy(out, io.NewSectionReader(s.f, from, s.size-from)); err != nil {
			return err
		}
		return errors.Join(out.Sync(), out.Close(), syncDir(s.o.Dir), s.f.Truncate(from), s.f.Sync())
	}()
	if err != nil {
		return list, diskErr(op, name, err)
	}
	list = append(list, Torn{Place{s.n, from}, s.size - from, name})
	s.size = from
	return list, nil
}

// diskErr classifies an error of the file system. It names files only.
func diskErr(op, subject string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC):
		return fault.New(fault.Full, op, subject, "the disk is full; the message was not stored and is not answered: free some space, the sender tries again")
	case fault.KindOf(err) != fault.Other:
		return err
	}
	return fault.As(fault.Unavailable, op, subject, err)
}
