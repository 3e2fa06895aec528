package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"wardlight/internal/demo"
	"wardlight/internal/shape"
)

// poorLine is a clinic's line of 64 kbit/s to its hospital: answers take 600 ms,
// and it stands still again and again.
var poorLine = shape.Named["64k-stalled"]

// clinic is how the clinic's computer reaches central.
type clinic struct {
	where   place
	cut     func()        // takes the line away, and tells nobody
	drains  time.Duration // how long what is in the line then may go on arriving
	mend    func()
	carried func() (up, down int64) // ends the line, and says what went over it
}

// TestAPoorLineBetweenNamespaces: central is in one network, a clinic's computer
// in another, and between them is nothing but a poor line. Everybody works, the
// line stands still now and then, its cable is pulled in the middle, and at the
// end nothing is lost and nothing is there twice.
func TestAPoorLineBetweenNamespaces(t *testing.T) {
	if os.Getenv("WARDLIGHT_TORTURE") == "" {
		t.Skip("SKIPPED: takes two minutes; set WARDLIGHT_TORTURE, as `make nightly` does")
	}
	nets, err := threeNetworks(t)
	if err != nil {
		t.Run("on loopback instead", func(t *testing.T) { overAPoorLine(t, nil, onLoopback) })
		t.Skipf("SKIPPED: %v. The line was played on loopback instead, and no link was down", err)
	}
	overAPoorLine(t, nets, nets.clinic)
}

// networks are the hospital's, the clinic's, and what lies between.
type networks struct{ hospital, between, far *namespace }

const (
	hospitalHost, hospitalGate = "10.91.1.1", "10.91.1.2"
	clinicGate, clinicHost     = "10.91.2.1", "10.91.2.2"
)

func threeNetworks(t *testing.T) (*networks, error) {
	t.Helper()
	if os.Getuid() != 0 {
		return nil, errors.New("only root may make network namespaces")
	}
	var n networks
	for _, x := range []**namespace{&n.hospital, &n.between, &n.far} {
		var err error
		if *x, err = newNamespace(t); err != nil {
			return nil, err
		}
	}
	return &n, errors.Join(
		cable(n.hospital, hospitalHost, n.between, hospitalGate, "outwards"),
		cable(n.between, clinicGate, n.far, clinicHost, "clinic"))
}

// clinic lays the line between the two networks; from the one to the other there
// is no other way.
func (n *networks) clinic(w *world) clinic {
	w.t.Helper()
	w.lives["line"] = place{net: n.between}
	line := w.start("line", "wardsim", "line", "--listen", clinicGate+":0", "--to", w.ready.Listen,
		"--rate", fmt.Sprint(poorLine.Rate), "--delay", poorLine.Delay.String(), "--stall", poorLine.Stall.String(), "--every", poorLine.Every.String())
	w.t.Cleanup(func() { line.Stop(3 * time.Second) })
	if c, err := n.far.dial(context.Background(), w.ready.Listen); err == nil {
		_ = c.Close()
		w.t.Fatal("the clinic reaches central without the line: then nothing is proven")
	}
	set := func(state string) func() {
		return func() { check(w.t, n.far.ip("link", "set", "clinic", state)) }
	}
	return clinic{
		where: place{net: n.far, host: clinicHost, server: w.lineSays(line, true).Listen},
		cut:   set("down"), mend: set("up"),
		carried: func() (up, down int64) {
			line.Stop(3 * time.Second)
			says := w.lineSays(line, false)
			return says.Up, says.Down
		},
	}
}

type lineSays struct {
	Listen   string
	Up, Down int64
}

func (w *world) lineSays(line *demo.Process, ready bool) (says lineSays) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	raw, err := line.Line(ctx, func(b []byte) bool { return bytes.Contains(b, fmt.Appendf(nil, `"ready":%t`, ready)) })
	check(w.t, err)
	check(w.t, json.Unmarshal(raw, &says))
	return says
}

// onLoopback is the same line where no networks can be made: it is cut by a proxy
// that swallows everything.
func onLoopback(w *world) clinic {
	w.t.Helper()
	line, err := shape.Listen("127.0.0.1:0", w.net.Addr(), poorLine)
	check(w.t, err)
	w.t.Cleanup(func() { check(w.t, line.Close()) })
	return clinic{
		where: place{server: line.Addr()},
		// The cut is behind the line: what is in it still comes, after a stall perhaps.
		cut: w.net.Cut, drains: poorLine.Stall + 4*time.Second, mend: func() { check(w.t, w.net.Mend()) },
		carried: line.Bytes,
	}
}

func overAPoorLine(t *testing.T, nets *networks, lay func(*world) clinic) {
	w := &torture{
		world: &world{t: t, dir: t.TempDir(), env: os.Environ(), lives: places{}}, stop: make(chan struct{}),
		pace: pace{people: 300 * time.Millisecond, laboratory: 600 * time.Millisecond},
	}
	if nets != nil {
		w.lives["central"] = place{net: nets.hospital, host: hospitalHost}
		w.hosts = []string{clinicGate}
	}
	w.secrets = []string{"--passphrase-file", w.write("pass", aPassphrase)}
	w.begin()
	far := lay(w.world)
	w.lives["a"] = far.where
	w.lives["b"] = place{net: w.lives["central"].net, server: w.ready.Listen}
	w.staff()
	a, b := w.riders[0].station, w.riders[1].station
	sinceA, sinceB := w.connected(a), w.connected(b)
	w.begins()
	w.stays(a, sinceA, 3*poorLine.Every)

	far.cut()
	w.within("the clinic notices that the line is out", 12*time.Second+far.drains, func() error {
		if a.link().Connected {
			return errors.New("connected")
		}
		return nil
	})
	time.Sleep(10 * time.Second) // it works on meanwhile
	if a.link().Unsent == 0 {
		t.Error("cut off, and nothing is unsent: nobody worked")
	}
	far.mend()
	w.await("the clinic is back", time.Minute, func() error {
		if !a.link().Connected {
			return errors.New("not connected")
		}
		return nil
	})
	w.stays(a, w.connected(a), 2*poorLine.Every)
	w.ends()
	w.settle()
	if now := w.connected(b); now != sinceB {
		t.Errorf("the hospital's own computer, connected since %s, has been since %s only: the clinic's line disturbed it", sinceB, now)
	}
	up, down := far.carried()
	t.Logf("over the line went %d bytes up and %d down", up, down)
	if least := int64(20 << 10); up < least || down < least {
		t.Errorf("only %d bytes up and %d down went over the line: that proves nothing", up, down)
	}
}

// connected is since when a station has been.
func (w *world) connected(s *station) (since string) {
	w.t.Helper()
	w.await(s.Name+" is connected", 30*time.Second, func() error {
		l := s.link()
		if since = l.Since; !l.Connected {
			return errors.New("not connected")
		}
		return nil
	})
	return since
}

// stays holds a station to its connection: no heartbeat is missed for so long.
func (w *world) stays(s *station, since string, length time.Duration) {
	w.t.Helper()
	for end := time.Now().Add(length); time.Now().Before(end); time.Sleep(300 * time.Millisecond) {
		if l := s.link(); !l.Connected || l.Since != since {
			w.t.Fatalf("%s was connected since %s; now: %+v. Central:\n%s", s.Name, since, l, lastLines(w.log(), 5))
		}
	}
}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
