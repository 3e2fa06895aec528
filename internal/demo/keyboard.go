package demo

import (
	"io"
	"time"

	"wardlight/internal/fault"
)

// Keyboard is a hand at the keyboard of the stage's own screen. It is one program
// that stays: to start one for each key takes longer than a window takes to answer
// it, and competes with it for the processor.
type Keyboard struct{ tool *Process }

// Keyboard puts a hand at the keyboard. It goes with the stage.
func (s *Stage) Keyboard() (*Keyboard, error) {
	if !s.Own {
		return nil, fault.New(fault.Denied, "demo.keyboard", "", "keys are pressed on a screen of our own only")
	}
	p, err := s.helper("keyboard", "xdotool", "-")
	return &Keyboard{p}, err
}

// Press presses a key by its X name, such as "a", "F5" or "ctrl+k", and says when:
// the moment before anything was on its way to the screen.
func (k *Keyboard) Press(key string) (time.Time, error) {
	at := time.Now()
	_, err := io.WriteString(k.tool.in, "key --delay 0 "+key+"\n")
	return at, fault.As(fault.Unavailable, "demo.keyboard", key, err)
}
