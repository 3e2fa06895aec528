package shell

// settler is the toolkit's canvas on a screen: it works out who needs more room,
// and lays out again what does. A test's canvas has no such step.
type settler interface{ EnsureMinSize() bool }

// settle lets the toolkit lay out now what has changed. Otherwise it does so at
// the beginning of the next frame, counts what it moved as a change of its own,
// and paints the very same frame twice; each letter of a search would then wait
// for the second frame of the letter before. A key is followed by its frame at
// once, so that it must be done before the key's own handling ends.
func (s *Shell) settle() {
	if c, ok := s.canvas.(settler); ok {
		c.EnsureMinSize()
	}
}
