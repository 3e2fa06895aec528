package speaker

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/ebitengine/oto/v3"

	"wardlight/internal/clinical/sound"
)

// probe is the level's name of opening the output without a sound.
const probe = "probe"

// answer is what Main says of it, as one line of JSON.
type answer struct {
	Played bool   `json:"played"`
	Why    string `json:"why,omitempty"` // the library's own words
}

// Main is the program that plays: args are a level's name, or "probe", and a volume. It
// writes one line of JSON and returns the exit code.
func Main(args []string, out io.Writer) int {
	err := run(args)
	a := answer{Played: err == nil}
	if err != nil {
		a.Why = err.Error()
	}
	if json.NewEncoder(out).Encode(a) != nil || err != nil {
		return 1
	}
	return 0
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("give a level and a volume")
	}
	volume, err := strconv.Atoi(args[1])
	if err != nil || volume < 0 || volume > 100 {
		return fmt.Errorf("a volume is 0 to 100")
	}
	l, ok := sound.ParseLevel(args[0])
	if !ok && args[0] != probe {
		return fmt.Errorf("no such level")
	}
	pcm := samples(l, volume)
	if len(pcm) == 0 {
		pcm = make([]byte, 4*Rate/50) // 20 ms of silence: that it is taken shows that it works
	}
	return play(pcm)
}

// drained is longer than what the output still holds when the library has given it
// everything: two periods of 1,024 samples on Linux.
const drained = 150 * time.Millisecond

// behind is the silence that is played after the samples. The library says that it is
// done when it has read the last of them, which is before it has handed those on: on a
// busy computer the end of a burst was cut off. What it reads last is silence, and
// it hands on one buffer before it reads the next.
const behind = 250 * time.Millisecond

// play gives samples to the computer's output and returns when it has taken them.
func play(pcm []byte) error {
	pcm = append(slices.Clip(pcm), make([]byte, 4*count(behind))...)
	c, ready, err := oto.NewContext(&oto.NewContextOptions{SampleRate: Rate, ChannelCount: 1, Format: oto.FormatFloat32LE})
	if err != nil {
		return err
	}
	<-ready
	// Nothing is played before all of it lies ready, so that the first pulse has no gap.
	if err := c.Suspend(); err != nil {
		return err
	}
	p := c.NewPlayer(bytes.NewReader(pcm))
	p.SetBufferSize(len(pcm))
	p.Play()
	if err := c.Resume(); err != nil {
		return err
	}
	for p.IsPlaying() {
		if err := c.Err(); err != nil {
			return err
		}
		time.Sleep(2 * time.Millisecond)
	}
	if err := c.Suspend(); err != nil {
		return err
	}
	time.Sleep(drained)
	return c.Err()
}
