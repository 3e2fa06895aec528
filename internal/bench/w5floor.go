package bench

import (
	"context"
	"path/filepath"
	"time"

	"wardlight/internal/demo"
)

// blankWindow is the floor of W5: a window of the same size and toolkit that shows
// the letters of the same searches and nothing else, typed by the same hand and
// painted by the same display. ratio is how much longer a letter of a search takes
// than that, and cpu_ratio how much more of the processor's time it takes, which
// says the same on a busy machine too.
func blankWindow(ctx context.Context, o Options, stage *demo.Stage, r Result) error {
	p, err := demo.Start("w5-floor", o.Dir, stage.Env(), filepath.Join(o.Bin, "wardlight"), "floor")
	if err != nil {
		return err
	}
	s := demo.Drive(p)
	defer s.Stop(5 * time.Second)
	if _, err := paint(ctx, s, "await", map[string]any{"text": ""}); err != nil {
		return err // it has not opened
	}
	time.Sleep(time.Second) // the window manager gives it the keyboard
	hand, err := newTypist(stage, s)
	if err != nil {
		return err
	}
	if _, err := hand.letters(ctx, "warm"); err != nil {
		return err
	}
	keys := spent{pid: p.PID()}
	for n := range rounds * len(searches) {
		if _, err := hand.press(ctx, "Escape", "await", map[string]any{"text": ""}); err != nil { // clears the line
			return err
		}
		if err := keys.of(func() ([]float64, error) { return hand.letters(ctx, searches[n%len(searches)]) }); err != nil {
			return err
		}
	}
	keys.tell(r, "floor_key", "floor_keys")
	r["ratio"], r["cpu_ratio"] = over(r, "search_p50_ms", "floor_key_p50_ms"), over(r, "search_cpu_ms", "floor_key_cpu_ms")
	return nil
}

// over is one figure as a multiple of another; 0 where either is not known.
func over(r Result, of, by string) float64 {
	x, _ := r[of].(float64)
	y, _ := r[by].(float64)
	if y == 0 {
		return 0
	}
	return round(x / y)
}
