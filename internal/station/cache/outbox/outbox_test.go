package outbox_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache/outbox"
	"wardlight/internal/trust/keys"
)

const station = record.StationID("sabcdefghijk2")

func identity(t testing.TB) keys.SealIdentity {
	t.Helper()
	id, err := keys.NewSealIdentity()
	ok(t, err)
	return id
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ward is an outbox, its two owners and a clock.
type ward struct {
	t        testing.TB
	dir      string
	own      keys.SealIdentity
	recovery keys.SealIdentity
	now      time.Time
}

func newWard(t testing.TB) *ward {
	return &ward{t, t.TempDir(), identity(t), identity(t), time.UnixMilli(1795312800000)}
}

func (w *ward) open() (*outbox.Outbox, outbox.Contents) {
	w.t.Helper()
	b, c, err := outbox.Open(outbox.Options{
		Dir: w.dir, Station: station, Identity: w.own, Recovery: w.recovery.Recipient(),
		Retention: 7 * 24 * time.Hour, Now: func() time.Time { return w.now },
	})
	ok(w.t, err)
	w.t.Cleanup(func() { b.Close() })
	return b, c
}

func note(seq uint64) outbox.Entry { return sized(seq, 300) }

func sized(seq uint64, n int) outbox.Entry {
	id := record.MutationOf(station, seq)
	return outbox.Entry{Kind: outbox.KindMutation, Mutation: record.Mutation{
		ID: id, Ref: fhir.Ref{Type: fhir.TypeCommunication, ID: fhir.ID(id)}, Patient: "p1",
		Ops: []record.Op{{Kind: record.OpPut, Value: bytes.Repeat([]byte("n"), n)}}, Sig: []byte("signature"), KeyID: "k",
	}}
}

func receipt(seq uint64, at time.Time) outbox.Entry {
	return outbox.Entry{Kind: outbox.KindReceipt, Receipt: outbox.Receipted{Receipt: record.Receipt{Mutation: record.MutationOf(station, seq), Position: 1, Outcome: record.Applied}, At: at.UnixMilli()}}
}

func seqs(muts []record.Mutation) string {
	var s []string
	for _, m := range muts {
		_, seq, _ := m.ID.Station()
		s = append(s, fmt.Sprint(seq))
	}
	return strings.Join(s, " ")
}

func (w *ward) files() []string {
	names, err := filepath.Glob(filepath.Join(w.dir, "*.wlo"))
	ok(w.t, err)
	return names
}

func TestEachOfTheTwoOwnersReadsItAlone(t *testing.T) {
	w := newWard(t)
	b, _ := w.open()
	ok(t, b.Append(true, note(1), note(2)))
	ok(t, b.Append(true, note(3)))
	ok(t, b.Close())
	for name, id := range map[string]keys.SealIdentity{"station": w.own, "central": w.recovery} {
		muts, err := outbox.Recover(w.dir, id)
		if err != nil || seqs(muts) != "1 2 3" || string(muts[0].Sig) != "signature" {
			t.Errorf("%s: %q, %v", name, seqs(muts), err)
		}
	}
	if _, err := outbox.Recover(w.dir, identity(t)); !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), keys.RecipientID(w.recovery.Recipient())) {
		t.Errorf("a stranger: %v; want denied, with the id of the recovery key", err)
	}
	raw, err := os.ReadFile(w.files()[0])
	ok(t, err)
	if bytes.Contains(raw, []byte("nnnnn")) || bytes.Contains(raw, []byte("signature")) {
		t.Error("the file shows what was written")
	}
	if _, err := outbox.Recover(filepath.Join(w.dir, "none"), w.own); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such file: %v", err)
	}
}

// Appending never changes a file's size: it works on a disk that is full.
func TestSegmentsAreMadeInFull(t *testing.T) {
	w := newWard(t)
	b, _ := w.open()
	before, err := os.Stat(w.files()[0])
	ok(t, err)
	if before.Size() != outbox.SegmentSize {
		t.Errorf("size %d", before.Size())
	}
	for seq := uint64(1); seq < 100; seq++ {
		ok(t, b.Append(true, note(seq)))
	}
	after, err := os.Stat(w.files()[0])
	ok(t, err)
	if after.Size() != before.Size() || len(w.files()) != 1 {
		t.Errorf("size %d, then %d, %d files", before.Size(), after.Size(), len(w.files()))
	}
}

