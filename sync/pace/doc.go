// Package pace decides what goes out next on one connection, and how much of
// it may be under way. Both halves of the protocol send through it.
//
// On a line of 64 kbit/s a batch takes seconds, and whatever has been handed to
// the operating system can no longer be overtaken. So a Sender hands over
// little: what is small and waited for (pings, receipts, words) at once, then
// what is urgent, and of the rest only pieces, so many that they occupy the
// line for about half a second beyond its own delay. How much that is it learns
// from the answers to pings that it sends behind the pieces (Pace): no clock of
// the other side and no new message is needed, and every peer can answer them.
//
// Promises: messages of one kind arrive in the order of Put; an urgent one
// waits for half a second of the line at most; an idle Sender holds no
// goroutine and no buffer; what waits is bounded by the callers' windows and by
// maxWaiting whatever they do.
package pace
