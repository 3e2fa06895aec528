package audit_test

import (
	"slices"
	"testing"

	"wardlight/internal/trust/audit"
)

func TestWhichLooksStandOut(t *testing.T) {
	staff := []string{"Grace Mensah", "Sunil Patel", "Anna Smith-Jones", "Zoë Núñez", "Maria van der Berg", "Sioned O'Connor"}
	for _, c := range []struct {
		looker        string
		family, given string
		watched       bool
		want          []audit.Flag
	}{
		{"Grace Mensah", "Adeyemi", "Folake", false, nil},
		{"Grace Mensah", "MENSAH", "Grace", false, []audit.Flag{audit.OwnRecord}},
		{"Grace Mensah", "Mensah", "Kofi", false, []audit.Flag{audit.FamilyName}},
		{"Grace Mensah", "Patel", "Sunil", false, []audit.Flag{audit.Colleague}},
		{"Grace Mensah", "Patel", "Priya", false, nil},
		{"Grace Mensah", "Núñez", "Zoe", false, []audit.Flag{audit.Colleague}},
		{"Anna Smith-Jones", "Smith", "Peter", false, []audit.Flag{audit.FamilyName}},
		{"Peter Jones", "Smith-Jones", "Anna", false, []audit.Flag{audit.FamilyName, audit.Colleague}},
		{"Maria van der Berg", "van der Meer", "Jan", false, nil},
		{"Kim Lee", "Kim", "Ana", false, nil},
		{"Sioned O'Connor", "O’Connor", "Liam", false, []audit.Flag{audit.FamilyName}},
		{"Grace Mensah", "Adeyemi", "Folake", true, []audit.Flag{audit.Watched}},
		{"Grace Mensah", "Mensah", "Kofi", true, []audit.Flag{audit.FamilyName, audit.Watched}},
		{"", "Adeyemi", "Folake", false, nil},
		{"Madonna", "Madonna", "", false, []audit.Flag{audit.FamilyName}},
	} {
		got := audit.Flags(c.looker, audit.Names{Family: []string{c.family}, Given: []string{c.given}}, staff, c.watched)
		if !slices.Equal(got, c.want) {
			t.Errorf("%q looks at %s %s: %v, want %v", c.looker, c.given, c.family, got, c.want)
		}
	}
}
