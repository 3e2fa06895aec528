package v2tofhir

import (
	"crypto/sha256"
	"maps"
	"slices"
	"strconv"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
)

// Options are what a channel knows that its messages do not say.
type Options struct {
	Channel  string         // names the channel; part of a message's identity
	Received time.Time      // central's clock at receipt
	Location *time.Location // of times without an offset; nil: UTC
	// DefaultSystem is the identifier system of patient identifiers that name no
	// assigning authority; "": such a message is held back.
	DefaultSystem string
	// ProcessingIDs are the values of MSH-11 that are taken; empty: P.
	ProcessingIDs []string
	// Units are this sender's own spellings of units, and the UCUM code of each,
	// beside DefaultUnits.
	Units map[string]string
}

// Who can act on a problem.
const (
	OwnerInterface    = "interface manager"
	OwnerRegistration = "registration desk"
	OwnerLaboratory   = "laboratory"
)

// Closed is Inbound.Answer of what could not be answered: there was no header
// to address an answer to, and the line was closed.
const Closed = "closed"

// Silent is Inbound.Answer of what is not answered although it could be: an answer.
// The line stays open.
const Silent = "silent"

// frameStart is MLLP's start byte. Raw bytes that begin with it are a frame
// that never ended, kept as it came: never a message, whatever it holds.
const frameStart = 0x0B

// Types are the messages that are taken: MSH-9.1 and its events.
func Types() map[string][]string {
	return map[string][]string{"ADT": slices.Sorted(maps.Keys(events)), "ORU": {"R01", "R30", "R31", "R32"}}
}

// Translate reads one message. A batch must be split first.
func Translate(raw []byte, o Options) record.Filing { return Read(raw, o).Filing }

// Reading is a message as a listener needs it: what to file, and whom to answer
// what.
type Reading struct {
	Filing  record.Filing
	Header  hl7.Header
	Verdict hl7.Verdict // of the header; a message held back has a good one
}

// Read is Translate with the header that an answer is addressed by.
func Read(raw []byte, o Options) (r Reading) {
	defer func() {
		// A fault of ours in one message must not stop the messages behind it.
		// The message is kept and held back, and somebody is told.
		if recover() == nil {
			return
		}
		r.Header = hl7.ReadHeader(raw)
		r.Filing = row(raw, r.Header, o)
		hold(&r.Filing, record.Problem{
			Reason: "the message could not be translated because of a fault of this program; give its makers the message and replay it after an update",
			Owner:  OwnerInterface,
		})
	}()
	return read(raw, o)
}

func read(raw []byte, o Options) Reading {
	if len(raw) > 0 && raw[0] == frameStart {
		return unended(raw, o)
	}
	h := hl7.ReadHeader(raw)
	parsed, err := hl7.Parse(raw)
	if err == nil {
		h = parsed.Header()
		h.Type.Event = event(h.Type, parsed)
	}
	if err == nil && answersUs(h, parsed) {
		return answered(raw, h, o)
	}
	r := Reading{Filing: row(raw, h, o), Header: h, Verdict: policy(o).Check(h)}
	switch {
	case !r.Verdict.OK():
		refuse(&r.Filing, h, r.Verdict)
	case err != nil:
		hold(&r.Filing, unreadable(err))
	default:
		newMessage(parsed, h, o).file(&r.Filing)
	}
	return r
}

// event is a message's trigger event. Version 2.1 has none in MSH-9: of an admission it
// stands in EVN-1, and an ORU without one can only be a result.
func event(t hl7.MessageType, m *hl7.Message) string {
	switch {
	case t.Event != "":
		return t.Event
	case t.Code == "ADT":
		return text(m.Segment("EVN", 1).Field(1))
	case t.Code == "ORU":
		return "R01"
	}
	return ""
}

// answersUs says whether a message is an answer to one of our answers: it names one. Any
// other answer, to something that was never asked here, is refused like whatever is not
// taken.
func answersUs(h hl7.Header, m *hl7.Message) bool {
	return (h.Type.Code == "ACK" || h.Type.Code == "MCF") && hl7.IsAnswerID(text(m.Segment("MSA", 1).Field(2)))
}

// answered is the row of an answer to an answer of ours. It is kept and not answered: two
// programs that answer each other's answers never end.
func answered(raw []byte, h hl7.Header, o Options) Reading {
	f := row(raw, h, o)
	f.Inbound.Answer, f.Inbound.Fate, f.Inbound.Owner = Silent, record.FateRefused, OwnerInterface
	f.Inbound.Reason = "this answers an answer, and holds nothing to file. Have the interface engine send answers only on the line of the message that they answer"
	return Reading{Filing: f, Header: h, Verdict: hl7.Verdict{Outcome: hl7.Rejected, Reason: f.Inbound.Reason}}
}

func newMessage(parsed *hl7.Message, h hl7.Header, o Options) *message {
	m := &message{o: o, raw: parsed, h: h, zone: o.Location, sender: senderKey(h), urn: senderURN(h)}
	if m.zone == nil {
		m.zone = time.UTC
	}
	return m
}

