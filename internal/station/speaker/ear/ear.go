// Package ear finds tones in what reached a sound output, for tests only: an ALSA
// output that writes every sample into a file before its null sink, and what to look
// for in that file.
package ear

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"time"
)

// Rate is the samples of a second in a file; there is one channel, of 32-bit floats.
const Rate = 44100

// Conf is an ALSA configuration whose only output is a null sink behind a file. A
// program reads it where ALSA_CONFIG_PATH says so; each opening begins the file anew.
func Conf(file string) string {
	return fmt.Sprintf("pcm.!default { type file slave.pcm { type null } file %q format raw }\n", file)
}

// Read reads what reached the output last.
func Read(file string) ([]float64, error) {
	b, err := os.ReadFile(file) //nolint:gosec // a test's own file
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(b)/4)
	for i := range out {
		out[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
	}
	return out, nil
}

// Pulses cuts samples where 40 ms of silence lie between them.
func Pulses(s []float64) (out [][]float64) {
	from, last := -1, -1
	for i, v := range s {
		if math.Abs(v) < 1e-4 {
			continue
		}
		if from >= 0 && i-last > Rate/25 {
			out, from = append(out, s[from:last+1]), i
		}
		if from < 0 {
			from = i
		}
		last = i
	}
	if from >= 0 {
		out = append(out, s[from:last+1])
	}
	return out
}

// Strength is how strongly a frequency is in samples, by Goertzel's algorithm: half of
// a sine's height.
func Strength(s []float64, hertz float64) float64 {
	if len(s) == 0 {
		return 0
	}
	w := 2 * math.Cos(2*math.Pi*hertz/Rate)
	var a, b float64
	for _, v := range s {
		a, b = v+w*a-b, a
	}
	return math.Sqrt(max(a*a+b*b-w*a*b, 0)) / float64(len(s))
}

// Long is how long samples take.
func Long(s []float64) time.Duration {
	return time.Duration(float64(len(s)) / Rate * float64(time.Second))
}
