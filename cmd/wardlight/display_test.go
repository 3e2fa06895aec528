package main

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"wardlight/internal/fault"
)

// TestWhatIsMissingForAWindowIsSaid for the system that it is missing on: nobody on
// Linux can do anything about a dll.
func TestWhatIsMissingForAWindowIsSaid(t *testing.T) {
	env := func(set map[string]string) func(string) string {
		return func(name string) string { return set[name] }
	}
	none, x11 := env(nil), env(map[string]string{"DISPLAY": ":7"})
	if words := noDisplay("linux", none); !strings.Contains(words, "neither DISPLAY nor WAYLAND_DISPLAY is set") || !strings.Contains(words, "headless") {
		t.Errorf("no display: %q", words)
	}
	for _, named := range []func(string) string{x11, env(map[string]string{"WAYLAND_DISPLAY": "wayland-0"})} {
		if words := noDisplay("linux", named); words != "" {
			t.Errorf("a display is named: %q", words)
		}
	}
	if words := noDisplay("windows", none); words != "" {
		t.Errorf("Windows names none: %q", words)
	}
	for _, c := range []struct{ system, said, want string }{
		{"linux", "PlatformUnavailable: Failed to detect any supported platform", "the display :7 does not let this program in"},
		{"linux", "X11: Failed to open display :7", "the display :7 does not let this program in"},
		{"linux", "APIUnavailable: GLX: GLX extension not found", "libgl1-mesa-dri"},
		{"windows", "WGL: The driver does not appear to support OpenGL", "opengl32.dll"},
	} {
		words := whyNotDrawn(c.system, x11, c.said)
		if !strings.Contains(words, c.want) || c.system == "linux" && strings.Contains(words, "dll") {
			t.Errorf("%s said %q: %q", c.system, c.said, words)
		}
	}
}

// TestASecondProgramOnAFolderHasAnExitCodeOfItsOwn: whoever starts it from a script
// has to tell it from one that did not work.
func TestASecondProgramOnAFolderHasAnExitCodeOfItsOwn(t *testing.T) {
	second := fault.New(fault.Exists, "seat.open", "/data", "Wardlight runs on this folder already")
	for err, code := range map[error]int{
		second: inUse, told{second}: inUse,
		fault.New(fault.Exists, "seat.enrol", "/data", "a station already"): notDone,
		told{fault.New(fault.Unavailable, "seat.open", "/data", "")}:        notDone,
		errors.New("other"): notDone,
	} {
		if got := codeOf(err); got != code {
			t.Errorf("%v ends with %d, want %d", err, got, code)
		}
	}
}

// A display that is slow is waited for, and whoever looks at a terminal is told once; one
// that answers soon is nobody's news.
func TestASlowDisplayIsWaitedForInWords(t *testing.T) {
	r, w := io.Pipe()
	done := waitsFor(w, "the display", time.Millisecond, probeTime)
	line, err := bufio.NewReader(r).ReadString('\n')
	done()
	if err != nil || !strings.Contains(line, "the display has not answered for 1ms") || !strings.Contains(line, "1m30s") {
		t.Errorf("%q, %v", line, err)
	}
	var quiet strings.Builder
	waitsFor(&quiet, "the display", time.Hour, probeTime)()
	if quiet.String() != "" {
		t.Errorf("%q", quiet.String())
	}
	if probeTime < time.Minute {
		t.Errorf("a busy host is given %v", probeTime)
	}
}
