package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/join"
	"wardlight/internal/station/seat"
)

type statusCmd struct {
	station
	JSON    bool          `name:"json" help:"One JSON object."`
	Verbose bool          `help:"Show what the program logs meanwhile, on standard error."`
	Wait    time.Duration `default:"3s" help:"How long to wait for central, where no window is open."`
}

// Run says how the station is: what the running window or headless program
// knows, or, where none runs, what the folder itself and central say.
func (c *statusCmd) Run() error {
	ctx := context.Background()
	c.quiet = !c.Verbose
	info, err := join.Load(c.Data)
	if wiped := seat.WasWiped(c.Data); err != nil && wiped != nil {
		return wiped
	}
	if err != nil {
		return err
	}
	if len(c.Server) > 0 {
		info.Servers = c.Server
	}
	st, running, err := seat.AskRunning(ctx, c.Data)
	if err == nil && !running {
		st, err = c.look(ctx)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(struct {
			About aboutStation `json:"about"`
			seat.Status
		}{about(info), st})
	}
	return sayStatus(os.Stdout, info, st)
}

// look opens the station for a moment.
func (c *statusCmd) look(ctx context.Context) (seat.Status, error) {
	s, err := c.open(ctx)
	if err != nil {
		return seat.Status{}, err
	}
	select {
	case <-s.Opened():
	case <-time.After(c.Wait):
	}
	for end := time.Now().Add(c.Wait); !s.Link().Connected && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
	}
	st := s.Status()
	return st, s.Close()
}

func sayStatus(w io.Writer, info join.Config, st seat.Status) error {
	text := fmt.Sprintf("%s (%s)\n", info.Place, info.Station)
	if st.Running {
		text += fmt.Sprintf("%s is open on it (process %d)\n", st.Program, st.PID)
	} else {
		text += "no window is open on it\n"
	}
	l := st.Link
	switch {
	case !st.Open:
		text += "locked: " + st.Why + "\n"
	case l.Connected:
		text += fmt.Sprintf("connected to %s, %s, %d unsent\n", l.Server, hereWords(l.AsOf), l.Unsent)
	case l.Refused != "":
		text += "turned away: " + l.Refused + "\n"
	default:
		text += fmt.Sprintf("no contact since %s, %d unsent and safe on this computer\n", l.Since.Format("15:04:05"), l.Unsent)
	}
	text += packLine(st.Pack, time.Now()) + "\n"
	_, err := io.WriteString(w, text)
	return err
}

// hereWords say up to when this computer holds everything; a copy that was never whole
// holds nothing up to any time.
func hereWords(asOf time.Time) string {
	if asOf.IsZero() {
		return "its copy of the ward is not whole yet"
	}
	return "everything up to " + asOf.Format("15:04:05") + " is here"
}

// packLine says which ward pack is kept ready, and how old it is.
func packLine(p *ward.ReadyPack, now time.Time) string {
	if p == nil {
		return "no ward pack is kept ready"
	}
	return "kept ready: " + p.Words(now) + ", " + p.Age(now)
}
