package hl7

import (
	"bytes"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"wardlight/internal/fault"
)

// wide are the sets in which a byte of a letter can look like a delimiter: the second
// byte of ポ is a vertical bar in Shift_JIS.
var wide = []encoding.Encoding{
	japanese.ISO2022JP, japanese.ShiftJIS, simplifiedchinese.GB18030, traditionalchinese.Big5, korean.EUCKR,
}

// headerCharset finds the character set of a header line, which names it in its own
// MSH-18. Fields can be counted by bytes only while no letter holds a byte that looks
// like a delimiter; so the answer must hold for the text as well, and where it does
// not, the set is the one under which the line names that very set. declared is false
// when MSH-18 says nothing.
func headerCharset(line string, d Delimiters) (c charset, declared bool, err error) {
	c, declared, err = pickCharset(charsetNames(line, d))
	if err == nil && agrees(c, declared, line, d) {
		return c, declared, nil
	}
	for _, enc := range wide {
		got, ok := namedUnder(charset{enc: enc}, line, d)
		if ok && got.enc == enc {
			return got, true, nil
		}
	}
	if err == nil && declared && c.enc == japanese.ISO2022JP {
		err = fault.New(fault.Invalid, "hl7.charset", "MSH-18",
			"the header switches to another character set and not back before the field ends, so that its fields cannot be told apart; the sender must switch back (ESC ( B) before each delimiter")
	}
	return c, declared, err
}

// agrees says whether the line read as c names c, or nothing where it named nothing.
// Bytes that do not fit are another's matter.
func agrees(c charset, declared bool, line string, d Delimiters) bool {
	if !declared {
		return !hasHigh([]byte(line)) && !bytes.Contains([]byte(line), []byte{escByte})
	}
	if _, ok := c.decode([]byte(line)); !ok {
		return c.enc != japanese.ISO2022JP
	}
	got, ok := namedUnder(c, line, d)
	return ok && got.enc == c.enc
}

// namedUnder is the set that the line names when it is read as c.
func namedUnder(c charset, line string, d Delimiters) (charset, bool) {
	text, ok := c.decode([]byte(line))
	if !ok {
		return charset{}, false
	}
	got, declared, err := pickCharset(charsetNames(text, d))
	return got, declared && err == nil
}

const escByte = 0x1B

// switchesBack says whether ISO 2022 text is back in a single-byte set at each end of a
// segment, and whether its double-byte stretches hold whole letters. A decoder takes any
// two bytes for a letter, also a delimiter and half a name, or the end of a segment:
// what came of that would read as a shorter message. HL7 asks to switch back before each
// delimiter (v2.5.1, 2.9.2); within a segment that cannot be checked, because a letter
// may hold the delimiter's byte.
func switchesBack(b []byte) bool {
	double := false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == escByte:
			size, two := switchAt(b[i:])
			if size == 0 {
				return false
			}
			double = two
			i += size - 1
		case !double:
		case i+1 == len(b) || !inDouble(c) || !inDouble(b[i+1]):
			return false
		default:
			i++
		}
	}
	return !double
}

// inDouble says whether a byte can be half of a letter of a 94 by 94 set.
func inDouble(c byte) bool { return c >= 0x21 && c <= 0x7E }

// switchAt measures the escape sequence that b begins with: ESC ( x, ESC $ x or
// ESC $ ( x. size is 0 for any other.
func switchAt(b []byte) (size int, double bool) {
	switch {
	case len(b) >= 4 && b[1] == '$' && b[2] == '(':
		return 4, true
	case len(b) >= 3 && b[1] == '$':
		return 3, true
	case len(b) >= 3 && b[1] == '(':
		return 3, false
	}
	return 0, false
}