func TestItGoesOnOverSegmentsAndOpenings(t *testing.T) {
	w := newWard(t)
	want := []string{}
	seq := uint64(0)
	for range 4 {
		b, c := w.open()
		if len(c.Damage) > 0 || seqs(c.Mutations()) != strings.Join(want, " ") {
			t.Fatalf("read %s, damage %v", seqs(c.Mutations()), c.Damage)
		}
		for range 3 {
			seq++
			ok(t, b.Append(true, sized(seq, 300<<10)))
			want = append(want, fmt.Sprint(seq))
		}
		ok(t, b.Close())
	}
	if n := len(w.files()); n < 3 || n > 5 {
		t.Errorf("%d segments", n)
	}
	b, _ := w.open()
	ok(t, b.Append(true, sized(99, 3<<20))) // larger than a segment
	ok(t, b.Close())
	if muts, err := outbox.Recover(w.dir, w.own); err != nil || !strings.HasSuffix(seqs(muts), " 12 99") {
		t.Errorf("%s, %v", seqs(muts), err)
	}
}

// The file is cut off anywhere: what is in front of the cut is read, the cut
// is told, and the outbox goes on behind it.
func TestATornFile(t *testing.T) {
	w := newWard(t)
	b, _ := w.open()
	for seq := uint64(1); seq <= 5; seq++ {
		ok(t, b.Append(true, note(seq)))
	}
	ok(t, b.Close())
	whole, err := os.ReadFile(w.files()[0])
	ok(t, err)
	end := len(bytes.TrimRight(whole, "\x00"))
	last := ""
	for cut := end - 1; cut > 0; cut -= 37 {
		torn := append(append([]byte(nil), whole[:cut]...), make([]byte, len(whole)-cut)...)
		ok(t, os.WriteFile(w.files()[0], torn, 0o600))
		muts, err := outbox.Recover(w.files()[0], w.own)
		got := seqs(muts)
		if !strings.HasPrefix("1 2 3 4 5", got) || err == nil && got == "1 2 3 4 5" {
			t.Fatalf("cut at %d of %d: read %q, %v", cut, end, got, err)
		}
		if err == nil && torn[cut-1] != 0 && cut > 2000 && !endsAtEntry(whole, cut) {
			t.Errorf("cut at %d: nobody said so", cut)
		}
		last = got
	}
	if last != "" {
		t.Errorf("with no header left there is %q", last)
	}
	ok(t, os.WriteFile(w.files()[0], append(append([]byte(nil), whole[:end-10]...), make([]byte, len(whole)-end+10)...), 0o600))
	b, c := w.open()
	if len(c.Damage) != 1 || !c.Damage[0].Torn {
		t.Errorf("damage: %+v", c.Damage)
	}
	ok(t, b.Append(true, note(5), note(6)))
	ok(t, b.Close())
	if muts, err := outbox.Recover(w.dir, w.recovery); seqs(muts) != "1 2 3 4 5 6" || !fault.Is(err, fault.Corrupt) {
		t.Errorf("after going on: %q, %v", seqs(muts), err)
	}
}

func endsAtEntry(whole []byte, cut int) bool { return bytes.HasPrefix(whole[cut:], []byte("WLe1")) }

// frames finds where the entries of a segment begin.
func frames(b []byte) (at []int) {
	for i := 0; ; {
		j := bytes.Index(b[i:], []byte("WLe1"))
		if j < 0 {
			return at
		}
		at = append(at, i+j)
		i += j + 4
	}
}

// Each way of tampering is noticed, and everything else is still read.
func TestTamperingIsNoticedAndTheRestIsRead(t *testing.T) {
	for name, c := range map[string]struct {
		tamper func(b []byte, at []int) []byte
		want   string
	}{
		"a flipped bit in the middle":   {func(b []byte, at []int) []byte { b[at[2]+80] ^= 1; return b }, "1 3 4 5"},
		"a flipped bit in a length":     {func(b []byte, at []int) []byte { b[at[2]+6] ^= 1; return b }, "1 3 4 5"},
		"a flipped bit in a chain hash": {func(b []byte, at []int) []byte { b[at[3]+20] ^= 1; return b }, "1 2 4 5"},
		"one left out": {func(b []byte, at []int) []byte {
			return append(append(append([]byte(nil), b[:at[2]]...), b[at[3]:]...), make([]byte, at[3]-at[2])...)
		}, "1 3 4 5"},
		"two exchanged": {func(b []byte, at []int) []byte {
			c := append([]byte(nil), b[:at[2]]...)
			c = append(append(c, b[at[3]:at[4]]...), b[at[2]:at[3]]...)
			return append(c, b[at[4]:]...)
		}, "1 3 4 5"},
		"one copied to the end": {func(b []byte, at []int) []byte {
			end := len(bytes.TrimRight(b, "\x00"))
			copy(b[end:], b[at[1]:at[2]])
			return b
		}, "1 2 3 4 5"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWard(t)
			b, _ := w.open()
			for seq := uint64(1); seq <= 5; seq++ {
				ok(t, b.Append(true, note(seq)))
			}
			ok(t, b.Close())
			raw, err := os.ReadFile(w.files()[0])
			ok(t, err)
			ok(t, os.WriteFile(w.files()[0], c.tamper(raw, frames(raw)), 0o600))
			muts, err := outbox.Recover(w.dir, w.own)
			if !fault.Is(err, fault.Corrupt) {
				t.Errorf("err = %v, want corrupt", err)
			}
			if got := seqs(muts); got != c.want {
				t.Errorf("read %q, want %q", got, c.want)
			}
		})
	}
}

