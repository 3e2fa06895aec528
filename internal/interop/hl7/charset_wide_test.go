package hl7_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/traditionalchinese"

	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
)

// A hospital's name stands before MSH-18. In these sets its letters hold the byte of the
// vertical bar, so that counting fields by bytes finds MSH-17 or less.
func TestAHospitalsNameHidesNoCharacterSet(t *testing.T) {
	for name, c := range map[string]struct {
		enc      encoding.Encoding
		facility string
	}{
		"Shift_JIS": {japanese.ShiftJIS, "ポプラ病院"}, "BIG-5": {traditionalchinese.Big5, "榮院"},
		"~ISO IR87": {japanese.ISO2022JP, "慈恵病院"}, "ASCII~ISO IR87": {japanese.ISO2022JP, "日"},
	} {
		text := strings.Replace(string(seg(msh+"||||||"+name, "PID|1||7||"+c.facility+"^x")), "|WARD|", "|"+c.facility+"|", 1)
		raw, err := c.enc.NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(raw), "|") == strings.Count(text, "|") {
			t.Errorf("%s: no letter looks like a delimiter, so that this tests nothing", name)
		}
		m, err := hl7.Parse(raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, pid := m.Get("MSH-5").Text(), m.Get("PID-5").Text(); got != c.facility || pid != c.facility {
			t.Errorf("%s: the hospital is %q, the patient %q", name, got, pid)
		}
		if h := hl7.ReadHeader(raw); !h.CanAnswer() || h.ReceivingApp.Namespace != c.facility {
			t.Errorf("%s: the answer goes to %+v", name, h.ReceivingApp)
		}
		if again, err := m.Encode(); err != nil || string(again) != string(raw) {
			t.Errorf("%s: encodes to %q, %v", name, again, err)
		}
	}
}

// Two bytes are always a letter to a decoder, also a delimiter and half a name. What is
// not switched back would be read as a shorter message with other values.
func TestAStretchOfKanjiThatIsNotClosedIsRefused(t *testing.T) {
	head := msh + "||||||~ISO IR87\r"
	for name, raw := range map[string]string{
		"to the end of the segment": head + "PID|1||7||\x1b$B;3ED|M\rOBX|1|NM|K||6.8\r",
		"to the end of the message": head + "PID|1||7||\x1b$B;3ED",
		"half a letter":             head + "PID|1||7||\x1b$B;3E\x1b(B\r",
		"an unknown switch":         head + "PID|1||7||\x1b%G;3ED\x1b(B\r",
		"high bytes between":        head + "PID|1||7||\x1b$B\xbb3ED\x1b(B\r",
		"in the header":             "MSH|^~\\&|\x1b$BAAW;3CEES|WEST|WARD|EAST|20260329120000||ORU^R01^ORU_R01|C1|P|2.5.1||||||~ISO IR87\rPID|1||7||A\r",
	} {
		if _, err := hl7.Parse([]byte(raw)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
