package pki

import (
	"crypto/x509"
	"time"

	"wardlight/internal/fault"
)

// Set is central's authorities in the course of a rotation, which goes in three
// steps so that no station is ever without an authority that it believes:
//
//	current            every station holds it
//	current, next      Prepare: the next one is announced, and issues nothing yet
//	former, current    Switch: the next one issues; certificates of the former
//	                   one are accepted until their stations have renewed them
//	current            Retire: the former one is believed no more
//
// A Set is a value: each step returns another one.
type Set struct {
	Current *CA // issues every certificate
	Next    *CA // announced only; nil outside of a rotation
	Former  *CA // issues nothing any more, and is still believed; nil outside of a rotation
}

// Prepare begins a rotation with a new authority.
func (s Set) Prepare(now time.Time) (Set, error) {
	if err := s.free("pki.prepare"); err != nil {
		return s, err
	}
	ca, err := NewCA(now)
	s.Next = ca
	return s, err
}

// free says whether a rotation may begin.
func (s Set) free(op string) error {
	if s.Next != nil || s.Former != nil {
		return fault.New(fault.Exists, op, "", "a rotation is under way; finish it first (ca switch, then ca retire)")
	}
	return nil
}

// Switch lets the next authority issue.
func (s Set) Switch() (Set, error) {
	if s.Next == nil {
		return s, fault.New(fault.NotFound, "pki.switch", "", "no next authority was announced; begin with ca prepare")
	}
	return Set{Current: s.Next, Former: s.Current}, nil
}

// Retire ends a rotation.
func (s Set) Retire() (Set, error) {
	if s.Former == nil {
		return s, fault.New(fault.NotFound, "pki.retire", "", "there is no former authority")
	}
	return Set{Current: s.Current}, nil
}

// Roots are the certificates that stations are told to believe, the current one
// first.
func (s Set) Roots() []*x509.Certificate {
	var list []*x509.Certificate
	for _, ca := range []*CA{s.Current, s.Next, s.Former} {
		if ca != nil {
			list = append(list, ca.Cert)
		}
	}
	return list
}

// renewBefore is the part of a certificate's life that is left when it is
// renewed: a third, so that a computer that is away for weeks has time.
const renewBefore = 3

// Due says whether a device's certificate should be renewed: two thirds of its
// life are over, or another authority issues now.
func (s Set) Due(leaf *x509.Certificate, now time.Time) bool {
	left := leaf.NotAfter.Sub(now)
	return left < leaf.NotAfter.Sub(leaf.NotBefore)/renewBefore || leaf.CheckSignatureFrom(s.Current.Cert) != nil
}
