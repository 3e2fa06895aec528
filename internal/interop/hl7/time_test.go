package hl7_test

import (
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Skipf("this machine has no time zone data for %s", name)
	}
	return loc
}

func TestTimesKeepTheirPrecisionAndOffset(t *testing.T) {
	london := zone(t, "Europe/London")
	for raw, want := range map[string]struct {
		fhir, date string
		precision  hl7.Precision
	}{
		"":                         {"", "", hl7.None},
		`""`:                       {"", "", hl7.None},
		"2026":                     {"2026", "2026", hl7.Year},
		"202603":                   {"2026-03", "2026-03", hl7.Month},
		"20260329":                 {"2026-03-29", "2026-03-29", hl7.Day},
		"20260328+0000":            {"2026-03-28", "2026-03-28", hl7.Day},
		"2026070114":               {"2026-07-01T14:00:00+01:00", "2026-07-01", hl7.Hour},
		"202607011405":             {"2026-07-01T14:05:00+01:00", "2026-07-01", hl7.Minute},
		"20260101140509":           {"2026-01-01T14:05:09+00:00", "2026-01-01", hl7.Second},
		"20260101140509.1200":      {"2026-01-01T14:05:09.1200+00:00", "2026-01-01", hl7.Fraction},
		"20260328233000-0500":      {"2026-03-28T23:30:00-05:00", "2026-03-28", hl7.Second},
		"202603282330+0545":        {"2026-03-28T23:30:00+05:45", "2026-03-28", hl7.Minute},
		"19441223000000":           {"1944-12-23T00:00:00+01:00", "1944-12-23", hl7.Second}, // summer time all winter, that year
		"20240229":                 {"2024-02-29", "2024-02-29", hl7.Day},
		" 20260329 ":               {"2026-03-29", "2026-03-29", hl7.Day},
		"20260101235959.9999+1400": {"2026-01-01T23:59:59.9999+14:00", "2026-01-01", hl7.Fraction},
	} {
		got, err := hl7.ParseTime(raw, london)
		if err != nil {
			t.Errorf("%q: %v", raw, err)
			continue
		}
		if got.FHIR() != want.fhir || got.FHIRDate() != want.date || got.Precision != want.precision {
			t.Errorf("%q is %q, %q, %s", raw, got.FHIR(), got.FHIRDate(), got.Precision)
		}
		if _, ok := got.Instant(); ok != (want.precision >= hl7.Hour) {
			t.Errorf("%q: an instant: %t", raw, ok)
		}
	}
}

func TestImpossibleTimesAreRefused(t *testing.T) {
	for _, raw := range []string{
		"0000", "00000101", "20250230101500", "20260229", "20261301", "20260001", "20260132",
		"2026010124", "202601012360", "20260101235960", "202", "20261", "Aug 15, 1942", "2026-01-01",
		"20260101+1", "20260101120000+2500", "20260101120000.", "202601011200.5", "20110613122406637",
		"20260101120000.1234567890", "+0100", "٢٠٢٦",
	} {
		if got, err := hl7.ParseTime(raw, time.UTC); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q was taken as %q", raw, got.FHIR())
		}
	}
}

func TestSummerTime(t *testing.T) {
	for _, c := range []struct {
		zone, raw, fhir    string
		shifted, ambiguous bool
	}{
		{"Europe/London", "20260329005959", "2026-03-29T00:59:59+00:00", false, false},
		{"Europe/London", "20260329010000", "2026-03-29T02:00:00+01:00", true, false},
		{"Europe/London", "20260329013000", "2026-03-29T02:30:00+01:00", true, false},
		{"Europe/London", "20260329015959", "2026-03-29T02:59:59+01:00", true, false},
		{"Europe/London", "20260329020000", "2026-03-29T02:00:00+01:00", false, false},
		{"Europe/London", "20261025005959", "2026-10-25T00:59:59+01:00", false, false},
		{"Europe/London", "20261025010000", "2026-10-25T01:00:00+01:00", false, true},
		{"Europe/London", "20261025013000", "2026-10-25T01:30:00+01:00", false, true},
		{"Europe/London", "20261025020000", "2026-10-25T02:00:00+00:00", false, false},
		{"America/New_York", "20260308023000", "2026-03-08T03:30:00-04:00", true, false},
		{"America/New_York", "20261101013000", "2026-11-01T01:30:00-04:00", false, true},
		{"Australia/Lord_Howe", "20261004021500", "2026-10-04T02:45:00+11:00", true, false},
		{"Australia/Lord_Howe", "20260405014500", "2026-04-05T01:45:00+11:00", false, true},
		{"Europe/London", "20260329013000+0000", "2026-03-29T01:30:00+00:00", false, false},
	} {
		got, err := hl7.ParseTime(c.raw, zone(t, c.zone))
		if err != nil || got.FHIR() != c.fhir || got.Shifted != c.shifted || got.Ambiguous != c.ambiguous {
			t.Errorf("%s in %s is %s, shifted %t, ambiguous %t, %v", c.raw, c.zone, got.FHIR(), got.Shifted, got.Ambiguous, err)
		}
	}
}

func TestADateOfBirthIsNeverMovedByAZone(t *testing.T) {
	for _, name := range []string{"Pacific/Auckland", "America/Los_Angeles", "UTC"} {
		for _, raw := range []string{"19441223", "19441223000000", "19441223000000+1400", "19441223233000-1100"} {
			got, err := hl7.ParseTime(raw, zone(t, name))
			if err != nil || got.FHIRDate() != "1944-12-23" {
				t.Errorf("%s in %s is %s, %v", raw, name, got.FHIRDate(), err)
			}
		}
	}
}

func TestATimeWithoutOffsetNeedsTheChannelsZone(t *testing.T) {
	if _, err := hl7.ParseTime("202601011200", nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("error %v", err)
	}
	for _, raw := range []string{"20260101", "202601011200+0100"} {
		if _, err := hl7.ParseTime(raw, nil); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func TestTimesOfDay(t *testing.T) {
	for raw, want := range map[string]string{"14": "14:00:00", "1405": "14:05:00", "140509": "14:05:09", "140509.25": "14:05:09.25"} {
		if got, err := hl7.ParseClock(raw); err != nil || got != want {
			t.Errorf("%s is %q, %v", raw, got, err)
		}
	}
	for _, raw := range []string{"", "2", "24", "1460", "14:05", "1405+0100"} {
		if got, err := hl7.ParseClock(raw); err == nil {
			t.Errorf("%q was taken as %q", raw, got)
		}
	}
}
