package state

import (
	"fmt"
	"iter"
	"slices"
	"testing"
)

// counted is a Store that says how often it was asked.
type counted struct {
	Layer
	gets, scans int
}

func (c *counted) Get(key string) (any, bool, error) { c.gets++; return c.Layer.Get(key) }

func (c *counted) Scan(prefix, after string) iter.Seq2[Row, error] {
	c.scans++
	return c.Layer.Scan(prefix, after)
}

func keysOf(t *testing.T, s Store, prefix string) (keys []string) {
	t.Helper()
	for row, err := range s.Scan(prefix, "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, row.Key)
	}
	return keys
}

// TestWhatWasReadIsNotReadAgain: a row, a row that is not there, and a short scan
// come from the store once, and say the same ever after.
func TestWhatWasReadIsNotReadAgain(t *testing.T) {
	base := &counted{}
	for i := range 3 {
		base.set(fmt.Sprintf("a%d", i), i)
	}
	m := NewMemo(base)
	for range 3 {
		if v, ok, err := m.Get("a1"); v != 1 || !ok || err != nil {
			t.Fatalf("a1 is %v, %v, %v", v, ok, err)
		}
		if v, ok, err := m.Get("b"); v != nil || ok || err != nil {
			t.Fatalf("b is %v, %v, %v", v, ok, err)
		}
		if got := keysOf(t, m, "a"); !slices.Equal(got, []string{"a0", "a1", "a2"}) {
			t.Fatalf("the scan gives %v", got)
		}
	}
	if base.gets != 2 || base.scans != 1 {
		t.Errorf("the store was asked %d times for a row and %d times for a scan; want 2 and 1", base.gets, base.scans)
	}
}

// TestAScanThatWasLeftIsNotTakenForTheWhole: what stopped half way says nothing
// about the rest, and what is long is read anew.
func TestAScanThatWasLeftIsNotTakenForTheWhole(t *testing.T) {
	base := &counted{}
	for i := range maxMemoScan + 1 {
		base.set(fmt.Sprintf("a%03d", i), i)
	}
	base.set("b1", 1)
	base.set("b2", 2)
	m := NewMemo(base)
	for range m.Scan("b", "") {
		break
	}
	if got := keysOf(t, m, "b"); !slices.Equal(got, []string{"b1", "b2"}) {
		t.Errorf("after a scan that was left the next gives %v", got)
	}
	for range 2 {
		if got := keysOf(t, m, "a"); len(got) != maxMemoScan+1 {
			t.Errorf("a long scan gives %d rows", len(got))
		}
	}
}
