package simtest

import "time"

// event is one thing that will happen; events of one instant happen in the
// order in which they were planned.
type event struct {
	at time.Duration
	nr uint64
	do func()
}

func (e event) before(o event) bool { return e.at < o.at || e.at == o.at && e.nr < o.nr }

// queue is a binary heap. It is container/heap's, without its interfaces: a
// history is tens of thousands of events.
type queue []event

func (q *queue) push(e event) {
	*q = append(*q, e)
	h := *q
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 2
		if h[up].before(e) {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = e
}

func (q *queue) pop() event {
	h := *q
	first, last := h[0], h[len(h)-1]
	h[len(h)-1] = event{}
	h = h[:len(h)-1]
	*q = h
	if len(h) == 0 {
		return first
	}
	i := 0
	for {
		down := 2*i + 1
		if down >= len(h) {
			break
		}
		if down+1 < len(h) && h[down+1].before(h[down]) {
			down++
		}
		if last.before(h[down]) {
			break
		}
		h[i] = h[down]
		i = down
	}
	h[i] = last
	return first
}
