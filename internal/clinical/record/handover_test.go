package record_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

func journalKey(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func pub(n byte) []byte { return journalKey(n).Public().(ed25519.PublicKey) }

// handed is a handover, signed by whom the test says.
func handed(t *testing.T, from, to, byOld, byNew byte) record.Handover {
	t.Helper()
	h := record.Handover{Old: pub(from), New: pub(to), Made: 1764428400000}
	msg, err := h.SigningBytes()
	if err != nil {
		t.Fatal(err)
	}
	h.ByOld, h.ByNew = ed25519.Sign(journalKey(byOld), msg), ed25519.Sign(journalKey(byNew), msg)
	return h
}

// From any key of a line one comes to its end, and knows those of before; a line that
// is forged, broken or another central's leads nowhere.
func TestAJournalKeyIsFollowedOnlyWhereTheOneBeforeSaysSo(t *testing.T) {
	line := []record.Handover{handed(t, 1, 2, 1, 2), handed(t, 2, 3, 2, 3)}
	for known := byte(1); known <= 3; known++ {
		k, err := record.Succession{Line: line}.Follow(pub(known))
		if err != nil || !bytes.Equal(k.Now, pub(3)) || len(k.Before) != 2 || !bytes.Equal(k.Before[0], pub(1)) {
			t.Errorf("from key %d: %v", known, err)
		}
	}
	if k, err := (record.Succession{}).Follow(pub(1)); err != nil || !bytes.Equal(k.Now, pub(1)) || len(k.Before) != 0 {
		t.Errorf("no change: %v", err)
	}
	cut := handed(t, 1, 2, 1, 2)
	cut.Made++
	for name, tc := range map[string]struct {
		line  []record.Handover
		known byte
	}{
		"another central's":                       {line, 9},
		"not signed by the old key":               {[]record.Handover{handed(t, 1, 2, 9, 2)}, 1},
		"not signed by the new key":               {[]record.Handover{handed(t, 1, 2, 1, 9)}, 2},
		"a link is missing":                       {[]record.Handover{line[0], handed(t, 3, 4, 3, 4)}, 1},
		"changed afterwards":                      {[]record.Handover{cut}, 1},
		"back to a line that ends before this":    {line[:1], 3},
		"a key of before that goes another way":   {[]record.Handover{line[0], handed(t, 2, 8, 2, 8)}, 3},
		"a malformed key":                         {[]record.Handover{{Old: pub(1), New: []byte{1}}}, 1},
		"longer than a line may be":               {make([]record.Handover, record.MaxHandovers+1), 1},
		"the same link twice, which ends nowhere": {[]record.Handover{line[0], line[0]}, 1},
	} {
		if k, err := (record.Succession{Line: tc.line}).Follow(pub(tc.known)); !fault.Is(err, fault.Denied) && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %x is believed, %v", name, k.Now, err)
		}
	}
}

// What is signed is for ever: the fixture was written by the first program that had it.
func TestAHandoverOfTheFirstDayIsBelieved(t *testing.T) {
	path := filepath.Join("testdata", "handover.v1.json")
	if os.Getenv("WARDLIGHT_NEW_FIXTURE") == path {
		b, err := json.MarshalIndent(record.Succession{Line: []record.Handover{handed(t, 1, 2, 1, 2)}}, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(b, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var s record.Succession
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	if k, err := s.Follow(pub(1)); err != nil || hex.EncodeToString(k.Now) != hex.EncodeToString(pub(2)) {
		t.Errorf("%x, %v", k.Now, err)
	}
}
