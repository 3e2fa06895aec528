package enrol

import (
	"context"
	"crypto/subtle"
	"crypto/x509"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
)

// A computer's key changes in two steps, of which either side may be killed between any:
//
//  1. over a connection of its present key it asks for a certificate of another one.
//     Central notes that key beside the present one, and lets the computer in by either.
//  2. when it first comes with the new one, that is its key, and the one of before lets
//     nobody in any more.
//
// Both public keys stand in notes of their own from step 1 on, and stay: what was signed
// with either before or after, and comes over a connection of either, is verified.

// maxKeys bounds the keys that a computer may have had.
const maxKeys = 200

// NewKey certifies another key of a computer's: the request is signed by it, the
// connection is by the present one. The same request again gets the same answer.
func (o *Office) NewKey(ctx context.Context, peer record.Peer, req pki.RenewRequest) (pki.RenewAnswer, error) {
	const op = "enrol.newkey"
	station := peer.Device.Station
	csr, err := x509.ParseCertificateRequest(req.CSR)
	if err != nil || csr.CheckSignature() != nil || csr.Subject.CommonName != string(station) {
		return pki.RenewAnswer{}, fault.New(fault.Denied, op, string(station), "the request is not signed by the key that it names")
	}
	if !validRoots(req.Roots) {
		return pki.RenewAnswer{}, fault.New(fault.Invalid, op, string(station), "the request names its authorities wrongly")
	}
	spki, set, now := csr.RawSubjectPublicKeyInfo, o.Authorities(), o.conf.Now()
	var ans pki.RenewAnswer
	for _, root := range set.Roots() {
		ans.Roots = append(ans.Roots, root.Raw)
	}
	if ans.Cert, err = set.Current.IssueDevice(spki, string(station), now); err != nil {
		return pki.RenewAnswer{}, err
	}
	_, err = o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		dev, err := deviceIn(tx, station)
		if err != nil {
			return err
		}
		switch {
		case dev.Revoked != 0 || dev.Wipe != 0 || subtle.ConstantTimeCompare(dev.Key, peer.Device.Key) != 1:
			return fault.New(fault.Denied, op, string(station), "this computer's enrolment was changed meanwhile")
		case isKey(dev.Key, spki) || isKey(dev.NextKey, spki):
			return nil // noted already
		}
		if err := o.noteKeys(tx, dev, spki); err != nil {
			return err
		}
		was := dev
		dev.NextKey, dev.Roots = spki, req.Roots
		return o.putDevice(ctx, tx, "device-key", was, dev)
	})
	return ans, fault.Wrap(op, string(station), err)
}

// noteKeys keeps the present key and the one that is to follow.
func (o *Office) noteKeys(tx journal.Tx, dev record.Device, next []byte) error {
	n := 0
	for _, err := range tx.Notes(record.KeyNotes(dev.Station)) {
		if err != nil {
			return err
		}
		n++
	}
	if n >= maxKeys {
		return fault.New(fault.Denied, "enrol.newkey", string(dev.Station), "this computer has had too many keys; enrol it again")
	}
	for _, key := range [][]byte{dev.Key, next} {
		if err := tx.SetNote(record.KeyNote(dev.Station, KeyID(key)), key); err != nil {
			return err
		}
	}
	return nil
}

// shown makes the key that was to follow a computer's key, once it came with it; leaf is
// the certificate that it showed.
func (o *Office) shown(ctx context.Context, dev record.Device, leaf *x509.Certificate) (record.Device, error) {
	if !isKey(dev.NextKey, leaf.RawSubjectPublicKeyInfo) {
		return dev, nil
	}
	changed := false
	_, err := o.conf.Journal.Update(ctx, func(tx journal.Tx) (err error) {
		changed = false
		if dev, err = deviceIn(tx, dev.Station); err != nil || !isKey(dev.NextKey, leaf.RawSubjectPublicKeyInfo) {
			return err
		}
		was := dev
		dev.Key, dev.KeyID, dev.NextKey, dev.Keyed = dev.NextKey, KeyID(dev.NextKey), nil, o.conf.Now().UnixMilli()
		for _, root := range o.Authorities().Roots() {
			if leaf.CheckSignatureFrom(root) == nil {
				dev.Issuer = pki.Fingerprint(root)
			}
		}
		changed = true
		return o.putDevice(ctx, tx, "device-key-in-use", was, dev)
	})
	if err != nil {
		return record.Device{}, fault.Wrap("enrol.shown", string(dev.Station), err)
	}
	if changed && o.conf.Keyed != nil {
		o.conf.Keyed(dev)
	}
	return dev, nil
}

// KeyAgain gives a computer, in a restored central, the key that it has had since: key is
// in use since then, by a list that central signed. A computer that has a later one, or is
// not there, stays as it is; it says whether anything was changed.
func (o *Office) KeyAgain(ctx context.Context, station record.StationID, key []byte, since int64) (again bool, err error) {
	_, err = o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		again = false
		dev, err := deviceIn(tx, station)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil || dev.Keyed >= since || isKey(dev.Key, key) {
			return err
		}
		if err := o.noteKeys(tx, dev, key); err != nil {
			return err
		}
		was := dev
		dev.Key, dev.KeyID, dev.NextKey, dev.Keyed = key, KeyID(key), nil, since
		again = true
		return o.putDevice(ctx, tx, "device-key-again", was, dev)
	})
	return again, fault.Wrap("enrol.keyagain", string(station), err)
}

func deviceIn(r journal.Reader, id record.StationID) (dev record.Device, err error) {
	b, ok, err := r.Note(record.DeviceNote(id))
	if err != nil {
		return dev, err
	}
	if !ok {
		return dev, fault.New(fault.NotFound, "enrol.device", string(id), "no such computer")
	}
	return dev, record.Decode(b, &dev)
}

// putDevice keeps what is known of a computer, with its audit event.
func (o *Office) putDevice(ctx context.Context, tx journal.Tx, action string, was, is record.Device) error {
	kept, err := record.Encode(is)
	if err != nil {
		return err
	}
	if err := tx.SetNote(record.DeviceNote(is.Station), kept); err != nil {
		return err
	}
	return o.audit(ctx, tx, action, string(is.Station), o.conf.Now(), deviceChanges(was, is)...)
}
