package seat_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/seat"
)

// TestAnotherProgramLearnsHowTheRunningOneIs: 'wardlight status' beside an open
// window says what the window knows.
func TestAnotherProgramLearnsHowTheRunningOneIs(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	if _, running, err := seat.AskRunning(context.Background(), dir); running || err != nil {
		t.Errorf("before anybody started it: %v %v", running, err)
	}
	s := w.sit(dir)
	s.Answer()
	await(t, "connected", func() bool {
		st, running, err := seat.AskRunning(context.Background(), dir)
		return err == nil && running && st.Running && st.Open && st.Link.Connected && st.PID == os.Getpid()
	})
	s.Disconnect()
	await(t, "disconnected", func() bool {
		st, _, err := seat.AskRunning(context.Background(), dir)
		return err == nil && st.Open && !st.Link.Connected
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, running, _ := seat.AskRunning(context.Background(), dir); running {
		t.Error("a program that has ended is said to run")
	}
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	waitFor(t, what, ok)
}

// TestASecondProgramOnOneFolderIsToldSo: not that there is no contact.
func TestASecondProgramOnOneFolderIsToldSo(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	first := w.sit(dir)
	first.Answer()
	began := time.Now()
	_, err := seat.Open(context.Background(), seat.Config{Dir: dir, Secrets: w.secrets})
	if !fault.Is(err, fault.Exists) || !strings.Contains(err.Error(), "Use the window that is open already") || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("a second program: %v", err)
	}
	if waited := time.Since(began); waited > 5*time.Second {
		t.Errorf("it was told after %v", waited)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	w.sit(dir) // now the folder is free
}

// TestAStartWaitsForAStatusThatIsJustBeingAsked: a script that asks every
// minute must not keep a ward's window from opening.
func TestAStartWaitsForAStatusThatIsJustBeingAsked(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	asking := w.sit(dir)
	go func() {
		time.Sleep(500 * time.Millisecond)
		_ = asking.Close()
	}()
	w.sit(dir)
}
