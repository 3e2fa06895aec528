package base

import (
	"context"
	"slices"
	"sync"
	"time"

	"wardlight/internal/clinical/ward"
)

// Drawer keeps drafts in memory, as a station keeps them sealed: a desk for tests has
// one. Now, where set, says when they are kept. Safe for concurrent use.
type Drawer struct {
	Now func() time.Time

	mu   sync.Mutex
	kept []ward.Draft
}

// Keep takes a command, and reports whether it was about a draft.
func (d *Drawer) Keep(cmd ward.Command) bool {
	s, ok := cmd.(ward.SaveDraft)
	if !ok {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kept = slices.DeleteFunc(d.kept, func(k ward.Draft) bool { return k.Patient == s.Patient && k.Kind == s.Kind })
	if s.Body == "" {
		return true
	}
	k := ward.Draft{Patient: s.Patient, Kind: s.Kind, Body: s.Body}
	if d.Now != nil {
		k.Saved = d.Now()
	}
	d.kept = append(d.kept, k)
	return true
}

// Drafts implements Recaller.
func (d *Drawer) Drafts(context.Context) ([]ward.Draft, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.kept), nil
}
