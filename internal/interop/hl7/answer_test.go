package hl7_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/interop/hl7"
)

var noon = time.Date(2026, 3, 29, 12, 0, 0, 0, time.FixedZone("", 3600))

func TestTheHeaderIsReadAsTyped(t *testing.T) {
	h := parse(t, seg(`MSH|^~\&|LAB^1.2^ISO|WEST|WARD|^2.3^ISO|20260329||ORU^R01^ORU_R01| C1 |P^A|2.5.1^X||| AL|NE||8859/1~UNICODE UTF-8`)).Header()
	if h.SendingApp != (hl7.HD{Namespace: "LAB", UniversalID: "1.2", IDType: "ISO"}) || h.ReceivingFac.String() != "2.3" ||
		h.Type != (hl7.MessageType{Code: "ORU", Event: "R01", Structure: "ORU_R01"}) || h.Type.String() != "ORU^R01" ||
		h.ControlID != " C1 " || h.ProcessingID != "P" || h.ProcessingMode != "A" || h.Version != "2.5.1" ||
		h.AcceptAck != hl7.AckAlways || h.ApplicationAck != hl7.AckNever || len(h.Charsets) != 2 || h.Time != "20260329" {
		t.Errorf("header %+v", h)
	}
	if !h.CanAnswer() || !h.Readable || !h.Enhanced() {
		t.Error("the header cannot be answered")
	}
}

func TestWhichAnswerTheSenderWants(t *testing.T) {
	for _, c := range []struct {
		accept, application string
		outcome             hl7.Outcome
		code                hl7.AckCode
		wanted              bool
	}{
		{"", "", hl7.Accepted, hl7.AA, true},
		{"", "", hl7.Errored, hl7.AE, true},
		{"", "", hl7.Rejected, hl7.AR, true},
		{"AL", "", hl7.Accepted, hl7.CA, true},
		{"AL", "AL", hl7.Errored, hl7.CE, true},
		{"AL", "NE", hl7.Rejected, hl7.CR, true},
		{"NE", "AL", hl7.Accepted, hl7.AA, true},
		{"", "ER", hl7.Accepted, hl7.CA, false},
		{"", "ER", hl7.Rejected, hl7.AR, true},
		{"SU", "", hl7.Accepted, hl7.CA, true},
		{"SU", "", hl7.Rejected, hl7.CR, false},
		{"ER", "NE", hl7.Errored, hl7.CE, true},
		{"NE", "NE", hl7.Accepted, hl7.CA, false},
	} {
		h := hl7.Header{AcceptAck: hl7.AckCondition(c.accept), ApplicationAck: hl7.AckCondition(c.application)}
		if code, wanted := h.Answer(c.outcome); code != c.code || wanted != c.wanted {
			t.Errorf("MSH-15 %q, MSH-16 %q, %s: %s, wanted %t", c.accept, c.application, c.outcome, code, wanted)
		}
	}
}

func TestHeadersAreJudged(t *testing.T) {
	p := hl7.Policy{Types: map[string][]string{"ORU": {"R01"}, "ADT": nil}}
	good := map[int]string{9: "ORU^R01", 10: "C1", 11: "P", 12: "2.3"}
	for name, c := range map[string]struct {
		change map[int]string
		code   hl7.ErrorCode
		field  string
	}{
		"good":               {nil, hl7.ErrNone, ""},
		"any ADT":            {map[int]string{9: "ADT^A60"}, hl7.ErrNone, ""},
		"mode":               {map[int]string{11: "P^A"}, hl7.ErrNone, ""},
		"no control id":      {map[int]string{10: ""}, hl7.ErrRequiredField, "MSH-10"},
		"blank control id":   {map[int]string{10: "  "}, hl7.ErrRequiredField, "MSH-10"},
		"null control id":    {map[int]string{10: `""`}, hl7.ErrRequiredField, "MSH-10"},
		"no type":            {map[int]string{9: ""}, hl7.ErrRequiredField, "MSH-9"},
		"unknown type":       {map[int]string{9: "ZZZ^Z99"}, hl7.ErrMessageType, "MSH-9.1"},
		"unknown event":      {map[int]string{9: "ORU^R99"}, hl7.ErrEvent, "MSH-9.2"},
		"training":           {map[int]string{11: "T"}, hl7.ErrProcessingID, "MSH-11"},
		"debugging":          {map[int]string{11: "D"}, hl7.ErrProcessingID, "MSH-11"},
		"no processing id":   {map[int]string{11: ""}, hl7.ErrRequiredField, "MSH-11"},
		"no such version":    {map[int]string{12: "9.9"}, hl7.ErrVersion, "MSH-12"},
		"no version":         {map[int]string{12: ""}, hl7.ErrRequiredField, "MSH-12"},
		"not even training!": {map[int]string{11: "p"}, hl7.ErrProcessingID, "MSH-11"},
	} {
		b := hl7.NewBuilder()
		s := b.Add("MSH")
		for n, v := range good {
			s.SetRaw(n, v)
		}
		for n, v := range c.change {
			s.SetRaw(n, v)
		}
		v := p.Check(parse(t, b.Bytes()).Header())
		if v.Error != c.code || v.Field != c.field || v.OK() != (c.code == hl7.ErrNone) || !v.OK() && (v.Reason == "" || v.Outcome != hl7.Rejected) {
			t.Errorf("%s: %+v", name, v)
		}
	}
	training := hl7.Policy{ProcessingIDs: []string{"P", "T"}}
	h := parse(t, seg(`MSH|^~\&|||||||ZZZ^Z99|1|T|2.3`)).Header()
	if v := training.Check(h); !v.OK() {
		t.Errorf("a channel that takes everything: %+v", v)
	}
}

