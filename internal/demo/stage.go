package demo

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"wardlight/internal/fault"
)

// Stage is what the programs of the demonstration stand on: a folder, a D-Bus
// session and a keyring of their own, and a screen. Nothing of the user's is
// touched.
type Stage struct {
	Dir     string
	Shots   string // where screenshots go; "" for none
	Own     bool   // the screen is ours (Xvfb), so that keys and clicks may be sent
	run     string // the folder of sockets
	env     map[string]string
	helpers []*Process
}

// NewStage makes the folder's rooms.
func NewStage(dir, shots string) (*Stage, error) {
	s := &Stage{Dir: dir, Shots: shots, env: map[string]string{}}
	for _, kv := range os.Environ() {
		if k, v, ok := strings.Cut(kv, "="); ok {
			s.env[k] = v
		}
	}
	for _, d := range []string{"home", "log"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return nil, fault.As(fault.Unavailable, "demo.stage", dir, err)
		}
	}
	if err := s.makeRun(); err != nil {
		return nil, err
	}
	if shots != "" {
		if err := os.MkdirAll(shots, 0o755); err != nil { //nolint:gosec // pictures, for everybody to look at
			return nil, fault.As(fault.Unavailable, "demo.stage", shots, err)
		}
	}
	if s.env["WARDLIGHT_LANGUAGE"] == "" { // the story is told in English, whatever the computer speaks
		s.env["WARDLIGHT_LANGUAGE"] = "en"
	}
	s.env["HOME"], s.env["XDG_RUNTIME_DIR"] = filepath.Join(dir, "home"), s.run
	// Until there is a bus of ours (OpenKeyring) there is none: without an address
	// the libraries would start one by themselves, which nobody ends.
	s.env["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + filepath.Join(s.run, "bus")
	s.env["XDG_DATA_HOME"] = filepath.Join(dir, "home", ".local", "share")
	s.env["XDG_CONFIG_HOME"] = filepath.Join(dir, "home", ".config")
	s.env["XDG_CACHE_HOME"] = filepath.Join(dir, "home", ".cache")
	return s, nil
}

// makeRun makes the folder of sockets. The path of a socket is limited to about
// 100 bytes, so below a deep folder it lies in the system's temporary one.
func (s *Stage) makeRun() error {
	s.run = filepath.Join(s.Dir, "run")
	if len(s.run) > 80 {
		dir, err := os.MkdirTemp("", "wardlight-run-")
		s.run = dir
		return fault.As(fault.Unavailable, "demo.stage", s.Dir, err)
	}
	return fault.As(fault.Unavailable, "demo.stage", s.run, os.MkdirAll(s.run, 0o700))
}

// Env is the environment of every program on the stage.
func (s *Stage) Env() []string {
	var env []string
	for k, v := range s.env {
		env = append(env, k+"="+v)
	}
	return env
}

// Logs is where the programs' standard error goes.
func (s *Stage) Logs() string { return filepath.Join(s.Dir, "log") }

func (s *Stage) helper(name, path string, args ...string) (*Process, error) {
	full, err := exec.LookPath(path)
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "demo.stage", path, "%s is not installed; run: make setup", path)
	}
	p, err := Start(name, s.Logs(), s.Env(), full, args...)
	if err == nil {
		s.helpers = append(s.helpers, p)
	}
	return p, err
}

// busConf is a message bus that starts nothing by itself: on a usual session
// bus the first question for a Secret Service would start a second, locked one
// beside ours.
const busConf = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// OpenKeyring starts a message bus and a Secret Service on it, and waits until
// its login collection is there: a call before that would wait for a prompt
// that nobody sees.
func (s *Stage) OpenKeyring(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	conf := filepath.Join(s.run, "bus.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, busConf, filepath.Join(s.run, "bus")), 0o600); err != nil {
		return fault.As(fault.Unavailable, "demo.keyring", conf, err)
	}
	bus, err := s.helper("bus", "dbus-daemon", "--config-file="+conf, "--nofork", "--nopidfile", "--print-address=1")
	if err != nil {
		return err
	}
	addr, err := bus.Line(ctx, func(l []byte) bool { return strings.HasPrefix(string(l), "unix:") })
	if err != nil {
		return err
	}
	s.env["DBUS_SESSION_BUS_ADDRESS"] = strings.TrimSpace(string(addr))
	ring, err := s.helper("keyring", "gnome-keyring-daemon", "--unlock", "--components=secrets", "--foreground")
	if err != nil {
		return err
	}
	if _, err := io.WriteString(ring.in, "demonstration\n"); err != nil {
		return fault.As(fault.Unavailable, "demo.keyring", "", err)
	}
	_ = ring.in.Close() // the daemon reads the password to the end of its input
	return WaitFor(ctx, "the keyring's login collection", 15*time.Second, func(ctx context.Context) (bool, error) {
		cmd := exec.CommandContext(ctx, "dbus-send", "--session", "--dest=org.freedesktop.secrets", "--print-reply", "/org/freedesktop/secrets",
			"org.freedesktop.DBus.Properties.Get", "string:org.freedesktop.Secret.Service", "string:Collections")
		cmd.Env = s.Env()
		out, err := cmd.CombinedOutput()
		return strings.Contains(string(out), "/collection/login"), err
	})
}

// OpenScreen takes the user's screen, or makes one in memory where there is
// none (or where own is asked for).
func (s *Stage) OpenScreen(ctx context.Context, own bool) error {
	if !own && (s.env["DISPLAY"] != "" || s.env["WAYLAND_DISPLAY"] != "") {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	delete(s.env, "WAYLAND_DISPLAY")
	x, err := s.helper("xvfb", "Xvfb", "-displayfd", "1", "-screen", "0", "1366x768x24", "-nolisten", "tcp", "-fbdir", s.run)
	if err != nil {
		return err
	}
	n, err := x.Line(ctx, func(l []byte) bool { return strings.TrimSpace(string(l)) != "" })
	if err != nil {
		return err
	}
	s.env["DISPLAY"], s.Own = ":"+strings.TrimSpace(string(n)), true
	_, err = s.helper("openbox", "openbox")
	return err
}

// Shoot takes a picture of the screen.
func (s *Stage) Shoot(ctx context.Context, name string) error {
	if !s.Own || s.Shots == "" {
		return nil
	}
	return s.tool(ctx, "import", "-window", "root", filepath.Join(s.Shots, name+".png"))
}

// Click presses the left button at a point of the screen, as a hand would.
func (s *Stage) Click(ctx context.Context, x, y int) error {
	return s.tool(ctx, "xdotool", "mousemove", fmt.Sprint(x), fmt.Sprint(y), "sleep", "0.15", "click", "1")
}

// Type sends text to whatever has the focus; Key one key by its X name.
func (s *Stage) Type(ctx context.Context, text string) error {
	return s.tool(ctx, "xdotool", "type", "--delay", "12", text)
}

// Key sends one key by its X name, such as "F5" or "ctrl+k".
func (s *Stage) Key(ctx context.Context, key string) error {
	return s.tool(ctx, "xdotool", "key", key)
}

func (s *Stage) tool(ctx context.Context, name string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // a program of our own, or one of the demonstration's tools
	cmd.Env = s.Env()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fault.Newf(fault.Unavailable, "demo.tool", name, "%w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// Close ends what the stage started, last first.
func (s *Stage) Close() {
	for i := len(s.helpers) - 1; i >= 0; i-- {
		s.helpers[i].Stop(time.Second)
	}
	s.helpers = nil
	if s.run != filepath.Join(s.Dir, "run") {
		_ = os.RemoveAll(s.run) // nothing in it but dead sockets
	}
}
