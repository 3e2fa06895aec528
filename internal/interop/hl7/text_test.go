package hl7_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
)

func TestEscapes(t *testing.T) {
	for in, want := range map[string]string{
		`A \T\ E`:                        "A & E",
		`\F\\S\\T\\R\\E\`:                `|^&~\`,
		`\H\urgent\N\`:                   "urgent",
		`one\.br\two`:                    "one\ntwo",
		`one\.sp\two\.sp2\x\.sp+3\y`:     "one\ntwo\n\nx\n\n\ny",
		`\.in+4\\.ti-2\\.nf\text\.fi\`:   "text",
		`\.sk3\x\.ce\y`:                  "   x\ny",
		`\X0D\`:                          "\r",
		`\X4142\\X43\`:                   "ABC",
		`\XC3\\XA9\`:                     "é", // one character in two escapes
		`\XC3A9\`:                        "é",
		`\XC3\`:                          `\XC3\`, // half a character
		`\XC3\\XE9\x`:                    `\XC3\\XE9\x`,
		`\X4\`:                           `\X4\`,
		`\XZZ\`:                          `\XZZ\`,
		`\Zxx\ local`:                    `\Zxx\ local`,
		`\Zxx\T\`:                        `\Zxx\T\`,
		`\Q\ unknown`:                    `\Q\ unknown`,
		`\.zz\`:                          `\.zz\`,
		`C:\dir\T\x`:                     `C:\dir&x`,
		`a\b c\T\d`:                      `a\b c&d`,
		`lone \`:                         `lone \`,
		`\\`:                             `\\`,
		`\\T\`:                           `\&`,
		`\P\`:                            `\P\`, // no truncation character declared
		`\M2442\$3$s$K$A$O\C2842\ hello`: "こんにちは hello",
		`\C2D41\é`:                       `\C2D41\é`,
		`<b>&amp;</b>`:                   "<b>&amp;</b>", // never HTML
	} {
		m := parse(t, seg(msh, "ZTX|"+in))
		if got := m.Segment("ZTX", 1).Field(1).Whole(); got != want {
			t.Errorf("%s reads as %q, want %q", in, got, want)
		}
	}
}

func TestEveryCharacterSetOfTable0211IsReadAndWrittenBack(t *testing.T) {
	for name, c := range map[string]struct {
		enc  encoding.Encoding
		text string
	}{
		"8859/1": {charmap.ISO8859_1, "Müller André"}, "8859/2": {charmap.ISO8859_2, "Łukasz Żółć"},
		"8859/3": {charmap.ISO8859_3, "Ġorġ"}, "8859/4": {charmap.ISO8859_4, "Jānis Ķēniņš"},
		"8859/5": {charmap.ISO8859_5, "Иван"}, "8859/6": {charmap.ISO8859_6, "علي"},
		"8859/7": {charmap.ISO8859_7, "Γιώργος"}, "8859/8": {charmap.ISO8859_8, "דוד"},
		"8859/9": {charmap.ISO8859_9, "Işık"}, "8859/10": {charmap.ISO8859_10, "Þór"},
		"8859/13": {charmap.ISO8859_13, "Ąžuolas"}, "8859/14": {charmap.ISO8859_14, "Siân Ŵyn"},
		"8859/15": {charmap.ISO8859_15, "Œuvre 5 €"}, "8859/16": {charmap.ISO8859_16, "Ștefan"},
		"UNICODE UTF-8": {encoding.Nop, "Nguyễn 漢"}, "UTF-8": {encoding.Nop, "é"}, "ASCII": {encoding.Nop, "plain"},
		"GB 18030-2000": {simplifiedchinese.GB18030, "王小明"}, "KS X 1001": {korean.EUCKR, "홍길동"},
		"BIG-5":     {traditionalchinese.Big5, "功許蓋"}, // the second bytes of these are \ and |
		"~ISO IR87": {japanese.ISO2022JP, "山田太郎"}, "ASCII~ISO IR87": {japanese.ISO2022JP, "山田"},
		"ISO IR87": {japanese.ISO2022JP, "山田"}, "ISO IR14": {japanese.ISO2022JP, "plain"},
	} {
		text := string(seg(msh+"||||||"+name, "PID|1||7||"+c.text+"^x"))
		raw, err := c.enc.NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		m, err := hl7.Parse(raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := m.Get("PID-5").Text(); got != c.text || m.Get("PID-5.2").Text() != "x" {
			t.Errorf("%s: the name is %q", name, got)
		}
		if again, err := m.Encode(); err != nil || string(again) != string(raw) {
			t.Errorf("%s: encodes to %q, %v", name, again, err)
		}
		if len(m.Warnings()) > 0 {
			t.Errorf("%s: warnings %v", name, m.Warnings())
		}
	}
}

func TestBytesThatDoNotFitTheirCharacterSet(t *testing.T) {
	for name, c := range map[string]struct {
		msh18, text string
		kind        fault.Kind // of the error
		want        string     // or the name
		warn        hl7.WarningCode
	}{
		"undeclared latin-1":      {"", "M\xfcller", 0, "Müller", hl7.WarnCharsetGuessed},
		"undeclared UTF-8":        {"", "Müller", 0, "Müller", ""},
		"undeclared ASCII":        {"", "Muller", 0, "Muller", ""},
		"windows quotes as 88591": {"8859/1", "O\x92Neil", 0, "O’Neil", hl7.WarnCharsetContradicted},
		"UTF-8 called 8859/1":     {"8859/1", "Müller", 0, "Müller", hl7.WarnCharsetContradicted},
		"UTF-8 called ASCII":      {"ASCII", "Müller", 0, "Müller", hl7.WarnCharsetContradicted},
		"latin-1 called ASCII":    {"ASCII", "M\xfcller", 0, "Müller", hl7.WarnCharsetContradicted},
		"latin-1 called UTF-8":    {"UNICODE UTF-8", "M\xfcller", fault.Invalid, "", ""},
		"a hole of 8859/7":        {"8859/7", "\xff", fault.Invalid, "", ""},
		"half a GB 18030 pair":    {"GB 18030-2000", "\x81", fault.Invalid, "", ""},
		"the sender's own U+FFFD": {"UTF-8", "M\uFFFDller", 0, "M\uFFFDller", hl7.WarnReplacementChar},
		"no such set":             {"KLINGON", "x", fault.Unsupported, "", ""},
		"UTF-16":                  {"UNICODE UTF-16", "x", fault.Unsupported, "", ""},
		"CNS 11643":               {"CNS 11643-1992", "x", fault.Unsupported, "", ""},
		"JIS X 0212":              {"ISO IR159", "x", fault.Unsupported, "", ""},
	} {
		m, err := hl7.Parse(seg(msh+"||||||"+c.msh18, "PID|1||7||"+c.text))
		if c.kind != 0 {
			if !fault.Is(err, c.kind) {
				t.Errorf("%s: error %v, want kind %s", name, err, c.kind)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := m.Get("PID-5").Text()
		if got != c.want || !strings.Contains(c.want, "\uFFFD") && strings.Contains(got, "\uFFFD") {
			t.Errorf("%s: the name is %q", name, got)
		}
		if c.warn != "" && !m.HasWarning(c.warn) || c.warn == "" && len(m.Warnings()) > 0 {
			t.Errorf("%s: warnings %v", name, m.Warnings())
		}
	}
}

func TestHexEscapesAreBytesOfTheMessagesCharacterSet(t *testing.T) {
	m := parse(t, seg(msh+"||||||8859/1", `PID|1||7||M\XFC\ller`))
	if got := m.Get("PID-5").Text(); got != "Müller" {
		t.Errorf("the name is %q", got)
	}
}

// A component whose type has no parts is one text, ampersands and all; its empty parts at
// the end are none of it.
func TestWordsOfAComponent(t *testing.T) {
	m, err := hl7.Parse([]byte("MSH|^~\\&|A|B|C|D|20260101||ORU^R01|1|P|2.5\rOBX|1|CE|O&P^Ova & parasites^L^A\\T\\B&^&^\"\"|\r"))
	if err != nil {
		t.Fatal(err)
	}
	f := m.Segment("OBX", 1).Field(3)
	for n, want := range map[int]string{1: "O&P", 2: "Ova & parasites", 3: "L", 4: "A&B", 5: "", 6: "", 7: ""} {
		if got := f.Comp(n).Words(); got != want {
			t.Errorf("component %d is %q, want %q", n, got, want)
		}
	}
}
