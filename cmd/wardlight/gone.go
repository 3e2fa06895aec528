package main

import (
	"context"

	"wardlight/internal/station/seat"
)

// untilGone ends with ctx, and when the station may not go on: it was wiped, or
// its copy's time is over.
func untilGone(ctx context.Context, s *seat.Seat) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-s.Gone():
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// whyGone is why the station may not go on; nil while it may.
func whyGone(s *seat.Seat) error {
	select {
	case <-s.Gone():
		return s.Why()
	default:
		return nil
	}
}
