package bench

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"wardlight/internal/demo"
	"wardlight/internal/fault"
	"wardlight/internal/station/seat"
	"wardlight/internal/trust/keys"
)

// W5 is the window with 10,000 patients in its cache: a real window, under
// Xvfb, timed as the person before it feels it. Every figure ends when the frame
// with the answer has been painted: the list from the moment the person is let
// in (log_in_ms: from the PIN; log_in_again_ms: the same at a program that runs), a
// key from before it reaches the window, a chart from the choice of it.
// The keys are put in where the toolkit would put them, because to send one
// through the X server takes longer than to answer it.
//
// After its start a station reads its whole store once, to check it. Somebody who uses
// it meets both, so that charts, search and scrolling are measured twice: while the
// store is read (walk_…) and afterwards. walk_ms is how long that took; where it was
// over before the last of them, walk_all is false.
func W5(ctx context.Context, o Options) (Result, error) {
	stage, err := demo.NewStage(filepath.Join(o.Dir, "w5-stage"), "")
	if err != nil {
		return nil, err
	}
	defer stage.Close()
	if err := stage.OpenScreen(ctx, true); err != nil {
		return nil, err
	}
	patients, panels := max(10, int(10000*o.Scale)), max(1, o.Panels)
	c, h, err := openHouse5(ctx, o, patients, panels)
	if err != nil {
		return nil, err
	}
	defer c.stop()
	r, err := window(ctx, o, stage, c, h.station, h.pass, patients)
	if err == nil && o.Floor {
		err = blankWindow(ctx, o, stage, r)
	}
	return r, err
}

// fillStation makes a station that holds everybody, and closes it again.
func (c *central) fillStation(ctx context.Context, dir, pass string, patients, panels int) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.As(fault.Unavailable, "bench.w5", "", err)
	}
	if err := os.WriteFile(pass, []byte("another passphrase\n"), 0o600); err != nil {
		return fault.As(fault.Unavailable, "bench.w5", "", err)
	}
	secrets, err := keys.PassphraseFile(filepath.Join(dir, "secrets.v1"), pass)
	if err != nil {
		return err
	}
	if err := c.enrol(ctx, dir, "BENCH", secrets); err != nil {
		return err
	}
	s, err := seat.Open(ctx, seat.Config{Dir: dir, Secrets: secrets, Program: "wardsim"})
	if err != nil {
		return err
	}
	_, err = filled(ctx, s, patients*(2+panels*(1+len(analytes))))
	return firstOf(err, s.Close())
}

// settled lets the station be on for a while, as it is before it is ever started
// again: it derives its board, and keeps it.
func settled(ctx context.Context, o Options, dir, pass string) error {
	p, err := demo.Start("w5-before", o.Dir, os.Environ(), filepath.Join(o.Bin, "wardlight"), "headless", "--data", dir, "--passphrase-file", pass)
	if err != nil {
		return err
	}
	s := demo.Drive(p)
	defer s.Stop(20 * time.Second)
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	if err := signIn(ctx, s); err != nil {
		return err
	}
	// Alerts are an answer about everybody, so they wait for everybody.
	if err := s.Call(ctx, "alerts", nil, nil); err != nil {
		return err
	}
	time.Sleep(25 * time.Second) // boards are kept every ten
	return nil
}

func signIn(ctx context.Context, s *demo.Station) error {
	_, err := letIn(ctx, s)
	return err
}

// letIn signs in, and says how long the try took that succeeded: a program that was
// just started refuses the first ones.
func letIn(ctx context.Context, s *demo.Station) (took time.Duration, err error) {
	err = demo.WaitFor(ctx, "sign-in", 60*time.Second, func(ctx context.Context) (bool, error) {
		began := time.Now()
		err := s.Call(ctx, "sign_in", map[string]any{"user": "bench", "pin": "914275"}, nil)
		took = time.Since(began)
		return err == nil, err
	})
	return took, err
}

// logIn is from the PIN to the painted list, as somebody waits who comes to a computer
// where nobody is signed in.
func logIn(ctx context.Context, s *demo.Station) (float64, error) {
	if err := s.Call(ctx, "show", map[string]any{"page": "signin"}, nil); err != nil {
		return 0, err
	}
	began := time.Now()
	if err := signIn(ctx, s); err != nil {
		return 0, err
	}
	_, err := paint(ctx, s, "list", nil)
	return ms(time.Since(began)), err
}

