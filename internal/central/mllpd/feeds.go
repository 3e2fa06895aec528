package mllpd

import (
	"strings"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/interop/hl7"
)

// The feeds that a ward knows by name.
const (
	FeedLaboratory = "laboratory"
	FeedEHR        = "EHR"
)

// feed is one source of data: when it last said something, how many of the lines that
// are open have carried it, and how its senders behave.
type feed struct {
	last   int64
	lines  int
	manner manner
}

// Feeds say how the sources of data are doing, the laboratory first. A line
// counts for what it has carried: an open line that has been silent since it
// opened is nobody's yet. Where senders close theirs after each message, a feed is down
// when it is late.
func (s *Server) Feeds() []record.Feed {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.c.Now().UnixMilli()
	var list []record.Feed
	for _, name := range []string{FeedLaboratory, FeedEHR} {
		f := s.feeds[name]
		list = append(list, record.Feed{Name: name, Last: f.last, Up: f.manner.up(f.lines, between(f.last, now))})
	}
	return list
}

// feedOf names the feed of a message type; "" for others.
func feedOf(messageType string) string {
	switch code, _, _ := strings.Cut(messageType, "^"); code {
	case "ORU":
		return FeedLaboratory
	case "ADT":
		return FeedEHR
	}
	return ""
}

// heard notes that a line has carried a message.
func (s *Server) heard(c *conn, row record.Inbound) {
	name := feedOf(row.Type)
	if name == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.feeds[name]
	now := s.c.Now().UnixMilli()
	if f.last > 0 {
		f.manner.silent(between(f.last, now))
	}
	f.last = max(f.last, now)
	if c != nil && !c.carries[name] {
		c.carries[name] = true
		f.lines++
	}
}

// left learns from a line that ended; bySender says that its sender closed it, with
// nothing begun. s.mu is held.
func (s *Server) left(c *conn, bySender bool) {
	for name := range c.carries {
		f := s.feeds[name]
		f.lines--
		switch {
		case s.stopping: // says nothing of its sender
		case bySender:
			f.manner.closed(time.Since(c.opened))
		default:
			f.manner.broke()
		}
	}
}

// between is the time from one moment to another, in ms since 1970.
func between(from, to int64) time.Duration { return time.Duration(to-from) * time.Millisecond }

// nextID is an answer's own control id.
func (s *Server) nextID() string { return hl7.NewAnswerID() }
