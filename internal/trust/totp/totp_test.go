package totp_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"wardlight/internal/trust/totp"
)

// The test vectors of RFC 6238, appendix B, in their last six digits.
func TestTheStandardsOwnVectors(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got, err := totp.At(secret, time.Unix(at, 0)); err != nil || got != want {
			t.Errorf("%d: %s, %v", at, got, err)
		}
		if step, ok := totp.Check(secret, want, time.Unix(at, 0), 0); !ok || step != at/30 {
			t.Errorf("%d: step %d, %v", at, step, ok)
		}
	}
}

func TestACodeIsTakenOnceAndAboutNow(t *testing.T) {
	e, err := totp.New("a.admin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_800_000_000, 0)
	code, err := totp.At(e.Secret, now)
	if err != nil {
		t.Fatal(err)
	}
	step, ok := totp.Check(e.Secret, code, now, 0)
	if !ok {
		t.Fatal("the code of now")
	}
	if _, ok := totp.Check(e.Secret, code, now.Add(20*time.Second), step); ok {
		t.Error("the same code once more, within its window")
	}
	for by, want := range map[time.Duration]bool{-30 * time.Second: true, 30 * time.Second: true, -61 * time.Second: false, 61 * time.Second: false} {
		if _, ok := totp.Check(e.Secret, code, now.Add(by), 0); ok != want {
			t.Errorf("by a clock that is %s off: %v", by, ok)
		}
	}
	before, _ := totp.At(e.Secret, now.Add(-30*time.Second))
	if _, ok := totp.Check(e.Secret, before, now, step); ok {
		t.Error("an earlier code after a later one was taken")
	}
	if _, ok := totp.Check(e.Secret, "", now, 0); ok {
		t.Error("no code")
	}
	u, err := url.Parse(e.URI)
	if err != nil || u.Scheme != "otpauth" || u.Query().Get("secret") != totp.Text(e.Secret) || u.Query().Get("issuer") != "Wardlight" {
		t.Errorf("%s, %v", e.URI, err)
	}
}

func TestRecoveryCodesAreKnownBySumsAlone(t *testing.T) {
	codes, salt, sums := totp.Recovery()
	if len(codes) != totp.Codes || len(sums) != totp.Codes {
		t.Fatal(len(codes))
	}
	seen := map[string]bool{}
	for i, c := range codes {
		if got := totp.Recovers(salt, sums, " "+strings.ToLower(strings.ReplaceAll(c, "-", ""))+"\n"); got != i || seen[c] {
			t.Errorf("code %d is %d", i, got)
		}
		if strings.Contains(string(sums[i]), c) {
			t.Error("the code itself is kept")
		}
		seen[c] = true
	}
	if totp.Recovers(salt, sums, "AAAA-AAAA-AAAA-AAAA") != -1 || totp.Recovers([]byte("another salt"), sums, codes[0]) != -1 {
		t.Error("what is no code of theirs")
	}
}
