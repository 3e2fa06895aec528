package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/demo"
	"wardlight/internal/fault"
	lines "wardlight/internal/shape"
	"wardlight/internal/station/desk"
	"wardlight/internal/station/seat"
	"wardlight/internal/trust/keys"
)

// W9 is a clinic behind a poor line that was cut off for two days: 2,000
// entries of its own go up and 5,000 results come down, through a line of
// o.Line ("64k": 64 kbit/s each way, 600 ms there and back). The time runs from
// when the line is there again until nothing is unsent and everything is here.
func W9(ctx context.Context, o Options) (Result, error) {
	name := o.Line
	if name == "" {
		name = "64k"
	}
	line, known := lines.Named[name]
	if !known {
		return nil, fault.Newf(fault.NotFound, "bench.w9", name, "no line is named so")
	}
	c, err := startCentral(ctx, o, "w9")
	if err != nil {
		return nil, err
	}
	defer c.stop()
	if err := firstOf(c.feed(ctx, wardOf, 0), c.addUser(ctx, "BENCH")); err != nil {
		return nil, err
	}
	proxy, err := lines.Listen("127.0.0.1:0", c.info.Listen, lines.Line{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = proxy.Close() }()
	w := &clinic{c: c}
	if err := w.open(ctx, filepath.Join(o.Dir, "w9-clinic"), "https://"+proxy.Addr()); err != nil {
		return nil, err
	}
	defer func() { _ = w.seat.Close() }()
	up, down := max(20, int(2000*o.Scale)), max(50, int(5000*o.Scale))
	if err := w.cutOff(ctx, up, down); err != nil {
		return nil, err
	}
	proxy.Become(line)
	sentBefore, gotBefore := proxy.Bytes()
	took, err := w.catchUp(ctx)
	if err != nil {
		return nil, err
	}
	sent, got := proxy.Bytes()
	sent, got = sent-sentBefore, got-gotBefore
	r := Result{
		"workload": "W9", "line": name, "up": up, "down": down, "seconds": round(took.Seconds()),
		"bytes_up": sent, "bytes_down": got,
	}
	if o.Floor && line.Rate > 0 {
		// The line alone: the bytes of the fuller direction, and one answer.
		floor := float64(max(sent, got))/float64(line.Rate) + line.Delay.Seconds()
		r["floor_seconds"], r["ratio"] = round(floor), round(took.Seconds()/floor)
	}
	return r, nil
}

// clinic is the station of W9.
type clinic struct {
	c    *central
	seat *seat.Seat
	desk *desk.Desk
	who  []ward.PatientID
	want int // resources at the end
}

// open enrols the clinic and fills it.
func (w *clinic) open(ctx context.Context, dir, server string) error {
	secrets := keys.MemorySecrets()
	if err := w.c.enrol(ctx, dir, "BENCH", secrets); err != nil {
		return err
	}
	s, err := seat.Open(ctx, seat.Config{Dir: dir, Secrets: secrets, Program: "wardsim", Servers: []string{server}})
	if err != nil {
		return err
	}
	w.seat = s
	if _, err := s.SignIn(ctx, "bench", "914275"); err != nil {
		return firstOf(err, s.Close())
	}
	if w.desk, err = s.Desk(); err != nil {
		return firstOf(err, s.Close())
	}
	return until(ctx, time.Minute, func() bool {
		rows, err := w.desk.Board(ctx)
		if err != nil || len(rows) < wardOf {
			return false
		}
		for _, r := range rows {
			w.who = append(w.who, r.Who.ID)
		}
		return true
	})
}

// cutOff cuts the clinic off, and lets both sides work on.
func (w *clinic) cutOff(ctx context.Context, up, down int) error {
	w.seat.Disconnect()
	w.want = w.seat.Count().Resources + up + down + down/len(analytes) // a report each
	return firstOf(writeShift(ctx, w.desk, w.who, up), w.c.results(ctx, down))
}

// catchUp lets the clinic have its line again.
func (w *clinic) catchUp(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	w.seat.Connect()
	err := until(ctx, 20*time.Minute, func() bool {
		n := w.seat.Count()
		return n.Unsent == 0 && n.Resources >= w.want
	})
	return time.Since(began), err
}

// writeShift writes n notes about the patients in turn, four people at a time.
func writeShift(ctx context.Context, d *desk.Desk, who []ward.PatientID, n int) error {
	const people = 4
	errs := make(chan error, people)
	var group sync.WaitGroup
	for p := range people {
		group.Go(func() {
			words := rand.New(rand.NewPCG(uint64(p), 9)) //nolint:gosec // text, not a secret
			for i := p; i < n; i += people {
				if _, err := d.Do(ctx, ward.WriteNote{Patient: who[i%len(who)], Text: noteText(words, i)}); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	group.Wait()
	close(errs)
	return <-errs
}

var remarks = []string{
	"slept well", "ate half of breakfast", "pain 3 of 10 on moving", "walked to the bathroom with one helper", "dressing changed, wound dry",
	"refused the evening tea", "family visited", "asks about going home", "breathing easier after the nebuliser", "turned at the agreed times",
	"passed 450 ml of clear urine", "cannula resited in the left arm", "mood low, talked for ten minutes", "bloods taken at the second attempt",
}

// noteText is what somebody writes in a clinic: a few remarks and a number.
func noteText(words *rand.Rand, i int) string {
	var parts []string
	for range 2 + words.IntN(3) {
		parts = append(parts, remarks[words.IntN(len(remarks))])
	}
	return fmt.Sprintf("%s. Checked at %02d:%02d.", strings.Join(parts, ", "), i/60%24, words.IntN(60))
}

// varied are values around the usual ones, as a ward has them.
func varied(chance *rand.Rand) []string {
	out := make([]string, len(usual))
	for i, u := range usual {
		v, err := strconv.ParseFloat(u, 64)
		if err != nil {
			continue // usual values are numbers
		}
		digits := len(u) - 1 - strings.IndexByte(u, '.')
		if !strings.Contains(u, ".") {
			digits = 0
		}
		out[i] = strconv.FormatFloat(v*(0.85+0.3*chance.Float64()), 'f', digits, 64)
	}
	return out
}

// results sends n results of the laboratory, ten to a message.
func (c *central) results(ctx context.Context, n int) error {
	s := &demo.Sender{Addr: c.info.MLLP}
	defer s.Close()
	chance := rand.New(rand.NewPCG(9, 9)) //nolint:gosec // values, not secrets
	for i := range n / len(analytes) {
		if err := sendOne(ctx, s, panelOf(i%wardOf, i/wardOf, varied(chance))); err != nil {
			return err
		}
	}
	return nil
}
