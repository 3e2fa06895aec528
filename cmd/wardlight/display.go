package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"

	"wardlight/ui/theme"
)

// probeVariable marks the child process that only tries to open a window.
const probeVariable = "WARDLIGHT_DISPLAY_PROBE"

// probeTime bounds the child: a remote desktop on a busy host takes half a minute. Who
// started it from a terminal reads after patienceTime that it is waited for.
const (
	probeTime    = 90 * time.Second
	patienceTime = 10 * time.Second
)

// drawn is the child's exit code when a window was drawn: a toolkit that gives
// up ends with 0 or 1.
const drawn = 42

func init() {
	if os.Getenv(probeVariable) == "1" {
		runtime.LockOSThread()
		os.Exit(probe())
	}
}

// displayWorks says whether a window can be drawn here, and if not, what is missing
// and what to do. It asks a child process, because the toolkit takes its process
// down, with a message of its own, where there is no OpenGL.
func displayWorks() (words string, ok bool) {
	if words := noDisplay(runtime.GOOS, os.Getenv); words != "" {
		return words, false
	}
	self, err := os.Executable()
	if err != nil {
		return "this program cannot find itself to try a window", false
	}
	ctx, cancel := context.WithTimeout(context.Background(), probeTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, self) //nolint:gosec // this program itself
	cmd.Env = append(os.Environ(), probeVariable+"=1")
	done := waitsFor(os.Stderr, "the display", patienceTime, probeTime)
	out, err := cmd.CombinedOutput()
	done()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == drawn:
		return "a window can be drawn", true
	case ctx.Err() != nil && !strings.Contains(string(out), "APIUnavailable"): // the toolkit says so, and waits
		return "the display did not answer within " + probeTime.String() + ". Start it from a desktop session; nothing was changed.", false
	}
	return whyNotDrawn(runtime.GOOS, os.Getenv, string(out)), false
}

// waitsFor says in words, once, that something takes longer than usual, unless done is
// called before.
func waitsFor(w io.Writer, what string, after, most time.Duration) (done func()) {
	t := time.AfterFunc(after, func() {
		_, _ = fmt.Fprintf(w, "wardlight: %s has not answered for %v; it is waited for, up to %v\n", what, after, most)
	})
	return func() { t.Stop() }
}

// noDisplay says what is missing where the environment names no display; "" where it
// names one, or need not.
func noDisplay(system string, env func(string) string) string {
	if system != "linux" || env("DISPLAY") != "" || env("WAYLAND_DISPLAY") != "" {
		return ""
	}
	return "there is no display to draw on: neither DISPLAY nor WAYLAND_DISPLAY is set. Start it from a desktop session (over ssh: ssh -X), or use 'wardlight headless'."
}

// whyNotDrawn puts into words what a child said that could draw nothing.
func whyNotDrawn(system string, env func(string) string, said string) string {
	switch {
	case system == "linux" && (strings.Contains(said, "PlatformUnavailable") || strings.Contains(said, "ailed to open display")):
		return "the display " + cmp.Or(env("DISPLAY"), env("WAYLAND_DISPLAY")) + " does not let this program in: it is gone, or belongs to another user. Start it from your own desktop session, or use 'wardlight headless'."
	case system == "linux":
		return "no window can be drawn: the display has no OpenGL. Ask IT to install Mesa's software driver (on Debian: libgl1-mesa-dri), or use 'wardlight headless'."
	}
	return "no window can be drawn: the graphics driver has no OpenGL. Ask IT to install one (on a remote desktop: Mesa's opengl32.dll beside the program)."
}

// probe opens the smallest window there is and waits until it has been drawn.
func probe() int {
	a := app.NewWithID("wardlight.probe")
	a.Settings().SetTheme(theme.New(theme.Options{}))
	w := probeWindow(a)
	done := 1
	// A raster is asked for its pixels when it is really painted.
	seen := canvas.NewRaster(func(w, h int) image.Image {
		done = drawn
		go fyne.Do(a.Quit)
		return image.NewRGBA(image.Rect(0, 0, max(w, 1), max(h, 1)))
	})
	w.SetContent(seen)
	w.Resize(fyne.NewSize(2, 2))
	w.Show()
	a.Run()
	return done
}

func probeWindow(a fyne.App) fyne.Window {
	if d, ok := a.Driver().(desktop.Driver); ok {
		return d.CreateSplashWindow()
	}
	return a.NewWindow("")
}