func TestAnswersMirrorTheMessage(t *testing.T) {
	for name, c := range map[string]struct {
		header string
		v      hl7.Verdict
		want   []string
	}{
		"accepted, original mode": {
			`MSH|^~\&|LAB^1.2^ISO|WEST|WARD|EAST|20260329||ORU^R01|id 1\T\2|P|2.5.1`,
			hl7.Verdict{},
			[]string{`MSH|^~\&|WARD|EAST|LAB^1.2^ISO|WEST|20260329120000+0100||ACK^R01^ACK|N1|P|2.5.1`, `MSA|AA|id 1\T\2`},
		},
		"accepted, enhanced mode, other delimiters": {
			`MSH#:*\@#LAB#WEST#WARD#EAST#20260329##ORU:R01#7#T:A#2.3###AL##44#ASCII`,
			hl7.Verdict{},
			[]string{`MSH#:*\@#WARD#EAST#LAB#WEST#20260329120000+0100##ACK:R01#N1#T:A#2.3######ASCII`, `MSA#CA#7`},
		},
		"truncation character": {
			`MSH|^~\&#|LAB||||20280101||ADT^A01^ADT_A01|7|P|2.8`,
			hl7.Verdict{},
			[]string{`MSH|^~\&#|||LAB||20260329120000+0100||ACK^A01^ACK|N1|P|2.8`, `MSA|AA|7`},
		},
		"rejected before v2.5": {
			`MSH|^~\&|LAB|WEST|WARD|EAST|1||ORU^R01|7|T|2.3`,
			hl7.Verdict{Outcome: hl7.Rejected, Error: hl7.ErrProcessingID, Field: "MSH-11", Reason: "not here & now"},
			[]string{
				`MSH|^~\&|WARD|EAST|LAB|WEST|20260329120000+0100||ACK^R01|N1|T|2.3`, `MSA|AR|7|not here \T\ now`,
				`ERR|MSH^1^11^202&Unsupported processing id&HL70357`,
			},
		},
		"error from v2.5 on": {
			`MSH|^~\&|LAB|WEST|WARD|EAST|1||ORU^R01|7|P|2.6`,
			hl7.Verdict{Outcome: hl7.Errored, Error: hl7.ErrApplicationFailed, Field: "OBX(2)-5.1", Reason: "disk full"},
			[]string{
				`MSH|^~\&|WARD|EAST|LAB|WEST|20260329120000+0100||ACK^R01^ACK|N1|P|2.6`, `MSA|AE|7`,
				`ERR||OBX^2^5^^1|207^Application internal error^HL70357|E||||disk full`,
			},
		},
		"empty control id": {
			`MSH|^~\&|LAB|WEST|WARD|EAST|1||ORU^R01||P|2.5`,
			hl7.Verdict{Outcome: hl7.Rejected, Error: hl7.ErrRequiredField, Field: "MSH-10", Reason: "empty"},
			[]string{
				`MSH|^~\&|WARD|EAST|LAB|WEST|20260329120000+0100||ACK^R01^ACK|N1|P|2.5`, `MSA|AR`,
				`ERR||MSH^1^10|101^Required field missing^HL70357|E||||empty`,
			},
		},
		"version 2.1, three delimiters": {
			`MSH|^~}|LAB||WARD||1||BAR^P01|7|P|2.1`,
			hl7.Verdict{},
			[]string{`MSH|^~}\|WARD||LAB||20260329120000+0100||ACK|N1|P|2.1`, `MSA|AA|7`},
		},
		"unreadable delimiters": {
			`MSH|^~\\&|LAB|WEST|WARD|EAST|1||ADT^A01|102|T|2.6|||AL|NE`,
			hl7.Verdict{Outcome: hl7.Rejected, Error: hl7.ErrDataType, Field: "MSH-2", Reason: "repair MSH-2"},
			[]string{`MSH|^~\&|WARD|EAST|LAB|WEST|20260329120000+0100||`, `MSA|CR|102`, `ERR||MSH^1^2|102^Data type error^HL70357|E||||repair MSH-2`},
		},
		"a bare header": {
			`MSH|^~\&`,
			hl7.Verdict{Outcome: hl7.Rejected, Error: hl7.ErrRequiredField, Field: "MSH-9"},
			[]string{`MSH|^~\&|||||20260329120000+0100||ACK|N1|P|2.5.1`, `MSA|AR`, `ERR||MSH^1^9|101^Required field missing^HL70357|E`},
		},
	} {
		h := hl7.ReadHeader([]byte(c.header + "\rPID|1\r"))
		if !h.CanAnswer() {
			t.Errorf("%s: cannot be answered", name)
			continue
		}
		got := strings.Split(strings.TrimSuffix(string(h.Answering(c.v, "N1", noon).Bytes(h)), "\r"), "\r")
		for i, want := range c.want {
			if i >= len(got) || got[i] != want && (!strings.HasSuffix(want, "||") || !strings.HasPrefix(got[i], want)) {
				t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
				break
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %d segments: %q", name, len(got), got)
		}
		if _, err := hl7.Parse([]byte(strings.Join(got, "\r") + "\r")); err != nil {
			t.Errorf("%s: the answer does not parse: %v", name, err)
		}
	}
}

func TestAnswersStayInTheSendersCharacterSet(t *testing.T) {
	raw := seg("MSH|^~\\&|LABORAT\xd3RIO|W||E|1||ORU^R01|7|P|2.5|||||| 8859/1", "PID|1")
	h := parse(t, raw).Header()
	if got := string(h.Answering(hl7.Verdict{}, "N1", noon).Bytes(h)); !strings.Contains(got, "|LABORAT\xd3RIO|") {
		t.Errorf("answer %q", got)
	}
	a := h.Answering(hl7.Verdict{}, "N1", noon)
	a.App = "病院"
	got := string(a.Bytes(h))
	if m, err := hl7.Parse([]byte(got)); err != nil || m.Get("MSH-3").Text() != "病院" || m.Get("MSH-5").Text() != "LABORATÓRIO" {
		t.Errorf("our own name: %q, %v", got, err)
	}
	// Bytes that fit no character set are still given back as they came.
	broken := seg("MSH|^~\\&|L\xd3|W|R|E|1||ORU^R01|\xff7|P|2.5||||||UNICODE UTF-8")
	if _, err := hl7.Parse(broken); err == nil {
		t.Fatal("latin-1 was taken for UTF-8")
	}
	h = hl7.ReadHeader(broken)
	if got := string(h.Answering(hl7.Verdict{Outcome: hl7.Rejected, Error: hl7.ErrDataType}, "N1", noon).Bytes(h)); !strings.Contains(got, "MSA|AR|\xff7\r") {
		t.Errorf("the control id is not repeated: %q", got)
	}
}

func TestWhatCannotBeAnswered(t *testing.T) {
	for name, raw := range map[string]string{
		"nothing": "", "no MSH": "PID|1\r", "only MSH": "MSH", "two-byte separator": "MSH§^~\\&§A\r", "blank separator": "MSH ^~\\& A\r",
	} {
		if h := hl7.ReadHeader([]byte(raw)); h.CanAnswer() {
			t.Errorf("%s can be answered", name)
		} else if v := (hl7.Policy{}).Check(h); v.OK() {
			t.Errorf("%s is accepted", name)
		}
	}
}
