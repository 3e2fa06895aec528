package speaker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"wardlight/internal/clinical/sound"
	"wardlight/internal/fault"
	"wardlight/internal/words"
)

// Patience is how long an output may take beyond the length of what it plays.
const Patience = 5 * time.Second

// maxAnswer bounds what the other program may say, and maxWhy what of it is kept.
const (
	maxAnswer = 4 << 10
	maxWhy    = 300
)

// Speaker plays by a command, which is this program with the words that make it call
// Main. It is safe for concurrent use; one burst plays at a time.
type Speaker struct {
	Command []string // the program and its first arguments
	mu      sync.Mutex
}

// Play plays a burst and returns when it was played. An error is a fault with words for
// a person and, as its subject, what the output said.
func (s *Speaker) Play(ctx context.Context, l sound.Level, volume int) error {
	return s.start(ctx, l.String(), volume, l.Length()+Patience)
}

// Probe opens the output and plays nothing: it says whether Play would.
func (s *Speaker) Probe(ctx context.Context) error { return s.start(ctx, probe, 0, Patience) }

func (s *Speaker) start(ctx context.Context, what string, volume int, limit time.Duration) error {
	const op = "speaker.play"
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx, end := context.WithTimeout(ctx, limit)
	defer end()
	args := append(append([]string{}, s.Command[1:]...), what, strconv.Itoa(volume))
	cmd := exec.CommandContext(ctx, s.Command[0], args...) //nolint:gosec // this program itself
	cmd.WaitDelay = time.Second
	out := &bounded{}
	cmd.Stdout = out
	err := cmd.Run()
	var a answer
	switch said := json.Unmarshal(out.Bytes(), &a); {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fault.As(fault.Unavailable, op, "no answer in time", words.Errorf("No sound: the sound output did not answer. Another program may hold it: end what plays sound, or start the computer anew."))
	case ctx.Err() != nil:
		return fault.As(fault.Unavailable, op, "", ctx.Err())
	case said == nil && a.Played && err == nil:
		return nil
	case said == nil && a.Why != "":
		return fault.As(fault.Unavailable, op, short(a.Why), wordsOf(a.Why))
	}
	return fault.As(fault.Unavailable, op, "the program that plays ended badly", words.Errorf("No sound: the program that plays it ended badly. Call IT."))
}

// wordsOf says what a person can do.
func wordsOf(why string) error {
	if strings.Contains(why, "busy") {
		return words.Errorf("No sound: another program holds the sound output. End what plays sound, or let the system mix it.")
	}
	return words.Errorf("No sound: this computer has no sound output that works. Connect a loudspeaker, choose it in the system’s sound settings, or ask IT for one.")
}

func short(why string) string {
	if why = strings.ToValidUTF8(why, "?"); len(why) > maxWhy {
		why = strings.ToValidUTF8(why[:maxWhy], "") + "…"
	}
	return why
}

// bounded keeps the beginning of what is written.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if room := maxAnswer - b.Len(); room > 0 {
		b.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
