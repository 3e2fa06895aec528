package compact

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"wardlight/internal/fault"
)

// report is a report on many lines, as a laboratory sends it again and again.
func report(lines int, status, last string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `{"code":{"text":"Extended panel"},"id":"r1","resourceType":"DiagnosticReport","result":[`)
	for i := range lines {
		fmt.Fprintf(&b, `{"reference":"Observation/o%016x"},`, uint64(i+1)*0x9e3779b97f4a7c15)
	}
	fmt.Fprintf(&b, `{"reference":%q}],"status":%q}`, last, status)
	return []byte(b.String())
}

// One line of two hundred is changed: what is sent is that line.
func TestANewVersionIsPackedAgainstTheLast(t *testing.T) {
	old, now := report(200, "preliminary", "Observation/k1"), report(200, "final", "Observation/k2")
	whole, ok, err := PackHard(First, now)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	delta, ok, err := PackAgainst(First, [][]byte{old}, now)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if back, err := UnpackAgainst(First, [][]byte{old}, delta, len(now)); err != nil || !bytes.Equal(back, now) {
		t.Fatalf("it came back otherwise: %v", err)
	}
	t.Logf("%d bytes: whole %d packed, against the last version %d", len(now), len(whole), len(delta))
	if len(delta) > 120 {
		t.Errorf("%d bytes for one line", len(delta))
	}
}

// Whatever the bases are, what was packed against them comes back with them.
func TestWhatIsPackedAgainstBasesComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.SliceOfN(rapid.Byte(), 0, 400)
		bases := rapid.SliceOfN(piece, 0, 5).Draw(t, "bases")
		plain := bytes.Join([][]byte{piece.Draw(t, "before"), bytes.Join(bases, nil), piece.Draw(t, "behind")}, nil)
		p, ok, err := PackAgainst(First, bases, plain)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return
		}
		if back, err := UnpackAgainst(First, bases, p, len(plain)); err != nil || !bytes.Equal(back, plain) {
			t.Fatalf("%d bytes came back otherwise: %v", len(plain), err)
		}
	})
}

// At the bounds it still works, over them nothing is packed.
func TestTheBoundsOfBases(t *testing.T) {
	base := make([]byte, MaxBases)
	for i := range base {
		base[i] = byte(uint64(i)*0x9e3779b97f4a7c15>>29) ^ byte(i>>9)
	}
	plain := append(bytes.Clone(base[:1000]), base...)
	p, ok, err := PackAgainst(First, [][]byte{base}, plain)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	t.Logf("%d bytes are %d", len(plain), len(p))
	if back, err := UnpackAgainst(First, [][]byte{base}, p, len(plain)); err != nil || !bytes.Equal(back, plain) {
		t.Fatal("it came back otherwise:", err)
	}
	for name, c := range map[string]struct{ bases, plain int }{"bases": {MaxBases + 1, 1000}, "message": {1000, MaxAgainst + 1}} {
		if _, ok, err := PackAgainst(First, [][]byte{make([]byte, c.bases)}, make([]byte, c.plain)); ok || err != nil {
			t.Errorf("%s over the bound: packed %v, %v", name, ok, err)
		}
	}
	if _, err := UnpackAgainst(First, [][]byte{base, {1}}, p, len(plain)); !fault.Is(err, fault.Full) {
		t.Error("bases over the bound:", err)
	}
}

func TestLiesAboutBasesAreRefused(t *testing.T) {
	old, now := report(50, "preliminary", "Observation/k1"), report(50, "final", "Observation/k2")
	p, _, err := PackAgainst(First, [][]byte{old}, now)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := UnpackAgainst(First, [][]byte{report(50, "final", "Observation/other")}, p, len(now)); err == nil && bytes.Equal(back, now) {
		t.Error("another base made no difference")
	}
	changed := func(at int, to byte) []byte {
		b := bytes.Clone(p)
		b[at] = to
		return b
	}
	for name, b := range map[string][]byte{
		"nothing": nil, "no header": p[:5], "another dictionary": changed(1, 9), "plainly packed": changed(0, 0),
		"another size": changed(5, p[5]+1), "cut off": p[:len(p)-1], "huge": changed(2, 255),
	} {
		if _, err := UnpackAgainst(First, [][]byte{old}, b, 1<<30); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
	if _, err := UnpackAgainst(First, [][]byte{old}, p, len(now)-1); !fault.Is(err, fault.Full) {
		t.Error("over the limit:", err)
	}
	if _, err := Unpack(First, p, len(now)); err == nil {
		t.Error("it was opened without its bases")
	}
}

func FuzzUnpackAgainst(f *testing.F) {
	old, now := report(9, "preliminary", "a"), report(9, "final", "b")
	p, _, _ := PackAgainst(First, [][]byte{old}, now)
	f.Add(p, old)
	f.Fuzz(func(t *testing.T, packed, base []byte) {
		if back, err := UnpackAgainst(First, [][]byte{base}, packed, 1<<16); err == nil && len(back) > 1<<16 {
			t.Fatal("over the limit")
		}
	})
}

func BenchmarkPackAgainst(b *testing.B) {
	old, now := report(400, "preliminary", "a"), report(400, "final", "b")
	b.ReportAllocs()
	for b.Loop() {
		if _, ok, err := PackAgainst(First, [][]byte{old}, now); !ok || err != nil {
			b.Fatal(err)
		}
	}
}
