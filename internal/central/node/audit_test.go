package node_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/node"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/trust/audit"
)

// events are all audit events so far. Asking is itself a look, and so the last
// of them.
func (h *house) events() []audit.Event {
	h.t.Helper()
	var list []audit.Event
	for _, l := range decode[struct{ Event json.RawMessage }](h.t, h.ask("audit list", nil)) {
		e, err := audit.Parse(l.Event)
		check(h.t, err)
		list = append(list, e)
	}
	return list
}

func detail(e audit.Event, name string) string {
	for _, d := range e.Details {
		if d.Name == name {
			return d.Value
		}
	}
	return ""
}

// TestEveryLookOfAnAdministratorIsOnRecord: what shows patients' data, or how central is
// set, names who looked, with which command, at what.
func TestEveryLookOfAnAdministratorIsOnRecord(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	h.send(admission("A1")...)
	h.send(strings.Split(strings.ReplaceAll(strings.Join(potassium("K1", "6.8"), "\r"), "9990400016", "9990400024"), "\r")...)
	held := h.rows("quarantine list")[0]
	for _, order := range []struct {
		cmd    string
		args   args
		action audit.Action
		names  string // an argument that the event must hold
	}{
		{"inbound", nil, audit.Read, ""},
		{"quarantine list", nil, audit.Read, ""},
		{"quarantine show", args{"id": held.ID}, audit.Read, "id"},
		{"export", nil, audit.Export, ""},
		{"history", args{"type": "Encounter", "id": h.someID("Encounter")}, audit.Read, "type"},
		{"undelivered", nil, audit.Read, ""},
		{"audit list", nil, audit.Read, ""},
		{"audit verify", nil, audit.Read, ""},
		{"audit checkpoint", args{"to": filepath.Join(t.TempDir(), "c.note")}, audit.Read, "to"},
		{"stations", nil, audit.Read, ""},
		{"epoch list", nil, audit.Read, ""},
		{"keys list", nil, audit.Read, ""},
		{"ca list", nil, audit.Read, ""},
		{"sso show", nil, audit.Read, ""},
		{"limits", nil, audit.Read, ""},
		{"user totp demand", nil, audit.Read, ""},
		{"emergency tell", nil, audit.Read, ""},
		{"limits", args{"keep_days": "30"}, audit.Read, "keep_days"}, // as it is: nothing is set
		{"backup", args{"to": filepath.Join(t.TempDir(), "b.wlj")}, audit.Export, "to"},
	} {
		before := len(h.events())
		h.ask(order.cmd, order.args)
		after := h.events()
		if len(after) != before+2 {
			t.Fatalf("%s left %d events, 1 expected (and 1 of the reading)", order.cmd, len(after)-before-1)
		}
		e := after[before]
		if e.Action != order.action || e.Who.User != "i.admin" || detail(e, "command") != order.cmd || detail(e, order.names) != order.args[order.names] {
			t.Errorf("%s is on record as %+v", order.cmd, e)
		}
	}
	h.ask("audit verify", nil)
}

// TestACommandThatIsToChangeSomethingIsAlwaysOnRecord: whatever an administrator's command
// that may change something does without any argument, be it that it only shows how things
// stand, is refused, or changes them, it leaves an event.
func TestACommandThatIsToChangeSomethingIsAlwaysOnRecord(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	_, acts, _, _ := node.Recorded()
	slices.Sort(acts)
	for _, cmd := range acts {
		if cmd == "epoch begin" || cmd == "ca switch" || cmd == "ca retire" || cmd == "ca request" {
			continue // they make another central of it; each has a test of its own
		}
		_, err := h.try(cmd, nil)
		if !slices.ContainsFunc(h.events(), func(e audit.Event) bool { return detail(e, "command") == cmd }) {
			t.Errorf("%s left no event (it ended with %v)", cmd, err)
		}
	}
}

// someID is the id of some resource of a type.
func (h *house) someID(kind string) string {
	h.t.Helper()
	for _, r := range decode[struct{ ResourceType, ID string }](h.t, h.ask("export", nil)) {
		if r.ResourceType == kind {
			return r.ID
		}
	}
	h.t.Fatalf("no %s in the record", kind)
	return ""
}

