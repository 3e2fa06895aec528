package enrol

import (
	"bytes"
	"context"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/sso"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
)

// HospitalNote is where it lies which sign-in service is the hospital's; without it
// there is none.
const HospitalNote = "hospital"

// SetHospital says which sign-in service is the hospital's. Computers offer it
// within a minute.
func (o *Office) SetHospital(ctx context.Context, set sso.Settings) error {
	const op = "enrol.sethospital"
	set = set.WithDefaults()
	if err := checkHospital(set); err != nil {
		return err
	}
	kept, err := record.Encode(set)
	if err != nil {
		return err
	}
	_, err = o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		was, err := hospitalIn(tx)
		if err != nil {
			return err
		}
		if err := tx.SetNote(HospitalNote, kept); err != nil {
			return err
		}
		return o.audit(ctx, tx, "hospital-sign-in", set.Issuer, o.conf.Now(), hospitalChanges(was, set)...)
	})
	return fault.Wrap(op, set.Issuer, err)
}

// checkHospital is what Settings cannot know of roles here: nobody becomes an
// administrator by signing in.
func checkHospital(set sso.Settings) error {
	if err := set.Check(); err != nil {
		return err
	}
	switch set.Role {
	case "", "nurse", "doctor", "ward-clerk":
		return nil
	}
	return fault.New(fault.Invalid, "enrol.sethospital", set.Role, "accounts that are made at a first sign-in are a nurse’s, a doctor’s or a ward clerk’s; every other is made by a person: wardlightd user add")
}

// NoHospital ends it: who has a PIN signs in by that.
func (o *Office) NoHospital(ctx context.Context) error {
	_, err := o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		was, err := hospitalIn(tx)
		if err != nil {
			return err
		}
		if err := tx.SetNote(HospitalNote, nil); err != nil {
			return err
		}
		return o.audit(ctx, tx, "no-hospital-sign-in", "", o.conf.Now(), hospitalChanges(was, sso.Settings{})...)
	})
	return fault.Wrap("enrol.nohospital", "", err)
}

// Hospital is the hospital's sign-in service; nil where there is none.
func (o *Office) Hospital(ctx context.Context) (*sso.Provider, error) {
	var kept []byte
	err := o.conf.Journal.View(ctx, func(r journal.Reader) (err error) {
		kept, _, err = r.Note(HospitalNote)
		return err
	})
	if err != nil || kept == nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.provider != nil && bytes.Equal(o.providerOf, kept) {
		return o.provider, nil
	}
	var set sso.Settings
	if err := record.Decode(kept, &set); err != nil {
		return nil, err
	}
	p, err := sso.New(set, o.conf.Now, o.conf.Log)
	if err != nil {
		return nil, err
	}
	o.provider, o.providerOf = p, bytes.Clone(kept)
	return p, nil
}

// offered is what stations are told of it.
func (o *Office) offered(ctx context.Context) (*pki.HospitalAccount, error) {
	p, err := o.Hospital(ctx)
	if err != nil || p == nil {
		return nil, err
	}
	return &pki.HospitalAccount{Button: p.Settings().Button}, nil
}
