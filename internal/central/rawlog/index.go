package rawlog

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"sort"
)

// An index is: eight bytes that name format and version, then (tag, offset)
// pairs sorted by tag, then the SHA-256 of all before.
var indexMagic = [8]byte{'W', 'L', 'R', 'I', 'X', 0, 0, 1}

const pairSize = tagSize + 8

// writeIndex makes a full segment's index, whole or not at all.
func writeIndex(o *Options, n uint32, index map[tag]int64) error {
	pairs := make([]byte, 0, len(index)*pairSize)
	tags := make([]tag, 0, len(index))
	for t := range index {
		tags = append(tags, t)
	}
	sort.Slice(tags, func(i, j int) bool { return bytes.Compare(tags[i][:], tags[j][:]) < 0 })
	for _, t := range tags {
		pairs = append(pairs, t[:]...)
		pairs = binary.BigEndian.AppendUint64(pairs, uint64(index[t])) //nolint:gosec // an offset is positive
	}
	b := append(indexMagic[:], pairs...)
	sum := sha256.Sum256(b)
	b = append(b, sum[:]...)
	name := indexFile(o.Dir, n)
	f, err := os.OpenFile(name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // the log's own folder
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return errors.Join(err, os.Remove(name+".new"))
	}
	return errors.Join(os.Rename(name+".new", name), syncDir(o.Dir))
}

// ensureIndex makes the index of a full segment where it is missing or
// damaged, and then says which records are damaged, too.
func ensureIndex(o *Options, n uint32) (damaged []Place, err error) {
	if b, err := os.ReadFile(indexFile(o.Dir, n)); err == nil && indexWhole(b) {
		return nil, nil
	}
	s, err := openSegment(o, n)
	if err != nil {
		if s != nil {
			_ = s.f.Close()
		}
		return nil, err
	}
	defer func() { _ = s.f.Close() }()
	index := map[tag]int64{}
	note := func(at int64) { damaged = append(damaged, Place{n, at}) }
	good, err := s.scan(func(t tag, at int64) { index[t] = at }, note)
	if err != nil {
		return nil, err
	}
	if good < s.size {
		note(good)
	}
	return damaged, diskErr("rawlog.index", o.Dir, writeIndex(o, n, index))
}

func indexWhole(b []byte) bool {
	n := len(b) - sha256.Size
	if n < len(indexMagic) || (n-len(indexMagic))%pairSize != 0 || [8]byte(b[:8]) != indexMagic {
		return false
	}
	return sha256.Sum256(b[:n]) == [sha256.Size]byte(b[n:])
}

// findIn looks a tag up in a full segment's index, by bisection on disk.
func findIn(o *Options, n uint32, t tag) (at int64, ok bool, err error) {
	const op = "rawlog.find"
	f, err := os.Open(indexFile(o.Dir, n))
	if err != nil {
		return 0, false, diskErr(op, o.Dir, err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return 0, false, diskErr(op, o.Dir, err)
	}
	count := int((info.Size() - int64(len(indexMagic)) - sha256.Size) / pairSize)
	var p [pairSize]byte
	var bad error
	i := sort.Search(count, func(i int) bool {
		if _, err := f.ReadAt(p[:], int64(len(indexMagic)+i*pairSize)); err != nil && bad == nil {
			bad = err
		}
		return bytes.Compare(p[:tagSize], t[:]) >= 0
	})
	if bad != nil || i >= count {
		return 0, false, diskErr(op, o.Dir, bad)
	}
	if _, err := f.ReadAt(p[:], int64(len(indexMagic)+i*pairSize)); err != nil {
		return 0, false, diskErr(op, o.Dir, err)
	}
	return int64(binary.BigEndian.Uint64(p[tagSize:])), tag(p[:tagSize]) == t, nil //nolint:gosec // as written
}

// offsets are the places of all records of a full segment, in order; ok is
// false where the index cannot be read.
func offsets(o *Options, n uint32) (list []int64, ok bool) {
	f, err := os.Open(indexFile(o.Dir, n))
	if err != nil {
		return nil, false
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(f)
	if err != nil || !indexWhole(b) {
		return nil, false
	}
	for p := b[len(indexMagic) : len(b)-sha256.Size]; len(p) > 0; p = p[pairSize:] {
		list = append(list, int64(binary.BigEndian.Uint64(p[tagSize:pairSize]))) //nolint:gosec // as written
	}
	sort.Slice(list, func(i, j int) bool { return list[i] < list[j] })
	return list, true
}

// sortedOffsets are an index's places, in order.
func sortedOffsets(index map[tag]int64) []int64 {
	list := make([]int64, 0, len(index))
	for _, at := range index {
		list = append(list, at)
	}
	sort.Slice(list, func(i, j int) bool { return list[i] < list[j] })
	return list
}
