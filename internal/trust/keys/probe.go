package keys

import (
	"bytes"
	"context"
	"crypto/rand"
	"strings"

	"wardlight/internal/fault"
)

// Probe writes a secret, reads it back and deletes it: whether a store can be
// used is better known before something depends on it that can be had once
// only, such as an enrolment code.
func Probe(ctx context.Context, s Secrets) error {
	const op = "secrets.probe"
	account, value := "probe/"+strings.ToLower(rand.Text()), NewKey()
	if err := s.Set(ctx, account, value[:]); err != nil {
		return fault.Wrap(op, "", err)
	}
	back, err := s.Get(ctx, account)
	if err == nil && !bytes.Equal(back, value[:]) {
		err = fault.New(fault.Corrupt, op, "", "the keyring gives back something else than was put in")
	}
	if derr := s.Delete(ctx, account); err == nil {
		err = derr
	}
	return fault.Wrap(op, "", err)
}
