package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"wardlight/internal/fault"
)

// Process is one program of the demonstration. Its standard output is read
// line by line; its standard error goes to a file.
type Process struct {
	Name  string
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan []byte
	done  chan struct{}
	err   error
	log   *os.File
}

// Start runs a program. It dies with this one.
func Start(name, logDir string, env []string, path string, args ...string) (*Process, error) {
	log, err := os.OpenFile(filepath.Join(logDir, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // the demonstration's own folder
	if err != nil {
		return nil, fault.As(fault.Unavailable, "demo.start", name, err)
	}
	p := &Process{Name: name, lines: make(chan []byte, 256), done: make(chan struct{}), log: log}
	p.cmd = exec.CommandContext(context.Background(), path, args...) //nolint:gosec // a program of our own, or one of the demonstration's tools
	p.cmd.Env, p.cmd.Stderr = env, log
	p.cmd.WaitDelay = 2 * time.Second
	dieWithParent(p.cmd)
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, fault.As(fault.Unavailable, "demo.start", name, err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fault.As(fault.Unavailable, "demo.start", name, err)
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fault.As(fault.Unavailable, "demo.start", name, err)
	}
	go p.read(out)
	return p, nil
}

func (p *Process) read(out io.Reader) {
	sc := bufio.NewScanner(out)
	sc.Buffer(nil, 64<<20)
	for sc.Scan() {
		line := append([]byte(nil), sc.Bytes()...)
		select {
		case p.lines <- line:
		case <-time.After(30 * time.Second): // nobody listens: a fault of the demonstration, not of the program
		}
	}
	p.err = p.cmd.Wait()
	_ = p.log.Close()
	close(p.lines)
	close(p.done)
}

// Line waits for the next line that fits.
func (p *Process) Line(ctx context.Context, fits func([]byte) bool) ([]byte, error) {
	for {
		select {
		case l, ok := <-p.lines:
			if !ok {
				return nil, fault.Newf(fault.Unavailable, "demo.line", p.Name, "%s ended early; see its log", p.Name)
			}
			if fits(l) {
				return l, nil
			}
		case <-ctx.Done():
			return nil, fault.Newf(fault.Timeout, "demo.line", p.Name, "%s did not answer in time", p.Name)
		}
	}
}

// Kill ends the program as a power cut would: SIGKILL, at once.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // gone already: that is what was wanted
	endGroup(p.cmd)
	<-p.done
}

// Stop asks the program to end by closing its input, and waits; then kills.
func (p *Process) Stop(patience time.Duration) {
	_ = p.in.Close()
	interrupt(p.cmd)
	select {
	case <-p.done:
		endGroup(p.cmd)
	case <-time.After(patience):
		p.Kill()
	}
}

// Exit waits until the program ends by itself and says how: nil for success.
func (p *Process) Exit(ctx context.Context) error {
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		return fault.Newf(fault.Timeout, "demo.exit", p.Name, "%s did not end in time", p.Name)
	}
}

// Alive says whether the program still runs.
func (p *Process) Alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Station speaks the JSON-lines protocol of docs/headless.md with a station,
// with or without a window. Safe for concurrent use.
type Station struct {
	*Process
	mu      sync.Mutex
	next    int
	waiting map[int]chan reply
	notices chan json.RawMessage
}

type reply struct {
	raw json.RawMessage
	err error
}

// Drive begins to speak with a station.
func Drive(p *Process) *Station {
	s := &Station{Process: p, next: 1, waiting: map[int]chan reply{}, notices: make(chan json.RawMessage, 1024)}
	go s.listen()
	return s
}

func (s *Station) listen() {
	for line := range s.lines {
		var head struct {
			ID     int    `json:"id"`
			OK     *bool  `json:"ok"`
			Notice string `json:"notice"`
			Error  *struct {
				Kind    string `json:"kind"`
				Message string `json:"message"`
			} `json:"error"`
		}
		if json.Unmarshal(line, &head) != nil {
			continue
		}
		if head.OK == nil {
			select {
			case s.notices <- line:
			default: // nobody waits for notices: they tell nothing that cannot be asked
			}
			continue
		}
		r := reply{raw: line}
		if head.Error != nil {
			r.err = fault.New(kindNamed(head.Error.Kind), "station."+s.Name, "", head.Error.Message)
		}
		s.mu.Lock()
		ch := s.waiting[head.ID]
		delete(s.waiting, head.ID)
		s.mu.Unlock()
		if ch != nil {
			ch <- r
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, ch := range s.waiting {
		ch <- reply{err: fault.Newf(fault.Unavailable, "station."+s.Name, "", "the station ended")}
		delete(s.waiting, id)
	}
}

func kindNamed(name string) fault.Kind {
	for k := fault.Other; k <= fault.Timeout; k++ {
		if k.String() == name {
			return k
		}
	}
	return fault.Other
}

// Call sends one command and decodes the reply into out (nil: not wanted).
func (s *Station) Call(ctx context.Context, cmd string, args map[string]any, out any) error {
	ch := make(chan reply, 1)
	s.mu.Lock()
	id := s.next
	s.next++
	s.waiting[id] = ch
	msg := map[string]any{"id": id, "cmd": cmd}
	for k, v := range args {
		msg[k] = v
	}
	b, err := json.Marshal(msg)
	if err == nil {
		_, err = s.in.Write(append(b, '\n'))
	}
	if err != nil {
		delete(s.waiting, id)
	}
	s.mu.Unlock()
	if err != nil {
		return fault.As(fault.Unavailable, "station."+s.Name, cmd, err)
	}
	select {
	case r := <-ch:
		if r.err != nil || out == nil {
			return r.err
		}
		return fault.As(fault.Invalid, "station."+s.Name, cmd, json.Unmarshal(r.raw, out))
	case <-ctx.Done():
		return fault.Newf(fault.Timeout, "station."+s.Name, cmd, "no reply to %s in time", cmd)
	}
}

// WaitFor asks again and again until ok, or until patience ends.
func WaitFor(ctx context.Context, what string, patience time.Duration, ok func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var last error
	for {
		done, err := ok(ctx)
		if done {
			return nil
		}
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			last = err
		}
		select {
		case <-ctx.Done():
			if last != nil {
				return fault.Newf(fault.Timeout, "demo.wait", "", "%s: not within %v: %w", what, patience, last)
			}
			return fault.Newf(fault.Timeout, "demo.wait", "", "%s: not within %v", what, patience)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// PID is the program's process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }
