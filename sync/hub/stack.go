package hub

// A goroutine begins with a stack of some kilobytes, and what is submitted goes
// deep: through the rules, the journal and their encodings. On the way down the
// stack would be copied three times, each time with all that is on it already, for
// a tenth of central's work on one entry. Grown at its beginning it is copied once,
// while it is empty.

// deepStack is what a submission needs, roughly.
const deepStack = 16 << 10

// onDeepStack runs do on a goroutine of the session whose stack is made large first.
// It is for what is begun a few times at once, not for what a thousand sessions do
// at the same time.
func (r *runner) onDeepStack(do func()) {
	r.group.Go(func() {
		deepen(0)
		do()
	})
}

// deepen has a frame of that size, and so makes room for it.
//
//go:noinline
func deepen(i int) byte {
	var frame [deepStack]byte
	return frame[i]
}
