package node_test

import (
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

const overReason = "agreed with the privacy officer"

// Over the limit a command of central's shows nothing, says why and what to do, is on
// record as refused, and stands out; what is not limited goes on.
func TestACommandOverTheLimitIsRefused(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	h.send(admission("A1")...)
	h.ask("limits", args{"take_hour": "10", "take_day": "12", "reason": overReason})
	for range 10 {
		if len(h.ask("export", nil)) == 0 {
			t.Fatal("an empty export")
		}
	}
	refused := func(cmd string, a args) {
		t.Helper()
		lines, err := h.try(cmd, a)
		if !fault.Is(err, fault.Denied) || len(lines) != 0 || !strings.Contains(err.Error(), "10 an hour is the limit") || !strings.Contains(err.Error(), "wardlightd limits --take-hour") {
			t.Fatalf("%s shows %d lines: %v", cmd, len(lines), err)
		}
		var look, flag *audit.Event
		for _, e := range h.events() {
			switch {
			case e.Outcome == audit.Refused && e.Action == audit.Export && detail(e, "command") == cmd:
				look = &e
			case e.Outcome == audit.Refused && e.Action == audit.Flagged && detail(e, "command") == cmd:
				flag = &e
			}
		}
		if look == nil || look.Who.User != "i.admin" || detail(*look, audit.OverLimit) != "an hour" || detail(*look, "before") != "10" || detail(*look, "limit") != "10" || look.Reason == "" {
			t.Errorf("%s is on record as %+v", cmd, look)
		}
		if flag == nil || detail(*flag, "flag") != string(audit.Over) {
			t.Errorf("%s does not stand out: %+v", cmd, flag)
		}
	}
	id := h.someEncounter(t)
	refused("export", nil)
	refused("history", args{"type": "Encounter", "id": id})
	stands := decode[struct {
		Command, Reason, Outcome, User string
		Flags                          []string
	}](t, h.ask("audit flagged", nil))
	if len(stands) != 2 || stands[0].Command != "export" || stands[0].User != "i.admin" || stands[0].Outcome != "was refused" || stands[0].Flags[0] != string(audit.Over) || stands[0].Reason == "" {
		t.Errorf("it stands out as %+v", stands)
	}
	for _, cmd := range []string{"undelivered", "audit list", "quarantine list", "inbound", "emergency list"} {
		if _, err := h.try(cmd, nil); err != nil {
			t.Errorf("%s, which has no limit: %v", cmd, err)
		}
	}
	if _, err := h.try("backup", args{"to": filepath.Join(t.TempDir(), "sealed.wlj")}); err != nil {
		t.Errorf("a backup: %v", err)
	}
	// One with its keys goes on too, for without it nothing is restored elsewhere; it stands out.
	h.ask("backup", args{"to": filepath.Join(t.TempDir(), "b.wlj"), "keys_passphrase": "a passphrase of some length"})
	events := h.events()
	last := func(a audit.Action) (found audit.Event) {
		for _, e := range events {
			if e.Action == a && detail(e, "command") == "backup" {
				found = e
			}
		}
		return found
	}
	if e := last(audit.Export); e.Outcome != audit.Success || detail(e, audit.OverLimit) == "" {
		t.Errorf("a backup with keys is on record as %+v", e)
	}
	if e := last(audit.Flagged); e.Outcome != audit.Success || detail(e, "flag") != string(audit.Over) {
		t.Errorf("a backup with keys stands out as %+v", e)
	}
	h.ask("audit verify", nil)
}

// someEncounter is the id of a stay, without taking anything out.
func (h *house) someEncounter(t *testing.T) string {
	t.Helper()
	for _, row := range decode[struct {
		Refs []struct{ Type, ID string }
	}](t, h.ask("inbound", nil)) {
		for _, ref := range row.Refs {
			if ref.Type == "Encounter" {
				return ref.ID
			}
		}
	}
	t.Fatal("no stay in the record")
	return ""
}

// How much may leave is set within its range, with a reason, and on record with what was
// and what is; shown with who set it, when and why.
func TestHowMuchMayLeaveIsSetWithAReason(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	first := decode[map[string]any](t, h.ask("limits", nil))[0]
	if first["print_hour"] != 120.0 || first["take_day"] != 500000.0 || first["export_set_by"] != nil {
		t.Errorf("before anybody set them: %v", first)
	}
	for _, bad := range []args{
		{"print_hour": "60"},
		{"print_hour": "60", "reason": "why not"},
		{"print_hour": "29", "reason": overReason},
		{"print_hour": "1001", "reason": overReason},
		{"print_hour": "500", "print_day": "400", "reason": overReason},
		{"take_day": "9", "reason": overReason},
		{"take_hour": "99999999999", "reason": overReason},
		{"take_hour": "x", "reason": overReason},
		{"print_hour": "60", "session_hours": "10"},
	} {
		if _, err := h.try("limits", bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v is taken: %v", bad, err)
		}
	}
	if again := decode[map[string]any](t, h.ask("limits", nil))[0]; again["session_hours"] != 14.0 || again["print_hour"] != 120.0 {
		t.Errorf("what was refused was set in part: %v", again)
	}
	is := decode[map[string]any](t, h.ask("limits", args{"print_hour": "60", "take_hour": "5000", "reason": overReason}))[0]
	if is["print_hour"] != 60.0 || is["print_day"] != 400.0 || is["take_hour"] != 5000.0 || is["export_set_by"] != "i.admin" || is["export_reason"] != overReason || is["export_set_at"] == nil {
		t.Errorf("it says %v", is)
	}
	var changed []audit.Change
	for _, e := range h.events() {
		if list, err := audit.Changes(e.Details); err == nil && detail(e, "command") == "limits" && detail(e, "reason") == overReason && e.Outcome == audit.Success && len(list) > 0 {
			changed = list
		}
	}
	if len(changed) != 2 || changed[0] != (audit.Change{Name: "patients one person may print in an hour", Before: "120", After: "60"}) || changed[1].After != "5000" {
		t.Errorf("on record: %+v", changed)
	}
}
