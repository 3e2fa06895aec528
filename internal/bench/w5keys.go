package bench

import (
	"context"
	"math/rand/v2"
	"time"

	"wardlight/internal/demo"
	"wardlight/internal/fault"
)

// typist types into a window on the keyboard of its screen, and looks at the
// screen.
//
// A key is timed from before it is on its way to the X server until the frame with
// the answer to it stands on the screen. In that time are: the X server, the wait
// for the toolkit to look for keys (60 times a second), the search, the layout, the
// painting of the frame, and its way to the screen.
//
// The window is asked which frame is the first with the answer, and not when it was
// painted: it would learn that with its next turn only, up to 17 ms later. The frame
// bears a number in its last pixel, and that pixel is looked for on the screen
// itself, every quarter of a millisecond.
type typist struct {
	keys   *demo.Keyboard
	glass  *demo.Glass
	window *demo.Station
	pace   *rand.Rand
	// legs, where set, takes the parts of each key's time.
	legs *legs
}

// legs are the parts of a letter's time, in milliseconds each: until it reached the
// field (the X server, and the wait for the toolkit to look for keys), until its
// answer stood in the list, until all of the frame had been handed to the painter,
// and until the frame stood on the screen.
type legs [4][]float64

var legNames = [len(legs{})]string{"key", "answer", "draw", "paint"}

func (l *legs) add(pressed time.Time, on [3]int64, seen time.Time) {
	from := pressed
	for i, at := range append(on[:], seen.UnixMicro()) {
		to := time.UnixMicro(at)
		l[i] = append(l[i], ms(to.Sub(from)))
		from = to
	}
}

func (l *legs) tell(r Result) {
	for i, name := range legNames {
		p := percentiles(l[i])
		r["search_"+name+"_p50_ms"], r["search_"+name+"_p99_ms"] = p[0], p[2]
	}
}

const (
	glance    = 250 * time.Microsecond // between two looks at the screen
	shownSoon = 2 * time.Second        // within which a painted frame is on the screen
)

func newTypist(stage *demo.Stage, window *demo.Station) (*typist, error) {
	k, err := stage.Keyboard()
	if err != nil {
		return nil, err
	}
	g, err := stage.Glass()
	return &typist{keys: k, glass: g, window: window, pace: rand.New(rand.NewPCG(5, 1))}, err //nolint:gosec // a rhythm, no secret
}

// frame is the window's answer to a question: which frame holds what was asked for.
type frame struct {
	number uint32
	legs   [3]int64
	err    error
}

// press presses a key and waits until what was asked for stands on the screen; it
// returns the milliseconds.
//
// It waits a while first, as between the keys of a quick typist, and not always as
// long: a key that always came just after a frame would always wait as long for
// the next.
func (t *typist) press(ctx context.Context, key, cmd string, args map[string]any) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	answer := make(chan frame, 1)
	go func() {
		var painted struct {
			Frame uint32   `json:"frame"`
			Legs  [3]int64 `json:"legs"`
		}
		err := t.window.Call(ctx, cmd, args, &painted)
		answer <- frame{painted.Frame, painted.Legs, err}
	}()
	time.Sleep(60*time.Millisecond + time.Duration(t.pace.Int64N(int64(60*time.Millisecond))))
	pressed, err := t.keys.Press(key)
	if err != nil {
		return 0, err
	}
	at, on, err := t.seen(answer)
	if t.legs != nil && err == nil {
		t.legs.add(pressed, on, at)
	}
	return ms(at.Sub(pressed)), err
}

// seen looks at the screen until the frame that is answered stands there, and says
// since when, and what the window says of its way there.
func (t *typist) seen(answer <-chan frame) (time.Time, [3]int64, error) {
	first := map[uint32]time.Time{} // when a number was there first
	var want frame
	var until time.Time
	for last := uint32(0); ; time.Sleep(glance) {
		number, err := t.glass.Pixel(t.glass.Width-1, t.glass.Height-1)
		if now := time.Now(); err != nil {
			return now, want.legs, err
		} else if number != last {
			first[number], last = now, number
		}
		select {
		case want = <-answer:
			until = time.Now().Add(shownSoon)
		default:
		}
		if at, there := first[want.number]; want.err != nil || there && want.number != 0 {
			return at, want.legs, want.err
		}
		if !until.IsZero() && time.Now().After(until) {
			return until, want.legs, fault.New(fault.Timeout, "bench.w5", "", "a frame that was painted did not come to the screen")
		}
	}
}

// open opens the search.
func (t *typist) open(ctx context.Context) ([]float64, error) {
	took, err := t.press(ctx, "ctrl+k", "await", map[string]any{"text": ""})
	return []float64{took}, err
}

// close closes the search again, and waits for the page below it: its frame is
// nobody's letter.
func (t *typist) close(ctx context.Context) error {
	_, err := t.press(ctx, "Escape", "await_page", nil)
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
		took, err := t.press(ctx, key, "await", map[string]any{"text": text[:i+1]})
		if err != nil {
			return nil, err
		}
		all = append(all, took)
	}
	return all, nil
}
