package hl7_test

import (
	"bytes"
	"io"
	"testing"
	"time"
	"unicode/utf8"

	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
)

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		msh + "\rPID|1||7^^^HOSP^MR~8||Quill^Ada&B\rOBX|1|NM|K||6.8|mmol/L\r",
		msh + "||||||8859/1\rPID|1||7||M\xfcller\\XE9\\\r",
		msh + "||||||~ISO IR87\rPID|1||7||\x1b$B;3ED\x1b(B\r",
		"MSH#:*\\@#A\rZZZ#\\M2442\\$3\\C2842\\#\\.sp3\\#\\Zx\\#\"\"\r",
		"\xEF\xBB\xBF \nMSH|^~}|A\nOBX|one\n\nfree text\n",
		"FHS|^~\\&\rMSH|^~\\&#|A\r\rtext\nmore\rBTS\r",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, p := range hl7.Split(raw) {
			if !bytes.Equal(raw[p.Offset:p.Offset+len(p.Bytes)], p.Bytes) {
				t.Fatal("a part is not what stands there")
			}
		}
		h := hl7.ReadHeader(raw)
		answer := h.Answering((hl7.Policy{}).Check(h), "1", noon).Bytes(h)
		if h.CanAnswer() && h.Readable {
			if _, err := hl7.Parse(answer); err != nil && utf8.Valid(answer) {
				t.Fatalf("the answer %q does not parse: %v", answer, err)
			}
		}
		if n := bytes.Count(answer, []byte("\r")); n > 3 {
			t.Fatalf("the answer has %d segments: %q", n, answer)
		}
		m, err := hl7.Parse(raw)
		if err != nil {
			if fault.KindOf(err) == fault.Other {
				t.Fatalf("an error without a kind: %v", err)
			}
			return
		}
		roundTrip(t, m)
		for _, s := range m.Segments() {
			for n, field := range s.Fields() {
				if s.Field(n).Raw() != field.Raw() {
					t.Fatalf("field %d is not the %d-th", n, n)
				}
				_, _, _ = field.Text(), field.Whole(), field.RepCount()
			}
		}
	})
}

// roundTrip: the encoded message reads back as the same segments, and encodes
// to the same bytes again. (That the bytes are the sender's own holds for all
// sets but ISO 2022, where several byte sequences mean one text.)
func roundTrip(t *testing.T, m *hl7.Message) {
	t.Helper()
	out, err := m.Encode()
	if err != nil {
		if m.Charset() == "UNICODE UTF-8" || m.Charset() == "ASCII" {
			t.Fatalf("a text that was read cannot be written: %v", err)
		}
		return
	}
	again, err := hl7.Parse(out)
	if err != nil {
		t.Fatalf("the encoded message does not parse: %v", err)
	}
	if len(again.Segments()) != len(m.Segments()) {
		t.Fatalf("%d segments became %d", len(m.Segments()), len(again.Segments()))
	}
	for i, s := range again.Segments() {
		if s.Raw() != m.Segments()[i].Raw() {
			t.Fatalf("segment %d changed: %q, %q", i+1, m.Segments()[i].Raw(), s.Raw())
		}
	}
	if twice, err := again.Encode(); err != nil || !bytes.Equal(twice, out) {
		t.Fatalf("encodes to something else the second time: %v", err)
	}
	lead := bytes.IndexByte(m.Raw(), 'M')
	if n := m.Charset(); (n == "UNICODE UTF-8" || n == "ASCII") && hl7.Content(out) != hl7.Content(m.Raw()[lead:]) {
		t.Fatal("the bytes changed")
	}
}

func FuzzMLLP(f *testing.F) {
	f.Add([]byte("\x0bMSH|\r\x1c\r\x0bB\x1c\r"), 3)
	f.Add([]byte("noise\x0bA\x0bB\x1cC\x1c\x1c\r\x0b"), 1)
	f.Fuzz(func(t *testing.T, stream []byte, step int) {
		const limit = 64
		whole, wholeErr := readAll(hl7.NewDecoder(bytes.NewReader(stream), limit))
		bits, bitsErr := readAll(hl7.NewDecoder(&stepReader{stream, max(1, step&15)}, limit))
		if len(whole) != len(bits) || fault.KindOf(wholeErr) != fault.KindOf(bitsErr) {
			t.Fatalf("in pieces the stream reads otherwise: %d, %v; %d, %v", len(whole), wholeErr, len(bits), bitsErr)
		}
		for i, g := range whole {
			if g != bits[i] {
				t.Fatalf("frame %d differs in pieces", i)
			}
			if len(g.msg) > limit || bytes.IndexByte([]byte(g.msg), 0x0B) >= 0 {
				t.Fatalf("frame %q", g.msg)
			}
			frame, err := hl7.EncodeFrame([]byte(g.msg))
			if err != nil {
				continue // an end byte in the data
			}
			if back, _ := readAll(hl7.NewDecoder(bytes.NewReader(frame), limit)); len(back) != 1 || back[0].msg != g.msg {
				t.Fatalf("%q is not framed and read back", g.msg)
			}
		}
	})
}

type stepReader struct {
	rest []byte
	n    int
}

func (r *stepReader) Read(p []byte) (int, error) {
	n := min(r.n, len(p), len(r.rest))
	if n == 0 {
		return 0, io.EOF
	}
	copy(p, r.rest[:n])
	r.rest = r.rest[n:]
	return n, nil
}

func FuzzTime(f *testing.F) {
	for _, s := range []string{"2026", "20260329013000", "20261025013000.1234", "202603292330-0500", "Aug 15", `""`} {
		f.Add(s)
	}
	london := zone(f, "Europe/London")
	f.Fuzz(func(t *testing.T, raw string) {
		_, _ = hl7.ParseClock(raw)
		got, err := hl7.ParseTime(raw, london)
		if err != nil || got.IsZero() {
			return
		}
		at, instant := got.Instant()
		if instant == got.IsDate() {
			t.Fatal("a date and an instant")
		}
		if !instant {
			return
		}
		back, err := time.Parse(time.RFC3339Nano, got.FHIR())
		if err != nil || !back.Equal(at) {
			t.Fatalf("%q as FHIR is %q, which is %v, not %v: %v", raw, got.FHIR(), back, at, err)
		}
		if _, err := time.Parse("2006-01-02", got.FHIRDate()); err != nil {
			t.Fatalf("%q has the date %q", raw, got.FHIRDate())
		}
	})
}
