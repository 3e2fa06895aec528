package enrol

import (
	"strings"
	"testing"

	"wardlight/internal/central/sso"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// A name stands on screens and in the audit trail beside what somebody did: it holds nothing
// that a terminal obeys or that turns the line around, and every letter that people have.
func TestANameHoldsLettersAlone(t *testing.T) {
	account := func(name string) record.Account {
		return record.Account{User: "x", Name: name, Role: "nurse"}
	}
	for _, name := range []string{"Ev\u202eil", "Ada\x1b[2JMin", "two\nlines", "tab\tname", "a\u2028b", "\u2066x\u2069", "left\u200fright", "\xff"} {
		if err := checkAccount(account(name)); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "--full") {
			t.Errorf("%q: %v", name, err)
		}
		made, err := newcomer(sso.Settings{Role: "nurse"}, sso.Identity{User: "a.b", Name: name})
		if err != nil || made.Name == "" || strings.ContainsFunc(made.Name, misleads) {
			t.Errorf("%q as the hospital says it: %q, %v", name, made.Name, err)
		}
	}
	for _, name := range []string{"Grace Mensah", "Zoë O’Neill-Ångström", "نازنین می\u200cرزایی", "क्\u200dष", "王 小明"} {
		if err := checkAccount(account(name)); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if got := plainName(name); got != name {
			t.Errorf("%q became %q", name, got)
		}
	}
}
