// Package totp is a second factor that a person's app shows: a code of six digits
// that changes every 30 seconds (RFC 6238), and recovery codes for the day when the
// app is lost.
//
// A code is one step of time. Whoever checks it keeps the step that was taken last,
// and no code of that step or an earlier one is taken again: one that somebody looked
// at over a shoulder is worth nothing. Recovery codes are random, 80 bits each, and
// kept only as sums.
package totp

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"wardlight/internal/fault"
)

const (
	period = 30 // seconds a step
	around = 1  // steps that app and server may be apart
	// Codes is how many recovery codes somebody gets.
	Codes = 10
)

// every app knows these; others are not known everywhere.
var how = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// Enrolment is what a person is shown once.
type Enrolment struct {
	Secret []byte // 20 bytes
	URI    string // otpauth://totp/…, for an app's camera
}

// New makes a secret for an account.
func New(account string) (Enrolment, error) {
	k, err := totp.Generate(totp.GenerateOpts{Issuer: "Wardlight", AccountName: account, Period: period, Digits: how.Digits, Algorithm: how.Algorithm})
	if err != nil {
		return Enrolment{}, fault.Wrap("totp.new", account, err)
	}
	secret, err := plain.DecodeString(k.Secret())
	return Enrolment{secret, k.URL()}, fault.As(fault.Corrupt, "totp.new", account, err)
}

var plain = base32.StdEncoding.WithPadding(base32.NoPadding)

// Text is a secret as an app takes it where it has no camera.
func Text(secret []byte) string { return plain.EncodeToString(secret) }

// Check says whether code is the secret's now, and of which step it is. Steps up to
// last were taken before, and are not taken again.
func Check(secret []byte, code string, now time.Time, last int64) (step int64, right bool) {
	at := now.Unix() / period
	for s := at - around; s <= at+around; s++ {
		want, err := hotp.GenerateCodeCustom(Text(secret), uint64(s), how) //nolint:gosec // a step after 1970
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && s > last {
			step, right = s, true
		}
	}
	return step, right
}

// At is the code of a moment: what the person's app shows.
func At(secret []byte, now time.Time) (string, error) {
	code, err := hotp.GenerateCodeCustom(Text(secret), uint64(now.Unix()/period), how) //nolint:gosec // a step after 1970
	return code, fault.Wrap("totp.at", "", err)
}

// Recovery makes recovery codes; sums is what is kept of them, under salt.
func Recovery() (codes []string, salt []byte, sums [][]byte) {
	salt = make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	for range Codes {
		raw := make([]byte, 10)
		_, _ = rand.Read(raw)
		t := plain.EncodeToString(raw)
		c := t[:4] + "-" + t[4:8] + "-" + t[8:12] + "-" + t[12:]
		codes, sums = append(codes, c), append(sums, sum(salt, c))
	}
	return codes, salt, sums
}

// Recovers says which of the sums a code has; -1: none.
func Recovers(salt []byte, sums [][]byte, code string) int {
	found, got := -1, sum(salt, code)
	for i, s := range sums {
		if subtle.ConstantTimeCompare(s, got) == 1 {
			found = i
		}
	}
	return found
}

func sum(salt []byte, code string) []byte {
	m := hmac.New(sha256.New, salt)
	m.Write([]byte(Typed(code)))
	return m.Sum(nil)
}

// Typed is a code without what people type between its parts.
func Typed(code string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "\t", "", "\n", "", "\r", "").Replace(code))
}
