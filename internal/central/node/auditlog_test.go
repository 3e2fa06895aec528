package node

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/keys"
)

// openNode is a central that is open and serves nobody.
func openNode(t *testing.T, conf Config) *Node {
	t.Helper()
	n, err := Open(context.Background(), conf)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func closeNode(t *testing.T, n *Node) {
	t.Helper()
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, n *Node, cmd string, args map[string]string) (lines []map[string]any, err error) {
	t.Helper()
	err = n.Do(context.Background(), Order{Cmd: cmd, Args: args, Who: "p.officer"}, func(line any) error {
		b, err := json.Marshal(line)
		if err != nil {
			return err
		}
		m := map[string]any{}
		lines = append(lines, m)
		return json.Unmarshal(b, &m)
	})
	return lines, err
}

func newCentral(t *testing.T) Config {
	t.Helper()
	conf := Config{Dir: filepath.Join(t.TempDir(), "central"), Secrets: keys.MemorySecrets(), Small: true}
	if _, err := Init(context.Background(), conf); err != nil {
		t.Fatal(err)
	}
	return conf
}

// A checkpoint that a privacy officer keeps elsewhere finds out that records
// are gone, even where the journal in itself is whole: here because somebody
// put yesterday's copy of the folder back.
func TestACheckpointFindsWhatTheJournalAloneDoesNot(t *testing.T) {
	conf := newCentral(t)
	n := openNode(t, conf)
	for range 3 {
		if _, err := ask(t, n, "audit list", nil); err != nil {
			t.Fatal(err)
		}
	}
	closeNode(t, n)
	yesterday := filepath.Join(t.TempDir(), "yesterday")
	if err := os.CopyFS(yesterday, os.DirFS(conf.Dir)); err != nil {
		t.Fatal(err)
	}
	n = openNode(t, conf)
	file := filepath.Join(t.TempDir(), "checkpoint")
	for range 4 { // the looks that are to be hidden
		if _, err := ask(t, n, "export", nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ask(t, n, "audit checkpoint", map[string]string{"to": file}); err != nil {
		t.Fatal(err)
	}
	checkpoint, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]string{"checkpoint": string(checkpoint)}
	if got, err := ask(t, n, "audit verify", given); err != nil || got[0]["checkpoint"] != "holds" {
		t.Fatalf("on the day: %v, %v", got, err)
	}
	if _, err := ask(t, n, "audit list", nil); err != nil {
		t.Fatal(err)
	}
	if got, err := ask(t, n, "audit verify", given); err != nil || got[0]["checkpoint"] != "holds" {
		t.Errorf("later, with more events: %v, %v", got, err)
	}
	if got, _ := ask(t, n, "audit verify", given); got[0]["passed"] != true || !strings.HasPrefix(got[0]["words"].(string), "passed: 12 entries with 12 audit events") || !strings.Contains(got[0]["words"].(string), "over 8 events holds") {
		t.Errorf("it passes, and says %v", got[0]["words"])
	}
	if got, _ := ask(t, n, "audit verify", nil); !strings.Contains(got[0]["words"].(string), "no checkpoint was given") {
		t.Errorf("without a checkpoint it says %v", got[0]["words"])
	}
	closeNode(t, n)

	conf.Dir = yesterday
	n = openNode(t, conf)
	defer closeNode(t, n)
	if _, err := ask(t, n, "audit verify", nil); err != nil {
		t.Fatalf("the copy in itself is whole: %v", err)
	}
	if _, err := ask(t, n, "audit verify", given); !fault.Is(err, fault.Corrupt) || !strings.Contains(err.Error(), "removed") {
		t.Errorf("yesterday's copy passes: %v", err)
	}
	for range 4 { // as many events as before, but others
		if _, err := ask(t, n, "inbound", nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ask(t, n, "audit verify", given); !fault.Is(err, fault.Corrupt) || !strings.Contains(err.Error(), "altered") {
		t.Errorf("replaced records pass: %v", err)
	}
	other := openNode(t, newCentral(t))
	defer closeNode(t, other)
	if _, err := ask(t, other, "audit verify", given); !fault.Is(err, fault.Denied) {
		t.Errorf("another central's checkpoint: %v", err)
	}
}

// A command either shows something or changes something, and is on record as that: one
// that were neither would leave no trace.
func TestEveryCommandIsALookOrAnAct(t *testing.T) {
	for name, c := range commands {
		if (c.look != "") == c.act {
			t.Errorf("%s: shows %q, changes something: %v", name, c.look, c.act)
		}
	}
}

// A computer whose chain of looks has a gap is named, with the place.
func TestAGapInAComputersLooksIsNamed(t *testing.T) {
	n := openNode(t, newCentral(t))
	defer closeNode(t, n)
	peer := record.Peer{Device: record.Device{Station: "saaaaaaaaaaaa"}}
	event, err := audit.Event{Action: audit.Read, Recorded: time.Now(), Who: audit.Who{User: "g.mensah", Station: "saaaaaaaaaaaa"}}.JSON()
	if err != nil {
		t.Fatal(err)
	}
	one := audit.Next([32]byte{1}, "saaaaaaaaaaaa", record.Look{}, event)
	two := audit.Next([32]byte{1}, "saaaaaaaaaaaa", one, event)
	three := audit.Next([32]byte{1}, "saaaaaaaaaaaa", two, event)
	if _, err := n.submit.Looks(context.Background(), peer, []record.Look{one, three}); err != nil {
		t.Fatal(err)
	}
	got, err := ask(t, n, "audit verify", nil)
	if err != nil {
		t.Fatal(err)
	}
	gaps, _ := got[0]["gaps"].([]any)
	if len(gaps) != 1 {
		t.Fatalf("gaps: %v", got)
	}
	gap, _ := gaps[0].(map[string]any)
	if gap["station"] != "saaaaaaaaaaaa" || gap["seq"] != 3.0 || !strings.Contains(gap["what"].(string), "missing") {
		t.Errorf("the gap is told as %v", gap)
	}
}

// So is one of which a look was changed before central had it, with every key that
// the computer has left.
func TestALookThatAComputerChangedIsNamed(t *testing.T) {
	n := openNode(t, newCentral(t))
	defer closeNode(t, n)
	const station = "saaaaaaaaaaaa"
	peer := record.Peer{Device: record.Device{Station: station}}
	event, err := audit.Event{Action: audit.Read, Recorded: time.Now(), Who: audit.Who{User: "g.mensah", Station: station}}.JSON()
	if err != nil {
		t.Fatal(err)
	}
	key, start, err := audit.Begin(station, 1, nil, func(b []byte) ([]byte, error) { return keys.SealTo(b, n.keys.recovery.Recipient()) })
	if err != nil {
		t.Fatal(err)
	}
	one := key.Look(station, record.Look{}, event, start)
	two := key.Next().Look(station, one, event, nil)
	two.Event = bytes.ReplaceAll(event, []byte("g.mensah"), []byte("j.okafor"))
	if _, err := n.submit.Looks(context.Background(), peer, []record.Look{one, two}); err != nil {
		t.Fatal(err)
	}
	got, err := ask(t, n, "audit verify", nil)
	if err != nil {
		t.Fatal(err)
	}
	gaps, _ := got[0]["gaps"].([]any)
	if len(gaps) != 1 {
		t.Fatalf("gaps: %v", got)
	}
	if gap, _ := gaps[0].(map[string]any); gap["station"] != station || gap["seq"] != 2.0 || !strings.Contains(gap["what"].(string), "not made with the key") {
		t.Errorf("it is told as %v", gap)
	}
}
