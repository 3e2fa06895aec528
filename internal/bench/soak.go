package bench

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"wardlight/internal/demo"
	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
)

const (
	// updates is how many results come in each second of a soak, each a message of
	// its own about another patient.
	updates = 10
	// criticalEvery is which of them is critical: one in three minutes.
	criticalEvery = 1800
	// soakLook is how often a chart is opened, and the memory read.
	soakLook = 20 * time.Second
)

// soak is a window that people leave on: results come in at ten a second for as long
// as it is said, one patient after another; meanwhile somebody opens a chart three
// times a minute. What is told is the window's memory, at its beginning and end and
// the most that it was, how long the charts took, and how far the window was behind
// when the last result had come.
func soak(ctx context.Context, o Options, c *central, s *demo.Station, pid, patients int, r Result) error {
	r["soak_minutes"], r["soak_rss_begin_mb"] = round(o.Soak.Minutes()), memory(pid, "VmRSS")
	sender := &demo.Sender{Addr: c.info.MLLP}
	defer sender.Close()
	var most float64
	var charts []float64
	began, sent, look := time.Now(), 0, time.Now()
	all := soakResults{run: began.UnixMilli(), patients: patients}
	tick := time.NewTicker(time.Second / updates)
	defer tick.Stop()
	for time.Since(began) < o.Soak {
		select {
		case <-ctx.Done():
			return fault.As(fault.Timeout, "bench.soak", "", ctx.Err())
		case <-tick.C:
		}
		// What the machine was too slow for is made up for.
		for ; sent < int(time.Since(began).Seconds()*updates); sent++ {
			if err := sendOne(ctx, sender, all.message(sent)); err != nil {
				return err
			}
		}
		if time.Since(look) >= soakLook {
			look = time.Now()
			took, err := openSome(ctx, s, sent%len(family))
			if err != nil {
				return err
			}
			charts = append(charts, took...)
			most = max(most, memory(pid, "VmRSS"))
		}
	}
	last := time.Now()
	if err := demo.WaitFor(ctx, "the last result", 2*time.Minute, func(ctx context.Context) (bool, error) {
		return all.held(ctx, s, sent-1)
	}); err != nil {
		return err
	}
	r["soak_updates"], r["soak_late_ms"] = sent, ms(time.Since(last))
	r["soak_rss_most_mb"], r["soak_rss_end_mb"] = most, memory(pid, "VmRSS")
	p := percentiles(charts)
	r["soak_chart_p50_ms"], r["soak_chart_p99_ms"] = p[0], p[2]
	if end := memory(pid, "VmRSS"); o.RSS > 0 && end > o.RSS {
		return fault.Newf(fault.Full, "bench.soak", "", "the window takes %.0f MB at the end, %.0f at the beginning; it may take %.0f", end, r["soak_rss_begin_mb"], o.RSS)
	}
	return nil
}

// soakResults are the results of one soak. A kept central has those of earlier soaks, so
// that each says which soak it is of.
type soakResults struct {
	run      int64
	patients int
}

// message is the n-th: one sodium, or a potassium that is critical.
func (r soakResults) message(n int) []byte {
	b, at := hl7.NewBuilder(), time.Now()
	id := fmt.Sprintf("S%d-%d", r.run, n)
	header(b, "LAB", "ORU", "R01", "ORU_R01", id, at)
	person(b, r.patient(n))
	a, value, flag := analytes[0], strconv.Itoa(134+n%11), "N"
	if n%criticalEvery == criticalEvery/2 {
		a, value, flag = analytes[1], "6.9", "HH"
	}
	b.Add("OBR").Set(1, "1").Set(3, id, "LAB").Set(4, "ONE", r.panel(n), "L").Set(7, hl7.FormatTime(at)).Set(22, hl7.FormatTime(at)).Set(25, "F")
	b.Add("OBX").Set(1, "1").Set(2, "NM").Set(3, a.loinc, a.name, "LN").Set(5, value).Set(6, a.unit, a.unit, "UCUM").
		Set(7, a.low).Set(8, flag).Set(11, "F").Set(14, hl7.FormatTime(at))
	return b.Bytes()
}

// panel tells one result from all others.
func (r soakResults) panel(n int) string { return fmt.Sprintf("One value, %d of %d", n, r.run) }

// patient goes through everybody, far apart.
func (r soakResults) patient(n int) int { return n * 7919 % r.patients }

// held says whether the window's chart of a patient has the n-th result.
func (r soakResults) held(ctx context.Context, s *demo.Station, n int) (bool, error) {
	var found struct{ Patients []struct{ ID string } }
	if err := s.Call(ctx, "search", map[string]any{"text": fmt.Sprintf("b%07d", r.patient(n))}, &found); err != nil || len(found.Patients) != 1 {
		return false, err
	}
	var read struct {
		Chart struct {
			Results []struct{ Panel string }
		}
	}
	if err := s.Call(ctx, "chart", map[string]any{"patient": found.Patients[0].ID}, &read); err != nil {
		return false, err
	}
	for _, x := range read.Chart.Results {
		if x.Panel == r.panel(n) {
			return true, nil
		}
	}
	return false, nil
}
