package hl7

import (
	"crypto/rand"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Ack is the answer to one message.
type Ack struct {
	Code      AckCode   // MSA-1; Header.Answer chooses it
	Error     ErrorCode // for an ERR segment; ErrNone makes none
	Field     string    // where the error is, such as "PID-3" or "OBX(2)-5"
	Reason    string    // for the sender's people; no patient data
	ControlID string    // the answer's own MSH-10
	Time      time.Time // MSH-7
	App       string    // our names, where the message names no receiver
	Facility  string
}

// answerIDLength is as long as MSH-10 may be in every version.
const answerIDLength = 20

// NewAnswerID makes the control id of an answer: at random, and known by its form.
func NewAnswerID() string { return rand.Text()[:answerIDLength] }

// IsAnswerID says whether a control id has the form of those of our answers.
func IsAnswerID(id string) bool {
	return len(id) == answerIDLength && strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// Answering makes the Ack for a verdict: its code by the sender's mode, its
// error and its reason.
func (h Header) Answering(v Verdict, controlID string, at time.Time) Ack {
	code, _ := h.Answer(v.Outcome)
	return Ack{Code: code, Error: v.Error, Field: v.Field, Reason: v.Reason, ControlID: controlID, Time: at}
}

// Bytes builds the answer to the message with this header. It mirrors the
// sender's delimiters, version, processing id and character set, repeats its
// control id exactly, and swaps sender and receiver. From a header that was
// readable only in part it makes the best answer that can be made;
// Header.CanAnswer says whether the sender could make anything of it.
func (a Ack) Bytes(h Header) []byte {
	d := h.Delimiters
	if !h.Readable || d.Escape == 0 || d.Subcomponent == 0 {
		d = answerDelimiters(d)
	}
	b := &Builder{d: d}
	a.header(b, h)
	msa := b.Add("MSA").SetRaw(1, string(a.Code)).SetRaw(2, oneLine(h.raw[10]))
	if a.Error != ErrNone {
		if before25(h.Version) {
			msa.Set(3, a.Reason)
		}
		a.errSegment(b, h)
	}
	if !h.encodes {
		return b.Bytes() // the header's bytes could not be decoded and are still bytes
	}
	if out, err := h.cs.encode(b.String()); err == nil {
		return out
	}
	// Our own names do not fit the sender's character set: UTF-8, and say so.
	b.segs[0].SetRaw(18, utf8Charset.name)
	return b.Bytes()
}

// answerDelimiters fills up what the sender did not declare, or declared
// unreadably.
func answerDelimiters(d Delimiters) Delimiters {
	out := DefaultDelimiters
	if d.Field != 0 && !out.contains(d.Field) {
		out.Field = d.Field
	}
	if d.Component == 0 || d.Repetition == 0 {
		return out
	}
	// Two or three declared: keep them if the usual ones do not collide.
	full := Delimiters{Field: d.Field, Component: d.Component, Repetition: d.Repetition, Escape: d.Escape, Subcomponent: d.Subcomponent}
	for _, c := range `\&#@` {
		if full.Escape == 0 && !full.contains(byte(c)) { //nolint:gosec // a delimiter is one ASCII byte
			full.Escape = byte(c) //nolint:gosec // a delimiter is one ASCII byte
		} else if full.Subcomponent == 0 && !full.contains(byte(c)) { //nolint:gosec // a delimiter is one ASCII byte
			full.Subcomponent = byte(c) //nolint:gosec // a delimiter is one ASCII byte
		}
	}
	return full
}

func (a Ack) header(b *Builder, h Header) {
	msh := b.Add("MSH").SetRaw(3, oneLine(h.raw[5])).SetRaw(4, oneLine(h.raw[6])).
		SetRaw(5, oneLine(h.raw[3])).SetRaw(6, oneLine(h.raw[4])).
		SetRaw(7, FormatTime(a.Time))
	if h.raw[5] == "" && a.App != "" {
		msh.Set(3, a.App)
	}
	if h.raw[6] == "" && a.Facility != "" {
		msh.Set(4, a.Facility)
	}
	switch {
	case h.Type.Event == "" || slices.Contains([]string{"2.1", "2.2"}, h.Version):
		msh.Set(9, "ACK")
	case slices.Contains([]string{"2.3"}, h.Version):
		msh.Set(9, "ACK", h.Type.Event)
	default:
		msh.Set(9, "ACK", h.Type.Event, "ACK")
	}
	msh.Set(10, a.ControlID)
	msh.SetRaw(11, orElse(oneLine(h.raw[11]), "P")).SetRaw(12, orElse(oneLine(h.raw[12]), "2.5.1"))
	if h.named {
		msh.SetRaw(18, oneLine(h.raw[18]))
	}
}

// errSegment writes ERR: from v2.5 on its fields 2 to 4 and 8, before that
// the one field ERR-1.
func (a Ack) errSegment(b *Builder, h Header) {
	loc := errLocation(a.Field)
	code := strconv.Itoa(int(a.Error))
	seg := b.Add("ERR")
	if before25(h.Version) {
		seg.SetComps(1, []string{loc[0]}, []string{loc[1]}, []string{loc[2]}, []string{code, a.Error.String(), "HL70357"})
		return
	}
	if loc[0] != "" {
		seg.Set(2, loc[0], loc[1], loc[2], "", loc[3], loc[4])
	}
	seg.Set(3, code, a.Error.String(), "HL70357").Set(4, "E").Set(8, a.Reason)
}

var locationForm = regexp.MustCompile(`^([A-Z][A-Z0-9]{2})(?:\((\d+)\))?(?:-(\d+))?`)

// errLocation cuts "OBX(2)-5.1" into segment, its number, field, component
// and subcomponent (data type ERL without the repetition).
func errLocation(field string) [5]string {
	if p, err := ParsePath(field); err == nil {
		return [5]string{p.Segment, strconv.Itoa(max(p.Nth, 1)), strconv.Itoa(p.Field), number(p.Comp), number(p.Sub)}
	}
	g := locationForm.FindStringSubmatch(field)
	if g == nil {
		return [5]string{}
	}
	return [5]string{g[1], orElse(g[2], "1"), g[3], "", ""}
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func before25(version string) bool {
	return slices.Contains([]string{"2.1", "2.2", "2.3", "2.3.1", "2.4"}, version)
}

// oneLine keeps a mirrored field from adding a segment or a frame.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' || r == startBlock || r == endBlock {
			return -1
		}
		return r
	}, s)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
