package hl7

import (
	"strconv"
	"strings"

	"golang.org/x/text/encoding/japanese"
)

// maxEscape bounds one escape sequence that is looked for; HL7 gives \X no
// bound, so a long run of hexadecimal digits is read without it.
const maxEscape = 64

// unescape resolves the escapes of one leaf (HL7 v2 chapter 2, "Use of escape
// sequences in text fields"). What is not understood keeps its text.
func unescape(c *syntax, s string) string {
	esc := c.d.Escape
	if esc == 0 || strings.IndexByte(s, esc) < 0 {
		return s
	}
	if text, ok := switchedText(c, s); ok {
		return text
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(s, esc)
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		n, text := oneEscape(c, s[i:])
		b.WriteString(text)
		s = s[i+n:]
	}
}

// oneEscape reads what starts at the escape character s[0]: how many bytes it
// covers, and the text that it stands for.
func oneEscape(c *syntax, s string) (int, string) {
	end := strings.IndexByte(s[1:], c.d.Escape)
	if end < 0 {
		return 1, s[:1]
	}
	body, n := s[1:1+end], end+2
	if len(body) > 0 && body[0] == 'X' {
		if n, text, ok := hexEscapes(c, s); ok {
			return n, text
		}
	}
	if text, ok := plainEscape(c.d, body); ok {
		return n, text
	}
	if strings.HasPrefix(body, ".") {
		if text, ok := layoutEscape(body[1:]); ok {
			return n, text
		}
	}
	if looksLikeEscape(body) {
		return n, s[:n]
	}
	// A lone escape character in the text: the next one may begin an escape.
	return 1, s[:1]
}

// plainEscape knows the one-letter escapes. Highlighting has no text.
func plainEscape(d Delimiters, body string) (string, bool) {
	var c byte
	switch body {
	case "F":
		c = d.Field
	case "S":
		c = d.Component
	case "T":
		c = d.Subcomponent
	case "R":
		c = d.Repetition
	case "E":
		c = d.Escape
	case "P":
		c = d.Truncation
	case "H", "N":
		return "", true
	}
	if c == 0 {
		return "", false
	}
	return string(rune(c)), true
}

// layoutEscape knows the formatting commands of FT fields. Line breaks and
// skipped spaces become text; indents and fill modes only shape a page.
func layoutEscape(body string) (string, bool) {
	if len(body) < 2 {
		return "", false
	}
	n, ok := layoutCount(body[2:])
	if !ok {
		return "", false
	}
	switch body[:2] {
	case "br", "ce":
		return "\n", true
	case "sp":
		return strings.Repeat("\n", n), true
	case "sk":
		return strings.Repeat(" ", n), true
	case "in", "ti", "fi", "nf":
		return "", true
	}
	return "", false
}

// layoutCount is the number behind a formatting command: 1 if there is none.
func layoutCount(s string) (int, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 1, true
	}
	n, err := strconv.Atoi(strings.TrimPrefix(s, "+"))
	if err != nil || len(s) > 4 {
		return 0, false
	}
	return max(0, min(n, 100)), true
}

// hexEscapes reads a run of \Xdd..\ escapes as one: a character of several
// bytes may be spread over several of them.
func hexEscapes(c *syntax, s string) (n int, text string, ok bool) {
	var raw []byte
	for {
		part, size, found := oneHex(c.d.Escape, s[n:])
		if !found {
			break
		}
		raw, n = append(raw, part...), n+size
	}
	if n == 0 {
		return 0, "", false
	}
	text, ok = c.cs.decode(raw)
	if !ok {
		// The run does not fit the character set: its text stands as it is.
		return n, s[:n], true
	}
	return n, text, true
}

func oneHex(esc byte, s string) (raw []byte, size int, ok bool) {
	if len(s) < 3 || s[0] != esc || s[1] != 'X' {
		return nil, 0, false
	}
	end := strings.IndexByte(s[2:], esc)
	if end <= 0 {
		return nil, 0, false
	}
	raw, ok = hexBytes(s[2 : 2+end])
	return raw, end + 3, ok
}

