package node

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/folder"
)

// The administrators' socket: one JSON Order a connection, then one reply a
// line: {"line":…}, and {"done":true} or {"error":{…}} at the end. It lies in
// the data folder and belongs to central's own user; whoever may open it may
// do everything, as whoever may read the folder could anyway.

const socketName = "admin.sock"

type replyLine struct {
	Line  json.RawMessage `json:"line,omitempty"`
	Done  bool            `json:"done,omitempty"`
	Error *replyError     `json:"error,omitempty"`
}

type replyError struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

func (n *Node) listenAdmin() (net.Listener, error) {
	// What a killed central left there is replaced: a running one holds the
	// journal's lock, so this process would not have come here.
	return folder.Listen(n.conf.Dir, socketName)
}

func (n *Node) serveAdmin(ctx context.Context, ln net.Listener) error {
	for {
		c, err := ln.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fault.As(fault.Unavailable, "node.admin", "", err)
		}
		go n.answerAdmin(ctx, c)
	}
}

func (n *Node) answerAdmin(ctx context.Context, c net.Conn) {
	defer func() { _ = c.Close() }()
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second)) // a mute client is let go
	var o Order
	if json.NewDecoder(io.LimitReader(c, 1<<20)).Decode(&o) != nil {
		return
	}
	out := bufio.NewWriterSize(c, 64<<10)
	enc := json.NewEncoder(out)
	err := n.Do(ctx, o, func(line any) error {
		b, err := json.Marshal(line)
		if err != nil {
			return fault.Wrap("node.admin", o.Cmd, err)
		}
		return enc.Encode(replyLine{Line: b})
	})
	last := replyLine{Done: true}
	if err != nil {
		last = replyLine{Error: &replyError{fault.KindOf(err).String(), fault.Words(err)}}
	}
	_ = enc.Encode(last) // the administrator has gone
	_ = out.Flush()
}

// Ask gives an order to the central of a data folder: to the running one
// through its socket, else to one that is opened for it.
func Ask(ctx context.Context, conf Config, o Order, emit Emit) error {
	if c, err := folder.Dial(ctx, conf.Dir, socketName); err == nil {
		defer func() { _ = c.Close() }()
		return askRunning(c, o, emit)
	}
	n, err := Open(ctx, conf)
	if err != nil {
		return err
	}
	return errors.Join(n.Do(ctx, o, emit), n.Close())
}

func askRunning(c net.Conn, o Order, emit Emit) error {
	if err := json.NewEncoder(c).Encode(o); err != nil {
		return fault.As(fault.Unavailable, "node.ask", o.Cmd, err)
	}
	dec := json.NewDecoder(c)
	for {
		var r replyLine
		if err := dec.Decode(&r); err != nil {
			return fault.Newf(fault.Unavailable, "node.ask", o.Cmd, "the server ended before it had answered whole: %w", err)
		}
		switch {
		case r.Done:
			return nil
		case r.Error != nil:
			return fault.New(kindNamed(r.Error.Kind), "node.ask", o.Cmd, r.Error.Message)
		}
		if err := emit(r.Line); err != nil {
			return err
		}
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