// An entry of another station's or another segment's file fits nowhere else.
func TestAnEntryFromElsewhereIsNotRead(t *testing.T) {
	w := newWard(t)
	b, _ := w.open()
	ok(t, b.Append(true, sized(1, 700<<10)))
	ok(t, b.Append(true, sized(2, 700<<10)))
	ok(t, b.Close())
	names := w.files()
	if len(names) != 2 {
		t.Fatal(names)
	}
	first, _ := os.ReadFile(names[0])
	second, _ := os.ReadFile(names[1])
	f, s := frames(first), frames(second)
	copy(second[s[1]:], first[f[1]:])
	ok(t, os.WriteFile(names[1], second, 0o600))
	muts, err := outbox.Recover(w.dir, w.own)
	if seqs(muts) != "1" || !fault.Is(err, fault.Corrupt) {
		t.Errorf("%q, %v", seqs(muts), err)
	}
}

func TestAMissingSegmentIsNoticed(t *testing.T) {
	w := newWard(t)
	b, _ := w.open()
	for seq := uint64(1); seq <= 3; seq++ {
		ok(t, b.Append(true, sized(seq, 700<<10)))
	}
	ok(t, b.Close())
	ok(t, os.Remove(w.files()[1]))
	muts, err := outbox.Recover(w.dir, w.own)
	if seqs(muts) != "1 3" || !fault.Is(err, fault.Corrupt) {
		t.Errorf("%q, %v", seqs(muts), err)
	}
}

func TestSegmentsGoOnlyWhenTheyAreDoneWith(t *testing.T) {
	w := newWard(t)
	b, _ := w.open()
	ok(t, b.Append(true, sized(1, 700<<10), outbox.Entry{Kind: outbox.KindLook, Look: record.Look{Seq: 1}}))
	ok(t, b.Append(true, sized(2, 700<<10)))
	ok(t, b.Append(true, sized(3, 700<<10)))
	dropped := func(want int, why string) {
		t.Helper()
		if n, err := b.Drop(w.now); n != want || err != nil {
			t.Errorf("%s: %d went, want %d (%v)", why, n, want, err)
		}
	}
	dropped(0, "nothing is receipted")
	ok(t, b.Append(false, receipt(1, w.now), receipt(2, w.now)))
	dropped(0, "the retention window has just begun")
	w.now = w.now.Add(8 * 24 * time.Hour)
	dropped(0, "a look has not arrived")
	ok(t, b.Close())
	b, _ = w.open() // the same from the files alone
	dropped(0, "a look has not arrived")
	ok(t, b.Append(false, outbox.Entry{Kind: outbox.KindLooksReceived, LooksReceived: 1}))
	ok(t, b.Append(true, outbox.Entry{Kind: outbox.KindReoffer, State: outbox.State{Since: w.now.Add(-30 * 24 * time.Hour).UnixMilli()}}))
	dropped(0, "all is offered again")
	ok(t, b.Append(false, receipt(1, w.now), receipt(2, w.now)))
	dropped(0, "a new window has begun")
	w.now = w.now.Add(8 * 24 * time.Hour)
	dropped(2, "done with")
	ok(t, b.Close())
	b, c := w.open()
	if seqs(c.Mutations()) != "3" || len(c.Damage) != 0 {
		t.Errorf("left: %q, damage %v", seqs(c.Mutations()), c.Damage)
	}
	if s := b.State(); s.LastSeq != 3 || s.LookSeq != 1 || s.LookForward != 1 {
		t.Errorf("what went is forgotten: %+v", s)
	}
}

func TestWhatWasRefusedNeverHappened(t *testing.T) {
	w := newWard(t)
	b, _ := w.open()
	ok(t, b.Append(true, note(1), note(2)))
	ok(t, b.Append(true, outbox.Entry{Kind: outbox.KindVoid, Void: []uint64{2}}))
	ok(t, b.Append(true, note(3)))
	ok(t, b.Close())
	if muts, err := outbox.Recover(w.dir, w.own); seqs(muts) != "1 3" || err != nil {
		t.Errorf("%q, %v", seqs(muts), err)
	}
}

