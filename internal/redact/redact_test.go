package redact_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"wardlight/internal/redact"
)

func TestNoPatientDataInTheLog(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(redact.New(slog.NewTextHandler(&out, nil)))
	log.With("name", "ADEYEMI").WithGroup("g").Info("filed", "control_id", "C-7", "value", "6.8",
		slog.Group("patient", slog.String("family", "Okafor"), slog.Int("count", 3)))
	got := out.String()
	for _, secret := range []string{"ADEYEMI", "6.8", "Okafor"} {
		if strings.Contains(got, secret) {
			t.Errorf("%q is in the log: %s", secret, got)
		}
	}
	for _, wanted := range []string{"C-7", "count=3", "filed"} {
		if !strings.Contains(got, wanted) {
			t.Errorf("%q is missing: %s", wanted, got)
		}
	}
}

func TestAMessageThatIsNoConstantIsCut(t *testing.T) {
	var out bytes.Buffer
	slog.New(redact.New(slog.NewTextHandler(&out, nil))).Info(strings.Repeat("x", 500))
	if strings.Count(out.String(), "x") > 201 {
		t.Error("a long message passed whole")
	}
}

// TestALogLineNamesTheMessage: whoever reads that a line was closed must find
// the message in the inbound list.
func TestALogLineNamesTheMessage(t *testing.T) {
	var out bytes.Buffer
	slog.New(redact.New(slog.NewTextHandler(&out, nil))).Warn("closed", "row", "mk5owr5g", "remote", "10.0.0.7:4321")
	for _, wanted := range []string{"mk5owr5g", "10.0.0.7:4321"} {
		if !strings.Contains(out.String(), wanted) {
			t.Errorf("%q is missing: %s", wanted, out.String())
		}
	}
}
