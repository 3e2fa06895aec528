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
			if err := sendOne(ctx, sender, update(sent, patients)); err != nil {
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
		return holdsUpdate(ctx, s, sent-1, patients)
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

// update is the n-th result of a soak: one sodium, or a potassium that is critical.
func update(n, patients int) []byte {
	b, at := hl7.NewBuilder(), time.Now()
	header(b, "LAB", "ORU", "R01", "ORU_R01", fmt.Sprintf("S%d", n), at)
	person(b, patientOfUpdate(n, patients))
	a, value, flag := analytes[0], strconv.Itoa(134+n%11), "N"
	if n%criticalEvery == criticalEvery/2 {
		a, value, flag = analytes[1], "6.9", "HH"
	}
	b.Add("OBR").Set(1, "1").Set(3, fmt.Sprintf("S%d", n), "LAB").Set(4, "ONE", panelOfUpdate(n), "L").Set(7, hl7.FormatTime(at)).Set(22, hl7.FormatTime(at)).Set(25, "F")
	b.Add("OBX").Set(1, "1").Set(2, "NM").Set(3, a.loinc, a.name, "LN").Set(5, value).Set(6, a.unit, a.unit, "UCUM").
		Set(7, a.low).Set(8, flag).Set(11, "F").Set(14, hl7.FormatTime(at))
	return b.Bytes()
}

// panelOfUpdate tells one result from all others.
func panelOfUpdate(n int) string { return fmt.Sprintf("One value, %d", n) }

// patientOfUpdate goes through everybody, far apart.
func patientOfUpdate(n, patients int) int { return n * 7919 % patients }

// holdsUpdate says whether the window's chart of a patient has the n-th result.
func holdsUpdate(ctx context.Context, s *demo.Station, n, patients int) (bool, error) {
	p := patientOfUpdate(n, patients)
	var found struct{ Patients []struct{ ID string } }
	if err := s.Call(ctx, "search", map[string]any{"text": fmt.Sprintf("b%07d", p)}, &found); err != nil || len(found.Patients) != 1 {
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
		if x.Panel == panelOfUpdate(n) {
			return true, nil
		}
	}
	return false, nil
}
