package kit

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// The maths of a chart, without anything that draws: where a time and a value
// lie, which round numbers to print, which points can be told apart.

// viewport maps times and values to a picture.
type viewport struct {
	from, to      time.Time
	low, high     float64
	left, top     float64 // of the plot
	width, height float64
}

// x is where a time lies.
func (v viewport) x(t time.Time) float64 {
	span := v.to.Sub(v.from)
	if span <= 0 {
		return v.left + v.width/2
	}
	return v.left + v.width*float64(t.Sub(v.from))/float64(span)
}

// y is where a value lies: higher values higher up.
func (v viewport) y(value float64) float64 {
	if v.high <= v.low {
		return v.top + v.height/2
	}
	return v.top + v.height*(v.high-value)/(v.high-v.low)
}

// padTime widens a span by a share on both sides, so that points do not lie on
// the edge; a span without length becomes one day around its moment.
func padTime(from, to time.Time, share float64) (time.Time, time.Time) {
	span := to.Sub(from)
	if span <= 0 {
		return from.Add(-12 * time.Hour), to.Add(12 * time.Hour)
	}
	pad := time.Duration(float64(span) * share)
	return from.Add(-pad), to.Add(pad)
}

// valueRange is the smallest range that holds all numbers given, with a margin;
// numbers that are not numbers are passed over.
func valueRange(values ...float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		low, high = min(low, v), max(high, v)
	}
	if low > high {
		return 0, 1
	}
	margin := (high - low) * 0.12
	if margin == 0 {
		margin = max(math.Abs(high)*0.1, 0.5)
	}
	return low - margin, high + margin
}

// niceTicks are at most n round numbers within a range.
func niceTicks(low, high float64, n int) []float64 {
	if !(high > low) || n < 1 {
		return nil
	}
	raw := (high - low) / float64(n)
	unit := math.Pow(10, math.Floor(math.Log10(raw)))
	step := unit
	for _, m := range []float64{1, 2, 5, 10} {
		if step = unit * m; step >= raw*0.999 {
			break
		}
	}
	var ticks []float64
	for k := math.Ceil(low / step); k*step <= high+step*1e-9; k++ {
		ticks = append(ticks, k*step)
	}
	return ticks
}

// tickLabel prints a tick with as many decimals as its step needs.
func tickLabel(value float64, ticks []float64) string {
	decimals := 0
	if len(ticks) > 1 {
		step := ticks[1] - ticks[0]
		for decimals < 6 && math.Abs(step*math.Pow10(decimals)-math.Round(step*math.Pow10(decimals))) > 1e-6 {
			decimals++
		}
	}
	text := strconv.FormatFloat(value, 'f', decimals, 64)
	if strings.Trim(text, "-0.") == "" {
		return strings.TrimPrefix(text, "-") // an axis that begins a little below nothing
	}
	return text
}

// segments cuts points into runs between gaps: a line never bridges a place where
// there is no number.
func segments(points []ChartPoint) [][]int {
	var out [][]int
	var run []int
	for i, p := range points {
		if p.Shape == NoPoint {
			if len(run) > 0 {
				out = append(out, run)
			}
			run = nil
			continue
		}
		run = append(run, i)
	}
	if len(run) > 0 {
		out = append(out, run)
	}
	return out
}

// thin keeps of a run what can be told apart in a picture: for each column of
// pixels the first, lowest, highest and last point. No peak is lost.
func thin(points []ChartPoint, run []int, v viewport) []int {
	if float64(len(run)) <= 2*v.width {
		return run
	}
	var out []int
	for start := 0; start < len(run); {
		column := math.Floor(v.x(points[run[start]].At))
		end := start
		for end < len(run) && math.Floor(v.x(points[run[end]].At)) == column {
			end++
		}
		out = append(out, columnPoints(points, run[start:end])...)
		start = end
	}
	return out
}

// columnPoints are the first, lowest, highest and last of a column, in order.
func columnPoints(points []ChartPoint, column []int) []int {
	lowest, highest := column[0], column[0]
	for _, i := range column {
		if points[i].Value < points[lowest].Value {
			lowest = i
		}
		if points[i].Value > points[highest].Value {
			highest = i
		}
	}
	var out []int
	for _, i := range []int{column[0], min(lowest, highest), max(lowest, highest), column[len(column)-1]} {
		if len(out) == 0 || out[len(out)-1] < i {
			out = append(out, i)
		}
	}
	return out
}

// nearest is the point whose time lies nearest to x, or -1.
func nearest(points []ChartPoint, v viewport, x float64) int {
	best, at := math.Inf(1), -1
	for i, p := range points {
		if d := math.Abs(v.x(p.At) - x); d < best {
			best, at = d, i
		}
	}
	return at
}

// spread are the indexes of labels that fit beside each other: each needs its
// width and a gap. The last, which is the newest, is always among them.
func spread(xs, widths []float64, gap float64) []int {
	var out []int
	edge := math.Inf(1)
	for i := len(xs) - 1; i >= 0; i-- {
		if xs[i]+widths[i]/2+gap <= edge {
			out = append([]int{i}, out...)
			edge = xs[i] - widths[i]/2
		}
	}
	return out
}
