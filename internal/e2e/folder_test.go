package e2e_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestOneFolderOneProgram: while a station runs, 'status' tells what it knows,
// and a second program on its folder is told that one runs, not that there is
// no contact.
func TestOneFolderOneProgram(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.account(nurse, "4B")
	w.enrol("a", "4B")
	a := w.open("a")
	a.signIn(nurse)

	w.await("status says what the station knows", 30*time.Second, func() error {
		st := w.status("a")
		if !st.Running || !st.Open || !st.Link.Connected || st.PID != a.PID() {
			return fmt.Errorf("%+v", st)
		}
		return nil
	})
	w.cut(a)
	if st := w.status("a"); !st.Running || !st.Open || st.Link.Connected {
		t.Errorf("with the cable out, status says %+v", st)
	}
	for _, second := range [][]string{{"headless"}, {"window", "--drive"}} { // by hand, a window says it in a small one
		_, stderr, err := w.program("wardlight", append(append(second, "--data", w.path("a")), w.secrets...)...)
		if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(stderr, "runs on this folder already") || !strings.Contains(stderr, "--data") {
			t.Errorf("a second %s: %v, %s", second, err, stderr)
		}
	}
	a.Stop(10 * time.Second)
	if st := w.status("a"); st.Running || st.Link.Connected {
		t.Errorf("with nobody there and the cable out, status says %+v", st)
	}
}

type stationStatus struct {
	Running, Open bool
	PID           int
	Link          link
}

func (w *world) status(name string) (st stationStatus) {
	w.t.Helper()
	lines, stderr, err := w.program("wardlight", append([]string{"status", "--json", "--data", w.path(name)}, w.secrets...)...)
	if err != nil || len(lines) != 1 {
		w.t.Fatalf("status: %v, %s", err, stderr)
	}
	check(w.t, json.Unmarshal(lines[0], &st))
	return st
}
