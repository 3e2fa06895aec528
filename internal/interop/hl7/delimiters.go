package hl7

import (
	"strings"

	"wardlight/internal/fault"
)

// Delimiters are the bytes that cut a message, as its own MSH-1 and MSH-2
// declare them. A zero byte means that the message declares none, and nothing
// is cut by it.
type Delimiters struct {
	Field        byte
	Component    byte
	Repetition   byte
	Escape       byte
	Subcomponent byte
	Truncation   byte // the fifth character, HL7 v2.7 and later
}

// DefaultDelimiters are those that HL7 recommends.
var DefaultDelimiters = Delimiters{
	Field: '|', Component: '^', Repetition: '~', Escape: '\\', Subcomponent: '&',
}

// EncodingCharacters is MSH-2 for these delimiters.
func (d Delimiters) EncodingCharacters() string {
	var b strings.Builder
	for _, c := range [...]byte{d.Component, d.Repetition, d.Escape, d.Subcomponent, d.Truncation} {
		if c == 0 {
			break
		}
		b.WriteByte(c)
	}
	return b.String()
}

// contains says whether c is one of the delimiters.
func (d Delimiters) contains(c byte) bool {
	return c != 0 && (c == d.Field || c == d.Component || c == d.Repetition ||
		c == d.Escape || c == d.Subcomponent || c == d.Truncation)
}

// checkDelimiter says what is wrong with one delimiter, or "".
func checkDelimiter(c byte) string {
	switch {
	case c >= 0x80:
		return "is not one ASCII byte"
	case c < 0x21 || c == 0x7F:
		return "is a space or a control character"
	case isAlnum(c):
		return "is a letter or a digit"
	case c == '"':
		return `is the quotation mark, which HL7 needs for the null value ""`
	}
	return ""
}

// readDelimiters reads MSH-1 and MSH-2 from the first bytes of a header
// segment (MSH, FHS or BHS).
//
// HL7 lets old senders leave out the subcomponent and the escape character
// when a message uses neither, so two or three characters are read too; the
// caller records that as a warning.
func readDelimiters(line string) (Delimiters, error) {
	var d Delimiters
	if len(line) < 4 {
		return d, badDelimiter("the header ends before MSH-1; send MSH-1 (usually |) and MSH-2 (usually ^~\\&)")
	}
	d.Field = line[3]
	if why := checkDelimiter(d.Field); why != "" {
		d.Field = 0
		return d, badDelimiter("MSH-1, the field separator, " + why + "; set it to one printable ASCII character, usually |")
	}
	chars := line[4:]
	if i := strings.IndexByte(chars, d.Field); i >= 0 {
		chars = chars[:i]
	}
	if why := checkEncodingCharacters(d.Field, chars); why != "" {
		return d, badDelimiter("MSH-2 " + why + `; set it to four (or, from v2.7, five) different printable ASCII characters, usually ^~\&`)
	}
	for i, p := range [...]*byte{&d.Component, &d.Repetition, &d.Escape, &d.Subcomponent, &d.Truncation} {
		if i < len(chars) {
			*p = chars[i]
		}
	}
	return d, nil
}

func checkEncodingCharacters(field byte, chars string) string {
	for i := 0; i < len(chars) && i < 8; i++ {
		if chars[i] >= 0x80 {
			return "holds a delimiter that is not one ASCII byte"
		}
	}
	if len(chars) < 2 || len(chars) > 5 {
		return "does not have two to five characters"
	}
	for i := 0; i < len(chars); i++ {
		if why := checkDelimiter(chars[i]); why != "" {
			return "holds a delimiter that " + why
		}
		if chars[i] == field || strings.IndexByte(chars[:i], chars[i]) >= 0 {
			return "uses one character for two purposes"
		}
	}
	return ""
}

func badDelimiter(reason string) error {
	return fault.New(fault.Invalid, "hl7.delimiters", "", reason)
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
