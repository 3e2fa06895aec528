package node_test

import (
	"strings"
	"testing"
)

// registration says who somebody is; control is its number.
func registration(control, family, born, sex string) []string {
	m := admission(control)
	m[2] = strings.Replace(strings.Replace(patient, "Aldersey^Wenlock", family, 1), "19500101|F", born+"|"+sex, 1)
	return m
}

// What waits behind a message that is held back is filed by itself when somebody
// settles that one, and the command says what followed.
func TestWhatWaitsFollowsByItself(t *testing.T) {
	for _, settle := range []string{"quarantine dismiss", "quarantine replay"} {
		t.Run(settle, func(t *testing.T) {
			h := newHouse(t, t.TempDir()+"/central").serve()
			h.send(registration("A1", "Aldersey^Wenlock", "19500101", "F")...)
			h.send(registration("A2", "Somebody^Else", "19990101", "F")...)
			h.send(registration("A3", "Aldersey^Wenlock", "19500101", "M")...)
			h.send(registration("A4", "Aldersey^Wenlock", "19500101", "U")...)
			var held row
			for _, r := range h.rows("inbound") {
				if r.Fate == "quarantined" && !strings.Contains(r.Reason, "earlier message") {
					held = r
				}
			}
			if held.ID == "" {
				t.Fatalf("nothing is held back: %s", text(h.ask("inbound", nil)))
			}
			said := decode[row](t, h.ask(settle, args{"id": held.ID, "reason": "another hospital's"}))
			if settle == "quarantine replay" {
				if len(said) != 1 || said[0].Fate != "quarantined" {
					t.Errorf("a replay that settles nothing let others through: %+v", said)
				}
				return
			}
			if len(said) != 3 || said[1].Fate != "filed" || said[2].Fate != "filed" || said[1].Reason+said[2].Reason != "" {
				t.Errorf("said %+v, want the dismissed one and the two that follow", said)
			}
			for _, r := range h.rows("inbound") {
				if strings.Contains(r.Reason, "earlier message") {
					t.Errorf("it still waits: %+v", r)
				}
			}
			if left := h.rows("quarantine list"); len(left) != 0 {
				t.Errorf("what is settled is listed: %+v", left)
			}
			if all := text(h.ask("export", nil)); !strings.Contains(all, `"gender":"unknown"`) {
				t.Error("the last one does not stand")
			}
		})
	}
}
