package node

import (
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// The list of senders as the first program wrote it must be read for ever; one of a later
// format is refused in words, and not taken for an empty one.
func TestTheFirstListOfSendersIsRead(t *testing.T) {
	want := senders{V: 1, List: []sender{
		{Name: "north lab", Names: []string{"LAB|NORTHFIELD"}, Key: []byte("thirty-two bytes of a SHA-256 ..."), Until: 1795000000000, Issuer: "ab12", Added: 1764460800000},
		{Name: "patient system", Cert: []byte{0x30, 1}, Until: 1795000000000, Added: 1764460800001, Plain: true},
		{Name: "micro", Host: "micro.example", Authority: [][]byte{{0x30, 2}, {0x30, 3}}, Added: 1764460800002},
	}}
	path := filepath.Join("testdata", "senders-v1")
	if os.Getenv("UPDATE_FIXTURE") != "" {
		b, err := record.Encode(want)
		if err == nil {
			err = os.WriteFile(path, []byte(hex.EncodeToString(b)+"\n"), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	conf, open := aCentral(t)
	n := open()
	keep := func(b []byte) {
		t.Helper()
		if _, err := n.journal.Update(context.Background(), func(tx journal.Tx) error { return tx.SetNote(sendersNote, b) }); err != nil {
			t.Fatal(err)
		}
	}
	keep(b)
	if err := n.loadSenders(context.Background()); err != nil || !reflect.DeepEqual(*n.senders.Load(), want) {
		t.Errorf("%v, %+v", err, n.senders.Load())
	}
	later := want
	later.V = 2
	put(t, n, sendersNote, later)
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := Open(context.Background(), conf); !fault.Is(err, fault.Unsupported) {
		t.Errorf("%v, %v", n, err)
	}
}
