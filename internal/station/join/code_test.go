package join

import (
	"strings"
	"testing"

	"wardlight/internal/fault"
)

// A code is what it is however it was read aloud and typed.
func TestACodeIsReadAsItWasTyped(t *testing.T) {
	const code = "LW9VGCH6-24ONE4K4U4KNJ3J3YCKDGMZXYI"
	for _, typed := range []string{
		code, code + "\r\n", strings.ToLower(code), strings.ReplaceAll(code, "-", " "), strings.ReplaceAll(code, "-", ""),
		"lw9v gch6 – 24on e4k4 u4kn j3j3 yckd gmzx yi", "LW9VGCH6-240NE4K4U4KNJ3J3YCKDGMZXY1",
	} {
		if got, err := readCode(typed); err != nil || got != code {
			t.Errorf("%q is read as %q, %v", typed, got, err)
		}
	}
	for name, typed := range map[string]string{
		"nothing": "", "the reference alone": "LW9VGCH6", "the secret alone": "24ONE4K4U4KNJ3J3YCKDGMZXYI",
		"a line about it": "code: " + code, "two codes": code + "\n" + code, "letters of another alphabet": "ЛW9VGCH6-24ONE4K4U4KNJ3J3YCKDGMZXYI",
	} {
		got, err := readCode(typed)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "wardlightd enrol-code") {
			t.Errorf("%s is read as %q, %v", name, got, err)
		} else if typed != "" && strings.Contains(err.Error(), typed) {
			t.Errorf("%s stands in the error: a code is a secret", name)
		}
	}
}