// A station that was enrolled anew leaves the files of before alone.
func TestFilesOfAnotherIdentityAreLeftAlone(t *testing.T) {
	w := newWard(t)
	b, _ := w.open()
	ok(t, b.Append(true, note(1)))
	ok(t, b.Close())
	w.own = identity(t)
	b, c := w.open()
	if len(c.Entries) != 0 || len(c.Damage) != 1 {
		t.Errorf("contents: %+v", c)
	}
	ok(t, b.Append(true, note(2)))
	w.now = w.now.Add(365 * 24 * time.Hour)
	if n, err := b.Drop(w.now); n != 0 || err != nil {
		t.Errorf("%d went, %v", n, err)
	}
	ok(t, b.Close())
	if muts, err := outbox.Recover(w.dir, w.recovery); seqs(muts) != "1 2" {
		t.Errorf("central reads %q, %v", seqs(muts), err)
	}
}

// Central has a new recovery key: what is written from then on is sealed to
// it, what was written before stays with the old one.
func TestANewRecoveryKey(t *testing.T) {
	w := newWard(t)
	b, _ := w.open()
	ok(t, b.Append(true, note(1)))
	ok(t, b.Close())
	old := w.recovery
	w.recovery = identity(t)
	b, c := w.open()
	if len(c.Damage) != 0 {
		t.Errorf("damage: %v", c.Damage)
	}
	ok(t, b.Append(true, note(2)))
	ok(t, b.Close())
	for id, want := range map[keys.SealIdentity]string{old: "1", w.recovery: "2", w.own: "1 2"} {
		if muts, _ := outbox.Recover(w.dir, id); seqs(muts) != want {
			t.Errorf("read %q, want %q", seqs(muts), want)
		}
	}
}

func TestANewerFileIsNotGuessedAt(t *testing.T) {
	w := newWard(t)
	b, _ := w.open()
	ok(t, b.Append(true, note(1)))
	ok(t, b.Close())
	raw, err := os.ReadFile(w.files()[0])
	ok(t, err)
	raw[4] = 9
	end := 9 + int(binary.BigEndian.Uint32(raw[5:9])) // a newer program sums what it writes
	sum := sha256.Sum256(raw[:end])
	copy(raw[end:], sum[:])
	ok(t, os.WriteFile(w.files()[0], raw, 0o600))
	if _, err := outbox.Recover(w.dir, w.own); !fault.Is(err, fault.Unsupported) {
		t.Errorf("err = %v", err)
	}
}

// One flipped bit makes no newer program: the header's sum still fits this
// version, and the work behind it comes back.
func TestADamagedVersionByteLosesNoWork(t *testing.T) {
	for bit := range 8 {
		w := newWard(t)
		b, _ := w.open()
		ok(t, b.Append(true, note(1)))
		ok(t, b.Close())
		raw, err := os.ReadFile(w.files()[0])
		ok(t, err)
		raw[4] ^= 1 << bit
		ok(t, os.WriteFile(w.files()[0], raw, 0o600))
		muts, err := outbox.Recover(w.dir, w.own)
		if err != nil || seqs(muts) != "1" {
			t.Errorf("bit %d: %q, %v", bit, seqs(muts), err)
		}
	}
}

// Whatever the bytes, reading ends, and what it returns was sealed.
func FuzzRecover(f *testing.F) {
	w := newWard(f)
	b, _ := w.open()
	ok(f, b.Append(true, note(1), note(2)))
	ok(f, b.Close())
	raw, err := os.ReadFile(w.files()[0])
	ok(f, err)
	raw = raw[:len(bytes.TrimRight(raw, "\x00"))+8]
	f.Add(uint16(0), byte(1), uint16(0))
	f.Add(uint16(len(raw)-20), byte(0x80), uint16(9))
	f.Fuzz(func(t *testing.T, at uint16, flip byte, cut uint16) {
		b := append([]byte(nil), raw...)
		b[int(at)%len(b)] ^= flip
		b = b[:len(b)-int(cut)%len(b)]
		path := filepath.Join(t.TempDir(), "outbox-00000001.wlo")
		ok(t, os.WriteFile(path, b, 0o600))
		muts, _ := outbox.Recover(path, w.own)
		if !strings.HasPrefix("1 2", seqs(muts)) && seqs(muts) != "2" {
			t.Errorf("read %q", seqs(muts))
		}
	})
}
