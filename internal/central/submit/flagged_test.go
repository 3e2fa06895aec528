package submit_test

import (
	"slices"
	"strings"
	"testing"

	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// Looks at one's own record, a namesake's, a colleague's and a watched one are
// followed by central's word on them, once, in the entry that holds the look.
func TestLooksThatStandOutAreFlagged(t *testing.T) {
	h := open(t, nil)
	h.must(h.s.PutAccount(h.ctx(), record.Author{User: "root"}, record.Account{User: "t.odum", Name: "Test Odum", Role: "nurse", Wards: []record.Ward{"4B"}}))
	stranger, nurses := h.admitted(kaya, "4B"), h.admitted(odum, "4B") // everybody's given name is Test
	kin := h.admitted(person{"1003", "MENSAH", "1990-01-01"}, "4B")
	var prev record.Look
	look := func(user record.UserID, a audit.Action, p fhir.ID) record.Look {
		e := audit.Event{
			Action: a, Recorded: h.now, Purpose: audit.Treatment, Patient: p,
			Who: audit.Who{User: user, Name: "whoever the computer says, nurse", Role: "nurse", Station: h.w4B.peer.Device.Station},
		}
		b, err := e.JSON()
		h.must(err)
		prev = audit.Next([32]byte{7}, h.w4B.peer.Device.Station, prev, b)
		return prev
	}
	send := func(l record.Look) (flags []string) {
		before := len(h.entries())
		_, err := h.s.Looks(h.ctx(), h.w4B.peer, []record.Look{l})
		h.must(err)
		for _, e := range h.entries()[before:] {
			for _, b := range e.Audits {
				a, err := audit.Parse(b)
				h.must(err)
				for _, d := range a.Details {
					if a.Action == audit.Flagged && a.Patient != "" && d.Name == submit.DetailFlag {
						flags = append(flags, d.Value)
					}
				}
			}
		}
		return flags
	}
	for _, c := range []struct {
		name    string
		user    record.UserID
		patient fhir.ID
		want    []string
	}{
		{"a stranger's", "g.mensah", stranger, nil},
		{"one's own", "t.odum", nurses, []string{"own-record"}},
		{"a namesake's", "g.mensah", kin, []string{"family-name"}},
		{"a colleague's", "g.mensah", nurses, []string{"colleague"}},
	} {
		if got := send(look(c.user, audit.Read, c.patient)); !slices.Equal(got, c.want) {
			t.Errorf("%s record: %v, want %v", c.name, got, c.want)
		}
	}
	if got := send(look("g.mensah", audit.Create, kin)); got != nil {
		t.Errorf("what she wrote is no look: %v", got)
	}
	h.must(h.s.Watch(h.ctx(), record.Author{Sender: "administrator p.officer", Name: "p.officer"}, stranger, true, "a name in the papers"))
	l := look("g.mensah", audit.Break, stranger)
	if got := send(l); strings.Join(got, " ") != "watched" {
		t.Errorf("a watched record: %v", got)
	}
	if got := send(l); got != nil {
		t.Errorf("the same look again: %v", got)
	}
	h.must(h.s.Watch(h.ctx(), record.Author{Sender: "administrator p.officer", Name: "p.officer"}, stranger, false, "a name in the papers"))
	if got := send(look("g.mensah", audit.Read, stranger)); got != nil {
		t.Errorf("watched no more: %v", got)
	}
	if err := h.s.Watch(h.ctx(), record.Author{Sender: "administrator p.officer", Name: "p.officer"}, "nobody", true, "a name in the papers"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a record that is not there: %v", err)
	}
}

// What a computer printed over the limit, with a reason, and what it held back stand out
// by central's word, once each, without a patient; a print within the limit does not.
func TestWhatGoesOverTheLimitIsFlagged(t *testing.T) {
	h := open(t, nil)
	patient := h.admitted(kaya, "4B")
	var prev record.Look
	look := func(e audit.Event) record.Look {
		e.Action, e.Recorded, e.Query = audit.Export, h.now, "printed: handover"
		e.Who = audit.Who{User: "g.mensah", Name: "Grace Mensah, nurse", Role: "nurse", Station: h.w4B.peer.Device.Station}
		b, err := e.JSON()
		h.must(err)
		prev = audit.Next([32]byte{7}, h.w4B.peer.Device.Station, prev, b)
		return prev
	}
	over := []audit.Detail{{Name: audit.OverLimit, Value: "an hour"}, {Name: "patients", Value: "28"}}
	before := len(h.entries())
	_, err := h.s.Looks(h.ctx(), h.w4B.peer, []record.Look{
		look(audit.Event{Patient: patient}),
		look(audit.Event{Purpose: audit.BreakGlass, Reason: "second team", Details: over}),
		look(audit.Event{Outcome: audit.Refused, Reason: "Nothing was printed yet.", Details: over}),
		look(audit.Event{Details: []audit.Detail{{Name: "patients", Value: "28"}}}),
	})
	h.must(err)
	var flagged []audit.Event
	for _, e := range h.entries()[before:] {
		for _, b := range e.Audits {
			a, err := audit.Parse(b)
			h.must(err)
			if a.Action == audit.Flagged {
				flagged = append(flagged, a)
			}
		}
	}
	if len(flagged) != 2 || flagged[0].Reason != "second team" || flagged[0].Outcome != audit.Success || flagged[1].Outcome != audit.Refused || flagged[0].Patient != "" || flagged[0].Who.User != "g.mensah" {
		t.Fatalf("flagged: %+v", flagged)
	}
	for _, d := range []audit.Detail{{Name: submit.DetailFlag, Value: string(audit.Over)}, {Name: submit.DetailPatients, Value: "28"}} {
		if !slices.Contains(flagged[0].Details, d) {
			t.Errorf("%+v does not say %+v", flagged[0].Details, d)
		}
	}
}
