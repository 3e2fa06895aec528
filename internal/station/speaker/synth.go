package speaker

import (
	"encoding/binary"
	"math"
	"time"

	"wardlight/internal/clinical/sound"
)

// Rate is the samples of a second; there is one channel, of 32-bit floats.
const Rate = 44100

// harmonics are the strengths of a tone's multiples: a tone of one sine is hard to
// place in a room, and lost to an ear that hears its one frequency badly.
var harmonics = []float64{1, .6, .4, .3, .2}

// edge is how long a pulse rises and falls: without that it clicks.
const edge = 15 * time.Millisecond

// loudest is the highest sample at full volume: a mixer adds others to it.
const loudest = .8

// samples are a burst at a volume in per cent, little endian.
func samples(l sound.Level, volume int) []byte {
	top := 0.0
	for _, h := range harmonics {
		top += h
	}
	gain := loudest / top * float64(min(max(volume, 0), 100)) / 100
	var out []byte
	add := func(v float64) { out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(v))) }
	for _, p := range l.Burst() {
		n := count(p.Long)
		for i := range n {
			at, v := float64(i)/Rate, 0.0
			for k, h := range harmonics {
				v += h * math.Sin(2*math.Pi*p.Hertz*float64(k+1)*at)
			}
			rise := min(1, float64(min(i, n-1-i))/float64(count(edge)))
			add(v * gain * rise)
		}
		for range count(p.Pause) {
			add(0)
		}
	}
	return out
}

func count(d time.Duration) int { return int(d.Seconds() * Rate) }
