//go:build unix

package e2e_test

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"wardlight/internal/demo"
)

// forgotten is more than twice as long as the toolkit remembers what it drew: the program
// has it told twelve seconds (textureLife), and it looks twice within that.
const forgotten = 30 * time.Second

// A computer that was asleep, or a guest that its host held, for longer than the toolkit
// remembers what it drew (a key wakes it, so that the first frame has something to draw):
// the window must draw what is typed into it, and not only go on below what stands there.
func TestAWindowThatSleptDrawsAgain(t *testing.T) {
	needs(t, "Xvfb", "openbox", "xdotool", "dbus-daemon")
	t.Parallel() // it mostly sleeps
	w := newWorld(t, t.TempDir())
	w.account(nurse, "4B")
	w.enrol("a", "4B")
	a := w.window("a")
	glass, err := a.stage.Glass()
	check(t, err)
	t.Cleanup(func() { check(t, glass.Close()) })
	ctx := context.Background()
	a.click("user")
	check(t, a.stage.Type(ctx, "g.m"))
	time.Sleep(time.Second)

	check(t, syscall.Kill(a.PID(), syscall.SIGSTOP))
	time.Sleep(forgotten)
	check(t, a.stage.Key(ctx, "e"))
	check(t, syscall.Kill(a.PID(), syscall.SIGCONT))
	time.Sleep(3 * time.Second)
	x, y := a.sees("user")
	before := around(t, glass, x, y)
	check(t, a.stage.Type(ctx, "nsah"))
	w.within("what is typed is on the screen", 8*time.Second, func() error {
		after, differ := around(t, glass, x, y), 0
		for n := range after {
			if after[n] != before[n] {
				differ++
			}
		}
		if differ < 60 { // a caret that blinks is fewer
			return fmt.Errorf("%d pixels of the field differ", differ)
		}
		return nil
	})
}

// around are the pixels of a field about its middle.
func around(t *testing.T, glass *demo.Glass, x, y int) (out []uint32) {
	t.Helper()
	for dy := -10; dy <= 10; dy++ {
		for dx := -95; dx <= 95; dx++ {
			p, err := glass.Pixel(x+dx, y+dy)
			check(t, err)
			out = append(out, p)
		}
	}
	return out
}
