package demo

import (
	"fmt"
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

// Often presses a key many times, so long apart; it returns before they are done.
func (k *Keyboard) Often(key string, times int, apart time.Duration) error {
	return k.say("key --delay %d --repeat %d %s", apart.Milliseconds(), times, key)
}

// Wheel moves the pointer to a point of the screen and turns the wheel towards the
// end there, so many clicks so long apart; it returns before they are done.
func (k *Keyboard) Wheel(x, y, clicks int, apart time.Duration) error {
	return k.say("mousemove %d %d\nclick --repeat %d --delay %d 5", x, y, clicks, apart.Milliseconds())
}

func (k *Keyboard) say(format string, words ...any) error {
	_, err := fmt.Fprintf(k.tool.in, format+"\n", words...)
	return fault.As(fault.Unavailable, "demo.keyboard", "", err)
}
