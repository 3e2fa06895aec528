package demo

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"sort"
	"strings"

	"wardlight/internal/interop/hl7"
)

// expected is one result as it should stand in the record when everything has
// arrived, worked out from the messages by rules of the ledger's own: the
// newest status change wins (OBR-22), then the later message, and of equal
// ones the further status.
type expected struct {
	Number string // the patient's NHS number
	Filler string // OBR-3
	Code   string // OBX-3
	Sub    string // OBX-4
	Value  string
	Unit   string
	Status string // FHIR
	stamp  string
}

func (e expected) key() string { return e.Filler + "|" + e.Code + "|" + e.Sub }

// statuses is HL7 v2 table 0085 as far as the ledger judges it. A message with
// any other is not judged by its results, only by its row.
var statuses = map[string]string{"P": "preliminary", "F": "final", "C": "corrected"}

var rank = map[string]int{"preliminary": 1, "final": 2, "corrected": 3}

// contentOf identifies a message as the ledger does: by its bytes with line
// ends evened out.
func contentOf(raw []byte) string {
	lines := bytes.FieldsFunc(raw, func(r rune) bool { return r == '\r' || r == '\n' })
	return string(bytes.Join(lines, []byte{'\r'}))
}

// rawHash is the SHA-256 of the bytes as sent.
func rawHash(raw []byte) string { return fmt.Sprintf("%x", sha256.Sum256(raw)) }

// resultsOf reads what one message says, where it can be read whole.
func resultsOf(raw []byte) []expected {
	m, err := hl7.Parse(raw)
	if err != nil || m.Header().Type.Code != "ORU" || m.LooksCutOff() {
		return nil
	}
	var out []expected
	number, filler, stamp := "", "", ""
	for _, s := range m.Segments() {
		switch s.ID() {
		case "PID":
			number = nhsNumber(s)
		case "OBR":
			filler, stamp = s.Field(3).Comp(1).Text(), s.Field(22).Text()
		case "OBX":
			status, known := statuses[s.Field(11).Text()]
			if !known || s.Field(2).Text() != "NM" {
				continue
			}
			out = append(out, expected{
				Number: number, Filler: filler, Code: s.Field(3).Comp(1).Text(), Sub: s.Field(4).Text(),
				Value: s.Field(5).Text(), Unit: s.Field(6).Comp(1).Text(), Status: status, stamp: stamp,
			})
		}
	}
	return out
}

// nhsNumber is the identifier of type NH in PID-3.
func nhsNumber(pid hl7.Segment) string {
	for _, r := range pid.Field(3).Reps() {
		if r.Comp(5).Text() == "NH" {
			return r.Comp(1).Text()
		}
	}
	return ""
}

// standing is what should be current, by key, out of the messages that were
// filed.
func standing(raws [][]byte) map[string]expected {
	out := map[string]expected{}
	for _, raw := range raws {
		for _, e := range resultsOf(raw) {
			if old, seen := out[e.key()]; !seen || later(e, old) {
				out[e.key()] = e
			}
		}
	}
	return out
}

func later(a, b expected) bool {
	if a.stamp != b.stamp {
		return a.stamp > b.stamp // same form and offset in the demonstration's messages
	}
	return rank[a.Status] >= rank[b.Status]
}

func sortedKeys[T any](m map[string]T) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
