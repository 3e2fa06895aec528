package audit_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

var (
	grace = audit.Who{User: "g.mensah", Name: "Grace Mensah", Role: "nurse", Station: "sabcdefghijk2", Place: "Ward 4B, computer 4B-02", Address: "10.4.0.17"}
	noon  = time.Date(2026, 11, 22, 12, 0, 0, 250e6, time.UTC)
	look  = audit.Event{
		Action: audit.Read, Recorded: noon, Who: grace, Patient: "p1", Purpose: audit.Treatment, Offset: -1500 * time.Millisecond, Measured: true,
		What: []audit.What{{Ref: fhir.Ref{Type: fhir.TypeObservation, ID: "k1"}, Version: 3}},
	}
)

// What a nurse's look at a potassium is, in full: BALP's PatientRead.
func TestALookAsBALPWritesIt(t *testing.T) {
	b, err := look.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := json.Indent(&got, b, "", " "); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`IHE.BasicAudit.PatientRead`, `"code": "rest"`, `"code": "read"`, `"action": "R"`, `"recorded": "2026-11-22T12:00:00.250Z"`,
		`"outcome": "0"`, `"code": "TREAT"`, `"value": "g.mensah"`, `"requestor": true`, `"address": "10.4.0.17"`, `"code": "nurse"`,
		`"value": "sabcdefghijk2"`, `"reference": "Observation/k1/_history/3"`, `"reference": "Patient/p1"`, `"valueInteger": -1500`,
	} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("%s is missing in\n%s", want, got.String())
		}
	}
}

// Everything that an event says can be read again, for every kind of event.
func TestEventsComeBack(t *testing.T) {
	at := func(a audit.Action, change func(*audit.Event)) audit.Event {
		e := audit.Event{Action: a, Recorded: noon, Who: grace, Outcome: audit.Success}
		change(&e)
		return e
	}
	patient := func(e *audit.Event) { e.Patient = "p1" }
	none := func(*audit.Event) {}
	ok := look
	ok.Outcome = audit.Success
	events := []audit.Event{
		ok, at(audit.Search, func(e *audit.Event) { e.Query = "mensah 4B ü" }), at(audit.Create, patient), at(audit.Update, patient),
		at(audit.Update, func(e *audit.Event) {
			e.Patient, e.Outcome, e.Reason = "p1", audit.Refused, "a nurse may not prescribe"
		}),
		at(audit.Export, func(e *audit.Event) {
			e.Details = []audit.Detail{{"format", "NDJSON"}, {"resources", "4711"}}
		}),
		at(audit.Import, func(e *audit.Event) { e.Who = audit.Who{Sender: "lab LAB|HOSP", Address: "10.0.0.9"} }),
		at(audit.SignIn, func(e *audit.Event) { e.Outcome, e.Reason = audit.Refused, "wrong PIN" }), at(audit.SignOut, none),
		at(audit.Config, func(e *audit.Event) { e.Observer = "central 1"; e.ID = "a1" }),
		at(audit.Break, func(e *audit.Event) {
			e.Patient, e.Purpose, e.Reason = "p1", audit.BreakGlass, "collapsed in the corridor"
		}),
		at(audit.Flagged, func(e *audit.Event) {
			e.Patient, e.Observer, e.Details = "p1", "central 1", []audit.Detail{{"flag", "own-record"}}
		}),
	}
	for _, e := range events {
		b, err := e.JSON()
		if err != nil {
			t.Errorf("%s: %v", e.Action, err)
			continue
		}
		got, err := audit.Parse(b)
		if err != nil || !reflect.DeepEqual(got, e) {
			t.Errorf("%s came back as\n%+v, was\n%+v: %v", e.Action, got, e, err)
		}
		again, _ := e.JSON()
		if !bytes.Equal(b, again) {
			t.Errorf("%s: two encodings differ", e.Action)
		}
	}
}

// Written says of an event no more than is sure, whoever made it: a computer may send
// what it likes.
func TestWhatWasWrittenIsNoLook(t *testing.T) {
	for a, written := range map[audit.Action]bool{
		audit.Read: false, audit.Search: false, audit.Create: true, audit.Update: true, audit.Export: false, audit.Import: true,
		audit.SignIn: false, audit.SignOut: false, audit.Config: true, audit.Break: false, audit.Flagged: false,
	} {
		e := audit.Event{Action: a, Recorded: noon, Who: grace, Patient: "p1"}
		b, err := e.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if got := audit.Written(b); got != written {
			t.Errorf("%s: written %v", a, got)
		}
	}
	for _, b := range []string{
		`{"action":"C"`, `{"action":"C"} `, `{ "action":"C"}`, `{"action":["C"]}`, `{"action":null}`, `{}`, `["C"]`, `"C"`, ``,
		`{"Action":"R","action":"C"}`, `{"action":"C","action":"R"}`, `{"action":"C","actioN":"R"}`, `{"action":"\u0043"}`, `{"x":{"action":"C"}}`, `{"action":"C"}{"action":"R"}`,
	} {
		if audit.Written([]byte(b)) {
			t.Errorf("%s is taken for something that was written", b)
		}
	}
}

