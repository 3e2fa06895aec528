package enrol

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/sso"
	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/audit"
)

// What the audit trail says was changed. Of a PIN, a second factor and a key it says
// that there is another one, and never what it is.

// accountChanges are what of an account is another; was is the zero Account where it
// was just made.
func (o *Office) accountChanges(was, is record.Account) []audit.Change {
	changes := []audit.Change{
		{Name: "name", Before: was.Name, After: is.Name},
		{Name: "role", Before: was.Role, After: is.Role},
		{Name: "wards", Before: listed(was.Wards), After: listed(is.Wards)},
		{Name: "state", Before: stateOf(was), After: stateOf(is)},
		{Name: "hospital's account", Before: was.Hospital, After: is.Hospital},
		{Name: "second factor", Before: o.factorOf(was), After: o.factorOf(is)},
	}
	if string(was.PINHash) != string(is.PINHash) {
		changes = append(changes, audit.Change{Name: "PIN", Before: set(was.PINHash, "one"), After: set(is.PINHash, "another")})
	}
	return changes
}

func stateOf(a record.Account) string {
	switch {
	case a.Made == 0:
		return ""
	case a.Ended != 0:
		return "closed " + when(a.Ended)
	}
	return "open"
}

// factorOf is how a second factor stands: what it is stays sealed.
func (o *Office) factorOf(a record.Account) string {
	s, there, err := o.openSecond(a)
	switch {
	case err != nil:
		return "one that cannot be read"
	case !there:
		return ""
	case !s.Confirmed:
		return "not confirmed yet"
	}
	return "asked for, " + strconv.Itoa(len(s.Sums)) + " recovery codes left"
}

// deviceChanges are what of a computer is another; was is the zero Device where it was
// just enrolled.
func deviceChanges(was, is record.Device) []audit.Change {
	return []audit.Change{
		{Name: "place", Before: was.Place, After: is.Place},
		{Name: "wards", Before: listed(was.Wards), After: listed(is.Wards)},
		{Name: "key", Before: was.KeyID, After: is.KeyID},
		{Name: "key that is to follow", Before: keyName(was.NextKey), After: keyName(is.NextKey)},
		{Name: "authority", Before: was.Issuer, After: is.Issuer},
		{Name: "believes", Before: strings.Join(was.Roots, ", "), After: strings.Join(is.Roots, ", ")},
		{Name: "revoked", Before: when(was.Revoked), After: when(is.Revoked)},
		{Name: "wipe ordered", Before: when(was.Wipe), After: when(is.Wipe)},
		{Name: "wiped", Before: when(was.Wiped), After: when(is.Wiped)},
		{Name: "new keys ordered", Before: when(was.Rekey), After: when(is.Rekey)},
		{Name: "copy's key made", Before: when(was.KeyMade), After: when(is.KeyMade)},
		{Name: "capabilities", Before: numbers(was.Spoke), After: numbers(is.Spoke)},
		{Name: "capabilities left out", Before: numbers(was.Lacks), After: numbers(is.Lacks)},
		{Name: "silent about its chain since", Before: when(was.Silent), After: when(is.Silent)},
		{Name: "recovery key sealed to", Before: was.Recovery, After: is.Recovery},
		{Name: "journal key believed", Before: was.JournalKey, After: is.JournalKey},
	}
}

func keyName(spki []byte) string {
	if len(spki) == 0 {
		return ""
	}
	return KeyID(spki)
}

// hospitalIn is how the hospital's sign-in service is set; zero where there is none.
func hospitalIn(r journal.Reader) (set sso.Settings, err error) {
	b, there, err := r.Note(HospitalNote)
	if err != nil || !there {
		return set, err
	}
	return set, record.Decode(b, &set)
}

func hospitalChanges(was, is sso.Settings) []audit.Change {
	return []audit.Change{
		{Name: "issuer", Before: was.Issuer, After: is.Issuer},
		{Name: "client", Before: was.Client, After: is.Client},
		{Name: "claim", Before: was.Claim, After: is.Claim},
		{Name: "domain", Before: was.Domain, After: is.Domain},
		{Name: "authority of its certificate", Before: sum(was.CA), After: sum(is.CA)},
		{Name: "button", Before: was.Button, After: is.Button},
		{Name: "hours by PIN alone", Before: number(was.PINHours), After: number(is.PINHours)},
		{Name: "role of new accounts", Before: was.Role, After: is.Role},
		{Name: "wards of new accounts", Before: strings.Join(was.Wards, ", "), After: strings.Join(is.Wards, ", ")},
		{Name: "a sign-in of any age", Before: yes(was.AnyAge), After: yes(is.AnyAge)},
	}
}

func limitChanges(was, is Limits) []audit.Change {
	return []audit.Change{
		{Name: "hours by PIN alone", Before: number(int(was.Offline / time.Hour)), After: number(int(is.Offline / time.Hour))},
		{Name: "days of the copy", Before: number(int(was.Keep / (24 * time.Hour))), After: number(int(is.Keep / (24 * time.Hour)))},
		{Name: "hours of a session", Before: number(int(was.Session / time.Hour)), After: number(int(is.Session / time.Hour))},
		{Name: "wrong PINs in a row", Before: number(was.Guessing.Tries), After: number(is.Guessing.Tries)},
		{Name: "the try that waits first", Before: number(was.Guessing.From), After: number(is.Guessing.From)},
		{Name: "seconds of the first wait", Before: number(int(was.Guessing.Wait / time.Second)), After: number(int(is.Guessing.Wait / time.Second))},
		{Name: "each further wait is longer by", Before: number(was.Guessing.Factor), After: number(is.Guessing.Factor)},
	}
}

func listed(wards []record.Ward) string {
	names := make([]string, len(wards))
	for i, w := range wards {
		names[i] = string(w)
	}
	return strings.Join(names, ", ")
}

// when is a time in ms since 1970; "" where there was none.
func when(ms int64) string {
	if ms == 0 {
		return ""
	}
	return time.UnixMilli(ms).UTC().Format(time.RFC3339Nano)
}

// set is a word for what is there, and "" for nothing.
func set(secret []byte, word string) string {
	if len(secret) == 0 {
		return ""
	}
	return word
}

// sum names what is too long to be told; it is no secret.
func sum(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	h := sha256.Sum256(b)
	return "SHA-256 " + hex.EncodeToString(h[:])
}

func numbers(list []uint16) string {
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = strconv.Itoa(int(n))
	}
	return strings.Join(words, " ")
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func yes(on bool) string {
	if on {
		return "yes"
	}
	return ""
}
