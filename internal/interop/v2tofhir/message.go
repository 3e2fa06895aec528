package v2tofhir

import (
	"fmt"
	"math/big"
	"regexp"
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

// degrees are how many digits of a time count by its degree of precision (TS.2, HL7 v2.3
// to 2.6 chapter 2.A, table 0529): 20260101000000^D is a day and no midnight.
var degrees = map[string]int{"Y": 4, "L": 6, "D": 8, "H": 10, "M": 12, "S": 14}

// toDegree is a time as precise as its sender says that it is.
func toDegree(r hl7.Rep) string {
	s := strings.TrimSpace(r.Text())
	n := degrees[text(r.Comp(2))]
	digits := strings.IndexFunc(s, func(c rune) bool { return c < '0' || c > '9' })
	if digits < 0 {
		digits = len(s)
	}
	switch {
	case n == 0 || digits <= n:
		return s
	case n <= degrees["D"]:
		return s[:n] // a date has no offset
	}
	offset := ""
	if i := strings.IndexAny(s, "+-"); i >= 0 {
		offset = s[i:]
	}
	return s[:n] + offset
}

// time reads a time field; where is its name for the note if it cannot be read.
func (m *message) time(f hl7.Field, where string) (hl7.Time, bool) {
	t, err := hl7.ParseTime(toDegree(f.Rep(1)), m.zone)
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

// halfKnown is a date of which the day, or the day and the month, is written as zeros.
// Registrations write so of whom they know the year alone.
var halfKnown = regexp.MustCompile(`^(\d{4})(?:(\d{2})00|0000)$`)

// birth reads PID-7.
func (m *message) birth(f hl7.Field) (hl7.Time, bool) {
	g := halfKnown.FindStringSubmatch(text(f))
	if g == nil {
		return m.time(f, "PID-7")
	}
	known := g[1]
	if g[2] != "00" {
		known += g[2]
	}
	t, err := hl7.ParseTime(known, nil)
	if err != nil {
		return m.time(f, "PID-7")
	}
	m.note("PID-7 has zeros in the place of the day or the month; the date of birth was taken as far as it is known")
	return t, true
}

// senderZone takes the offset in MSH-7 as the default of the whole message, as HL7 v2 has
// it (chapter 2, MSH-7). Where the channel's zone has that offset in winter or summer, the
// zone stays: it knows which of the two a time of another season has.
func (m *message) senderZone(sent hl7.Time) {
	at, ok := sent.Instant()
	if !ok || !sent.HasOffset {
		return
	}
	_, offset := at.Zone()
	for month := time.January; month <= time.December; month++ {
		if _, own := time.Date(at.Year(), month, 1, 0, 0, 0, 0, m.zone).Zone(); own == offset {
			return
		}
	}
	m.zone = time.FixedZone("", offset)
	m.note("MSH-7 names an offset that this channel's zone never has; times without one were read by it: check the channel's zone, or ask the sender to send offsets")
}

// when the event happened.
func (m *message) readTimes() {
	msh := m.raw.Segment("MSH", 1)
	if t, ok := m.time(msh.Field(7), "MSH-7"); ok {
		m.sentAt, m.occurred = millis(t), t
		m.senderZone(t)
	}
	evn := m.raw.Segment("EVN", 1)
	if said := text(evn.Field(1)); said != "" && said != m.h.Type.Event {
		m.note("EVN-1 names another event than MSH-9; the message was read as MSH-9 has it")
	}
	for _, n := range []int{2, 6} {
		if t, ok := m.time(evn.Field(n), "EVN-"+strconv.Itoa(n)); ok {
			m.occurred = t
		}
	}
	if now := m.o.Received; !now.IsZero() && m.sentAt > now.Add(wrongClock).UnixMilli() {
		m.note("MSH-7 lies more than a day in the future; the time of receipt was taken for it")
		m.sentAt = now.UnixMilli()
	}
	m.event = m.past(millis(m.occurred))
	if m.event == 0 {
		m.event = m.sentAt
	}
}

// wrongClock is how far a sender's clock may be ahead and still order its own messages.
const wrongClock = 24 * time.Hour

// past is a time that may order what was said: 0 for one that is still to come while the
// message's own is not. It would be the newest until its day comes, and what is said
// before would be taken for older.
func (m *message) past(at int64) int64 {
	ahead := m.o.Received.Add(tolerance).UnixMilli()
	if m.o.Received.IsZero() || at <= ahead || m.sentAt > ahead {
		return at
	}
	m.note("a time by which messages are ordered lies in the future (EVN, OBR-22 or OBX-19); the message's own time was taken for it")
	return 0
}

// warningWords are the parser's warnings that somebody should know of.
var warningWords = map[hl7.WarningCode]string{
	hl7.WarnByteOrderMark:       "byte order mark before MSH",
	hl7.WarnLeadingSpace:        "blanks before MSH",
	hl7.WarnFewDelimiters:       "MSH-2 declares fewer than four delimiters",
	hl7.WarnLineEnds:            "segments end in LF or CRLF instead of CR",
	hl7.WarnIndented:            "blanks before a segment's name",
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

// whyLine: what stands in such a line is lost to everybody who reads the record.
const whyLine = "a line of the message (line %s) is no segment and was not read: it may be the rest of a text with a line break in it, or a segment's name may be misspelt; ask the sender to send line breaks as \\.br\\ and segment names as HL7 has them, and to send the message again"

// whyParts: what stands in the other parts would be lost, and words cut in two.
const whyParts = "the message is one part of several (ADD or DSC segment), and parts are not put together here; ask the sender to send it in one piece"

// inParts says whether a message is continued in another one, or continues one (HL7 v2
// chapter 2.10.2): ADD goes on with the segment before it, DSC names what follows.
func (m *message) inParts() bool {
	return m.raw.Segment("ADD", 1).Exists() || text(m.raw.Segment("DSC", 1).Field(1)) != ""
}

// strayLines warns of lines that are no segments. In a result any of them may be the
// rest of a text; in an admission only what is built like a segment says something.
func (m *message) strayLines() {
	var at []string
	separator := string(rune(m.raw.Delimiters().Field))
	for _, s := range m.raw.Segments() {
		if s.ID() == "" && strings.TrimSpace(s.Raw()) != "" && (m.h.Type.Code == "ORU" || strings.Contains(s.Raw(), separator)) && len(at) < 8 {
			at = append(at, strconv.Itoa(s.Line()))
		}
	}
	if len(at) == 0 {
		return
	}
	owner := OwnerInterface
	if m.h.Type.Code == "ORU" {
		owner = OwnerLaboratory
	}
	m.problem(record.Problem{Reason: fmt.Sprintf(whyLine, strings.Join(at, ", ")), Owner: owner, Partial: true})
}

// notAbove compares two decimals as they are written.
func notAbove(a, b string) bool {
	x, okX := new(big.Rat).SetString(strings.TrimPrefix(a, "+"))
	y, okY := new(big.Rat).SetString(strings.TrimPrefix(b, "+"))
	return okX && okY && x.Cmp(y) <= 0
}