func window(ctx context.Context, o Options, stage *demo.Stage, c *central, dir, pass string, patients int) (Result, error) {
	began := time.Now()
	p, err := demo.Start("w5-window", o.Dir, stage.Env(), filepath.Join(o.Bin, "wardlight"), "window", "--data", dir, "--passphrase-file", pass, "--drive", "--no-sound", "--size", "1366x768")
	if err != nil {
		return nil, err
	}
	s := demo.Drive(p)
	defer s.Stop(5 * time.Second)
	// The clock of the list begins when the person is let in: a PIN takes its
	// own fifth of a second on purpose.
	pin, err := letIn(ctx, s)
	if err != nil {
		return nil, err
	}
	in := time.Now()
	first, err := paint(ctx, s, "list", nil)
	if err != nil {
		return nil, err
	}
	r := Result{"workload": "W5", "patients": patients, "first_list_ms": round(first), "log_in_ms": round(ms(pin) + first), "start_to_list_ms": ms(time.Since(began))}
	var drawn struct{ Rows, Whole int }
	if err := demo.WaitFor(ctx, "the whole list", 15*time.Minute, func(ctx context.Context) (bool, error) {
		err := s.Call(ctx, "drawn", nil, &drawn)
		return err == nil && drawn.Whole >= patients, err
	}); err != nil {
		return nil, err
	}
	r["whole_list_ms"] = ms(time.Since(in))
	if r["log_in_again_ms"], err = logIn(ctx, s); err != nil {
		return nil, err
	}
	if err := whileWalked(ctx, stage, s, p.PID(), r); err != nil {
		return nil, err
	}
	if err := demo.WaitFor(ctx, "the walk through the store", 15*time.Minute, func(ctx context.Context) (bool, error) { return walked(ctx, s, r) }); err != nil {
		return nil, err
	}
	if err := keystrokes(ctx, stage, s, p.PID(), r); err != nil {
		return nil, err
	}
	r["busy_rss_mb"] = memory(p.PID(), "VmRSS")
	select { // what a station takes that is looked at: what the last chart needed goes back within this time
	case <-ctx.Done():
		return nil, fault.As(fault.Timeout, "bench.w5", "", ctx.Err())
	case <-time.After(atRest):
	}
	r["rss_mb"], r["peak_rss_mb"] = memory(p.PID(), "VmRSS"), memory(p.PID(), "VmHWM")
	r["results"] = patients * max(1, o.Panels) * len(analytes)
	if err := scrolling(ctx, stage, s, r); err != nil || o.Soak == 0 {
		return r, err
	}
	return r, soak(ctx, o, c, s, p.PID(), patients, r)
}

// whileWalked scrolls, searches and opens charts while the window still reads its store.
func whileWalked(ctx context.Context, stage *demo.Stage, s *demo.Station, pid int, all Result) error {
	r := Result{}
	for _, use := range []func() error{
		func() error { return scrolling(ctx, stage, s, r) },
		func() error { return keystrokes(ctx, stage, s, pid, r) },
	} {
		if err := use(); err != nil {
			return err
		}
	}
	for name, v := range r {
		all["walk_"+name] = v
	}
	over, err := walked(ctx, s, all)
	all["walk_all"] = !over
	return err
}

// walked says whether the window has read all of its store, and tells how long that took.
func walked(ctx context.Context, s *demo.Station, r Result) (bool, error) {
	var took struct {
		MS float64 `json:"ms"`
	}
	err := s.Call(ctx, "walked", nil, &took)
	r["walk_ms"] = round(took.MS)
	return took.MS > 0, err
}

// atRest is how long the window stands still before its memory is read.
const atRest = 25 * time.Second

// paint asks the window for something and says how many milliseconds it took
// until it was painted.
func paint(ctx context.Context, s *demo.Station, cmd string, args map[string]any) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	var took struct {
		MS float64 `json:"ms"`
	}
	err := s.Call(ctx, cmd, args, &took)
	return took.MS, err
}

// searches are what people type: names in either order, in small letters,
// numbers, beds.
var searches = []string{"adeyemi12", "chidi bap", "okafor700 anna", "b0004242", "ferreira3", "folake", "ingrid nguy", "bed 77", "rossi"}

// rounds is how often everything is searched for: one key in a hundred says
// nothing when there are fewer than a few hundred.
const rounds = 3

// keystrokes types searches key by key, and opens charts from what they found.
//
// Ctrl+K is no letter: it has figures of its own (open_…), and so the letters' are
// about letters only. Escape, and the frame of the page that comes back with it,
// are in neither.
//
// The processor's time is told too, of the program with what paints for it: on a
// machine that others use as well it says more than the clock. A letter's is all
// that was used from one key to the next, whatever for.
func keystrokes(ctx context.Context, stage *demo.Stage, s *demo.Station, pid int, r Result) error {
	hand, err := newTypist(stage, s)
	if err != nil {
		return err
	}
	opens, letters, charts := spent{pid: pid}, spent{pid: pid}, spent{pid: pid}
	var parts legs
	for n := range rounds * len(searches) {
		if err := opens.of(func() ([]float64, error) { return hand.open(ctx) }); err != nil {
			return err
		}
		hand.legs = &parts
		if err := letters.of(func() ([]float64, error) { return hand.letters(ctx, searches[n%len(searches)]) }); err != nil {
			return err
		}
		hand.legs = nil
		if n < len(searches) { // charts are many enough
			if err := charts.of(func() ([]float64, error) { return openSome(ctx, s, n) }); err != nil {
				return err
			}
			continue
		}
		if err := hand.close(ctx); err != nil {
			return err
		}
	}
	opens.tell(r, "open", "opens")
	letters.tell(r, "search", "searches")
	parts.tell(r)
	charts.tell(r, "chart", "charts")
	return nil
}

// openSome opens the charts of a few patients far apart, in place of the search.
func openSome(ctx context.Context, s *demo.Station, round int) ([]float64, error) {
	var found struct {
		Patients []struct {
			ID string `json:"id"`
		} `json:"patients"`
	}
	err := s.Call(ctx, "search", map[string]any{"text": strings.ToLower(family[round]) + " " + strings.ToLower(given[round%len(given)])}, &found)
	if err != nil {
		return nil, err
	}
	var charts []float64
	for _, p := range found.Patients[:min(12, len(found.Patients))] {
		took, err := paint(ctx, s, "open", map[string]any{"patient": p.ID})
		if err != nil {
			return nil, err
		}
		charts = append(charts, took)
	}
	return charts, nil
}

func ms(d time.Duration) float64 { return round(float64(d.Microseconds()) / 1000) }
