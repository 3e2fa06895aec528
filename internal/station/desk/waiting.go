package desk

import "strings"

// Waiting is how many results of this ward need somebody, and how many critical
// values lie in messages that could not be filed. It names nobody, so that a
// locked window may say it: an alert does not wait for the right PIN.
func (d *Desk) Waiting() (untaken, heldBack int) {
	b := &d.board
	b.mu.Lock()
	for _, v := range b.rows {
		if d.onBoard(v) {
			untaken += len(strings.Fields(v.alerts))
		}
	}
	b.mu.Unlock()
	for _, h := range d.heldBack(anyWard) {
		switch {
		case !h.Open:
		case h.Filed: // it is in the record, and its patient has left: a result like any other
			untaken++
		default:
			heldBack++
		}
	}
	return untaken, heldBack
}

// criticalHeld counts what is held back with a value that is, or may be, critical,
// and that nobody has taken.
func (d *Desk) criticalHeld() (n int) {
	for _, h := range d.heldBack(anyWard) {
		if h.Open {
			n++
		}
	}
	return n
}
