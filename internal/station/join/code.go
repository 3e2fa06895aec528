package join

import (
	"strings"

	"wardlight/internal/fault"
)

// secretLength is how many letters the secret part of an enrolment code has: 16 random
// bytes in base32. Before it stands the code's short reference.
const secretLength = 26

// misread are the digits that base32 does not have, as the letters that they are taken for.
var misread = strings.NewReplacer("0", "O", "1", "I", "8", "B")

// readCode takes an enrolment code as somebody typed it: in small letters, in groups, with
// another dash or none, because codes are read aloud and copied from paper.
func readCode(typed string) (string, error) {
	code := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		if strings.ContainsRune(" \t\r\n-–—‑", r) {
			return -1
		}
		return '?'
	}, strings.ToUpper(typed))
	if len(code) <= secretLength || len(code) > 2*secretLength || strings.Contains(code, "?") {
		return "", fault.New(fault.Invalid, "join.code", "", "this is no enrolment code: one is a short name, a dash and 26 letters and digits, as 'wardlightd enrol-code' prints it. Put that alone into the file, or the whole line that it prints; nothing was sent")
	}
	cut := len(code) - secretLength
	return code[:cut] + "-" + misread.Replace(code[cut:]), nil
}
