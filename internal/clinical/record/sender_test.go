package record_test

import (
	"testing"

	"wardlight/internal/clinical/record"
)

func TestWhoWroteItInWords(t *testing.T) {
	for want, a := range map[string]record.Author{
		"Grace Mensah, nurse": {User: "g.mensah", Name: "Grace Mensah, nurse"},
		"PAS of NORTHFIELD":   {Sender: "mllp PAS|NORTHFIELD"},
		"LAB":                 {Sender: "mllp LAB|"},
		"NORTHFIELD":          {Sender: "mllp |NORTHFIELD"},
		"central":             {Sender: "central"},
		"administrator i":     {Sender: "administrator i"},
		"":                    {},
	} {
		if got := a.Shown(); got != want {
			t.Errorf("%+v: %q, want %q", a, got, want)
		}
	}
}
