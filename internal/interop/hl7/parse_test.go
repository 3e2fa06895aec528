package hl7_test

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
)

// seg joins segments as a sender would.
func seg(lines ...string) []byte { return []byte(strings.Join(lines, "\r") + "\r") }

const msh = `MSH|^~\&|LAB|WEST|WARD|EAST|20260329120000||ORU^R01^ORU_R01|C1|P|2.5.1`

func parse(t *testing.T, raw []byte) *hl7.Message {
	t.Helper()
	m, err := hl7.Parse(raw)
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return m
}

func TestPathsReachEveryLevelOfAMessage(t *testing.T) {
	m := parse(t, seg(msh,
		`PID|1||A1^^^HOSP&1.2.3&ISO^MR~B2^^^NHS^NHSNMBR||Quill^Ada^^^Dr`,
		`OBX|1|NM|K^Potassium||6.8|mmol/L`,
		`OBX|2|ST|N^Note||one~two`))
	for path, want := range map[string]string{
		"MSH-1": "|", "MSH-2": `^~\&`, "MSH-3": "LAB", "MSH-9.2": "R01", "MSH-12": "2.5.1",
		"PID-3": "A1", "PID-3(2)": "B2", "PID-3(2).4": "NHS", "PID-3.4.2": "1.2.3", "PID-3(1).4.3": "ISO",
		"PID-5.1": "Quill", "PID-5.5": "Dr", "PID-5.9": "", "PID-99": "", "ZZZ-1": "",
		"OBX-5": "6.8", "OBX(2)-5": "one", "OBX(2)-5(2)": "two", "OBX(3)-5": "",
	} {
		if got := m.Get(path).Text(); got != want {
			t.Errorf("%s = %q, want %q", path, got, want)
		}
		if p, err := hl7.ParsePath(path); err != nil || p.String() != path {
			t.Errorf("path %s reads back as %q, %v", path, p.String(), err)
		}
	}
	for _, bad := range []string{"", "PID", "PID-0", "PID-3(0)", "PID-3.0", "pid-3", "PID-3.1.2.3", "PID-99999"} {
		if _, err := hl7.ParsePath(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("path %q was taken", bad)
		}
	}
}

func TestAbsentEmptyNullAndPresentAreToldApart(t *testing.T) {
	m := parse(t, seg(msh, `PID|1||""|x^""^|~a`))
	for path, want := range map[string]hl7.Presence{
		"PID-1": hl7.Present, "PID-2": hl7.Empty, "PID-3": hl7.Null, "PID-6": hl7.Absent,
		"PID-4.1": hl7.Present, "PID-4.2": hl7.Null, "PID-4.3": hl7.Empty, "PID-4.4": hl7.Absent,
		"PID-4.2.2": hl7.Absent, "PID-5(1)": hl7.Empty, "PID-5(2)": hl7.Present, "PID-5(3)": hl7.Absent,
		"NK1-1": hl7.Absent,
	} {
		v := m.Get(path)
		if v.Presence() != want {
			t.Errorf("%s is %s, want %s", path, v.Presence(), want)
		}
		if want != hl7.Present && v.Text() != "" {
			t.Errorf("%s has text %q", path, v.Text())
		}
	}
}

func TestTheMessageDeclaresItsOwnDelimiters(t *testing.T) {
	for name, c := range map[string]struct{ header, line, path, want string }{
		"usual":        {`MSH|^~\&|A`, `PID|1||a^b&c~d`, "PID-3.2.2", "c"},
		"others":       {`MSH#:*\@#A`, `PID#1##a:b@c*d`, "PID-3.2.2", "c"},
		"swapped":      {"MSH^~|\\&^A", "PID^1^^a~b&c|d", "PID-3(2)", "d"},
		"truncation":   {`MSH|^~\&#|A`, `PID|1||a\P\b`, "PID-3", "a#b"},
		"no escape":    {`MSH|^~|A`, `PID|1||a\T\b&c`, "PID-3", `a\T\b&c`},
		"three, 2.1":   {`MSH|^~}|A`, `PID|1||a}S}b&c^d`, "PID-3", `a^b&c`},
		"brace is sub": {`MSH|^~\}|A`, `PID|1||a}b^c`, "PID-3.1.2", "b"},
	} {
		m := parse(t, seg(c.header, c.line))
		if got := m.Get(c.path).Text(); got != c.want {
			t.Errorf("%s: %s = %q, want %q", name, c.path, got, c.want)
		}
	}
	for name, header := range map[string]string{
		"two-byte separator":   "MSH§^~\\&§A",
		"two-byte component":   "MSH|§~\\&|A",
		"latin-1 repetition":   "MSH|^\xa7\\&|A",
		"two two-byte ones":    "MSH|§~\\&§|A",
		"doubled escape":       `MSH|^~\\&|A`,
		"one character":        "MSH|^|A",
		"six characters":       `MSH|^~\&#@|A`,
		"letter":               `MSH|^~\A|A`,
		"quotation mark":       `MSH|^~\"|A`,
		"separator is a digit": `MSH1^~\&1A`,
		"separator is a blank": `MSH ^~\& A`,
		"nothing":              "MSH",
		"no MSH-2":             "MSH|",
	} {
		_, err := hl7.Parse(seg(header, "PID|1"))
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "MSH-") {
			t.Errorf("%s: error %v does not say which field to change", name, err)
		}
		if (strings.Contains(header, "§") || strings.Contains(header, "\xa7")) && (err == nil || !strings.Contains(err.Error(), "not one ASCII byte")) {
			t.Errorf("%s: error %v does not say that one ASCII byte is needed", name, err)
		}
	}
}

