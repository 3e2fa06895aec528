package hl7_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
)

// dataDir is the folder of real HL7 v2 messages: below WARDLIGHT_TESTDATA, or
// beside the repository. The test is skipped where it is absent.
func dataDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("WARDLIGHT_TESTDATA")
	if dir == "" {
		dir = filepath.Join(repoRoot(t), "..", "shared", "data")
	}
	dir = filepath.Join(dir, "hl7v2")
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		t.Skipf("no test data at %s; set WARDLIGHT_TESTDATA to run this test", dir)
	}
	return dir
}

func repoRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

func TestRealMessagesAreReadAndWrittenBack(t *testing.T) {
	dir := dataDir(t)
	files, messages, refused := 0, 0, 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		files++
		checkSplit(t, name, data)
		for _, raw := range hl7.Messages(data) {
			messages++
			if !checkMessage(t, name, raw) {
				refused++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files, %d messages, %d of them refused with a reason", files, messages, refused)
	if messages == 0 {
		t.Error("the folder holds no messages")
	}
}

// checkSplit: what is in no part is framing, and nothing else.
func checkSplit(t *testing.T, name string, data []byte) {
	t.Helper()
	at := 0
	for _, p := range append(hl7.Split(data), hl7.Part{Offset: len(data)}) {
		if gap := bytes.Trim(data[at:p.Offset], "\x0b\x1c\r"); len(gap) > 0 {
			t.Errorf("%s: %d bytes before offset %d are in no part", name, len(gap), p.Offset)
		}
		at = p.Offset + len(p.Bytes)
	}
}

// checkMessage reads one message and writes it back; false if it was refused.
func checkMessage(t *testing.T, name string, raw []byte) bool {
	t.Helper()
	m, err := hl7.Parse(raw)
	h := hl7.ReadHeader(raw)
	if err != nil {
		if k := fault.KindOf(err); k != fault.Invalid && k != fault.Unsupported && k != fault.Full {
			t.Errorf("%s: error of kind %s: %v", name, k, err)
		}
		if v := (hl7.Policy{}).Check(h); v.OK() {
			t.Errorf("%s: refused by Parse (%v), but its header is accepted", name, err)
		}
		return false
	}
	again, err := m.Encode()
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if hl7.Content(again) != hl7.Content(bytes.TrimPrefix(raw, []byte("\xEF\xBB\xBF"))) || !bytes.Equal(m.Raw(), raw) {
		t.Errorf("%s: the message is not written back as it came", name)
	}
	for _, s := range m.Segments() {
		if s.ID() == "" {
			t.Errorf("%s: line %d is no segment", name, s.Line())
		}
		checkTexts(t, name, s)
	}
	if got := m.Header(); got.ControlID != h.ControlID || got.Type != h.Type || got.Version != h.Version {
		t.Errorf("%s: two readings of one header differ", name)
	}
	answer := h.Answering((hl7.Policy{}).Check(h), "1", noon).Bytes(h)
	if a, err := hl7.Parse(answer); err != nil || a.Get("MSA-2").Raw() != m.Get("MSH-10").Raw() {
		t.Errorf("%s: the answer does not repeat the control id: %v", name, err)
	}
	return true
}

// checkTexts: no leaf's text holds a replacement character that the sender
// did not send.
func checkTexts(t *testing.T, name string, s hl7.Segment) {
	t.Helper()
	for n, f := range s.Fields() {
		if strings.ContainsRune(f.Whole(), '\uFFFD') && !strings.ContainsRune(f.Raw(), '\uFFFD') {
			t.Errorf("%s: %s-%d holds U+FFFD", name, s.ID(), n)
		}
	}
}

// Each class of malformed message gets the answer that a sender can act on.
func TestMalformedMessagesAreJudgedByClass(t *testing.T) {
	dir := filepath.Join(dataDir(t), "malformed")
	policy := hl7.Policy{Types: map[string][]string{"ORU": {"R01"}}}
	for file, c := range map[string]struct {
		messages int
		code     hl7.ErrorCode
		warn     hl7.WarningCode
		path     string
		want     string
	}{
		"02-truncated-mid-obx.hl7":             {1, 0, hl7.WarnCutOff, "OBX(2)-11", "P"},
		"03-lf-only.hl7":                       {1, 0, hl7.WarnLineEnds, "OBX-5", "7.1"},
		"04-crlf.hl7":                          {1, 0, hl7.WarnLineEnds, "OBX-5", "7.1"},
		"05-bom.hl7":                           {1, 0, hl7.WarnByteOrderMark, "OBX-5", "7.1"},
		"06-other-delimiters.hl7":              {1, 0, "", "PID-3(2).4", "NHSNBR"},
		"07-no-control-id.hl7":                 {1, hl7.ErrRequiredField, "", "MSH-10", ""},
		"08-unknown-type.hl7":                  {1, hl7.ErrMessageType, "", "MSH-9", "ZZZ"},
		"09-unsupported-version.hl7":           {1, hl7.ErrVersion, "", "MSH-12", "9.9"},
		"10-training-processing-id.hl7":        {1, hl7.ErrProcessingID, "", "MSH-11", "T"},
		"11-pid3-empty.hl7":                    {1, 0, "", "PID-3", ""},
		"13-two-patients.hl7":                  {1, 0, "", "PID(2)-5", "Other"},
		"15-comparator.hl7":                    {1, 0, "", "OBX-2", "NM"},
		"16-thousands-and-comma.hl7":           {1, 0, "", "OBX-5", "7,1"},
		"25-latin1-bytes.hl7":                  {1, 0, "", "PID-5", "Müller"},
		"26-latin1-undeclared.hl7":             {1, 0, hl7.WarnCharsetGuessed, "PID-5", "Müller"},
		"27-utf8.hl7":                          {1, 0, "", "PID-5", "Nguyễn"},
		"28-escapes.hl7":                       {1, 0, "", "NTE(2)-3", "A & E: urgent | pipe, ^ caret, ~ tilde, \\ backslash, \r hex, \n new line, \\Zxx\\ local"},
		"29-hl7-null.hl7":                      {1, 0, "", "PID-13", ""},
		"33-same-control-id-other-content.hl7": {1, 0, "", "MSH-10", "15"},
		"36-z-segment-first.hl7":               {1, 0, "", "ZPD-2.2", "THING"},
		"01-no-msh.hl7":                        {0, 0, "", "", ""},
		"35-empty.hl7":                         {0, 0, "", "", ""},
	} {
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		messages := hl7.Messages(data)
		if len(messages) != c.messages {
			t.Errorf("%s: %d messages", file, len(messages))
		}
		if len(messages) == 0 {
			continue
		}
		m := parse(t, messages[0])
		if v := policy.Check(m.Header()); v.Error != c.code {
			t.Errorf("%s: judged %+v", file, v)
		}
		if c.warn != "" && !m.HasWarning(c.warn) {
			t.Errorf("%s: warnings %v", file, m.Warnings())
		}
		if got := m.Get(c.path).Text(); got != c.want {
			t.Errorf("%s: %s = %q, want %q", file, c.path, got, c.want)
		}
	}
}

func TestRecordedStreamsAreUnframed(t *testing.T) {
	dir := dataDir(t)
	for file, c := range map[string]struct {
		frames  int
		noise   bool
		dropped bool
		cutOff  bool
	}{
		"malformed/30-framing-in-data.mllp":   {2, true, false, false},
		"malformed/31-frame-without-end.mllp": {0, false, false, true},
		"malformed/32-two-starts.mllp":        {1, false, true, false},
		"streams/simhospital-burst.mllp":      {108, false, false, false},
		"streams/simhospital-aki.mllp":        {85, false, false, false},
	} {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		all, err := readAll(hl7.NewDecoder(bytes.NewReader(data), 0))
		if len(all) != c.frames || fault.Is(err, fault.Invalid) != c.cutOff {
			t.Errorf("%s: %d frames, then %v", file, len(all), err)
		}
		noise, dropped := 0, false
		for _, f := range all {
			noise, dropped = noise+f.noise, dropped || f.dropped != ""
			if len(hl7.Messages([]byte(f.msg))) != 1 {
				t.Errorf("%s: a frame does not hold one message", file)
			}
		}
		if noise > 0 != c.noise || dropped != c.dropped {
			t.Errorf("%s: noise %d, dropped %t", file, noise, dropped)
		}
	}
}
