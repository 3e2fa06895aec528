package main

import (
	"context"
	"errors"
	"os"
	"runtime"

	"wardlight/internal/fault"
	"wardlight/internal/station/speaker"
	vsound "wardlight/internal/station/view/sound"
)

// speakCmd is what plays: this program, started by the window for one burst.
type speakCmd struct {
	Level  string `arg:""`
	Volume string `arg:""`
}

// Run plays and ends the program.
func (c *speakCmd) Run() error {
	os.Exit(speaker.Main([]string{c.Level, c.Volume}, os.Stdout))
	return nil
}

// newSpeaker plays by this program, also after its file was replaced by a newer one.
func newSpeaker() (*speaker.Speaker, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fault.As(fault.Unavailable, "speaker", "", err)
	}
	if runtime.GOOS == "linux" {
		exe = "/proc/self/exe"
	}
	return &speaker.Speaker{Command: []string{exe, "speak"}}, nil
}

// output is what the window plays by; nil where the site wants no sound.
func (c *windowCmd) output() vsound.Output {
	if c.NoSound {
		return nil
	}
	s, err := newSpeaker()
	if err != nil {
		logger().Error("there is no sound", "err", err)
		return nil
	}
	return s
}

// sounds says whether this computer has a sound output that works.
func sounds(ctx context.Context) finding {
	s, err := newSpeaker()
	if err == nil {
		err = s.Probe(ctx)
	}
	if err == nil {
		return finding{Check: "sound", OK: true, Found: "a sound output opens; whether a loudspeaker is on, only a test sound tells: Settings, Sound"}
	}
	f := finding{Check: "sound", Found: "no sound", Do: fault.Words(err) + " Until then watch the red band: nothing is announced by sound alone."}
	var why *fault.Error
	if errors.As(err, &why) && why.Subject != "" {
		f.Found += ": " + why.Subject
	}
	return f
}
