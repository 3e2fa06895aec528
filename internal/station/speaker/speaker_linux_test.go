package speaker_test

import (
	"context"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/sound"
	"wardlight/internal/fault"
	"wardlight/internal/station/speaker"
	"wardlight/internal/station/speaker/ear"
)

// playsHere makes the test's own program the one that plays.
const playsHere = "WARDLIGHT_TEST_PLAYS"

func TestMain(m *testing.M) {
	switch os.Getenv(playsHere) {
	case "":
		os.Exit(m.Run())
	case "hangs": // an output that another program holds, and a driver that waits for it
		time.Sleep(time.Hour)
	case "crashes":
		os.Exit(2)
	}
	os.Exit(speaker.Main(os.Args[1:], os.Stdout))
}

// output is a sound output of ALSA's own: its null sink, and before it a file that
// holds every sample that reached it.
func output(t *testing.T) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "heard.raw")
	alsa(t, ear.Conf(file))
	return file
}

func alsa(t *testing.T, conf string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "asound.conf")
	if err := os.WriteFile(path, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ALSA_CONFIG_PATH", path)
	t.Setenv(playsHere, "yes")
}

func own(t *testing.T) *speaker.Speaker {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &speaker.Speaker{Command: []string{exe}}
}

// heard is what reached the sink.
func heard(t *testing.T, file string) []float64 {
	t.Helper()
	s, err := ear.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The tone reaches a null sink: so many pulses, each as long as it should be, of its
// frequency and not of the other level's.
func TestABurstReachesTheOutput(t *testing.T) {
	for _, c := range []struct {
		level       sound.Level
		volume      int
		hertz, not  float64
		height, off float64
	}{
		{sound.Prompt, 100, sound.PromptHertz, sound.UrgentHertz, .16, .03},
		{sound.Urgent, 50, sound.UrgentHertz, sound.PromptHertz, .08, .015},
		{sound.Test, 25, sound.PromptHertz, sound.UrgentHertz, .04, .008},
	} {
		file := output(t)
		if err := own(t).Play(context.Background(), c.level, c.volume); err != nil {
			t.Fatal(err)
		}
		list := ear.Pulses(heard(t, file))
		want := c.level.Burst()
		if len(list) != len(want) {
			t.Fatalf("%s: %d pulses reached the output, want %d", c.level, len(list), len(want))
		}
		for i, p := range list {
			long := ear.Long(p)
			there, other := ear.Strength(p, c.hertz), ear.Strength(p, c.not)
			if (long-want[i].Long).Abs() > 5*time.Millisecond || math.Abs(there-c.height) > c.off || other > there/10 {
				t.Errorf("%s, pulse %d of %s: %.0f Hz at %.4f, %.0f Hz at %.4f", c.level, i, long, c.hertz, there, c.not, other)
			}
		}
	}
}

// The null sink alone, without a file before it.
func TestTheNullSinkIsAnOutput(t *testing.T) {
	alsa(t, "pcm.!default { type null }\n")
	if err := own(t).Probe(context.Background()); err != nil {
		t.Error(err)
	}
}

// A look at the output is silent.
func TestAProbeMakesNoSound(t *testing.T) {
	file := output(t)
	if err := own(t).Probe(context.Background()); err != nil {
		t.Fatal(err)
	}
	s := heard(t, file)
	if len(s) == 0 || len(ear.Pulses(s)) != 0 {
		t.Errorf("%d samples, %d pulses", len(s), len(ear.Pulses(s)))
	}
}

// No output, one that is taken away, one that answers never, a program that ends
// badly: each is said in words, with what to do, and the next burst plays again.
func TestWhyThereIsNoSound(t *testing.T) {
	s := own(t)
	output(t)
	if err := s.Play(context.Background(), sound.Test, 50); err != nil {
		t.Fatal(err)
	}
	alsa(t, "pcm.gone { type hw card 7 }\n")
	err := s.Play(context.Background(), sound.Prompt, 50)
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Words(err), "no sound output that works") || !strings.Contains(err.Error(), "snd_pcm_open") {
		t.Errorf("taken away: %v", err)
	}
	if err := s.Probe(context.Background()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a look at none: %v", err)
	}
	t.Setenv(playsHere, "crashes")
	if err := s.Play(context.Background(), sound.Prompt, 50); !strings.Contains(fault.Words(err), "ended badly") {
		t.Errorf("crashed: %v", err)
	}
	if file := output(t); s.Play(context.Background(), sound.Test, 50) != nil || len(ear.Pulses(heard(t, file))) != 1 {
		t.Error("it came back, and there is no sound")
	}
	gone := &speaker.Speaker{Command: []string{filepath.Join(t.TempDir(), "nothing")}}
	if err := gone.Probe(context.Background()); !strings.Contains(fault.Words(err), "Call IT") {
		t.Errorf("no program: %v", err)
	}
}

// An output that never answers costs its patience, and the program is ended.
func TestAnOutputThatNeverAnswersIsLeft(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes the patience")
	}
	t.Setenv(playsHere, "hangs")
	s, began := own(t), time.Now()
	err := s.Probe(context.Background())
	if took := time.Since(began); !strings.Contains(fault.Words(err), "did not answer") || took > 4*speaker.Patience {
		t.Errorf("after %s: %v", took, err)
	}
	ctx, end := context.WithCancel(context.Background())
	end()
	if err := s.Probe(ctx); err == nil {
		t.Error("a window that closes waits for it")
	}
}

func TestOnlyALevelAndAVolumeArePlayed(t *testing.T) {
	output(t)
	exe := own(t).Command[0]
	for _, args := range [][]string{{}, {"prompt"}, {"prompt", "101"}, {"prompt", "-1"}, {"prompt", "loud"}, {"siren", "50"}} {
		out, err := exec.Command(exe, args...).Output()
		if err == nil || !strings.Contains(string(out), `"played":false`) {
			t.Errorf("%v: %s", args, out)
		}
	}
}
