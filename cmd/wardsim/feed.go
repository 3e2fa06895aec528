package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"wardlight/internal/demo"
	"wardlight/internal/fault"
)

type feedCmd struct {
	MLLP string        `name:"mllp" required:"" help:"Central's MLLP address, HOST:PORT."`
	Dir  string        `required:"" help:"Folder of HL7 v2 files, sent in order of name." type:"existingdir"`
	Wait time.Duration `default:"30s" help:"How long to wait for a central that does not answer." placeholder:"TIME"`
}

// Run sends a folder: one JSON line a message on standard output; what is no HL7,
// and the sum, in words on standard error. It fails where nothing could be sent, or
// where a message got no answer.
func (c *feedCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return c.feed(ctx, os.Stdout, os.Stderr)
}

func (c *feedCmd) feed(ctx context.Context, out, words io.Writer) error {
	const op = "feed"
	files, err := demo.LoadFiles(os.DirFS(c.Dir), time.Now())
	if err != nil {
		return err
	}
	t := tally{answers: map[string]int{}}
	for _, f := range files {
		if len(f.Messages) == 0 {
			t.none++
			say(words, "%s: no HL7 v2 in it, passed over\n", f.Name)
			continue
		}
		t.files++
	}
	if t.files == 0 {
		return fault.Newf(fault.NotFound, op, c.Dir, "no file in this folder holds HL7 v2 (a message begins with MSH); nothing was sent")
	}
	if err := c.reach(ctx, words); err != nil {
		return err
	}
	if err := c.send(ctx, files, &t, out); err != nil {
		say(words, "%s\n", t)
		return err
	}
	say(words, "%s\n", t)
	if n := t.answers["closed"]; n > 0 {
		return fault.Newf(fault.Unavailable, op, c.MLLP, "the line was closed on %d messages without an answer: they are not known to have been taken", n)
	}
	return nil
}

func (c *feedCmd) send(ctx context.Context, files []demo.File, t *tally, out io.Writer) error {
	s := &demo.Sender{Addr: c.MLLP, Patient: c.Wait}
	defer s.Close()
	lines := json.NewEncoder(out)
	for _, f := range files {
		for _, m := range f.Messages {
			sent, err := s.Send(ctx, m)
			if err != nil {
				return fault.Newf(fault.KindOf(err), "feed", f.Name, "message %d of %s got no answer, and those behind it were not sent: %w", m.N, f.Name, err)
			}
			t.answers[sent.Answer]++
			if err := lines.Encode(sent); err != nil {
				return fault.As(fault.Unavailable, "feed", f.Name, err)
			}
		}
	}
	return nil
}

// reach waits until somebody listens, and says that it waits.
func (c *feedCmd) reach(ctx context.Context, words io.Writer) error {
	for end, told := time.Now().Add(c.Wait), false; ; told = true {
		conn, err := (&net.Dialer{Timeout: min(c.Wait, 2*time.Second)}).DialContext(ctx, "tcp", c.MLLP)
		if err == nil {
			return conn.Close()
		}
		if bad := (*net.AddrError)(nil); time.Now().After(end) || ctx.Err() != nil || errors.As(err, &bad) {
			return fault.Newf(fault.Unavailable, "feed", c.MLLP, "nobody takes HL7 v2 at %s, and nothing was sent; is central serving, and is this its MLLP address (wardlightd serve --mllp HOST:PORT)? %w", c.MLLP, err)
		}
		if !told {
			say(words, "%s does not answer; waiting for it, %s at most\n", c.MLLP, c.Wait)
		}
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// say tells the terminal; that nobody reads it changes nothing.
func say(words io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(words, format, args...) }

// tally counts what became of a folder.
type tally struct {
	files, none int
	answers     map[string]int
}

func (t tally) String() string {
	sum, parts := 0, []string{}
	for _, a := range slices.Sorted(maps.Keys(t.answers)) {
		sum += t.answers[a]
		parts = append(parts, fmt.Sprintf("%d %s", t.answers[a], a))
	}
	text := fmt.Sprintf("%d messages of %d files were sent: %s", sum, t.files, strings.Join(parts, ", "))
	if t.none > 0 {
		text += fmt.Sprintf("; %d files are no HL7", t.none)
	}
	return text
}
