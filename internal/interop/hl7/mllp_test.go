package hl7_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
)

type got struct {
	msg, dropped string
	noise        int
}

func readAll(d *hl7.Decoder) ([]got, error) {
	var all []got
	for {
		f, err := d.Next()
		if err != nil {
			return all, err
		}
		all = append(all, got{string(f.Message), string(f.Dropped), f.Noise})
	}
}

func TestFramesAreTakenOutOfAStream(t *testing.T) {
	for name, c := range map[string]struct {
		stream string
		want   []got
		end    error // nil: clean
	}{
		"one":                       {"\x0bA\r\x1c\r", []got{{msg: "A\r"}}, nil},
		"several in one packet":     {"\x0bA\x1c\r\x0bB\x1c\r\x0bC\x1c\r", []got{{msg: "A"}, {msg: "B"}, {msg: "C"}}, nil},
		"noise between":             {"hm\x0bA\x1c\r\r\nnoise\x1c\r\x0bB\x1c\r", []got{{msg: "A", noise: 2}, {msg: "B", noise: 9}}, nil},
		"two starts":                {"\x0bA\rP\x0bB\x1c\r", []got{{msg: "B", dropped: "A\rP"}}, nil},
		"three starts, newest kept": {"\x0bA\x0bB\x0bC\x1c\r\x0bD\x1c\r", []got{{msg: "C", dropped: "B"}, {msg: "D"}}, nil},
		"start twice":               {"\x0b\x0bB\x1c\r", []got{{msg: "B"}}, nil},
		"end without CR":            {"\x0bA\x1c\x0bB\x1c\r", []got{{msg: "A"}, {msg: "B"}}, nil},
		"FS in the data":            {"\x0bA\x1cB\x1c\x1c\r", []got{{msg: "A\x1cB\x1c"}}, nil},
		"empty frame":               {"\x0b\x1c\r", []got{{msg: ""}}, nil},
		"cut off":                   {"\x0bA\x1c\r\x0bB\r", []got{{msg: "A"}}, io.ErrUnexpectedEOF},
		"cut off at the end":        {"\x0bA\x1c", nil, io.ErrUnexpectedEOF},
		"nothing":                   {"", nil, nil},
		"only noise":                {"GET / HTTP/1.1\r\n", nil, nil},
	} {
		for how, r := range map[string]io.Reader{
			"at once": strings.NewReader(c.stream), "byte by byte": iotest.OneByteReader(strings.NewReader(c.stream)),
			"data with the end": iotest.DataErrReader(strings.NewReader(c.stream)),
		} {
			all, err := readAll(hl7.NewDecoder(r, 100))
			clean := c.end == nil && errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF)
			if !clean && (c.end == nil || !errors.Is(err, c.end) || !fault.Is(err, fault.Invalid)) {
				t.Errorf("%s, %s: ends with %v", name, how, err)
			}
			if len(all) != len(c.want) {
				t.Errorf("%s, %s: %+v", name, how, all)
				continue
			}
			for i := range all {
				if all[i] != c.want[i] {
					t.Errorf("%s, %s: %+v, want %+v", name, how, all[i], c.want[i])
				}
			}
		}
	}
}

func TestALongMessageEndsTheConnection(t *testing.T) {
	fits := "\x0b" + strings.Repeat("x", 50) + "\x1c\r"
	for name, bad := range map[string]string{
		"one byte too long": "\x0b" + strings.Repeat("x", 51) + "\x1c\r",
		"without end":       "\x0b" + strings.Repeat("x", 5000),
	} {
		for _, r := range []io.Reader{strings.NewReader(fits + bad + fits), iotest.OneByteReader(strings.NewReader(fits + bad + fits))} {
			d := hl7.NewDecoder(r, 50)
			all, err := readAll(d)
			if len(all) != 1 || !fault.Is(err, fault.Full) {
				t.Errorf("%s: %d messages, then %v", name, len(all), err)
			}
			if _, again := d.Next(); !fault.Is(again, fault.Full) {
				t.Errorf("%s: the decoder goes on: %v", name, again)
			}
		}
	}
	if _, err := readAll(hl7.NewDecoder(strings.NewReader(strings.Repeat("x", 2<<20)), 50)); !fault.Is(err, fault.Invalid) {
		t.Errorf("endless noise: %v", err)
	}
}

