package bench

import (
	"context"
	"time"

	"wardlight/internal/demo"
)

// How the board is scrolled: by more turns of the wheel than there are frames, as a
// hand or a touchpad gives them, and then by a page a key, as often as a key that is
// held repeats on an X screen: page_fps is 25 at most.
const (
	scrollWarm = time.Second
	scrollFor  = 4 * time.Second
	wheelApart = 8 * time.Millisecond
	pageApart  = 40 * time.Millisecond
	homeTakes  = time.Second
)

// scrolling scrolls the board of ten thousand, by the wheel and by the keyboard of
// the screen. A frame counts where it shows another place of the list than the one
// before; to be counted the window paints all the time, also where nothing moved.
func scrolling(ctx context.Context, stage *demo.Stage, s *demo.Station, r Result) error {
	hand, err := stage.Keyboard()
	if err != nil {
		return err
	}
	times := func(apart time.Duration) int { return int((scrollWarm + scrollFor + time.Second) / apart) }
	for _, way := range []struct {
		name  string
		begin func() error
	}{
		{"scroll_fps", func() error { return hand.Wheel(700, 420, times(wheelApart), wheelApart) }},
		{"page_fps", func() error { return hand.Often("Next", times(pageApart), pageApart) }},
	} {
		if err := s.Call(ctx, "show", map[string]any{"page": "board"}, nil); err != nil {
			return err
		}
		// From the top, whatever was scrolled before: at its end a list does not move.
		if _, err := hand.Press("Home"); err != nil {
			return err
		}
		time.Sleep(homeTakes)
		if err := way.begin(); err != nil {
			return err
		}
		time.Sleep(scrollWarm)
		from, began, err := scrolledFrames(ctx, s)
		if err != nil {
			return err
		}
		time.Sleep(scrollFor)
		to, ended, err := scrolledFrames(ctx, s)
		if err != nil {
			return err
		}
		r[way.name] = round(float64(to-from) / ended.Sub(began).Seconds())
		time.Sleep(2 * time.Second) // what is on its way belongs to nobody else
	}
	return nil
}

func scrolledFrames(ctx context.Context, s *demo.Station) (frames int, at time.Time, err error) {
	var n struct{ Frames int }
	err = s.Call(ctx, "scrolled", nil, &n)
	return n.Frames, time.Now(), err
}
