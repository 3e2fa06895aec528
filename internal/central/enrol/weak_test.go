package enrol_test

import (
	"context"
	"testing"

	"wardlight/internal/central/enrol"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// What is guessed first is no PIN, and what is not is one; a PIN of before stays.
func TestPINsThatAreGuessedFirstAreRefused(t *testing.T) {
	for _, pin := range []string{
		"0000", "111111", "1212", "123123", "2580", "1234", "123456", "12345678", "7890", "890123", "654321", "4321", "abcdef", "112233", "998877", "147258", "1984", "2026",
		"wardlight", "Passwort1", "nurse4", "qwertz", "Mensah7", "g.mensah", "abcabc",
	} {
		if enrol.Guessed(pin, "g.mensah") == "" {
			t.Errorf("%q is a PIN", pin)
		}
	}
	for _, pin := range []string{"481526", "730194", "271828", "773341", "914275", "550912", "314159", "151623", "194412", "264805", "4815", "7392", "blue-otter-71", "wardlights own"} {
		if why := enrol.Guessed(pin, "g.mensah"); why != "" {
			t.Errorf("%q is none: %s", pin, why)
		}
	}
}

// It is refused wherever a PIN is set, and nothing is changed then.
func TestAGuessedPINIsNotSet(t *testing.T) {
	h, ctx := open(t), context.Background()
	who := record.Account{User: "g.mensah", Name: "Grace Mensah", Role: "nurse", Wards: []record.Ward{"4B"}}
	if err := h.office.AddUser(ctx, who, "123456"); !fault.Is(err, fault.Invalid) {
		t.Errorf("at the beginning: %v", err)
	}
	if err := h.office.AddUser(ctx, who, "481526"); err != nil {
		t.Fatal(err)
	}
	if err := h.office.SetPIN(ctx, "g.mensah", "Mensah1"); !fault.Is(err, fault.Invalid) {
		t.Errorf("later: %v", err)
	}
}
