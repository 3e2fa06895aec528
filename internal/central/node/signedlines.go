package node

import (
	"context"
	"encoding/json"

	"wardlight/internal/clinical/record"
)

// The list of revocations holds lines of several kinds, each under a version of its own
// and signed by central's journal key. A kind reads its own lines and leaves those of the
// others alone; a line of a version that no kind has is the revocations' to tell.

// lineKinds are the versions that have a kind: 1 revocation, 2 deviceKey, 3 goneSender.
const lineKinds = 3

// signedLine is one kind of line of the list of revocations.
type signedLine[T any] struct {
	version int
	purpose string           // what is signed begins with it: no line passes for one of another kind
	sig     func(*T) *[]byte // where a line has its signature
}

// signed is what the signature of a line covers.
func (k signedLine[T]) signed(line T) []byte {
	*k.sig(&line) = nil
	b, _ := json.Marshal(line) // plain fields: it cannot fail
	return append([]byte(k.purpose+"\x00"), b...)
}

// note signs a line and adds it to the list, durably.
func (k signedLine[T]) note(n *Node, line T) error {
	*k.sig(&line) = n.keys.journal.Sign(k.signed(line))
	return appendLine(n.revocationsFile(), line)
}

// read hands every line of this kind to take; bad is how many cannot be believed.
func (k signedLine[T]) read(n *Node, take func(T)) (bad int, err error) {
	return readLines(n.revocationsFile(), func(raw []byte) bool {
		if v := lineVersion(raw); v != k.version {
			return k.version != revocationLine.version || 1 <= v && v <= lineKinds
		}
		var line T
		if json.Unmarshal(raw, &line) != nil || n.keys.journal.verify(k.signed(line), *k.sig(&line)) != nil {
			return false
		}
		take(line)
		return true
	})
}

// lineVersion is the version of a line of the list; 0 where it is not whole.
func lineVersion(line []byte) int {
	var head struct {
		V int `json:"v"`
	}
	if json.Unmarshal(line, &head) != nil {
		return 0
	}
	return head.V
}

// noteLacking notes of the journal's computers those of which the list lacks something.
func (n *Node) noteLacking(ctx context.Context, lacks func(record.Device) bool, note func(record.Device) error) error {
	all, err := n.office.Devices(ctx)
	if err != nil {
		return err
	}
	for _, d := range all {
		if !lacks(d) {
			continue
		}
		if err := note(d); err != nil {
			return err
		}
	}
	return nil
}