func hexBytes(s string) ([]byte, bool) {
	if s == "" || len(s)%2 != 0 {
		return nil, false
	}
	out := make([]byte, 0, len(s)/2)
	for i := 0; i < len(s); i += 2 {
		hi, lo := unhex(s[i]), unhex(s[i+1])
		if hi < 0 || lo < 0 {
			return nil, false
		}
		out = append(out, byte(hi<<4|lo)) //nolint:gosec // two digits of hexadecimal
	}
	return out, true
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// switchedText reads a leaf that switches character sets by \Cxxyy\ and
// \Mxxyyzz\ (HL7 v2 chapter 2: the escape sequences of ISO 2022, in
// hexadecimal). The Japanese sets are known; any other switch keeps its text.
func switchedText(c *syntax, s string) (string, bool) {
	esc := string(rune(c.d.Escape))
	if c.switched || !strings.Contains(s, esc+"C28") && !strings.Contains(s, esc+"M24") {
		return "", false
	}
	var b []byte
	rest := s
	for rest != "" {
		if raw, size, ok := oneSwitch(c.d.Escape, rest); ok {
			b, rest = append(append(b, 0x1B), raw...), rest[size:]
			continue
		}
		if rest[0] >= 0x80 {
			return "", false
		}
		b, rest = append(b, rest[0]), rest[1:]
	}
	b = append(b, "\x1b(B"...) // a field ends by itself what it began
	text, ok := charset{name: "ISO IR87", enc: japanese.ISO2022JP}.decode(b)
	if !ok {
		return "", false
	}
	after := *c
	after.switched = true
	return unescape(&after, text), true
}

func oneSwitch(esc byte, s string) (raw []byte, size int, ok bool) {
	if len(s) < 6 || s[0] != esc || (s[1] != 'C' && s[1] != 'M') {
		return nil, 0, false
	}
	end := strings.IndexByte(s[2:], esc)
	if end != 4 && end != 6 {
		return nil, 0, false
	}
	raw, ok = hexBytes(s[2 : 2+end])
	return raw, end + 3, ok
}

// looksLikeEscape tells an unknown or local (\Z..\) escape, which is kept
// whole, from a lone escape character that happens to precede another.
func looksLikeEscape(body string) bool {
	if body == "" || len(body) > maxEscape {
		return false
	}
	if body[0] == 'Z' {
		return true
	}
	if body[0] != '.' && (body[0] < 'A' || body[0] > 'Z') {
		return false
	}
	for i := 1; i < len(body); i++ {
		if c := body[i]; !isAlnum(c) && c != '+' && c != '-' {
			return false
		}
	}
	return true
}

// Escape makes s safe to stand as a leaf between these delimiters, so that
// the text of the leaf is s again. Line feeds become \.br\, other control
// characters their \Xdd\. Without an escape character s is returned as it is.
func Escape(d Delimiters, s string) string {
	if d.Escape == 0 {
		return s
	}
	if s == null {
		return hexEscape(d, '"') + hexEscape(d, '"')
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		b.WriteString(escapeByte(d, s[i]))
	}
	return b.String()
}

func escapeByte(d Delimiters, c byte) string {
	e := string(rune(d.Escape))
	switch {
	case c == '\n':
		return e + ".br" + e
	case c < 0x20 || c == 0x7F:
		return hexEscape(d, c)
	case !d.contains(c):
		return string([]byte{c})
	case c == d.Field:
		return e + "F" + e
	case c == d.Component:
		return e + "S" + e
	case c == d.Subcomponent:
		return e + "T" + e
	case c == d.Repetition:
		return e + "R" + e
	case c == d.Truncation:
		return e + "P" + e
	}
	return e + "E" + e
}

func hexEscape(d Delimiters, c byte) string {
	const digits = "0123456789ABCDEF"
	return string([]byte{d.Escape, 'X', digits[c>>4], digits[c&15], d.Escape})
}
