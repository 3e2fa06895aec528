package node

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/keys"
)

// The list of revocations as the first programs wrote it is written to the byte and read
// for ever: a computer that was shut out, one with another key, a sender that was taken
// off. Each kind believes what it signed itself and leaves the lines of the others alone;
// what is of no kind is the revocations' to tell.
func TestTheFirstListOfRevocationsIsWrittenAndRead(t *testing.T) {
	ctx := context.Background()
	key, err := keys.ParseJournalKey(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	_, open := aCentral(t)
	n := open(func(c *Config) { c.Now = func() time.Time { return time.UnixMilli(1764345600003) } })
	n.keys.journal = newSigner(key, nil)
	lab := sender{Name: "north lab", Host: "lab.example", Authority: [][]byte{{0x30, 1}}, Added: 1764345600000}
	for _, err := range []error{
		n.noteRevocation("sabcdefghijk2", 1764345600001),
		n.noteDeviceKey(record.Device{Station: "sabcdefghijk3", Key: []byte{0x30, 2}, Keyed: 1764345600002}),
		n.noteGoneSender(lab),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	wrote, err := os.ReadFile(n.revocationsFile())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "revoked-v1")
	if os.Getenv("UPDATE_FIXTURE") != "" {
		if err := os.WriteFile(path, wrote, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(wrote, first) {
		t.Errorf("it is written as\n%s\nnot as\n%s", wrote, first)
	}
	put(t, n, sendersNote, senders{V: 1, List: []sender{lab}})
	if err := n.loadSenders(ctx); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, old, new             string
		revocations, keys, senders int
	}{
		{"as it was", "", "", 0, 0, 0},
		{"another computer's revocation", "sabcdefghijk2", "sabcdefghijk4", 1, 0, 0},
		{"another computer's key", "sabcdefghijk3", "sabcdefghijk4", 0, 1, 0},
		{"another sender", "north lab", "south lab", 0, 0, 1},
		{"a line of a later program", `{"v":3,`, `{"v":4,`, 1, 0, 0},
		{"a line that is not whole", `{"v":2,`, `"v":2,`, 1, 0, 0},
		{"a revocation that calls itself a key", `{"v":1,`, `{"v":2,`, 0, 1, 0},
	} {
		text := string(first)
		if c.old != "" {
			text = strings.Replace(text, c.old, c.new, 1)
		}
		if err := os.WriteFile(n.revocationsFile(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, bad, err := n.revocations()
		if err != nil || bad != c.revocations {
			t.Errorf("%s: %d revocations are not believed, %v", c.what, bad, err)
		}
		if c.old == "" && (len(out) != 1 || out["sabcdefghijk2"] != 1764345600001) {
			t.Errorf("shut out: %v", out)
		}
		keyed, bad, err := n.deviceKeys()
		if err != nil || bad != c.keys {
			t.Errorf("%s: %d keys are not believed, %v", c.what, bad, err)
		}
		if k := keyed["sabcdefghijk3"]; c.old == "" && (len(keyed) != 1 || k.Since != 1764345600002 || !bytes.Equal(k.Key, []byte{0x30, 2})) {
			t.Errorf("with another key: %+v", keyed)
		}
		said := map[string]any{}
		if err := n.sendersAgain(ctx, said); err != nil {
			t.Fatal(err)
		}
		if bad, _ := said["unreadable_senders"].(int); bad != c.senders {
			t.Errorf("%s: %d senders are not believed", c.what, bad)
		}
		if again := said["senders_removed_again"].([]string); c.old == "" && (len(again) != 1 || again[0] != "north lab") {
			t.Errorf("taken off: %v", again)
		}
	}
}
