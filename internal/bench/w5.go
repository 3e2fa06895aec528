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
// Xvfb, timed from the start of the process.
func W5(ctx context.Context, o Options) (Result, error) {
	stage, err := demo.NewStage(filepath.Join(o.Dir, "w5-stage"), "")
	if err != nil {
		return nil, err
	}
	defer stage.Close()
	if err := stage.OpenScreen(ctx, true); err != nil {
		return nil, err
	}
	c, err := startCentral(ctx, o, "w5")
	if err != nil {
		return nil, err
	}
	defer c.stop()
	patients := max(10, int(10000*o.Scale))
	if err := firstOf(c.feed(ctx, patients, 1), c.addUser(ctx, "BENCH")); err != nil {
		return nil, err
	}
	dir, pass, err := c.fillStation(ctx, patients)
	if err != nil {
		return nil, err
	}
	return window(ctx, o, stage, dir, pass, patients)
}

// fillStation makes a station that holds everybody, and closes it again.
func (c *central) fillStation(ctx context.Context, patients int) (dir, pass string, err error) {
	dir, pass = filepath.Join(c.o.Dir, "w5-station"), filepath.Join(c.o.Dir, "w5-station.pass")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", "", fault.As(fault.Unavailable, "bench.w5", "", err)
	}
	if err := os.WriteFile(pass, []byte("another passphrase\n"), 0o600); err != nil {
		return "", "", fault.As(fault.Unavailable, "bench.w5", "", err)
	}
	secrets, err := keys.PassphraseFile(filepath.Join(dir, "secrets.v1"), pass)
	if err != nil {
		return "", "", err
	}
	if err := c.enrol(ctx, dir, "BENCH", secrets); err != nil {
		return "", "", err
	}
	s, err := seat.Open(ctx, seat.Config{Dir: dir, Secrets: secrets, Program: "wardsim"})
	if err != nil {
		return "", "", err
	}
	_, err = filled(ctx, s, patients*(3+len(analytes)))
	return dir, pass, firstOf(err, s.Close())
}

func window(ctx context.Context, o Options, stage *demo.Stage, dir, pass string, patients int) (Result, error) {
	began := time.Now()
	p, err := demo.Start("w5-window", o.Dir, stage.Env(), filepath.Join(o.Bin, "wardlight"), "window", "--data", dir, "--passphrase-file", pass, "--drive", "--size", "1366x768")
	if err != nil {
		return nil, err
	}
	s := demo.Drive(p)
	defer s.Stop(5 * time.Second)
	// The clock of the list begins when the person is let in: a PIN takes its
	// own fifth of a second on purpose.
	if err := demo.WaitFor(ctx, "sign-in", 60*time.Second, func(ctx context.Context) (bool, error) {
		err := s.Call(ctx, "sign_in", map[string]any{"user": "bench", "pin": "914275"}, nil)
		return err == nil, err
	}); err != nil {
		return nil, err
	}
	in := time.Now()
	var drawn struct {
		Rows  int `json:"rows"`
		Whole int `json:"whole"`
	}
	err = demo.WaitFor(ctx, "the first list", 60*time.Second, func(ctx context.Context) (bool, error) {
		err := s.Call(ctx, "drawn", nil, &drawn)
		return err == nil && drawn.Rows > 0, err
	})
	if err != nil {
		return nil, err
	}
	r := Result{
		"workload": "W5", "patients": patients, "first_list_ms": ms(time.Since(in)), "start_to_list_ms": ms(time.Since(began)),
	}
	if err := demo.WaitFor(ctx, "the whole list", 60*time.Second, func(ctx context.Context) (bool, error) {
		err := s.Call(ctx, "drawn", nil, &drawn)
		return err == nil && drawn.Whole >= patients, err
	}); err != nil {
		return nil, err
	}
	r["whole_list_ms"] = ms(time.Since(in))
	if err := keystrokes(ctx, s, r); err != nil {
		return nil, err
	}
	r["rss_mb"], r["peak_rss_mb"] = memory(p.PID(), "VmRSS"), memory(p.PID(), "VmHWM")
	return r, nil
}

// keystrokes types names letter by letter, and opens charts.
func keystrokes(ctx context.Context, s *demo.Station, r Result) error {
	var waits, charts []float64
	for round := range 6 {
		name := strings.ToLower(family[round*2] + " " + given[round])
		for i := 1; i <= len(name); i++ {
			began := time.Now()
			var found struct {
				Patients []struct {
					ID string `json:"id"`
				} `json:"patients"`
			}
			if err := s.Call(ctx, "search", map[string]any{"text": name[:i]}, &found); err != nil {
				return err
			}
			waits = append(waits, float64(time.Since(began).Microseconds())/1000)
			if i == len(name) && len(found.Patients) > 0 {
				for _, p := range found.Patients[:min(10, len(found.Patients))] {
					began := time.Now()
					if err := s.Call(ctx, "chart", map[string]any{"patient": p.ID}, nil); err != nil {
						return err
					}
					charts = append(charts, float64(time.Since(began).Microseconds())/1000)
				}
			}
		}
	}
	r["search_p50_ms"], r["search_p99_ms"] = percentiles(waits)[0], percentiles(waits)[2]
	if len(charts) > 0 {
		r["chart_p99_ms"] = percentiles(charts)[2]
	}
	return nil
}

func ms(d time.Duration) float64 { return round(float64(d.Microseconds()) / 1000) }
