package desk

import "wardlight/internal/words"

// What the desk keeps of a record between two looks, the rows of the board and the
// messages to whoever is on call, is in words. When another language is spoken, it is
// made anew, as at midnight: what a person then asks for says so by itself, because a
// language changes when somebody signs in or chooses one.

// retell wakes Run where the board is in another language than is spoken now.
func (d *Desk) retell() {
	b := &d.board
	b.mu.Lock()
	same := !b.begun || b.tongue == words.Tag()
	b.mu.Unlock()
	if same {
		return
	}
	select {
	case d.spoken <- struct{}{}:
	default: // it is awake
	}
}

// turnTongue says whether another language is spoken than at the last call. b.mu is held.
func (b *board) turnTongue() bool {
	before := b.tongue
	b.tongue = words.Tag()
	return before != b.tongue
}
