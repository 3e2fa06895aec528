package seat

import (
	"context"
	"slices"
	"strconv"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
	"wardlight/internal/trust/audit"
)

// What happened to this computer's store may be an attack: bytes that were flipped, a table
// that was forged, a folder that was put back. People are told at the computer (notes.go);
// here it goes into the computer's chain, and so to central, as soon as a copy is open. A
// chain that was put back itself is told of by central, which had more of it.

// ofTheStore are the notes that are on record. The others are there by other ways.
var ofTheStore = []string{whatSetAside, whatDamaged, whatOld, whatOutbox}

// untold are the notes of which something is not on record yet.
func (n *notes) untold() (list []keptOne) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, k := range n.file.Notes {
		if k.Untold > 0 {
			list = append(list, k)
		}
	}
	return list
}

// toldOf says that so many times of a note are on record.
func (n *notes) toldOf(id string, times int) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range n.file.Notes {
		if k := &n.file.Notes[i]; k.ID == id {
			k.Untold = max(0, k.Untold-times)
			return n.save()
		}
	}
	return nil
}

func times(s ward.StoreNote) int {
	if slices.Contains(ofTheStore, s.What) {
		return 1
	}
	return 0
}

// recordTrouble puts on record what happened to the store, until ctx ends. What cannot be
// recorded now (a full disk) is tried until it is.
func (s *Seat) recordTrouble(ctx context.Context, c *cache.Cache) error {
	every := configuredAgain
	if s.conf.Every > 0 {
		every = min(every, s.conf.Every)
	}
	for told := false; ; {
		err := s.troubleOnRecord(ctx, c)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && !told {
			s.conf.Log.Error("what happened to this computer’s store could not be put on record; it is tried again", "err", err)
		}
		told = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(every):
		}
	}
}

func (s *Seat) troubleOnRecord(ctx context.Context, c *cache.Cache) error {
	for _, k := range s.notes.untold() {
		e := s.ofThisComputer(audit.Config)
		e.Outcome, e.Reason = audit.Failed, k.What
		e.Details = []audit.Detail{
			{Name: "what", Value: "store-damaged"},
			{Name: "times", Value: strconv.Itoa(k.Untold)},
			{Name: "since", Value: k.At.UTC().Format(time.RFC3339)},
		}
		b, err := e.JSON()
		if err != nil {
			return err
		}
		// A crash between the two says it twice, and never not at all.
		if err := c.Commit(ctx, nil, [][]byte{b}); err != nil {
			return fault.Wrap("seat.trouble", "", err)
		}
		if err := s.notes.toldOf(k.ID, k.Untold); err != nil {
			return err
		}
	}
	return nil
}
