package enrol

import (
	"slices"
	"strings"
)

// PINs that are tried first by whoever guesses: ten tries would be enough for many of
// them. The rules say of every length what a list of the most used says of four and six
// digits; the words are those of the place.

// guessedWords are refused as a PIN, alone or with digits around them.
var guessedWords = []string{
	"wardlight", "station", "hospital", "klinik", "krankenhaus", "ward", "nurse", "pflege", "doctor", "arzt", "admin",
	"password", "passwort", "kennwort", "letmein", "welcome", "willkommen", "qwerty", "qwertz", "azerty", "asdf", "abcd", "login", "test",
}

// keypads are ways over the keys of a pad of digits that hands go by themselves.
var keypads = []string{"2580", "0852", "1470", "3690", "147258369", "159357", "357159", "741852963", "258456", "123698745", "147896321", "1379", "1397", "7913", "9713"}

// guessed says why a PIN is among the first that are guessed of this user, in words;
// "": it is not.
func guessed(pin, user string) string {
	low := strings.ToLower(pin)
	bare := strings.Trim(low, "0123456789")
	switch {
	case repeats(low):
		return "a PIN that repeats itself is among the first that are guessed"
	case runs(low):
		return "a PIN of digits or letters in their order is among the first that are guessed"
	case pairs(low):
		return "a PIN of doubled digits in their order is among the first that are guessed"
	case slices.ContainsFunc(keypads, func(way string) bool { return strings.HasPrefix(way, low) }):
		return "a PIN that is a straight way over the keys is among the first that are guessed"
	case len(low) == 4 && (low[:2] == "19" || low[:2] == "20") && digits(low):
		return "a year is among the first PINs that are guessed"
	case slices.Contains(guessedWords, bare):
		return "a word of this place, or for a password, is among the first PINs that are guessed"
	}
	if low == strings.ToLower(user) {
		return ownName
	}
	for _, part := range strings.FieldsFunc(strings.ToLower(user), func(r rune) bool { return strings.ContainsRune(".-_", r) }) {
		if len(part) > 2 && bare == part {
			return ownName
		}
	}
	return ""
}

const ownName = "somebody’s own name is among the first PINs that are guessed"

// repeats says whether it is some shorter text again and again.
func repeats(s string) bool {
	for n := 1; n <= len(s)/2; n++ {
		if len(s)%n == 0 && strings.Repeat(s[:n], len(s)/n) == s {
			return true
		}
	}
	return false
}

// runs says whether each character is the one behind, or before, the one before it; 0
// stands behind 9 as well.
func runs(s string) bool {
	for _, step := range []int{1, -1} {
		all := true
		for i := 1; i < len(s) && all; i++ {
			a, b := int(s[i-1]), int(s[i])
			all = b-a == step || digits(s) && (b-a+10)%10 == (step+10)%10
		}
		if all {
			return true
		}
	}
	return false
}

// pairs says whether it is a run of doubled characters: 112233.
func pairs(s string) bool {
	if len(s) < 6 || len(s)%2 != 0 {
		return false
	}
	var single []byte
	for i := 0; i < len(s); i += 2 {
		if s[i] != s[i+1] {
			return false
		}
		single = append(single, s[i])
	}
	return runs(string(single))
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }
