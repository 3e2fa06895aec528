package mllpd

import (
	"crypto/rand"
	"strings"

	"wardlight/internal/clinical/record"
)

// The feeds that a ward knows by name.
const (
	FeedLaboratory = "laboratory"
	FeedEHR        = "EHR"
)

// feed is one source of data: when it last said something, and how many of the
// lines that are open have carried it.
type feed struct {
	last  int64
	lines int
}

// Feeds say how the sources of data are doing, the laboratory first. A line
// counts for what it has carried: an open line that has been silent since it
// opened is nobody's yet.
func (s *Server) Feeds() []record.Feed {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []record.Feed
	for _, name := range []string{FeedLaboratory, FeedEHR} {
		f := s.feeds[name]
		list = append(list, record.Feed{Name: name, Last: f.last, Up: f.lines > 0})
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
	f.last = max(f.last, s.c.Now().UnixMilli())
	if c != nil && !c.carries[name] {
		c.carries[name] = true
		f.lines++
	}
}

// nextID is an answer's own control id.
func (s *Server) nextID() string { return rand.Text()[:20] }
