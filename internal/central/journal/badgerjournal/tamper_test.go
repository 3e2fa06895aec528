package badgerjournal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/journaltest"
	"wardlight/internal/central/journal/memjournal"
	"wardlight/internal/central/journal/state"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// story writes a little of everything.
func story(t testing.TB, j journal.Journal) {
	t.Helper()
	k1 := fhir.Ref{Type: fhir.TypeObservation, ID: "k1"}
	steps := []func(journal.Tx) error{
		func(tx journal.Tx) error {
			return errors.Join(tx.Put(record.Change{Ref: fhir.Ref{Type: fhir.TypePatient, ID: "p1"}, Version: 1, Patient: "p1", Body: []byte(`{"id":"p1","identifier":[{"system":"urn:x","value":"12345"}],"resourceType":"Patient"}`)}),
				tx.Put(journaltest.Encounter("p1", "e1", 1, "in-progress", "4B")), tx.SetNote("device/s1", []byte("one")))
		},
		func(tx journal.Tx) error {
			c := journaltest.Observation("p1", "k1", 1, "6.80")
			c.Tags = []string{record.TagCritical}
			m, r := journaltest.Mutation(c, 1)
			return errors.Join(tx.Put(c), tx.Receipted(m, r), tx.Audit([]byte(`{"resourceType":"AuditEvent"}`)), tx.SetInbound(record.Inbound{ID: "m1", Fate: record.FateFiled}))
		},
		func(tx journal.Tx) error {
			late := journaltest.Observation("p1", "k1", 3, "6.7")
			late.History = true
			return errors.Join(tx.Put(journaltest.Observation("p1", "k1", 2, "4.10")), tx.Put(late), tx.Put(journaltest.Task("p1", "t1", 1, k1)),
				tx.SetNote("device/s1", nil), tx.SetNote("user/a", []byte("A")), tx.SetInbound(record.Inbound{ID: "m1", Fate: record.FateFiled, Copies: 2}))
		},
	}
	for _, s := range steps {
		if _, err := j.Update(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
}

// everything reads all that a journal holds, as bytes that can be compared.
func everything(t testing.TB, j journal.Journal) (out []string) {
	t.Helper()
	add := func(v any, err error) {
		if err != nil {
			t.Fatal(err)
		}
		b, err := record.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, hex.EncodeToString(b))
	}
	_ = j.View(ctx, func(r journal.Reader) error {
		for e, err := range r.Entries(0) {
			add(e, err)
		}
		for c, err := range r.All("", "") {
			add(c, err)
		}
		for in, err := range r.Inbounds() {
			add(in, err)
		}
		for kv, err := range r.Notes("") {
			add(kv, err)
		}
		for _, k := range []journal.Key{{Index: journal.ByWard, Key: "4B"}, {Index: journal.ByTag, Key: record.TagCritical}, {Index: journal.ByFocus, Key: "Observation/k1"}, {Index: journal.ByIdentifier, Key: "urn:x|12345"}} {
			for ref, err := range r.Find(k.Index, k.Key) {
				add(ref, err)
			}
		}
		return nil
	})
	return out
}

// Both stores give the same journal for the same history, byte for byte.
func TestSameHistorySameJournal(t *testing.T) {
	b := fresh(t)
	m := memjournal.New(memjournal.Options{Now: func() int64 { return 7 }})
	b.o.Now = nowAt(7)
	story(t, b)
	story(t, m)
	if strings.Join(everything(t, b), "\n") != strings.Join(everything(t, m), "\n") {
		t.Error("the two stores differ")
	}
	if b.Head().Chain != m.Head().Chain {
		t.Error("the chains differ")
	}
}

// A row that was changed, moved to another key, taken from an earlier time, or
// removed by somebody who can write Badger's files (and even knows its key).
func TestForgedRows(t *testing.T) {
	ref := fhir.Ref{Type: fhir.TypeObservation, ID: "k1"}
	type forge func(j *Journal, rows []row, ts uint64) []row
	forgeries := map[string]forge{
		"a bit is flipped": func(_ *Journal, rows []row, _ uint64) []row {
			at(rows, "V").value[40] ^= 1
			return rows
		},
		"a value stands under another key": func(_ *Journal, rows []row, _ uint64) []row {
			at(rows, "V").value = at(rows, "C").value
			return rows
		},
		"a value is from another time": func(j *Journal, rows []row, ts uint64) []row {
			r := at(rows, "C")
			plain, err := j.seal.at(ts).Open(bindTo(r.key, ts), r.value)
			if err != nil {
				panic(err)
			}
			r.value = j.seal.at(ts).Seal(bindTo(r.key, ts-1), plain)
			return rows
		},
		"a value is not sealed": func(_ *Journal, rows []row, _ uint64) []row {
			at(rows, "V").value = []byte("allergy: none known")
			return rows
		},
		"a value is empty": func(_ *Journal, rows []row, _ uint64) []row {
			at(rows, "V").value = []byte{}
			return rows
		},
		"a version is missing":         func(_ *Journal, rows []row, _ uint64) []row { return without(rows, "V") },
		"an entry is missing":          func(_ *Journal, rows []row, _ uint64) []row { return without(rows, "E") },
		"the current row is missing":   func(_ *Journal, rows []row, _ uint64) []row { return without(rows, "C") },
		"an index row is missing":      func(_ *Journal, rows []row, _ uint64) []row { return without(rows, "I") },
		"a compartment row is missing": func(_ *Journal, rows []row, _ uint64) []row { return without(rows, "P") },
		"a note is missing":            func(_ *Journal, rows []row, _ uint64) []row { return without(rows, "N") },
		"a message's place is missing": func(_ *Journal, rows []row, _ uint64) []row { return without(rows, "O") },
		"a receipt is missing":         func(_ *Journal, rows []row, _ uint64) []row { return without(rows, "R") },
		"a body is another, well sealed": func(j *Journal, rows []row, ts uint64) []row {
			c := journaltest.Observation("p1", "k1", 1, "4.1")
			c.Position = 1
			*at(rows, "V") = must(j.sealRow(string(at(rows, "V").key), &c, ts))
			return rows
		},
	}
	for name, f := range forgeries {
		t.Run(name, func(t *testing.T) {
			var j *Journal
			j = fresh(t, func(o *Options) { o.faults.rows = func(rows []row, ts uint64) []row { return f(j, rows, ts) } })
			_, err := j.Update(ctx, func(tx journal.Tx) error {
				c := journaltest.Observation("p1", "k1", 1, "6.8")
				m, r := journaltest.Mutation(c, 1)
				return errors.Join(tx.Put(c), tx.Receipted(m, r), tx.SetNote("n", []byte("v")), tx.SetInbound(record.Inbound{ID: "m1"}))
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := journal.Verify(ctx, j); !fault.Is(err, fault.Corrupt) {
				t.Errorf("Verify: %v", err)
			}
			_ = j.View(ctx, func(r journal.Reader) error {
				c, ok, err := r.Current(ref)
				if err == nil && ok && !bytes.Contains(c.Body, []byte("6.8")) && name != "a body is another, well sealed" {
					t.Error("a forged value was read")
				}
				return nil
			})
		})
	}
}

func at(rows []row, kind string) *row {
	for i := range rows {
		if rows[i].key[0] == kind[0] {
			return &rows[i]
		}
	}
	panic("no row of kind " + kind)
}

func without(rows []row, kind string) (out []row) {
	for _, r := range rows {
		if r.key[0] != kind[0] {
			out = append(out, r)
		}
	}
	return out
}

// Bits flipped in Badger's own files, one at a time, all over: the journal
// does not open, or Verify says so, or everything is as it was. It never shows
// anything else.
func TestFlippedBitsOnDisk(t *testing.T) {
	j := fresh(t)
	story(t, j)
	want := strings.Join(everything(t, j), "\n")
	_ = j.Close()
	files, err := filepath.Glob(filepath.Join(j.o.Dir, dbFolder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	noticed, same := 0, 0
	for _, file := range files {
		good, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		content := len(bytes.TrimRight(good, "\x00"))
		for i := range 6 {
			at := content * (2*i + 1) / 12
			if content == 0 || strings.HasSuffix(file, "LOCK") {
				continue
			}
			bad := bytes.Clone(good)
			bad[at] ^= 16
			if err := os.WriteFile(file, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			if openedSame(t, j.o.Dir, want, filepath.Base(file), at) {
				same++
			} else {
				noticed++
			}
			// Opening may have changed the folder: put everything back.
			for name, b := range map[string][]byte{file: good} {
				if err := os.WriteFile(name, b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if noticed == 0 {
		t.Error("not one flipped bit was noticed")
	}
	t.Logf("%d noticed, %d without effect", noticed, same)
}

// openedSame opens a copy of the folder; false: the damage was noticed.
func openedSame(t *testing.T, dir, want, file string, at int) bool {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "j")
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	n, err := Open(ctx, testOptions(copied))
	if err != nil {
		return false
	}
	defer n.Close()
	if _, err := journal.Verify(ctx, n); err != nil {
		return false
	}
	if strings.Join(everything(t, n), "\n") != want {
		t.Errorf("%s, byte %d: a flipped bit changed what the journal says, and nothing noticed", file, at)
	}
	return true
}

func backupOf(t testing.TB, j *Journal) []byte {
	t.Helper()
	var b bytes.Buffer
	head, err := j.Backup(ctx, &b)
	if err != nil || head != j.Head() {
		t.Fatal(head, err)
	}
	return b.Bytes()
}

// A backup gives back the same journal, in a new epoch that says so.
func TestBackupAndRestore(t *testing.T) {
	j := fresh(t)
	story(t, j)
	for i := range 300 {
		mustNote(t, j, "n", string(rune('a'+i%26)))
	}
	b := backupOf(t, j)
	o := testOptions(filepath.Join(t.TempDir(), "restored"))
	n, err := Restore(ctx, o, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(everything(t, n), "\n") != strings.Join(everything(t, j), "\n") {
		t.Error("the restored journal differs")
	}
	e := n.Epoch()
	if e.Cause != record.CauseRestored || e.Parent != j.Epoch().ID || e.At != j.Head().Position || n.Head().Epoch != e.ID || journal.CheckEpoch(e) != nil {
		t.Errorf("%+v", e)
	}
	mustNote(t, n, "after", "1")
	n = again(t, n)
	if v := verify(t, n); v.Head.Position != j.Head().Position+1 || n.Epoch().ID != e.ID {
		t.Errorf("%+v", v)
	}
	if _, err := Restore(ctx, n.o, bytes.NewReader(b)); !fault.Is(err, fault.Exists) {
		t.Errorf("restoring over a journal: %v", err)
	}
	// Any implementation's backup is the same stream.
	m := memjournal.New(memjournal.Options{Epoch: j.Epoch()})
	story(t, m)
	var mb bytes.Buffer
	if _, err := journal.Backup(ctx, m, testSigner, &mb); err != nil {
		t.Fatal(err)
	}
	o.Dir = filepath.Join(t.TempDir(), "from memory")
	n, err = Restore(ctx, o, &mb)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if verify(t, n).Entries != 3 {
		t.Error("entries are missing")
	}
}

// A backup that was cut, changed or signed by another is refused, and what was
// begun does not open as a journal.
func TestADamagedBackupIsRefused(t *testing.T) {
	j := fresh(t)
	story(t, j)
	good := backupOf(t, j)
	try := func(name string, b []byte, want ...fault.Kind) {
		t.Helper()
		o := testOptions(filepath.Join(t.TempDir(), "r"))
		n, err := Restore(ctx, o, bytes.NewReader(b))
		if err == nil {
			_ = n.Close()
		}
		for _, k := range want {
			if fault.Is(err, k) {
				if _, err := Open(ctx, o); err == nil {
					t.Errorf("%s: what was begun opens", name)
				}
				return
			}
		}
		t.Errorf("%s: err = %v", name, err)
	}
	for _, cut := range []int{9, len(good) / 2, len(good) - 1} {
		try("cut", good[:cut], fault.Corrupt)
	}
	for at := 10; at < len(good); at += len(good) / 23 {
		b := bytes.Clone(good)
		b[at] ^= 2
		try("a flipped bit", b, fault.Corrupt, fault.Unsupported, fault.Invalid)
	}
	try("no backup", []byte("PK\x03\x04 something else"), fault.Invalid)
	newer := bytes.Clone(good)
	newer[7]++
	try("a newer format", newer, fault.Unsupported)
	var other bytes.Buffer
	if _, err := journal.Backup(ctx, j, must(keys.NewJournalKey()), &other); err != nil {
		t.Fatal(err)
	}
	try("signed by another key", other.Bytes(), fault.Corrupt)
}

// The journals in testdata must open for ever, with the same content: v1 is the
// first release's, v2 has patients' rows that say where a resource stands, v3 such
// as say since when, too. (One
// is made anew only where its folder is absent, and then the test fails once.)
func TestEarlierReleasesJournalsOpen(t *testing.T) {
	for _, name := range []string{"v1", "v2", "v3"} {
		t.Run(name, func(t *testing.T) { opensAsKept(t, filepath.Join("testdata", name)) })
	}
}

func opensAsKept(t *testing.T, kept string) {
	if _, err := os.Stat(kept); os.IsNotExist(err) {
		makeFixture(t, kept)
		t.Error("the fixture was absent and was made")
	}
	dir := filepath.Join(t.TempDir(), "j")
	if err := os.CopyFS(dir, os.DirFS(kept)); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(kept + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	o := testOptions(dir)
	j, err := Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if v := verify(t, j); v.Entries != 3 {
		t.Errorf("%+v", v)
	}
	if strings.Join(everything(t, j), "\n")+"\n" != string(want) {
		t.Error("an earlier release's journal says something else now")
	}
}

func makeFixture(t *testing.T, kept string) {
	o := testOptions(filepath.Join(t.TempDir(), "j"))
	o.Now = nowAt(1795312800000)
	o.Reserve = 1 << 50 // no reserve file in the fixture
	o.faults.free = func(string) (uint64, error) { return 1 << 52, nil }
	j, err := Create(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	story(t, j)
	said := strings.Join(everything(t, j), "\n") + "\n"
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.CopyFS(kept, os.DirFS(o.Dir)), os.WriteFile(kept+".txt", []byte(said), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// Values that a newer program wrote are refused, never guessed.
func TestANewerFormatIsRefused(t *testing.T) {
	for _, key := range []string{"Vx", "Cx", "Ex", "Rx", "Bx", "Ox", "Nx", "Px", "Ix", "?x"} {
		if _, err := state.Decode(key, []byte{9, 0xa0}); !fault.Is(err, fault.Unsupported) {
			t.Errorf("%s: %v", key, err)
		}
	}
}
