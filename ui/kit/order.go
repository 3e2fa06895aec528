package kit

import "wardlight/ui/theme"

// Item is one row of a list: its identity and what the list itself draws of it.
type Item struct {
	ID     string      // stable for as long as the thing exists
	Height float32     // in design units; a guess until the row comes into view where the list has an Exact
	Bar    theme.Token // the urgency bar at the left; empty is none
	Urgent bool        // somebody must come now: may go straight to the top
	Group  bool        // a heading between rows: cannot be chosen
	Key    string      // what a person would type to jump here
	Data   any         // the page's own; the list only hands it to Bind
}

// row is an item as it is shown.
type row struct {
	Item
	Gone bool // no longer in the list, kept in place so that nothing jumps

	exact bool    // Height is no guess any more
	least float32 // while an order is held: as high as it was drawn
}

func rowsOf(items []Item) []row {
	rows := make([]row, len(items))
	for i, it := range items {
		rows[i] = row{Item: it}
	}
	return rows
}

// holdOrder fits new items into rows that must not move, because a pointer or
// the keyboard focus is among them. Rows stay where they are with their new
// content; one that is gone stays too, marked; an item that has just become
// urgent goes to the top, under the first heading if there is one; other new
// items go to the end. pending says whether the order shown is not the order
// asked for, so that a page can offer to sort again.
//
// A row may grow at once, because what is in it must not be cut, and shrinks only
// when the order is released.
func holdOrder(shown []row, next []Item) (rows []row, pending bool) {
	byID := make(map[string]Item, len(next))
	for _, it := range next {
		byID[it.ID] = it
	}
	was := make(map[string]row, len(shown))
	for _, r := range shown {
		was[r.ID] = r
	}
	var jumped, added []row
	jumps := map[string]bool{}
	for _, it := range next {
		old, known := was[it.ID]
		switch {
		case it.Urgent && (!known || !old.Urgent || old.Gone):
			jumped = append(jumped, row{Item: it})
			jumps[it.ID] = true
		case !known:
			added = append(added, row{Item: it})
		}
	}
	kept := make([]row, 0, len(shown))
	for _, r := range shown {
		if !jumps[r.ID] {
			kept = append(kept, heldRow(r, byID))
		}
	}
	rows = joinHeld(jumped, kept, added)
	return rows, !sameOrder(rows, next)
}

func heldRow(r row, byID map[string]Item) row {
	it, still := byID[r.ID]
	if !still {
		r.Gone = true
		return r
	}
	it.Height = max(it.Height, r.Height)
	held := row{Item: it}
	if r.exact {
		held.least = r.Height
	}
	return held
}

// joinHeld puts the jumped rows on top, below a heading that was already there.
func joinHeld(jumped, kept, added []row) []row {
	rows := make([]row, 0, len(jumped)+len(kept)+len(added))
	if len(jumped) > 0 && len(kept) > 0 && kept[0].Group {
		rows = append(rows, kept[0])
		kept = kept[1:]
	}
	rows = append(rows, jumped...)
	rows = append(rows, kept...)
	return append(rows, added...)
}

// sameOrder reports whether the rows are exactly the items, in their order and at
// their heights.
func sameOrder(rows []row, items []Item) bool {
	if len(rows) != len(items) {
		return false
	}
	for i, r := range rows {
		if r.Gone || r.ID != items[i].ID || r.Height != items[i].Height {
			return false
		}
	}
	return true
}
