package bench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"

	"wardlight/internal/fault"
)

// house5 is what W5 measures a window on: a central and a station that holds all of
// it. A million results take minutes to fill, so that both may be kept (Options.Keep)
// and used again; they are used in place, as a ward's are.
type house5 struct {
	// Patients and Panels are what it was filled with.
	Patients int `json:"patients"`
	Panels   int `json:"panels"`
	// Listen is where its station knows central.
	Listen string `json:"listen"`
	// Settled is the sum of the program that was on last for long enough to keep the
	// rows of its board: another program derives them anew, once, and that is no
	// start as a ward has it.
	Settled string `json:"settled,omitempty"`

	dir, station, pass string
}

// filledName is written last: without it nothing that was kept is used.
const filledName = "filled.v1.json"

// linesIn is over how many lines W5's central is filled.
const linesIn = 8

// openHouse5 opens what was kept, or fills anew.
func openHouse5(ctx context.Context, o Options, patients, panels int) (*central, house5, error) {
	h := house5{Patients: patients, Panels: panels, dir: o.Dir}
	if o.Keep != "" {
		h.dir = o.Keep
	}
	h.station, h.pass = filepath.Join(h.dir, "w5-station"), filepath.Join(h.dir, "w5-station.pass")
	kept, err := h.kept()
	if err != nil {
		return nil, h, err
	}
	inside := o
	inside.Dir = h.dir
	if kept {
		c := &central{o: inside, dir: filepath.Join(h.dir, "w5"), pass: filepath.Join(h.dir, "w5.pass")}
		err := c.serve(ctx, "w5", h.Listen)
		if err != nil {
			return c, h, err
		}
		if err = h.settle(ctx, o); err == nil {
			err = h.note()
		}
		if err != nil {
			c.stop()
		}
		return c, h, err
	}
	if err := os.MkdirAll(h.dir, 0o700); err != nil {
		return nil, h, fault.As(fault.Unavailable, "bench.w5", h.dir, err)
	}
	c, err := startCentral(ctx, inside, "w5")
	if err != nil {
		return nil, h, err
	}
	h.Listen = c.info.Listen
	err = firstOf(c.feedLines(ctx, patients, panels, linesIn), c.addUser(ctx, "BENCH"))
	if err == nil {
		err = c.fillStation(ctx, h.station, h.pass, patients, panels)
	}
	if err == nil {
		err = h.settle(ctx, o)
	}
	if err == nil && o.Keep != "" {
		err = h.note()
	}
	if err != nil {
		c.stop()
	}
	return c, h, err
}

// kept says whether the folder holds what is asked for. What is of another size, or was
// never finished, is not written over.
func (h *house5) kept() (bool, error) {
	b, err := os.ReadFile(filepath.Join(h.dir, filledName))
	if os.IsNotExist(err) {
		if _, err := os.Stat(filepath.Join(h.dir, "w5")); err == nil {
			return false, fault.New(fault.Exists, "bench.w5", h.dir, "the filling of this folder did not come to its end; remove the folder, or choose another with --keep")
		}
		return false, nil
	}
	if err != nil {
		return false, fault.As(fault.Unavailable, "bench.w5", h.dir, err)
	}
	var was house5
	if err := json.Unmarshal(b, &was); err != nil {
		return false, fault.As(fault.Invalid, "bench.w5", h.dir, err)
	}
	if was.Patients != h.Patients || was.Panels != h.Panels {
		return false, fault.Newf(fault.Exists, "bench.w5", h.dir, "the folder holds %d patients with %d reports each; choose another with --keep, or ask for as many", was.Patients, was.Panels)
	}
	h.Listen, h.Settled = was.Listen, was.Settled
	return true, nil
}

func (h *house5) note() error {
	b, err := json.Marshal(h)
	if err != nil {
		return fault.As(fault.Invalid, "bench.w5", "", err)
	}
	return fault.As(fault.Unavailable, "bench.w5", h.dir, os.WriteFile(filepath.Join(h.dir, filledName), b, 0o600))
}

// settle lets a station be on that was not on with this program yet.
func (h *house5) settle(ctx context.Context, o Options) error {
	b, err := os.ReadFile(filepath.Join(o.Bin, "wardlight"))
	if err != nil {
		return fault.As(fault.Unavailable, "bench.w5", o.Bin, err)
	}
	sum := sha256.Sum256(b)
	program := hex.EncodeToString(sum[:])
	if h.Settled == program {
		return nil
	}
	if err := settled(ctx, o, h.station, h.pass); err != nil {
		return err
	}
	h.Settled = program
	return nil
}