// An event of ours is canonical as encoding/json writes it, so that it is written
// once.
func TestAnEventIsWrittenOnce(t *testing.T) {
	e := look
	e.ID, e.Query, e.Outcome, e.Reason = "a1", "mensah", audit.Refused, "not on this ward"
	e.Details = []audit.Detail{{"mutation", "s1-1"}}
	e.Action = audit.Update
	if plain, canon, err := audit.Both(e); err != nil || !bytes.Equal(plain, canon) {
		t.Errorf("encoding/json writes\n%s\nand canonical is\n%s (%v)", plain, canon, err)
	}
}

func TestIncompleteEventsAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*audit.Event){
		"no one":              func(e *audit.Event) { e.Who.User = "" },
		"no time":             func(e *audit.Event) { e.Recorded = time.Time{} },
		"no action":           func(e *audit.Event) { e.Action = "peek" },
		"refused, no reason":  func(e *audit.Event) { e.Outcome = audit.Refused },
		"too long":            func(e *audit.Event) { e.Query = strings.Repeat("x", 5000) },
		"a detail's own name": func(e *audit.Event) { e.Details = []audit.Detail{{"", "v"}} },
		"too much":            func(e *audit.Event) { e.What = make([]audit.What, 5000) },
	} {
		e := look
		spoil(&e)
		if _, err := e.JSON(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: err = %v", name, err)
		}
	}
	for _, b := range []string{`{"resourceType":"Patient"}`, `{"resourceType":"AuditEvent","recorded":"yesterday"}`, `[`} {
		if _, err := audit.Parse([]byte(b)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: err = %v", b, err)
		}
	}
}

func chainOf(key [32]byte, n int) (looks []record.Look) {
	var prev record.Look
	for i := range n {
		prev = audit.Next(key, "s1", prev, []byte{'{', byte('0' + i), '}'})
		looks = append(looks, prev)
	}
	return looks
}

// Each way to hide a look breaks the chain.
func TestTheChainShowsTampering(t *testing.T) {
	key := [32]byte{7}
	if err := audit.Verify(key, record.Look{}, chainOf(key, 5)); err != nil {
		t.Fatal(err)
	}
	whole := chainOf(key, 5)
	if err := audit.Verify(key, whole[1], whole[2:]); err != nil {
		t.Errorf("a later part, after what is held: %v", err)
	}
	for name, tamper := range map[string]func([]record.Look) []record.Look{
		"a look is taken out":    func(l []record.Look) []record.Look { return append(l[:2], l[3:]...) },
		"the first is taken out": func(l []record.Look) []record.Look { return l[1:] },
		"an event is changed":    func(l []record.Look) []record.Look { l[2].Event = []byte("{x}"); return l },
		"two are swapped":        func(l []record.Look) []record.Look { l[1], l[2] = l[2], l[1]; return l },
		"a number is changed":    func(l []record.Look) []record.Look { l[4].Seq = 9; return l },
		"another station's":      func(l []record.Look) []record.Look { l[3].Station = "s2"; return l },
		"made with another key":  func(l []record.Look) []record.Look { l[4] = audit.Next([32]byte{8}, "s1", l[3], l[4].Event); return l },
		"taken out and renumbered": func(l []record.Look) []record.Look {
			l[3].Seq, l[3].Prev = 3, l[1].MAC
			return append(l[:2], l[3])
		},
	} {
		if err := audit.Verify(key, record.Look{}, tamper(chainOf(key, 5))); !fault.Is(err, fault.Corrupt) {
			t.Errorf("%s: err = %v", name, err)
		}
	}
}

// Central has no station's key; it sees a gap all the same.
func TestLinkedSeesAGap(t *testing.T) {
	l := chainOf([32]byte{7}, 5)
	if err := audit.Linked(record.Look{}, l); err != nil {
		t.Error(err)
	}
	l[3].Prev = l[1].MAC // the third was taken out, and the fourth tied to the second
	if err := audit.Linked(record.Look{}, append(l[:2], l[3:]...)); !fault.Is(err, fault.Corrupt) {
		t.Errorf("err = %v", err)
	}
}

// The chain's bytes are for ever: stations of older releases must verify.
func TestChainIsFixed(t *testing.T) {
	l := chainOf([32]byte{1, 2, 3}, 2)[1]
	if got := l.MAC.String(); got != fixedMAC {
		t.Errorf("MAC = %s", got)
	}
}

const fixedMAC = "19f590f7b7c512a1caec6ebcd0e6f8034c4cc6a4681235b4abc3e7bf868e47f9"

// TestABareEventOfOldIsRead: version 0.1.0 kept this, and no more, of a refused
// sign-in. It stays in journals for as long as they live.
func TestABareEventOfOldIsRead(t *testing.T) {
	e, err := audit.Parse([]byte(`{"resourceType":"AuditEvent","outcome":"8"}`))
	if err != nil || e.Outcome != audit.Failed || !e.Recorded.IsZero() {
		t.Errorf("%+v %v", e, err)
	}
	if _, err := audit.Parse([]byte(`{"resourceType":"AuditEvent","recorded":"yesterday"}`)); !fault.Is(err, fault.Invalid) {
		t.Errorf("a time that is none: %v", err)
	}
}
