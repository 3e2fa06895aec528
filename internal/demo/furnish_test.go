package demo

import (
	"testing"
	"time"

	"wardlight/assets"
	"wardlight/internal/interop/hl7"
)

// What comes before the pictures of the tour is what a laboratory sends: a report that is a
// document, whole, and a value of somebody of the ward. The story's own folder has neither:
// what central compresses by is made of that.
func TestWhatComesBeforeTheTourBringsADocument(t *testing.T) {
	list, err := Load(assets.DemoTour(), time.Now())
	if err != nil || len(list) != 2 {
		t.Fatalf("%d messages, %v", len(list), err)
	}
	ward, err := Load(assets.DemoWard(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, m := range ward {
		known[numberIn(t, m.Raw)] = true
	}
	documents := 0
	for _, m := range list {
		if !known[numberIn(t, m.Raw)] {
			t.Errorf("message %d is of nobody on the ward", m.N)
		}
		msg, err := hl7.Parse(m.Raw)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range msg.Segments() {
			if s.ID() == "OBX" && s.Field(2).Text() == "ED" {
				documents++
				if s.Field(5).Comp(4).Text() != "Base64" {
					t.Errorf("a document as %q", s.Field(5).Comp(4).Text())
				}
			}
		}
	}
	if documents != 1 {
		t.Errorf("%d documents", documents)
	}
}

func numberIn(t *testing.T, raw []byte) string {
	t.Helper()
	msg, err := hl7.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range msg.Segments() {
		if s.ID() == "PID" {
			return nhsNumber(s)
		}
	}
	return ""
}
