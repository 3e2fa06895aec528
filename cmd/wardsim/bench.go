package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"sort"
	"syscall"
	"time"

	"wardlight/internal/bench"
	"wardlight/internal/fault"
)

type benchCmd struct {
	Only  []string `sep:"," help:"Workloads, such as W1,W3; by default all."`
	Floor bool     `help:"Measure the raw floor of the same work beside each."`
	Scale float64  `default:"1" help:"Size of the workload; smaller for a quick look."`

	Panels   int           `default:"1" help:"How many reports of ten results W5 gives each of its 10,000 patients."`
	Soak     time.Duration `help:"For how long W5's window is left on at the end while ten results a second come in, such as 1h."`
	RSS      float64       `name:"rss" help:"How many MB the window may take at the end of a soak; it is an error beyond."`
	Keep     string        `type:"path" help:"A folder in which W5 keeps what it filled, and finds it the next time; a million results take minutes to fill."`
	Stations int           `help:"How many stations W6 connects; by default 1000."`
	Line     string        `default:"64k" help:"The poor line of W9: 64k, or 64k-stalled."`
}

// Run measures, one JSON line a workload.
func (c *benchCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	self, err := os.Executable()
	if err != nil {
		return fault.As(fault.Unavailable, "bench", "", err)
	}
	names := c.Only
	if len(names) == 0 {
		for n := range bench.Workloads {
			names = append(names, n)
		}
		sort.Strings(names)
	}
	for _, n := range names {
		if err := one(ctx, n, bench.Options{Bin: filepath.Dir(self), Floor: c.Floor, Scale: c.Scale, Stations: c.Stations, Line: c.Line, Panels: c.Panels, Soak: c.Soak, RSS: c.RSS, Keep: c.Keep}); err != nil {
			return err
		}
	}
	return nil
}

func one(ctx context.Context, name string, o bench.Options) error {
	run, known := bench.Workloads[name]
	if !known {
		return fault.Newf(fault.NotFound, "bench", name, "workload %s is not measured by this version", name)
	}
	dir, err := os.MkdirTemp("", "wardsim-")
	if err != nil {
		return fault.As(fault.Unavailable, "bench", name, err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // in the system's temporary folder: it goes in time
	o.Dir = dir
	r, err := run(ctx, o)
	return tell(os.Stdout, name, r, err)
}

// tell writes what was measured, also where it is not what was asked for.
func tell(to io.Writer, name string, r bench.Result, err error) error {
	if r != nil {
		err = errors.Join(err, json.NewEncoder(to).Encode(r))
	}
	return fault.Wrap("bench", name, err)
}