func TestSegmentEndsOfEverySort(t *testing.T) {
	lines := []string{msh, "PID|1||7", "ZZZ|local^thing", "OBX|1|NM|K||6.8"}
	want := seg(lines...)
	for name, end := range map[string]string{"CR": "\r", "LF": "\n", "CRLF": "\r\n", "CR CR": "\r\r"} {
		for _, last := range []string{end, ""} {
			raw := []byte(strings.Join(lines, end) + last)
			m := parse(t, raw)
			if got, err := m.Encode(); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: encodes to %q, %v", name, got, err)
			}
			if !bytes.Equal(m.Raw(), raw) {
				t.Errorf("%s: the raw bytes changed", name)
			}
			if m.ContentID() != hl7.Content(want) {
				t.Errorf("%s: another identity", name)
			}
			if m.HasWarning(hl7.WarnLineEnds) != strings.Contains(end, "\n") || m.Terminated() != (last != "") {
				t.Errorf("%s: warnings %v, terminated %t", name, m.Warnings(), m.Terminated())
			}
		}
	}
	if hl7.Content(want) == hl7.Content(seg(msh, "PID|1||8")) {
		t.Error("two messages, one identity")
	}
}

func TestALineBreakInsideAFieldKeepsTheRestOfTheField(t *testing.T) {
	raw := seg(msh, "OBX|1|TX|N||first line\nsecond | line\n\nOBX-like|||||F", "PID|9")
	m := parse(t, raw)
	if n := len(m.Segments()); n != 4 {
		t.Fatalf("%d segments", n)
	}
	if got := m.Get("OBX-5").Text(); got != "first line\nsecond " {
		t.Errorf("OBX-5 = %q", got)
	}
	if !m.HasWarning(hl7.WarnLineBreakInField) || !m.HasWarning(hl7.WarnNotASegment) {
		t.Errorf("warnings %v", m.Warnings())
	}
	if m.Get("PID-1").Text() != "9" {
		t.Error("the segment after the text is lost")
	}
}

func TestAMessageThatWasCutOffIsNoticed(t *testing.T) {
	whole := string(seg(msh, "OBX|1|NM|K||6.8|mmol/L|||||F", "OBX|2|NM|NA||140|mmol/L|||||F"))
	for cut, want := range map[int]bool{0: false, 1: false, 2: false, 3: true, 12: true, 25: true, 30: false} {
		if got := parse(t, []byte(whole[:len(whole)-cut])).LooksCutOff(); got != want {
			t.Errorf("%d bytes short, ending %q: looks cut off: %t", cut, whole[len(whole)-cut-5:len(whole)-cut], got)
		}
	}
}

func TestWhatStandsBeforeTheHeader(t *testing.T) {
	m := parse(t, append([]byte("\xEF\xBB\xBF \r\n"), seg(msh, "PID|1")...))
	if !m.HasWarning(hl7.WarnByteOrderMark) || !m.HasWarning(hl7.WarnLeadingSpace) || m.Get("MSH-10").Text() != "C1" {
		t.Errorf("warnings %v", m.Warnings())
	}
	for name, raw := range map[string]string{
		"nothing": "", "blanks": " \r\n", "no MSH": "PID|1\r", "batch": "FHS|^~\\&\rMSH|^~\\&\r", "UTF-16": "\xFF\xFEM\x00S\x00H\x00",
	} {
		if _, err := hl7.Parse([]byte(raw)); err == nil {
			t.Errorf("%s: was taken for a message", name)
		}
	}
}

func TestUnknownSegmentsAndLinesAreKept(t *testing.T) {
	m := parse(t, seg(msh, "ZPD|1|a^b", "pid|1", "X", "free text", "ZZ9"))
	var ids []string
	for _, s := range m.Segments() {
		ids = append(ids, s.ID())
	}
	if got := strings.Join(ids, ","); got != "MSH,ZPD,,,,ZZ9" {
		t.Errorf("segments %s", got)
	}
	if s := m.Segment("ZPD", 1); !s.IsLocal() || s.Line() != 2 || s.FieldCount() != 2 {
		t.Errorf("ZPD: local %t, line %d, %d fields", s.IsLocal(), s.Line(), s.FieldCount())
	}
	if s := m.Segment("NK1", 1); s.Exists() || s.Field(3).Presence() != hl7.Absent || s.FieldCount() != 0 {
		t.Error("a segment that is not there exists")
	}
}

