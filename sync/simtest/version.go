package simtest

import (
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync"
)

// commit names the sources that a failure belongs to: what the build knows,
// else what the working tree says, else "unknown". A tree with changes of its
// own says so.
var commit = sync.OnceValue(func() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && s.Value != "" {
				return s.Value
			}
		}
	}
	if c := os.Getenv("WARDLIGHT_COMMIT"); c != "" {
		return c
	}
	out, err := exec.Command("git", "describe", "--always", "--abbrev=12", "--dirty=-changed").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
})
