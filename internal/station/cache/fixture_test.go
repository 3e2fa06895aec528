package cache_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/station/cache"
	"wardlight/internal/station/cache/outbox"
	"wardlight/internal/trust/keys"
)

var update = flag.Bool("update", false, "write testdata anew")

// The fixture's keys are public: it holds invented people only.
const (
	fixtureDir      = "testdata/first"
	smallDir        = "testdata/small"
	fixtureRecovery = "testdata/recovery.txt"
)

func fixtureOptions(t *testing.T, dir string) cache.Options {
	t.Helper()
	own, err := os.ReadFile("testdata/own.txt")
	ok(t, err)
	id, err := keys.ParseSealIdentity(own)
	ok(t, err)
	rec, err := os.ReadFile(fixtureRecovery)
	ok(t, err)
	r, err := keys.ParseSealIdentity(rec)
	ok(t, err)
	when := time.UnixMilli(1795312800000)
	return cache.Options{
		Dir: dir, Key: keys.Key([]byte("a key that everybody may know 32")), Station: station,
		DeviceSealing: id, RecoveryRecipient: r.Recipient(), Reserve: 4096, Now: func() time.Time { return when },
	}
}

// A station's folder of an earlier program, as a clean end left it, opens for
// ever, with everything in it: that of the first release, and one whose values
// were made small.
func TestEarlierCachesStillOpen(t *testing.T) {
	if *update {
		makeFixture(t)
	}
	for _, kept := range []string{fixtureDir, smallDir} {
		t.Run(filepath.Base(kept), func(t *testing.T) { opensAsKept(t, kept) })
	}
}

func opensAsKept(t *testing.T, kept string) {
	if _, err := os.Stat(kept); os.IsNotExist(err) {
		makeFolder(t, kept)
		t.Error("the fixture was absent and was made")
	}
	dir := t.TempDir()
	ok(t, os.CopyFS(dir, os.DirFS(kept)))
	c := open(t, fixtureOptions(t, dir))
	<-c.Checked()
	ok(t, c.Damaged())
	if h := c.Health(); h.Fresh || h.RolledBack || len(h.Outbox) > 0 || h.Reimported+h.Repaired > 0 {
		t.Errorf("health: %+v", h)
	}
	if got := compartment(t, c, "p1"); len(got) != 4 || !strings.Contains(got["Observation/k2"], "6.8") || !strings.Contains(got["Observation/k1"], "4.2") {
		t.Errorf("compartment: %v", got)
	}
	cur, err := c.Cursor()
	if cur.Position != 6 || cur.Epoch != "e1" || err != nil {
		t.Errorf("cursor: %v %v", cur, err)
	}
	if got := unsentSeqs(t, c); len(got) != 2 {
		t.Errorf("unsent: %v", got)
	}
	if looks, err := c.UnsentLooks(0, 9); len(looks) != 2 || err != nil {
		t.Errorf("looks: %v %v", looks, err)
	}
	if d, found, err := c.Draft("g.mensah", "n"); string(d.Body) != "draft" || !found || err != nil {
		t.Errorf("draft: %v %v %v", d, found, err)
	}
	ok(t, c.View(bg, func(r cache.Reader) error {
		ch, found, err := r.Base(fhir.Ref{Type: fhir.TypeObservation, ID: "k1"}, 1)
		if !found || !strings.Contains(string(ch.Body), "4.1") {
			t.Errorf("the version before: %v %v", found, ch)
		}
		return err
	}))
}

// And so does its outbox file, with either key.
func TestTheFirstOutboxFileStillOpens(t *testing.T) {
	for _, name := range []string{"testdata/own.txt", fixtureRecovery} {
		b, err := os.ReadFile(name)
		ok(t, err)
		id, err := keys.ParseSealIdentity(b)
		ok(t, err)
		muts, err := outbox.Recover(filepath.Join(fixtureDir, "outbox"), id)
		if len(muts) != 2 || muts[0].ID != "sabcdefghijk2-1" || !strings.Contains(string(muts[1].Ops[0].Value), "second") || err != nil {
			t.Errorf("%s: %v, %v", name, muts, err)
		}
		pub, err := os.ReadFile("testdata/device.spki")
		ok(t, err)
		for _, m := range muts {
			sb, err := m.SigningBytes()
			ok(t, err)
			ok(t, keys.VerifyDevice(pub, sb, m.Sig))
		}
	}
}

// makeFixture writes it, for a new format only.
func makeFixture(t *testing.T) {
	t.Helper()
	ok(t, os.RemoveAll("testdata"))
	ok(t, os.MkdirAll(fixtureDir, 0o755))
	for _, name := range []string{"testdata/own.txt", fixtureRecovery} {
		ok(t, os.WriteFile(name, append(mustIdentity().Secret(), '\n'), 0o644))
	}
	ok(t, os.WriteFile("testdata/device.spki", device.Public(), 0o644))
	makeFolder(t, fixtureDir)
}

// makeFolder writes one of today's folders.
func makeFolder(t *testing.T, to string) {
	t.Helper()
	dir := t.TempDir()
	filled(t, fixtureOptions(t, dir))
	c := open(t, fixtureOptions(t, dir))
	ok(t, c.Commit(bg, []record.Mutation{}, nil, cache.Fact{Key: "made", Value: []byte("first")}))
	ok(t, c.Close())
	keepFolder(t, dir, to)
}

// keepFolder copies a closed station's folder without what is made again where
// it is missing.
func keepFolder(t *testing.T, dir, to string) {
	t.Helper()
	for _, f := range []string{"lock", "reserve", "badger/DISCARD"} { // made again where missing
		_ = os.Remove(filepath.Join(dir, f))
	}
	segment := mustGlob(t, filepath.Join(dir, "outbox", "*"))
	b, err := os.ReadFile(segment)
	ok(t, err)
	ok(t, os.WriteFile(segment, b[:len(bytes.TrimRight(b, "\x00"))+4096], 0o600))
	ok(t, os.CopyFS(to, os.DirFS(dir)))
}