// mute is a journal that takes nothing any more: its disk is full.
type mute struct{ journal.Journal }

func (mute) Update(context.Context, func(journal.Tx) error) (record.Entry, error) {
	return record.Entry{}, fault.New(fault.Full, "test", "", "no space")
}

// TestALookThatCannotBeRecordedShowsNothing also holds for the export, which
// an administrator may want most when something is wrong.
func TestALookThatCannotBeRecordedShowsNothing(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	h.send(admission("A1")...)
	h.stop()
	h.conf.Wrap = func(j journal.Journal) journal.Journal { return mute{j} }
	for _, cmd := range []string{"export", "inbound", "audit list", "undelivered", "quarantine list"} {
		if lines, err := h.try(cmd, nil); !fault.Is(err, fault.Full) || len(lines) != 0 {
			t.Errorf("%s shows %d lines: %v", cmd, len(lines), err)
		}
	}
	h.conf.Wrap = nil
	if len(h.ask("export", nil)) == 0 {
		t.Error("the record is empty: the test has shown nothing")
	}
}

// TestARefusedSignInIsOnRecordWithItsName: whoever guesses PINs must be found
// by name and computer.
func TestARefusedSignInIsOnRecordWithItsName(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	h.ask("user add", args{"user": "g.mensah", "name": "Grace Mensah", "role": "nurse", "wards": "4B", "pin": "481526"})
	code := decode[struct{ Code string }](t, h.ask("enrol-code", args{"wards": "4B"}))[0].Code
	j, err := join.Enrol(context.Background(), join.Request{Server: "https://" + h.ready.Listen, CAFingerprint: h.fp, Code: code, Place: "4B-02"}, time.Now())
	check(t, err)
	conf, err := j.Config.TLS(j.Secret)
	check(t, err)
	door := join.NewDoor(j.Config.Servers, func() *tls.Config { return conf }).Patiently(time.Minute)
	for _, try := range [][2]string{{"g.mensah", "000001"}, {"", "000001"}, {"g.mensah", "481526"}} {
		_, _ = door.SignIn(context.Background(), try[0], try[1]) // what comes of it is on record
	}
	var refused, granted int
	for _, e := range h.events() {
		switch {
		case e.Action == audit.SignIn && e.Outcome == audit.Refused && e.Who.Station == j.Config.Station && e.Reason != "":
			if e.Who.User == "g.mensah" || e.Who.User == "" && e.Who.Sender != "" {
				refused++
			}
		case e.Action == audit.SignIn && e.Outcome == audit.Success && e.Who.User == "g.mensah" && e.Who.Station == j.Config.Station:
			granted++
		case e.Action == "" || e.Outcome == audit.Failed:
			t.Errorf("an event that says nothing: %+v", e)
		}
	}
	if refused != 2 || granted != 1 {
		t.Errorf("%d refused and %d granted sign-ins are on record, 2 and 1 expected", refused, granted)
	}
}

// TestAPatientIsToldWhoLooked: in words, without the words of the record, and
// the list itself is on record.
func TestAPatientIsToldWhoLooked(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	h.send(admission("A1")...)
	id := h.someID("Patient")
	lines := h.ask("audit patient", args{"id": id})
	said := text(lines)
	if len(lines) != 3 || !strings.Contains(said, "the system") || !strings.Contains(said, "brought data in") || !strings.Contains(said, "took out everything") || !strings.Contains(said, "asked who looked at this record") {
		t.Errorf("the admission, the export that told the id, this question, and nothing else, should be in the list: %s", said)
	}
	for _, secret := range []string{"Aldersey", "Wenlock", "9990400016"} {
		if strings.Contains(said, secret) {
			t.Errorf("the list holds %q of the record", secret)
		}
	}
	if _, err := h.try("audit patient", args{"id": "nobody"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a patient who is not there: %v", err)
	}
	last := h.events()
	for _, e := range last {
		if detail(e, "command") == "audit patient" && detail(e, "id") == id {
			return
		}
	}
	t.Error("the list is not on record as a look")
}
