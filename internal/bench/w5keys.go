package bench

import (
	"context"
	"math/rand/v2"
	"time"

	"wardlight/internal/demo"
)

// typist types into a window on the keyboard of its screen, and looks at the
// screen.
//
// A key is timed from before it is on its way to the X server until the frame with
// the answer to it has been handed to the screen. In that time are: the X server,
// the wait for the toolkit to look for keys (60 times a second), the search, the
// layout, the painting of the frame, and its way to the screen. The window says
// when the frame was painted, by the computer's own clock.
type typist struct {
	keys   *demo.Keyboard
	window *demo.Station
	pace   *rand.Rand
}

func newTypist(stage *demo.Stage, window *demo.Station) (*typist, error) {
	k, err := stage.Keyboard()
	return &typist{k, window, rand.New(rand.NewPCG(5, 1))}, err //nolint:gosec // a rhythm, no secret
}

// press presses a key and waits for the text that must then stand in the window,
// with what it finds; it returns the milliseconds.
//
// It waits a while first, as between the keys of a quick typist, and not always as
// long: a key that always came just after a frame would always wait as long for
// the next.
func (t *typist) press(ctx context.Context, key, shows string) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	type seen struct {
		at  int64
		err error
	}
	answer := make(chan seen, 1)
	go func() {
		var painted struct {
			At int64 `json:"at_us"`
		}
		err := t.window.Call(ctx, "await", map[string]any{"text": shows}, &painted)
		answer <- seen{painted.At, err}
	}()
	time.Sleep(60*time.Millisecond + time.Duration(t.pace.Int64N(int64(60*time.Millisecond))))
	pressed, err := t.keys.Press(key)
	if err != nil {
		return 0, err
	}
	s := <-answer
	return round(float64(s.at-pressed.UnixMicro()) / 1000), s.err
}

// search opens the search and types a text into it key by key. Every key is timed,
// that which opens it too.
func (t *typist) search(ctx context.Context, text string) ([]float64, error) {
	opened, err := t.press(ctx, "ctrl+k", "")
	if err != nil {
		return nil, err
	}
	typed, err := t.letters(ctx, text)
	return append([]float64{opened}, typed...), err
}

// close closes the search again, before the next key.
func (t *typist) close() error {
	_, err := t.keys.Press("Escape")
	return err
}

// letters types a text key by key.
func (t *typist) letters(ctx context.Context, text string) ([]float64, error) {
	var all []float64
	for i, r := range text {
		key := string(r)
		if r == ' ' {
			key = "space"
		}
		took, err := t.press(ctx, key, text[:i+1])
		if err != nil {
			return nil, err
		}
		all = append(all, took)
	}
	return all, nil
}
