package state

import (
	"fmt"
	"iter"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// model is the plain map that an ordered one is compared with.
type model map[string]int

func (m model) rows(prefix, after string) (out []string) {
	for k, v := range m {
		if strings.HasPrefix(k, prefix) && (after == "" || k > after) {
			out = append(out, fmt.Sprint(k, "=", v))
		}
	}
	sort.Strings(out)
	return out
}

func (m model) clone() model {
	c := model{}
	for k, v := range m {
		c[k] = v
	}
	return c
}

func collect(seq iter.Seq2[Row, error]) (out []string) {
	for r, err := range seq {
		if err != nil {
			panic(err)
		}
		out = append(out, fmt.Sprint(r.Key, "=", r.Value))
	}
	return out
}

// Short keys of few letters meet often: as prefixes of each other, and as the
// same key again.
var key = rapid.StringMatching(`[ab]{1,4}`)

// A Map is the same as a plain map, in order; and a map that was kept is as it
// was, whatever came later.
func TestMapIsAnOrderedMapThatNeverChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type kept struct {
			m    Map
			want model
		}
		now := kept{want: model{}}
		snapshots := []kept{now}
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			k := key.Draw(t, "key")
			now.want = now.want.clone()
			if rapid.Bool().Draw(t, "set") {
				v := rapid.Int().Draw(t, "value")
				now.m, now.want[k] = now.m.Set(k, v), v
			} else {
				now.m = now.m.Delete(k)
				delete(now.want, k)
			}
			snapshots = append(snapshots, now)
		}
		prefix, after := rapid.StringMatching(`[ab]{0,3}`).Draw(t, "prefix"), rapid.StringMatching(`[ab]{0,4}`).Draw(t, "after")
		for i, s := range snapshots {
			got, want := collect((&Layer{Top: s.m}).Scan(prefix, after)), s.want.rows(prefix, after)
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("after step %d: %v, want %v", i, got, want)
			}
			for k, v := range s.want {
				if got, ok := s.m.Get(k); !ok || got != v {
					t.Fatalf("Get(%q) = %v %v, want %d", k, got, ok, v)
				}
			}
		}
	})
}

// The same rows make the same tree, in whatever order they came: a simulation
// repeats exactly.
func TestMapHasOneShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfDistinct(key, rapid.ID).Draw(t, "keys")
		var a, b Map
		for _, k := range keys {
			a = a.Set(k, 1)
		}
		for _, k := range rapid.Permutation(keys).Draw(t, "other order") {
			b = b.Set(k, 1)
		}
		if shape(a.root) != shape(b.root) {
			t.Fatal("two shapes")
		}
	})
}

func shape(n *node) string {
	if n == nil {
		return "."
	}
	return "(" + shape(n.left) + n.key + shape(n.right) + ")"
}

// Layers upon layers are the same as one map that got all writes.
func TestLayersAreOneMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := model{}
		var s Store = &Layer{}
		for i := range 3 {
			l := &Layer{Base: s}
			if i == 0 {
				l.Base = nil
			}
			for range rapid.IntRange(0, 12).Draw(t, "writes") {
				k := key.Draw(t, "key")
				if rapid.IntRange(0, 2).Draw(t, "kind") == 0 {
					l.del(k)
					delete(want, k)
				} else {
					v := rapid.Int().Draw(t, "value")
					l.set(k, v)
					want[k] = v
				}
			}
			s = l
		}
		prefix, after := rapid.StringMatching(`[ab]{0,3}`).Draw(t, "prefix"), rapid.StringMatching(`[ab]{0,4}`).Draw(t, "after")
		if got, want := collect(s.Scan(prefix, after)), want.rows(prefix, after); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%v, want %v", got, want)
		}
		for _, k := range []string{"a", "ab", "b", "bb", "aaa"} {
			got, ok, err := s.Get(k)
			if v, has := want[k]; ok != has || err != nil || has && got != v {
				t.Fatalf("Get(%q) = %v %v %v", k, got, ok, err)
			}
		}
		for range s.Scan("", "") {
			break // leaving early is allowed
		}
	})
}
