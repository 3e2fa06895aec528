package client

import (
	"context"
	"sync"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// asking is who waits for central's word about patients.
type asking struct {
	mu      sync.Mutex
	waiting map[*question]bool
	more    chan []fhir.ID
}

// question is one call of Heads.
type question struct {
	open map[fhir.ID]bool
	got  map[fhir.ID]record.Head
	done chan struct{}
}

// Heads asks central what it holds about patients, for whoever wants to say that
// both sides hold the same. A patient about whom the two sides do not stand at
// comparable places just now is not in the answer. Without a connection it waits
// until ctx ends.
func (c *Client) Heads(ctx context.Context, patients []fhir.ID) (map[fhir.ID]record.Head, error) {
	q := &question{open: map[fhir.ID]bool{}, got: map[fhir.ID]record.Head{}, done: make(chan struct{})}
	for _, p := range patients {
		q.open[p] = true
	}
	if len(q.open) == 0 {
		return q.got, nil
	}
	c.asking.mu.Lock()
	c.asking.waiting[q] = true
	c.asking.mu.Unlock()
	defer func() {
		c.asking.mu.Lock()
		defer c.asking.mu.Unlock()
		delete(c.asking.waiting, q)
	}()
	select {
	case c.asking.more <- patients:
	case <-ctx.Done():
		return nil, fault.As(fault.Timeout, "client.heads", "", ctx.Err())
	}
	select {
	case <-q.done:
		return q.got, nil
	case <-ctx.Done():
		return nil, fault.As(fault.Timeout, "client.heads", "", ctx.Err())
	}
}

// answer hands central's word to whoever waits for it.
func (a *asking) answer(e Answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for q := range a.waiting {
		for _, h := range e.Heads.Heads {
			if q.open[h.Patient] && e.Heads.At.Epoch == e.Cursor.Epoch && h.Newest <= e.Cursor.Position && e.Cursor.Position <= e.Heads.At.Position {
				q.got[h.Patient] = h.Head
			}
		}
		was := len(q.open)
		for _, p := range e.Heads.Asked {
			delete(q.open, p)
		}
		if was > 0 && len(q.open) == 0 {
			close(q.done)
		}
	}
}
