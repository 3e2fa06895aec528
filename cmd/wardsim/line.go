package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/shape"
)

// lineCmd plays a poor line, so that a central and a station can be tried over
// one. It stands wherever it is started: also in a network namespace between
// those of the two, which then have no other way to one another.
type lineCmd struct {
	Listen string        `default:"127.0.0.1:0" help:"Where the line begins. Port 0 takes a free one."`
	To     string        `required:"" help:"Where it ends: HOST:PORT of central." placeholder:"ADDR"`
	Rate   int           `default:"8000" help:"Bytes a second, each way; 0 is without a limit."`
	Delay  time.Duration `default:"600ms" help:"There and back."`
	Stall  time.Duration `help:"How long it stands still …"`
	Every  time.Duration `help:"… and how often."`
}

// lineSays is a line of output: where it begins, and at its end what it carried.
type lineSays struct {
	Ready  bool   `json:"ready"`
	Listen string `json:"listen"`
	Up     int64  `json:"up"`
	Down   int64  `json:"down"`
}

// Run holds the line until it is asked to end.
func (c *lineCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return c.hold(ctx, os.Stdout)
}

func (c *lineCmd) hold(ctx context.Context, out io.Writer) error {
	if c.Rate < 0 || c.Delay < 0 || c.Stall < 0 || c.Stall > c.Every {
		return fault.New(fault.Invalid, "line", "", "a line has a rate and a delay of zero or more, and stands still for less time than lies between two stalls")
	}
	p, err := shape.Listen(c.Listen, c.To, shape.Line{Rate: c.Rate, Delay: c.Delay, Stall: c.Stall, Every: c.Every})
	if err != nil {
		return err
	}
	says := lineSays{Ready: true, Listen: p.Addr()}
	if err := json.NewEncoder(out).Encode(says); err != nil {
		_ = p.Close() // nobody can use it
		return fault.As(fault.Unavailable, "line", "", err)
	}
	<-ctx.Done()
	err = p.Close()
	says.Ready = false
	says.Up, says.Down = p.Bytes()
	if said := json.NewEncoder(out).Encode(says); err == nil {
		err = fault.As(fault.Unavailable, "line", "", said)
	}
	return err
}
