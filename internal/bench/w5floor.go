package bench

import (
	"context"
	"path/filepath"
	"time"

	"wardlight/internal/demo"
)

// blankWindow is the floor of W5: a window of the same size and toolkit that shows
// the letters of the same searches and nothing else, painted by the same display.
// ratio is how much longer a letter of a search takes than that.
func blankWindow(ctx context.Context, o Options, stage *demo.Stage, r Result) error {
	p, err := demo.Start("w5-floor", o.Dir, stage.Env(), filepath.Join(o.Bin, "wardlight"), "floor")
	if err != nil {
		return err
	}
	s := demo.Drive(p)
	defer s.Stop(5 * time.Second)
	var keys []float64
	if _, err := paint(ctx, s, "type", map[string]any{"text": "warm"}); err != nil {
		return err
	}
	before := processorMS(p.PID())
	for _, text := range searches {
		took, err := letters(ctx, s, text)
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

// letters types a text letter by letter.
func letters(ctx context.Context, s *demo.Station, text string) ([]float64, error) {
	var keys []float64
	for i := 1; i <= len(text); i++ {
		if text[i-1] == ' ' {
			continue // a gap alone is no other search
		}
		took, err := paint(ctx, s, "type", map[string]any{"text": text[:i]})
		if err != nil {
			return nil, err
		}
		keys = append(keys, took)
	}
	return keys, nil
}
