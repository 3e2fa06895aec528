package main

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/fault"
	"wardlight/internal/station/seat"
	"wardlight/ui/shell"
)

// The commands with which wardsim measures the window: each is answered when
// what it asks for has been painted, with the milliseconds from the question to
// that frame. Waiting for a display that is busy is a part of it.

// paintLimit bounds the wait for one frame.
const paintLimit = 2 * time.Minute

// painted says how long it took, as the window itself knows it, and which number the
// frame bears (shell.Frame): for whoever looks at the screen.
type painted struct {
	MS    float64     `json:"ms"`
	Frame shell.Frame `json:"frame"`
	// Legs are the moments on the way of the last letter, in microseconds of the
	// computer's clock.
	Legs [3]int64 `json:"legs"`
}

// driveUntil runs begin on the display's goroutine and waits until then was
// called; begin answers false where the window cannot do it now.
func driveUntil(begin func(r driveRequest, then func(shell.Frame)) bool) func(context.Context, []byte) (any, error) {
	return func(ctx context.Context, text []byte) (any, error) {
		r, err := driveParse(text)
		if err != nil {
			return nil, err
		}
		started := time.Now()
		done := make(chan painted, 1)
		refused := make(chan struct{})
		fyne.Do(func() {
			if !begin(r, func(f shell.Frame) { done <- painted{MS: float64(time.Since(started).Microseconds()) / 1000, Frame: f} }) {
				close(refused)
			}
		})
		select {
		case p := <-done:
			return p, nil
		case <-refused:
			return nil, fault.New(fault.NotFound, "window.measure", "", "The window cannot do that now: sign in first, and name whom to open.")
		case <-ctx.Done():
			return nil, fault.As(fault.Timeout, "window.measure", "", ctx.Err())
		case <-time.After(paintLimit):
			return nil, fault.New(fault.Timeout, "window.measure", "", "It was not painted in two minutes.")
		}
	}
}

func driveList(view *shell.Shell) func(context.Context, []byte) (any, error) {
	return driveUntil(func(_ driveRequest, then func(shell.Frame)) bool { view.OnList(then); return true })
}

func driveAwait(view *shell.Shell) func(context.Context, []byte) (any, error) {
	return func(ctx context.Context, text []byte) (any, error) {
		var legs shell.Legs
		took, err := driveUntil(func(r driveRequest, then func(shell.Frame)) bool {
			return view.Await(r.Text, func(f shell.Frame) { legs = view.Legs(); then(f) })
		})(ctx, text)
		p, ok := took.(painted)
		if err != nil || !ok {
			return took, err
		}
		p.Legs = [3]int64{legs.Typed.UnixMicro(), legs.Answered.UnixMicro(), legs.Drawn.UnixMicro()}
		return p, nil
	}
}

func driveOpen(view *shell.Shell) func(context.Context, []byte) (any, error) {
	return driveUntil(func(r driveRequest, then func(shell.Frame)) bool { return view.Open(r.Patient, then) })
}

func driveAwaitPage(view *shell.Shell) func(context.Context, []byte) (any, error) {
	return driveUntil(func(_ driveRequest, then func(shell.Frame)) bool { return view.AwaitPage(then) })
}

func driveWalked(s *seat.Seat) func(context.Context, []byte) (any, error) {
	return func(_ context.Context, text []byte) (any, error) {
		_, err := driveParse(text)
		return map[string]float64{"ms": float64(s.Walk().Microseconds()) / 1000}, err
	}
}

func driveScrolled(view *shell.Shell) func(context.Context, []byte) (any, error) {
	return func(_ context.Context, text []byte) (any, error) {
		if _, err := driveParse(text); err != nil {
			return nil, err
		}
		var frames int
		var ok bool
		fyne.DoAndWait(func() { frames, ok = view.Scrolled() })
		if !ok {
			return nil, fault.New(fault.NotFound, "window.scrolled", "", "The window shows no list now.")
		}
		return map[string]int{"frames": frames}, nil
	}
}
