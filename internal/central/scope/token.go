package scope

import (
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// nameOf is a snapshot's name: the cursor that it ends at.
func nameOf(at record.Cursor) string {
	return fmt.Sprintf("%s:%d:%s", at.Epoch, at.Position, at.Chain)
}

func parseName(s string) (record.Cursor, bool) {
	part := strings.Split(s, ":")
	if len(part) != 3 {
		return record.Cursor{}, false
	}
	pos, err := strconv.ParseUint(part[1], 10, 64)
	chain, err2 := hex.DecodeString(part[2])
	if err != nil || err2 != nil || len(chain) != len(record.Hash{}) {
		return record.Cursor{}, false
	}
	return record.Cursor{Epoch: part[0], Position: record.Position(pos), Chain: record.Hash(chain)}, true
}

// token is where a snapshot goes on: at a stage, after ref in owner's compartment;
// without ref, after owner. It says what has been sent so far, and in which order
// the whole comes, so that a restart of either side changes nothing.
type token struct {
	index   uint32
	done    uint64 // resources sent
	seen    uint64 // patients begun
	counted uint64 // all resources of those
	stage   stage
	owner   fhir.ID
	ref     fhir.Ref
	first   *record.First // nil: the order of the first release
}

// begin is the token of a snapshot of which nothing was sent.
func begin(first *record.First) token {
	if first == nil {
		return token{}
	}
	f := record.First{Wards: first.Wards, Patients: first.Patients}
	for len(names(f.Wards))+len(names(f.Patients)) > maxNames { // what is least missed
		if n := len(f.Patients); n > 0 {
			f.Patients = f.Patients[:n-1]
			continue
		}
		f.Wards = f.Wards[:len(f.Wards)-1]
	}
	return token{first: &f}
}

// maxNames is what of a token (wire.MaxSnapshotToken, 512 bytes) the order may
// take: numbers, an id and a reference stand there, too.
const maxNames = 200

// pass moves the token behind an item.
func (t *token) pass(it item) {
	if t.first == nil && it.owner != t.owner {
		t.seen++
	}
	t.stage, t.owner, t.ref = it.stage, it.owner, it.ref
	t.done += uint64(len(it.changes))
	switch {
	case it.stage == stageLoose:
		t.counted += uint64(len(it.changes))
	case it.closes && it.ready:
		t.seen++
		t.counted += uint64(it.count) //nolint:gosec // not negative
	}
}

// closed says that nothing more of owner comes at this stage.
func (t token) closed() bool { return t.owner != "" && t.ref == fhir.Ref{} }

// total is about how many resources the whole has; 0 where nothing says it yet.
func (t token) total(patients int) uint64 {
	of := t.counted
	if t.first == nil {
		of = t.done
	}
	switch {
	case t.seen == 0:
		return 0
	case t.stage.history():
		return max(t.done+1, of)
	}
	return max(t.done+1, of*uint64(max(patients, 1))/t.seen)
}

func (t token) part() record.Part {
	switch {
	case t.first == nil:
		return record.PartUnknown
	case t.stage.history():
		return record.PartHistory
	case t.stage == stageOthers:
		return record.PartOthers
	}
	return record.PartFirst
}

// The first byte of a token that has an order says which form it is of. One
// without begins with a number and a colon, as in the first release.
const orderedToken = "o1"

func (t token) String() string {
	if t.first == nil {
		return fmt.Sprintf("%d:%d:%d:%s:%s", t.index, t.done, t.seen, t.owner, t.ref)
	}
	ref := ""
	if t.ref != (fhir.Ref{}) {
		ref = t.ref.String()
	}
	return fmt.Sprintf("%s:%d:%d:%d:%d:%d:%s:%s:%s:%s", orderedToken, t.index, t.done, t.seen, t.counted, t.stage, t.owner, ref,
		names(t.first.Wards), names(t.first.Patients))
}

func parseToken(s string) (token, bool) {
	part := strings.Split(s, ":")
	if len(part) == 10 && part[0] == orderedToken {
		return parseOrdered(part[1:])
	}
	if len(part) != 5 {
		return token{}, false
	}
	n, ok := numbers(part[:3])
	ref, err := fhir.ParseRef(part[4])
	t := token{index: uint32(n[0]), done: n[1], seen: n[2], owner: fhir.ID(part[3]), ref: ref} //nolint:gosec // held to its size
	if t.owner != "" {
		t.stage = stageWhole
	}
	return t, ok && err == nil && t.index > 0
}

func parseOrdered(part []string) (token, bool) {
	n, ok := numbers(part[:5])
	t := token{index: uint32(n[0]), done: n[1], seen: n[2], counted: n[3], stage: stage(n[4]), owner: fhir.ID(part[5]), first: &record.First{}} //nolint:gosec // held to their sizes
	if part[6] != "" {
		ref, err := fhir.ParseRef(part[6])
		t.ref, ok = ref, ok && err == nil
	}
	var err, err2 error
	t.first.Wards, err = named[record.Ward](part[7])
	t.first.Patients, err2 = named[fhir.ID](part[8])
	return t, ok && err == nil && err2 == nil && t.index > 0 && t.stage < stages
}

// numbers reads a token's numbers; the first is its index.
func numbers(part []string) ([]uint64, bool) {
	out := make([]uint64, len(part))
	for i, p := range part {
		n, err := strconv.ParseUint(p, 10, 64)
		if err != nil || i == 0 && n > 1<<32-1 {
			return out, false
		}
		out[i] = n
	}
	return out, true
}

// names puts names into one word without a colon.
func names[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = url.QueryEscape(string(n))
	}
	return strings.Join(out, ",")
}

func named[T ~string](s string) ([]T, error) {
	if s == "" {
		return nil, nil
	}
	var out []T
	for n := range strings.SplitSeq(s, ",") {
		name, err := url.QueryUnescape(n)
		if err != nil {
			return nil, err
		}
		out = append(out, T(name))
	}
	return out, nil
}
