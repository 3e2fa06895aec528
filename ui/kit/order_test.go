package kit

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// items reads "a b! [g c": "!" is urgent, "[" is a heading.
func items(words string) []Item {
	var out []Item
	for _, w := range strings.Fields(words) {
		it := Item{ID: strings.Trim(w, "![-"), Height: 24, Urgent: strings.HasSuffix(w, "!"), Group: strings.HasPrefix(w, "[")}
		it.Key = it.ID
		out = append(out, it)
	}
	return out
}

// shownAs writes rows as "a b! c-", "-" being gone.
func shownAs(rows []row) string {
	var out []string
	for _, r := range rows {
		w := r.ID
		if r.Gone {
			w += "-"
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}

func TestHeldOrder(t *testing.T) {
	for _, c := range []struct {
		story               string
		shown, next, expect string
		pending             bool
	}{
		{"nothing changed", "a b c", "a b c", "a b c", false},
		{"a new order waits", "a b c", "c b a", "a b c", true},
		{"a new row goes to the end", "a b", "n a b", "a b n", true},
		{"a new row that belongs at the end is where it belongs", "a b", "a b n", "a b n", false},
		{"a row that is gone stays, marked", "a b c", "a c", "a b- c", true},
		{"a new urgent row goes to the top", "a b", "a b u!", "u a b", true},
		{"a row that becomes urgent goes to the top", "a b c", "c! a b", "c a b", false},
		{"a row that was urgent stays where it is", "a! b", "b a!", "a b", true},
		{"two urgent rows keep their order", "a b", "u! v! a b", "u v a b", false},
		{"urgent goes below the first heading", "[g a b", "[g u! a b", "g u a b", false},
		{"a row that comes back is no longer gone", "a b", "a b", "a b", false},
		{"everything gone", "a b", "", "a- b-", true},
	} {
		rows, pending := holdOrder(rowsOf(items(c.shown)), items(c.next))
		if got := shownAs(rows); got != c.expect || pending != c.pending {
			t.Errorf("%s: shown %q pending %v, want %q %v", c.story, got, pending, c.expect, c.pending)
		}
	}
}

func TestHeldRowGrowsButDoesNotShrink(t *testing.T) {
	shown := rowsOf([]Item{{ID: "a", Height: 41}, {ID: "b", Height: 24}})
	rows, pending := holdOrder(shown, []Item{{ID: "a", Height: 24}, {ID: "b", Height: 41}})
	if rows[0].Height != 41 || rows[1].Height != 41 || !pending {
		t.Errorf("heights %v and %v, pending %v", rows[0].Height, rows[1].Height, pending)
	}
}

// Whatever comes in, a held list keeps every row that was there in its order
// (but for those that just became urgent), shows every new item exactly once, and
// says whether it is what was asked for.
func TestHeldOrderKeepsItsPromises(t *testing.T) {
	draw := func(t *rapid.T, label string) []Item {
		ids := rapid.SliceOfNDistinct(rapid.IntRange(0, 12), 0, 9, rapid.ID[int]).Draw(t, label)
		var out []Item
		for _, id := range ids {
			out = append(out, Item{ID: fmt.Sprint(id), Height: rapid.SampledFrom([]float32{24, 41}).Draw(t, "height"), Urgent: rapid.Bool().Draw(t, "urgent")})
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		shown := rowsOf(draw(t, "first"))
		for range 3 {
			next := draw(t, "next")
			rows, pending := holdOrder(shown, next)
			checkHeld(t, shown, next, rows, pending)
			shown = rows
		}
	})
}

func checkHeld(t *rapid.T, shown []row, next []Item, rows []row, pending bool) {
	was := map[string]row{}
	for _, r := range shown {
		was[r.ID] = r
	}
	count := map[string]int{}
	var stayed []string
	for _, r := range rows {
		count[r.ID]++
		i := slices.IndexFunc(next, func(it Item) bool { return it.ID == r.ID })
		if r.Gone != (i < 0) {
			t.Fatalf("%s: gone is %v", r.ID, r.Gone)
		}
		old, known := was[r.ID]
		jumped := i >= 0 && next[i].Urgent && (!known || !old.Urgent || old.Gone)
		if known && !jumped {
			stayed = append(stayed, r.ID)
		}
	}
	for _, it := range next {
		if count[it.ID] != 1 {
			t.Fatalf("%s is shown %d times", it.ID, count[it.ID])
		}
	}
	var before []string
	for _, r := range shown {
		if slices.Contains(stayed, r.ID) {
			before = append(before, r.ID)
		}
	}
	if !slices.Equal(before, stayed) {
		t.Fatalf("rows moved: %v became %v", before, stayed)
	}
	if pending == sameOrder(rows, next) {
		t.Fatalf("pending is %v", pending)
	}
}
