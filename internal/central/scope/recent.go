package scope

import (
	"context"

	"wardlight/internal/central/journal"
)

// view is the journal's View, whose entries are read once for all who follow it (see
// journal.Recent).
func (s *Source) view(ctx context.Context, fn func(journal.Reader) error) error {
	return s.journal.View(ctx, func(r journal.Reader) error { return fn(s.recent.Over(r)) })
}
