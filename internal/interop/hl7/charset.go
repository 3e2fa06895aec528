package hl7

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"wardlight/internal/fault"
)

// charset is how a message's bytes become text. enc is nil for UTF-8 (and for
// ASCII, which is a part of it).
type charset struct {
	name string
	enc  encoding.Encoding
}

var (
	utf8Charset   = charset{name: "UNICODE UTF-8"}
	win1252       = charset{name: "windows-1252", enc: charmap.Windows1252}
	latin1Charset = charset{name: "8859/1", enc: charmap.ISO8859_1}
)

// charsets are the names of HL7 table 0211 that can be read, and spellings of
// them that senders use; keys are as charsetKey makes them.
var charsets = map[string]charset{
	"ASCII": {name: "ASCII"}, "ISOIR6": {name: "ASCII"}, "USASCII": {name: "ASCII"},
	"UNICODEUTF8": utf8Charset, "UTF8": utf8Charset, "ISOIR192": utf8Charset, // as DICOM calls it
	"88591": latin1Charset, "ISOIR100": latin1Charset,
	"88592":       {"8859/2", charmap.ISO8859_2},
	"88593":       {"8859/3", charmap.ISO8859_3},
	"88594":       {"8859/4", charmap.ISO8859_4},
	"88595":       {"8859/5", charmap.ISO8859_5},
	"88596":       {"8859/6", charmap.ISO8859_6},
	"88597":       {"8859/7", charmap.ISO8859_7},
	"88598":       {"8859/8", charmap.ISO8859_8},
	"88599":       {"8859/9", charmap.ISO8859_9},
	"885910":      {"8859/10", charmap.ISO8859_10},
	"885913":      {"8859/13", charmap.ISO8859_13},
	"885914":      {"8859/14", charmap.ISO8859_14},
	"885915":      {"8859/15", charmap.ISO8859_15},
	"885916":      {"8859/16", charmap.ISO8859_16},
	"WINDOWS1250": {"windows-1250", charmap.Windows1250},
	"WINDOWS1251": {"windows-1251", charmap.Windows1251},
	"WINDOWS1252": win1252,
	"CP1252":      win1252,
	"IBM437":      {"IBM 437", charmap.CodePage437}, "CP437": {"IBM 437", charmap.CodePage437},
	"IBM850": {"IBM 850", charmap.CodePage850}, "CP850": {"IBM 850", charmap.CodePage850},
	"IBM852": {"IBM 852", charmap.CodePage852}, "CP852": {"IBM 852", charmap.CodePage852},
	"ISOIR14":      {"ISO IR14", japanese.ISO2022JP},
	"ISOIR87":      {"ISO IR87", japanese.ISO2022JP},
	"GB180302000":  {"GB 18030-2000", simplifiedchinese.GB18030},
	"GB18030":      {"GB 18030-2000", simplifiedchinese.GB18030},
	"KSX1001":      {"KS X 1001", korean.EUCKR},
	"BIG5":         {"BIG-5", traditionalchinese.Big5},
	"SHIFTJIS":     {"Shift_JIS", japanese.ShiftJIS},
	"UNICODE":      utf8Charset, // withdrawn by HL7; the bytes must then be UTF-8
	"ISO88591":     latin1Charset,
	"ISO885915":    {"8859/15", charmap.ISO8859_15},
	"ISOIR13":      {"ISO IR13", japanese.ShiftJIS}, // JIS X 0201 is a part of Shift_JIS
	"CNS116431992": {},                              // known, not readable
	"ISOIR159":     {},
	"UNICODEUTF16": {},
	"UNICODEUTF32": {},
}

// western are the sets of single bytes in which UTF-8 can be told for certain.
var western = map[string]bool{"8859/1": true, "8859/15": true, "windows-1252": true}

