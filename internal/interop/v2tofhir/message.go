package v2tofhir

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/interop/hl7"
)

// message is one message on its way through the translation.
type message struct {
	o        Options
	raw      *hl7.Message
	h        hl7.Header
	zone     *time.Location
	sender   string   // senderKey
	urn      string   // senderURN
	occurred hl7.Time // of the event: EVN-6, else EVN-2, else MSH-7
	event    int64    // occurred, in ms
	sentAt   int64    // MSH-7, in ms
	unread   []string // times that could not be read, "PV1-44: 20260230"
	problems []record.Problem
	notes    []string
}

// maxNotes bounds the notes on one message.
const maxNotes = 40

func (m *message) note(words string) {
	if len(m.notes) < maxNotes && !slices.Contains(m.notes, words) {
		m.notes = append(m.notes, words)
	}
}

// problem records a reason not to file, each once.
func (m *message) problem(p record.Problem) {
	same := func(o record.Problem) bool {
		return o.Reason == p.Reason && o.Owner == p.Owner && o.Partial == p.Partial
	}
	if len(m.problems) < maxNotes && !slices.ContainsFunc(m.problems, same) {
		m.problems = append(m.problems, p)
	}
}

// time reads a time field; where is its name for the note if it cannot be read.
func (m *message) time(f hl7.Field, where string) (hl7.Time, bool) {
	t, err := hl7.ParseTime(f.Text(), m.zone)
	if err != nil {
		m.note("the time in " + where + " cannot be read and was left out")
		m.unread = append(m.unread, where+": "+f.Text())
		return hl7.Time{}, false
	}
	if t.Shifted || t.Ambiguous {
		m.note("a time in " + where + " falls into the change of the clock; ask the sender to send offsets")
	}
	return t, !t.IsZero()
}

// when the event happened.
func (m *message) readTimes() {
	msh := m.raw.Segment("MSH", 1)
	if t, ok := m.time(msh.Field(7), "MSH-7"); ok {
		m.sentAt, m.occurred = millis(t), t
	}
	evn := m.raw.Segment("EVN", 1)
	for _, n := range []int{2, 6} {
		if t, ok := m.time(evn.Field(n), "EVN-"+strconv.Itoa(n)); ok {
			m.occurred = t
		}
	}
	m.event = millis(m.occurred)
	if m.event == 0 {
		m.event = m.sentAt
	}
}

// warningWords are the parser's warnings that somebody should know of.
var warningWords = map[hl7.WarningCode]string{
	hl7.WarnByteOrderMark:       "byte order mark before MSH",
	hl7.WarnLeadingSpace:        "blanks before MSH",
	hl7.WarnFewDelimiters:       "MSH-2 declares fewer than four delimiters",
	hl7.WarnLineEnds:            "segments end in LF or CRLF instead of CR",
	hl7.WarnNotASegment:         "a line is no segment and was not read",
	hl7.WarnLineBreakInField:    "a field holds a line break",
	hl7.WarnSecondHeader:        "a second MSH inside the message",
	hl7.WarnCharsetGuessed:      "character set guessed: MSH-18 is empty and the text is not UTF-8",
	hl7.WarnCharsetContradicted: "the text does not look like the character set that MSH-18 names",
	hl7.WarnReplacementChar:     "the sender has lost a letter (U+FFFD in the text)",
}

func (m *message) parserNotes() {
	for _, w := range m.raw.Warnings() {
		if words, ok := warningWords[w.Code]; ok {
			m.note(words)
		}
	}
	for _, s := range m.raw.Segments() {
		if s.IsLocal() {
			m.note("local segment " + s.ID() + " was not read")
		}
	}
}

// notAbove compares two decimals as they are written.
func notAbove(a, b string) bool {
	x, okX := new(big.Rat).SetString(strings.TrimPrefix(a, "+"))
	y, okY := new(big.Rat).SetString(strings.TrimPrefix(b, "+"))
	return okX && okY && x.Cmp(y) <= 0
}