// file translates the body.
func (m *message) file(f *record.Filing) {
	m.readTimes()
	m.parserNotes()
	switch {
	case m.h.Type.Code != "ADT":
		f.Groups = m.results()
	case merges[m.h.Type.Event]:
		f.Groups = m.merged()
	case m.h.Type.Event == "A17":
		f.Groups = m.swapped()
	case m.h.Type.Event == "A37":
		f.Groups = m.parted()
	default:
		f.Groups = m.admission()
	}
	m.strayLines()
	if m.inParts() {
		m.problem(record.Problem{Reason: whyParts, Owner: OwnerInterface})
	}
	if m.raw.LooksCutOff() || m.endsInTheMiddle() {
		m.problem(record.Problem{Reason: "the message seems to have been cut off: its last segment has no end and is shorter than its like; ask the sender to send it again", Owner: OwnerInterface})
	}
	f.Problems, f.Inbound.Notes = m.problems, m.notes
	f.Inbound.Fate = record.FateFiled
	for _, g := range f.Groups {
		if f.Inbound.Ward == "" {
			f.Inbound.Ward = g.Ward
		}
	}
	for _, p := range f.Problems {
		if !p.Partial {
			f.Inbound.Fate, f.Inbound.Reason, f.Inbound.Owner = record.FateQuarantined, p.Reason, p.Owner
			break
		}
	}
}

// endsInTheMiddle says whether a result message stops inside a segment that
// cannot end there: it has no end, and lacks what every result (OBX-11, status)
// or every report (OBR-25, status) must have. "13" of "139" is a value too, so
// such a message is not filed.
func (m *message) endsInTheMiddle() bool {
	segs := m.raw.Segments()
	if m.h.Type.Code != "ORU" || m.raw.Terminated() || len(segs) < 2 {
		return false
	}
	last := segs[len(segs)-1]
	switch last.ID() {
	case "OBX":
		return last.FieldCount() < 11
	case "OBR":
		return last.FieldCount() < 22
	case "MSH", "PID", "PV1", "ORC":
		return true
	}
	return false
}

func policy(o Options) hl7.Policy {
	return hl7.Policy{ProcessingIDs: o.ProcessingIDs, Types: Types()}
}

// row makes the row of a message that was accepted; what speaks against it
// changes it afterwards.
func row(raw []byte, h hl7.Header, o Options) record.Filing {
	content := hl7.Content(raw)
	answer := Closed
	if h.CanAnswer() {
		code, _ := h.Answer(hl7.Accepted)
		answer = string(code)
	}
	return record.Filing{Inbound: record.Inbound{
		ID:      "m" + hashOf("message", o.Channel, senderKey(h), h.ControlID, string(content[:])),
		Channel: o.Channel, ControlID: short(h.ControlID), Type: short(h.Type.String()), Sender: short(senderName(h)),
		Answer: answer, Raw: record.Hash(sha256.Sum256(raw)), Size: len(raw), Received: o.Received.UnixMilli(),
	}}
}

// short bounds what is shown of a header; its identity is hashed whole.
func short(s string) string {
	const limit = 200
	if len(s) <= limit {
		return s
	}
	cut := limit
	for cut > 0 && s[cut]&0xC0 == 0x80 { // not inside a letter
		cut--
	}
	return s[:cut]
}

// refuse makes a message one that its sender must change.
func refuse(f *record.Filing, h hl7.Header, v hl7.Verdict) {
	in := &f.Inbound
	in.Fate, in.Reason, in.Owner = record.FateRefused, v.Reason, OwnerInterface
	in.ErrCode = strconv.Itoa(int(v.Error))
	in.Answer = Closed
	if h.CanAnswer() {
		code, _ := h.Answer(v.Outcome)
		in.Answer = string(code)
	}
}

func hold(f *record.Filing, p record.Problem) {
	f.Problems = append(f.Problems, p)
	f.Inbound.Fate, f.Inbound.Reason, f.Inbound.Owner = record.FateQuarantined, p.Reason, p.Owner
}

// unreadable says why a message with a good header could not be read.
func unreadable(err error) record.Problem {
	reason := "the message cannot be read: its bytes do not fit the character set that it names in MSH-18; ask the sender to correct that, then let it send the message again"
	switch {
	case fault.Is(err, fault.Unsupported):
		reason = "the message is written in a character set that cannot be read here (MSH-18); ask the sender to use UTF-8"
	case fault.Is(err, fault.Full):
		reason = "the message is larger than this channel takes; ask the sender to send it in parts"
	}
	return record.Problem{Reason: reason, Owner: OwnerInterface}
}

// unended is the row of a frame that never ended.
func unended(raw []byte, o Options) Reading {
	h := hl7.ReadHeader(raw[1:])
	f := row(raw, h, o)
	f.Inbound.Answer, f.Inbound.Fate, f.Inbound.Owner = Closed, record.FateRefused, OwnerInterface
	f.Inbound.Reason = "the line ended or fell silent inside the message, so it was not taken; its sender sends it again by itself"
	return Reading{Filing: f, Header: h, Verdict: hl7.Verdict{Outcome: hl7.Rejected, Reason: f.Inbound.Reason}}
}
