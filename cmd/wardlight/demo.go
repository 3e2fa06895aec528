package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"wardlight/internal/demo"
	"wardlight/internal/fault"
)

type demoCmd struct {
	Data     string `help:"Folder for everything; by default a temporary one." type:"path"`
	Keep     bool   `help:"Leave everything where it was."`
	JSON     bool   `name:"json" help:"The last line is the ledger as JSON; closes the window at the end."`
	Messages string `help:"A further folder of HL7 v2 files to send." type:"path"`
	Seed     uint64 `help:"Which history of troubles; by default another each time."`
	Fast     bool   `help:"Shorter waits."`
	Xvfb     bool   `help:"Use a screen in memory even where there is a display."`
	NoWindow bool   `help:"The ward station runs without a window: for machines that have no screen and cannot make one."`
	Tour     string `help:"Make the pictures and the page of the tour in this folder (docs), on a screen in memory." type:"path" placeholder:"FOLDER"`
	Shots    string `default:"build/demo" help:"Folder for screenshots, taken where the screen is in memory." type:"path"`
}

// demoTime bounds the whole story.
const demoTime = 10 * time.Minute

// Run tells the story and prints its ledger.
func (c *demoCmd) Run() error {
	if runtime.GOOS != "linux" {
		return fault.New(fault.Unsupported, "demo", "", "the demonstration needs Linux (it brings its own keyring and screen); the programs themselves run here")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o, cleanUp, err := c.options()
	if err != nil {
		return err
	}
	o.Leave = ctx.Done() // the window may stay open for longer than the story may take
	if !c.JSON {
		o.Settled = func(l demo.Ledger) { l.Print(os.Stdout) }
	}
	ctx, cancel := context.WithTimeout(ctx, demoTime)
	defer cancel()
	whole := false
	defer func() {
		if whole {
			cleanUp()
		}
	}()
	_, _ = fmt.Fprintf(o.Out, "Wardlight demonstration, seed %d, in %s\n", o.Seed, o.Data)
	l, err := demo.Run(ctx, o)
	if err != nil {
		return fault.Newf(fault.KindOf(err), "demo", "", "the story broke off: %w (everything is left in %s; look into its folder log)", err, o.Data)
	}
	whole = true
	if c.JSON {
		err = json.NewEncoder(os.Stdout).Encode(l)
	}
	if err == nil && len(l.Breaches) > 0 {
		err = fault.Newf(fault.Corrupt, "demo", "", "the ledger shows %d breaches", len(l.Breaches))
	}
	return err
}

func (c *demoCmd) options() (demo.Options, func(), error) {
	self, err := os.Executable()
	if err != nil {
		return demo.Options{}, nil, fault.As(fault.Unavailable, "demo", "", err)
	}
	o := demo.Options{
		Bin: filepath.Dir(self), Data: c.Data, Shots: c.Shots, Messages: c.Messages, Seed: c.Seed, Fast: c.Fast,
		Own: c.Xvfb || c.Tour != "", Tour: c.Tour, Stay: !c.JSON, NoWindow: c.NoWindow, Out: io.Writer(os.Stdout),
	}
	if c.JSON {
		o.Out = os.Stderr
	}
	if o.Seed == 0 {
		o.Seed = rand.Uint64N(1_000_000) + 1 //nolint:gosec // a story's seed, no secret
	}
	if _, err := os.Stat(filepath.Join(o.Bin, "wardlightd")); err != nil {
		return o, nil, fault.New(fault.NotFound, "demo", o.Bin, "wardlightd is not beside wardlight; build both: make build")
	}
	temporary := o.Data == ""
	if temporary {
		if o.Data, err = os.MkdirTemp("", "wardlight-demo-"); err != nil {
			return o, nil, fault.As(fault.Unavailable, "demo", "", err)
		}
	} else if list, err := os.ReadDir(o.Data); err == nil && len(list) > 0 {
		return o, nil, fault.New(fault.Exists, "demo", o.Data, "this folder is not empty; choose another")
	}
	return o, func() {
		if temporary && !c.Keep {
			_ = os.RemoveAll(o.Data) // in the system's temporary folder: it goes in time
		}
	}, nil
}
