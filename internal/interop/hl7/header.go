package hl7

import (
	"strings"
)

// HD names an application or a facility (data type HD).
type HD struct {
	Namespace   string
	UniversalID string
	IDType      string
}

// String is the namespace, else the universal id.
func (h HD) String() string {
	if h.Namespace != "" {
		return h.Namespace
	}
	return h.UniversalID
}

// MessageType is MSH-9: code ORU, event R01, structure ORU_R01.
type MessageType struct {
	Code      string
	Event     string
	Structure string
}

// String is "ORU^R01", whatever the message's own delimiters are.
func (t MessageType) String() string {
	if t.Event == "" {
		return t.Code
	}
	return t.Code + "^" + t.Event
}

// AckCondition is MSH-15 or MSH-16 (HL7 v2 table 0155): when the sender wants
// an answer.
type AckCondition string

// The conditions of table 0155. An empty one in enhanced mode means never.
const (
	AckAlways  AckCondition = "AL"
	AckNever   AckCondition = "NE"
	AckError   AckCondition = "ER"
	AckSuccess AckCondition = "SU"
)

// Wants says whether an answer is asked for.
func (c AckCondition) Wants(success bool) bool {
	switch c {
	case AckAlways:
		return true
	case AckError:
		return !success
	case AckSuccess:
		return success
	default:
		return false
	}
}

// Header is the typed view of MSH. Values are unescaped; the raw fields are
// kept so that an answer can mirror them.
type Header struct {
	Delimiters       Delimiters
	SendingApp       HD // MSH-3
	SendingFacility  HD // MSH-4
	ReceivingApp     HD // MSH-5
	ReceivingFac     HD // MSH-6
	Time             string
	Type             MessageType
	ControlID        string // MSH-10, its blanks kept: an answer must repeat it exactly
	ProcessingID     string // MSH-11.1: P, T or D
	ProcessingMode   string // MSH-11.2
	Version          string // MSH-12.1
	AcceptAck        AckCondition
	ApplicationAck   AckCondition
	Charsets         []string // MSH-18
	Readable         bool     // MSH-1 and MSH-2 could be read
	present, encodes bool
	named            bool // cs is what MSH-18 names
	raw              [19]string
	cs               charset
}

// Header is the message's header.
func (m *Message) Header() Header {
	h := Header{Readable: true, present: true, cs: m.c.cs, encodes: true}
	h.fill(m.segs[0])
	c, declared, err := pickCharset(h.Charsets)
	h.named = err == nil && declared && c.name == h.cs.name
	return h
}

// ReadHeader reads as much of a header as there is, from bytes that Parse may
// have refused; it never fails. CanAnswer says whether it found enough to
// address an answer.
func ReadHeader(raw []byte) Header {
	if len(raw) > MaxMessageBytes {
		raw = raw[:MaxMessageBytes]
	}
	s := strings.TrimLeft(strings.TrimPrefix(string(raw), "\xEF\xBB\xBF"), " \t\r\n")
	line := firstLine(s)
	if !strings.HasPrefix(line, "MSH") {
		return Header{}
	}
	h := Header{present: true, encodes: true, cs: win1252}
	d, err := readDelimiters(line)
	h.Readable = err == nil
	if d.Field == 0 {
		return h
	}
	if h.Readable {
		if c, declared, err := headerCharset(line, d); err == nil {
			h.cs, h.named = c, declared
		}
		if h.cs == latin1Charset && hasC1([]byte(line)) {
			h.cs, h.named = win1252, false // as the whole message is read
		}
	}
	text, ok := h.cs.decode([]byte(line))
	if !ok {
		h.cs, h.named = win1252, false // reads every byte that the answer must mirror
		if text, ok = h.cs.decode([]byte(line)); !ok {
			text, h.encodes = line, false
		}
	}
	h.fill(Segment{c: &syntax{d: d, cs: h.cs}, text: text, id: "MSH", line: 1})
	return h
}

func (h *Header) fill(s Segment) {
	h.Delimiters = s.c.d
	for n := 1; n < len(h.raw); n++ {
		h.raw[n] = s.Field(n).Raw()
	}
	h.SendingApp, h.SendingFacility = readHD(s.Field(3)), readHD(s.Field(4))
	h.ReceivingApp, h.ReceivingFac = readHD(s.Field(5)), readHD(s.Field(6))
	h.Time = s.Field(7).Text()
	t := s.Field(9)
	h.Type = MessageType{trimmed(t.Comp(1)), trimmed(t.Comp(2)), trimmed(t.Comp(3))}
	h.ControlID = s.Field(10).Whole()
	h.ProcessingID, h.ProcessingMode = trimmed(s.Field(11).Comp(1)), trimmed(s.Field(11).Comp(2))
	h.Version = trimmed(s.Field(12).Comp(1))
	h.AcceptAck = AckCondition(trimmed(s.Field(15).Comp(1)))
	h.ApplicationAck = AckCondition(trimmed(s.Field(16).Comp(1)))
	for i, r := range s.Field(18).Reps() {
		if i > 16 {
			break
		}
		h.Charsets = append(h.Charsets, strings.TrimSpace(r.Text()))
	}
}

func trimmed(c Comp) string { return strings.TrimSpace(c.Text()) }

func readHD(f Field) HD {
	return HD{Namespace: trimmed(f.Comp(1)), UniversalID: trimmed(f.Comp(2)), IDType: trimmed(f.Comp(3))}
}

// CanAnswer says whether an answer can be addressed: there is an MSH and its
// field separator could be read.
func (h Header) CanAnswer() bool { return h.present && h.Delimiters.Field != 0 }

// Enhanced says whether the sender uses enhanced acknowledgement (MSH-15 or
// MSH-16 valued), rather than the original mode.
func (h Header) Enhanced() bool { return h.AcceptAck != "" || h.ApplicationAck != "" }

// Answer is the code to answer with, and whether the sender asked for an
// answer at all. Many senders wait although they ask for none, so whether to
// answer regardless is the channel's decision.
//
// Original mode has one application answer. In enhanced mode the answer is
// the commit answer (MSH-15), or the application answer if only that was
// asked for (MSH-16).
func (h Header) Answer(o Outcome) (code AckCode, wanted bool) {
	success := o == Accepted
	if !h.Enhanced() {
		return ackCodes[o].application, true
	}
	if h.AcceptAck.Wants(success) {
		return ackCodes[o].commit, true
	}
	if h.ApplicationAck.Wants(success) {
		return ackCodes[o].application, true
	}
	return ackCodes[o].commit, false
}