// charsetKey folds the spellings of a name: "ISO IR87", "iso-ir-87".
func charsetKey(name string) string {
	var b strings.Builder
	for i := 0; i < len(name) && i < 64; i++ {
		c := name[i]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if isAlnum(c) {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// charsetOf finds a set by its name. ISO in front of a number says nothing more.
func charsetOf(name string) (charset, bool) {
	key := charsetKey(name)
	if c, ok := charsets[key]; ok {
		return c, true
	}
	if rest, iso := strings.CutPrefix(key, "ISO"); iso && strings.HasPrefix(rest, "8859") {
		c, ok := charsets[rest]
		return c, ok
	}
	return charset{}, false
}

// pickCharset chooses the character set from the repetitions of MSH-18. The
// first is the message's own; the others are alternates reached by escapes.
// Japanese senders name the double-byte set as an alternate of ASCII and
// switch by ISO 2022 sequences, which one decoder reads as a whole.
// declared is false when MSH-18 says nothing.
func pickCharset(names []string) (c charset, declared bool, err error) {
	for i, name := range names {
		key := charsetKey(name)
		if key == "" {
			continue
		}
		got, ok := charsetOf(name)
		if i == 0 && (!ok || got.name == "") {
			return charset{}, true, unsupportedCharset()
		}
		if i == 0 {
			c, declared = got, true
		}
		if i > 0 && got.enc == japanese.ISO2022JP && c.enc == nil && c.name != utf8Charset.name {
			return got, true, nil
		}
	}
	return c, declared, nil
}

func unsupportedCharset() error {
	return fault.New(fault.Unsupported, "hl7.charset", "MSH-18",
		"the character set named in MSH-18 cannot be read here; send UNICODE UTF-8, or another set of table 0211 that this channel supports")
}

// decode turns bytes into text, or says that they do not fit. It never makes
// a U+FFFD.
func (c charset) decode(b []byte) (string, bool) {
	if c.enc == nil {
		if !utf8.Valid(b) {
			return "", false
		}
		return string(b), true
	}
	if c.enc == japanese.ISO2022JP && !switchesBack(b) {
		return "", false
	}
	out, err := c.enc.NewDecoder().Bytes(b)
	if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
		return "", false
	}
	return string(out), true
}

// encode is the way back.
func (c charset) encode(s string) ([]byte, error) {
	if c.enc == nil {
		return []byte(s), nil
	}
	b, err := c.enc.NewEncoder().Bytes([]byte(s))
	if err != nil {
		return nil, fault.New(fault.Invalid, "hl7.encode", c.name,
			"the text holds a character that the message's character set does not have; send it as UNICODE UTF-8")
	}
	return b, nil
}

// decodeMessage turns a whole message, whose header has these delimiters, into text
// by MSH-18, and reports what had to be tolerated.
func decodeMessage(raw []byte, d Delimiters) (string, charset, []Warning, error) {
	c, declared, err := headerCharset(firstLine(string(raw)), d)
	if err != nil {
		return "", c, nil, err
	}
	if !declared {
		return decodeUndeclared(raw, WarnCharsetGuessed, "MSH-18 is empty")
	}
	if c.name == "ASCII" && hasHigh(raw) {
		return decodeUndeclared(raw, WarnCharsetContradicted, "MSH-18 says ASCII, but the message holds other bytes")
	}
	var warns []Warning
	if western[c.name] && hasHigh(raw) && utf8.Valid(raw) {
		// No text in a Western language is by chance UTF-8 throughout: read as MSH-18
		// says, it would be "Âµmol/L" and "MÃ¼ller", a unit and a name that nobody has.
		return string(raw), utf8Charset, []Warning{{
			Code:   WarnCharsetContradicted,
			Reason: "MSH-18 names a character set of single bytes, but the bytes are UTF-8; read as UTF-8",
		}}, nil
	}
	if c == latin1Charset && hasC1(raw) {
		// These bytes are control characters in 8859/1 and letters, quotes
		// and the euro sign in Windows-1252; no clinical text means controls.
		c = win1252
		warns = append(warns, Warning{
			Code:   WarnCharsetContradicted,
			Reason: "MSH-18 says 8859/1, but the message holds bytes that only Windows-1252 uses; read as Windows-1252",
		})
	} else if singleByte(c) && hasHigh(raw) && utf8.Valid(raw) {
		warns = append(warns, Warning{
			Code:   WarnCharsetContradicted,
			Reason: "the bytes look like UTF-8, but MSH-18 names another character set; read as MSH-18 says",
		})
	}
	text, ok := c.decode(raw)
	if !ok {
		return "", c, nil, fault.Newf(fault.Invalid, "hl7.charset", "MSH-18",
			"the message holds bytes that are not %s, which MSH-18 names; correct MSH-18 or the sender's encoding", c.name)
	}
	return text, c, warns, nil
}

// decodeUndeclared reads bytes whose character set is not known: UTF-8 where
// they fit it, else Windows-1252.
func decodeUndeclared(raw []byte, code WarningCode, why string) (string, charset, []Warning, error) {
	if text, ok := utf8Charset.decode(raw); ok {
		if !hasHigh(raw) {
			return text, utf8Charset, nil, nil
		}
		if code == WarnCharsetGuessed {
			return text, utf8Charset, nil, nil // UTF-8 is the default, so nothing was guessed
		}
		return text, utf8Charset, []Warning{{Code: code, Reason: why + "; read as UTF-8"}}, nil
	}
	text, ok := win1252.decode(raw)
	if !ok {
		return "", win1252, nil, fault.New(fault.Invalid, "hl7.charset", "MSH-18",
			"the message is neither UTF-8 nor Windows-1252; name its character set in MSH-18")
	}
	return text, win1252, []Warning{{Code: code, Reason: why + " and the bytes are not UTF-8; read as Windows-1252"}}, nil
}

func singleByte(c charset) bool {
	_, ok := c.enc.(*charmap.Charmap)
	return ok
}

func hasHigh(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return true
		}
	}
	return false
}

func hasC1(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 && c < 0xA0 {
			return true
		}
	}
	return false
}
