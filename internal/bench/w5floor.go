package bench

import (
	"context"
	"path/filepath"
	"time"

	"wardlight/internal/demo"
)

// blankWindow is the floor of W5: a window of the same size and toolkit that shows
// the letters of the same searches and nothing else, typed by the same hand and
// painted by the same display. ratio is how much longer a letter of a search takes than that.
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
	var keys []float64
	before := processorMS(p.PID())
	for n := range rounds * len(searches) {
		if err := hand.close(); err != nil { // clears the line
			return err
		}
		took, err := hand.letters(ctx, searches[n%len(searches)])
		if err != nil {
			return err
		}
		keys = append(keys, took...)
	}
	k := percentiles(keys)
	r["floor_key_ms"], r["floor_key_p99_ms"], r["floor_key_cpu_ms"] = k[0], k[2], share(processorMS(p.PID())-before, len(keys))
	if searched, ok := r["search_p50_ms"].(float64); ok && k[0] > 0 {
		r["ratio"] = round(searched / k[0])
	}
	return nil
}
