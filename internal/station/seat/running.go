package seat

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/folder"
	"wardlight/internal/words"
)

// A folder is one station's, and one program's at a time: the lock says so, and
// the socket beside it lets others ask how that program is. It answers with one
// Status and hangs up, whoever asks; it tells nothing of patients.
const (
	lockName   = "running.lock"
	socketName = "status.sock"
)

// lockPatience is how long a start waits for a folder that is taken by nobody
// who answers: a status command, or a program that is just ending.
const lockPatience = 8 * time.Second

// Status is how a station is.
type Status struct {
	Running bool      `json:"running"`       // a window or a headless program is open on the folder
	PID     int       `json:"pid,omitempty"` // its process
	Program string    `json:"program"`
	Open    bool      `json:"open"`          // the station's own copy is open
	Why     string    `json:"why,omitempty"` // why it is not
	Link    ward.Link `json:"link"`
	// Pack is the ward pack that is kept ready; nil: there is none.
	Pack *ward.ReadyPack `json:"pack,omitempty"`
}

// Status is how this station is now.
func (s *Seat) Status() Status {
	st := Status{Running: s.listener != nil, PID: os.Getpid(), Program: s.conf.Program, Link: s.Link()}
	_, err := s.Desk()
	if st.Open = err == nil; err != nil {
		st.Why = fault.Words(err)
	}
	if p, ok := s.ReadyPack(); ok {
		st.Pack = &p
	}
	return st
}

// AskRunning asks the program that runs on a folder how it is; ok is false
// where none does.
func AskRunning(ctx context.Context, dir string) (st Status, ok bool, err error) {
	c, err := folder.Dial(ctx, dir, socketName)
	if err != nil {
		return Status{}, false, nil // nobody listens; whether somebody runs all the same, the lock will say
	}
	defer func() { _ = c.Close() }()
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second)) // a mute program is told apart below
	if err := json.NewDecoder(io.LimitReader(c, 1<<20)).Decode(&st); err != nil {
		return Status{}, true, fault.As(fault.Timeout, "seat.ask", dir, words.Errorf("Wardlight runs on this folder and does not answer. If its window hangs too, end it and start it again: what was entered is safe"))
	}
	return st, true, nil
}

// take makes the folder this program's own.
func take(ctx context.Context, dir string) (*folder.Lock, error) {
	for end := time.Now().Add(lockPatience); ; {
		l, err := folder.Take(dir, lockName)
		if !fault.Is(err, fault.Exists) {
			return l, err
		}
		if st, running, _ := AskRunning(ctx, dir); running || time.Now().After(end) {
			return nil, inUse(dir, st)
		}
		select {
		case <-ctx.Done():
			return nil, inUse(dir, Status{})
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// useThat is what to do about a second program on a folder.
const useThat = "Use the window that is open already, or end it first. A second one on this computer needs a folder of its own: enrol it, and give it with --data."

func inUse(dir string, st Status) error {
	if st.PID == 0 {
		return fault.As(fault.Exists, "seat.open", dir, words.Errorf("Wardlight runs on this folder already. "+useThat))
	}
	return fault.As(fault.Exists, "seat.open", dir, words.Errorf("Wardlight runs on this folder already (process %d). "+useThat, st.PID))
}

// Answer lets other programs ask how this station is, until it is closed. A
// folder in which no socket can be made has none: the station works without.
func (s *Seat) Answer() {
	ln, err := folder.Listen(s.conf.Dir, socketName)
	if err != nil {
		s.conf.Log.Warn("other programs cannot ask how this one is", "err", err)
		return
	}
	s.listener = ln
	s.run("status", func(ctx context.Context) error {
		go func() {
			<-ctx.Done()
			_ = ln.Close()
		}()
		for {
			c, err := ln.Accept()
			if err != nil {
				return fault.As(fault.Unavailable, "seat.status", "", err)
			}
			s.tellStatus(c)
		}
	})
}

func (s *Seat) tellStatus(c net.Conn) {
	defer func() { _ = c.Close() }()
	_ = c.SetWriteDeadline(time.Now().Add(2 * time.Second)) // whoever asks and does not listen is let go
	_ = json.NewEncoder(c).Encode(s.Status())
}
