package e2e_test

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/internal/fault"
)

// Somebody of ward 4B collapses in the clinic, whose computers do not hold them. The
// clinic's doctor names them whole, says why, and has the record within seconds, on
// her computer alone. She writes. It is taken back, and is gone from the computer;
// the entry stays with the patient.
func TestARecordIsLentToAComputerThatDoesNotHoldIt(t *testing.T) {
	w, a, _, patient := theWard(t)
	w.account(visitor, "CLINIC")
	w.enrol("c", "CLINIC")
	w.enrol("d", "CLINIC")
	c, d := w.open("c"), w.open("d")
	c.signIn(visitor)
	d.signIn(visitor)
	whole := somebody[0].family + " " + somebody[0].given + " 1950-01-01"
	glass := func(who, pin string) error {
		return c.call("break_glass", args{"who": who, "reason": "collapsed in the clinic's corridor", "pin": pin}, nil)
	}
	if err := c.call("chart", args{"patient": patient}, nil); kind(err) == fault.Other {
		t.Fatal("the clinic's computer holds the record without it")
	}
	if err := glass("Nobody Wenlock 1950-01-01", visitor.pin); kind(err) != fault.Invalid || !strings.Contains(err.Error(), "Nobody in this hospital") {
		t.Errorf("nobody of that name: %v", err)
	}
	if err := glass(whole, "000000"); kind(err) != fault.Unknown {
		t.Errorf("with a wrong PIN: %v", err)
	}
	check(t, glass(whole, visitor.pin))
	got, raw := c.chart(patient)
	if len(got.Results) != 1 || !strings.Contains(raw, `"emergency":{`) {
		t.Errorf("the chart at the clinic: %s", raw)
	}
	if err := d.call("chart", args{"patient": patient}, nil); kind(err) == fault.Other {
		t.Error("the computer beside it shows the record too")
	}
	made := c.do("note", args{"patient": patient, "text": "Found on the floor, pulse 40."})
	c.allSent()
	w.everythingOnce(made)
	w.await("the ward reads what the clinic wrote", 20*time.Second, func() error {
		if on, _ := a.chart(patient); len(on.Notes) != 1 {
			return fmt.Errorf("%d notes", len(on.Notes))
		}
		return nil
	})

	type access struct{ ID, User, Patient, Reason, Place, Status string }
	list := decode[access](t, w.admin("emergency", "list"))
	if len(list) != 1 || list[0].User != visitor.user || list[0].Patient != patient || list[0].Place != "Computer c" {
		t.Fatalf("to be reviewed: %+v", list)
	}
	w.admin("emergency", "end", list[0].ID, "--reason", "brought back to the ward")
	w.await("the record is gone from the clinic", 20*time.Second, func() error {
		if err := c.call("chart", args{"patient": patient}, nil); kind(err) != fault.NotFound {
			return fmt.Errorf("the chart answered otherwise: %w", cmp.Or(err, errors.New("it is shown")))
		}
		return nil
	})
	w.cut(c)
	if err := glass(whole, visitor.pin); kind(err) != fault.NotFound || !strings.Contains(err.Error(), "the server cannot be asked") {
		t.Errorf("with the network out: %v", err)
	}
	check(t, w.net.Mend())
	said := joined(w.ask("audit list", nil))
	for _, want := range []string{"a record that this computer did not hold", "the end of an emergency access", "emergency access was not given"} {
		if !strings.Contains(said, want) {
			t.Errorf("not on record: %s", want)
		}
	}
	w.verify()
}
