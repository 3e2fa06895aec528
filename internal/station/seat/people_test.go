package seat_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"wardlight/internal/fault"
)

// The list of who signed in here is plain, for it is read before anybody signs
// in. Whoever edits it gives nobody another role or ward: offline too, what
// counts is what central said, sealed with the data key.
func TestAnEditedListOfPeopleGivesNobodyAnotherRole(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	s := w.sit(dir)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	w.stop() // the network is out
	path := filepath.Join(dir, "people.json")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	edited := bytes.ReplaceAll(bytes.ReplaceAll(b, []byte(`"nurse"`), []byte(`"doctor"`)), []byte(`"4B"`), []byte(`"*"`))
	if bytes.Equal(edited, b) {
		t.Fatal("the test is broken: nothing was edited")
	}
	if err := os.WriteFile(path, edited, 0o600); err != nil {
		t.Fatal(err)
	}
	s = w.sit(dir)
	p, err := w.signIn(s, "481526")
	if err != nil {
		t.Fatal(err)
	}
	if p.Role != "nurse" || len(p.Wards) != 1 || p.Wards[0] != "4B" {
		t.Errorf("the edited list made them %s of %v", p.Role, p.Wards)
	}
}

// Without central's sealed word nobody signs in offline, whatever the plain
// list says.
func TestAnEntryPutIntoTheListOpensNothing(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	s := w.sit(dir)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	w.stop()
	if err := os.WriteFile(filepath.Join(dir, "people.json"), []byte(`{"x.stranger":{"name":"X","role":"doctor","wards":["*"]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	s = w.sit(dir)
	if _, err := s.SignIn(t.Context(), "x.stranger", "481526"); !fault.Is(err, fault.Unknown) && !fault.Is(err, fault.Denied) {
		t.Errorf("somebody who was put into the list: %v", err)
	}
	if p, err := w.signIn(s, "481526"); err != nil || p.Role != "nurse" {
		t.Errorf("somebody who was taken out of the list: %+v, %v", p, err)
	}
}