func TestAHalfFrameSurvivesATimeOut(t *testing.T) {
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	d := hl7.NewDecoder(here, 0)
	go func() { _, _ = there.Write([]byte("\x0bMSH")) }()
	_ = here.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if _, err := d.Next(); !fault.Is(err, fault.Timeout) {
		t.Fatalf("error %v", err)
	}
	if !d.InFrame() || string(d.Partial()) != "MSH" {
		t.Fatalf("in a frame: %t, %q", d.InFrame(), d.Partial())
	}
	go func() { _ = hl7.NewEncoder(there).Encode([]byte("x")); _, _ = there.Write([]byte("")) }()
	_ = here.SetReadDeadline(time.Time{})
	f, err := d.Next()
	if err != nil || string(f.Message) != "x" || string(f.Dropped) != "MSH" || d.InFrame() || d.Partial() != nil {
		t.Errorf("frame %+v, %v", f, err)
	}
}

func TestMessagesAreFramedInOneWrite(t *testing.T) {
	var w countingWriter
	if err := hl7.NewEncoder(&w).Encode([]byte("MSH\r")); err != nil || w.writes != 1 || w.String() != "\x0bMSH\r\x1c\r" {
		t.Errorf("%d writes of %q, %v", w.writes, w.String(), err)
	}
	for _, bad := range []string{"a\x0bb", "a\x1cb"} {
		if err := hl7.NewEncoder(&w).Encode([]byte(bad)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if w.writes != 1 {
		t.Error("a refused message was written")
	}
}

type countingWriter struct {
	bytes.Buffer
	writes int
}

func (w *countingWriter) Write(p []byte) (int, error) { w.writes++; return w.Buffer.Write(p) }

func TestBatchesAndFilesAreSplit(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want []string
	}{
		"one":             {"MSH|1\rPID\r", []string{"m:MSH|1\rPID\r"}},
		"two":             {"MSH|1\rPID\rMSH|2\r", []string{"m:MSH|1\rPID\r", "m:MSH|2\r"}},
		"batch":           {"FHS|^\rBHS|^\rMSH|1\nPID\nMSH|2\r\nBTS|2\rFTS|1", []string{"e:FHS|^\r", "e:BHS|^\r", "m:MSH|1\nPID\n", "m:MSH|2\r\n", "e:BTS|2\r", "e:FTS|1"}},
		"bare trailers":   {"MSH|1\rBTS\rFTS", []string{"m:MSH|1\r", "e:BTS\r", "e:FTS"}},
		"comments":        {"/* x\n */\nMSH|1\nPID|1\n\n// next\nMSH#2\nPID#1\n\n\n*/", []string{"n:/* x\n */\n", "m:MSH|1\nPID|1\n\n", "n:// next\n", "m:MSH#2\nPID#1\n\n\n", "n:*/"}},
		"text in a field": {"MSH|1\rOBX|one\n\ntwo\rPID\r", []string{"m:MSH|1\rOBX|one\n\ntwo\rPID\r"}},
		"frames":          {"\x0bMSH|1\r\x1c\rnoise\r\x0bMSH|2\rOBX|\x1c|\r\x1c\r", []string{"m:MSH|1\r", "n:noise\r", "m:MSH|2\rOBX|\x1c|\r"}},
		"frames, no CR":   {"\x0bMSH|1\x1c\r\x0bMSH|2\x1c\r", []string{"m:MSH|1", "m:MSH|2"}},
		"mark":            {"\xEF\xBB\xBFMSH|1\r", []string{"m:\xEF\xBB\xBFMSH|1\r"}},
		"no message":      {"MSHX|1\rPID|MSH|2\r[SOM]MSH|", []string{"n:MSHX|1\rPID|MSH|2\r[SOM]MSH|"}},
		"nothing":         {"", nil},
	} {
		var parts []string
		for _, p := range hl7.Split([]byte(c.in)) {
			parts = append(parts, [...]string{"n", "m", "e"}[p.Kind]+":"+string(p.Bytes))
			if !strings.HasPrefix(c.in[p.Offset:], string(p.Bytes)) {
				t.Errorf("%s: the part at %d is not there", name, p.Offset)
			}
		}
		if strings.Join(parts, " ") != strings.Join(c.want, " ") {
			t.Errorf("%s:\n got %q\nwant %q", name, parts, c.want)
		}
	}
	if n := len(hl7.Messages([]byte("x\rMSH|1\rBTS\rMSH|2\r"))); n != 2 {
		t.Errorf("%d messages", n)
	}
}