func TestGroupsFollowTheSegmentsThatBeginThem(t *testing.T) {
	m := parse(t, seg(msh, "PID|1", "OBR|1", "OBX|1", "OBX|2", "OBR|2", "PID|2", "OBR|3", "OBX|3"))
	before, patients := hl7.GroupBy(m.Segments(), "PID")
	if len(before) != 1 || len(patients) != 2 {
		t.Fatalf("%d before, %d patients", len(before), len(patients))
	}
	head, reports := hl7.GroupBy(patients[0], "OBR")
	if len(head) != 1 || len(reports) != 2 || len(reports[0]) != 3 || len(reports[1]) != 1 {
		t.Errorf("first patient: %d, %v", len(head), reports)
	}
	if got := hl7.First(patients[1], "OBX").Field(1).Text(); got != "3" {
		t.Errorf("second patient's OBX is %s", got)
	}
	if all, none := hl7.GroupBy(patients[1], "SPM"); len(none) != 0 || len(all) != 3 {
		t.Error("groups without a beginning")
	}
}

func TestTextWithUnescapedDelimitersCanBeReadWhole(t *testing.T) {
	m := parse(t, seg(msh, `OBX|1|ST|X||MRI W/&W/O^CONTRAST\T\DYE`))
	f := m.Segment("OBX", 1).Field(5)
	if f.Text() != "MRI W/" || f.Whole() != "MRI W/&W/O^CONTRAST&DYE" {
		t.Errorf("text %q, whole %q", f.Text(), f.Whole())
	}
}

func TestBoundsAreHeld(t *testing.T) {
	huge := append(seg(msh), bytes.Repeat([]byte("x"), hl7.MaxMessageBytes)...)
	if _, err := hl7.Parse(huge); !fault.Is(err, fault.Full) {
		t.Errorf("too long: %v", err)
	}
	many := append(seg(msh), bytes.Repeat([]byte("Z\r"), hl7.MaxSegments)...)
	if _, err := hl7.Parse(many); !fault.Is(err, fault.Full) {
		t.Errorf("too many segments: %v", err)
	}
	noisy := append(seg(msh), bytes.Repeat([]byte("?\r"), 1000)...)
	if n := len(parse(t, noisy).Warnings()); n > 50 {
		t.Errorf("%d warnings", n)
	}
}

func TestErrorsHoldNoValues(t *testing.T) {
	for _, raw := range [][]byte{
		[]byte("PID|1||7||SECRET\r"),
		seg(`MSH|^~\\&|SECRET`),
		seg(msh+`||||||SECRET`, "PID|1||7||SECRET"),
		seg(msh+`||||||UTF-8`, "PID|1||7||SECRET\xff"),
	} {
		_, err := hl7.Parse(raw)
		if err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("error: %v", err)
		}
	}
}

// Whatever is built is read back as it was, and whatever is read is written
// back as it came.
func TestBuiltMessagesReadBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("ab|^~\\&#\"\r\n\x0b\x1c\x00 é漢.X0FSTRE")), 0, 12, -1)
		b := hl7.NewBuilder()
		b.Add("MSH").Set(10, "1").Set(18, "UNICODE UTF-8")
		first, second, sub := text.Draw(rt, "first"), text.Draw(rt, "second"), text.Draw(rt, "sub")
		b.Add("ZTX").Set(1, first, second).AddRep(2, "r1").AddRep(2, first, second).SetComps(3, []string{"x", sub})
		raw := b.Bytes()
		m, err := hl7.Parse(raw)
		if err != nil {
			rt.Fatalf("Parse: %v", err)
		}
		for path, want := range map[string]string{
			"ZTX-1.1": first, "ZTX-1.2": second, "ZTX-2(2).1": first, "ZTX-2(2).2": second, "ZTX-3.1.2": sub,
		} {
			if got := m.Get(path).Text(); got != want {
				rt.Fatalf("%s = %q, want %q in %q", path, got, want, raw)
			}
		}
		if again, err := m.Encode(); err != nil || !bytes.Equal(again, raw) {
			rt.Fatalf("encodes to %q, %v", again, err)
		}
		if _, err := hl7.EncodeFrame(raw); err != nil {
			rt.Fatalf("a built message breaks the framing: %v", err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	raw := seg(msh, `PID|1||A1^^^HOSP&1.2.3&ISO^MR~B2^^^NHS^NHSNMBR||Quill^Ada^^^Dr||19441223|F`,
		`OBR|1|P1|F1|UE^Urea|||20260329120000`, `OBX|1|NM|K^Potassium||6.8|mmol/L|3.5 - 5.3|HH|||F|||20260329120000`)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		m, err := hl7.Parse(raw)
		if err != nil || m.Segment("OBX", 1).Field(5).Text() != "6.8" {
			b.Fatal(err)
		}
	}
}
