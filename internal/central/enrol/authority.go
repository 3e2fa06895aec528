package enrol

import (
	"context"
	"crypto/subtle"
	"crypto/x509"
	"encoding/hex"
	"slices"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
)

// maxRoots bounds what a station may say that it believes.
const maxRoots = 4

// Authorities are those in use.
func (o *Office) Authorities() pki.Set {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.set
}

// Use changes the authorities, from the next handshake on. The caller has made
// them durable before.
func (o *Office) Use(set pki.Set) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.server != nil {
		if err := o.server.Use(set); err != nil {
			return err
		}
	}
	o.set = set
	return nil
}

// Renew answers a station that asks about its certificate: leaf is the one that
// it showed. Central's clock decides whether it is time, for a station's may be
// wrong. The certificate stays with the device's key: another key is another
// enrolment.
func (o *Office) Renew(ctx context.Context, peer record.Peer, leaf *x509.Certificate, req pki.RenewRequest) (pki.RenewAnswer, error) {
	station := string(peer.Device.Station)
	csr, err := x509.ParseCertificateRequest(req.CSR)
	if err != nil || csr.CheckSignature() != nil || subtle.ConstantTimeCompare(csr.RawSubjectPublicKeyInfo, peer.Device.Key) != 1 {
		return pki.RenewAnswer{}, fault.New(fault.Denied, "enrol.renew", station, "the request is not signed by this computer's key")
	}
	if !validRoots(req.Roots) {
		return pki.RenewAnswer{}, fault.New(fault.Invalid, "enrol.renew", station, "the request names its authorities wrongly")
	}
	set := o.Authorities()
	var ans pki.RenewAnswer
	for _, root := range set.Roots() {
		ans.Roots = append(ans.Roots, root.Raw)
	}
	issuer := ""
	if set.Due(leaf, o.conf.Now()) {
		if ans.Cert, err = set.Current.IssueDevice(peer.Device.Key, station, o.conf.Now()); err != nil {
			return pki.RenewAnswer{}, err
		}
		issuer = pki.Fingerprint(set.Current.Cert)
	}
	if issuer == "" && slices.Equal(peer.Device.Roots, req.Roots) {
		return ans, nil // nothing new: nothing to write
	}
	return ans, fault.Wrap("enrol.renew", station, o.noteTrust(ctx, station, req.Roots, issuer))
}

func validRoots(roots []string) bool {
	return len(roots) <= maxRoots && !slices.ContainsFunc(roots, func(fp string) bool {
		b, err := hex.DecodeString(fp)
		return err != nil || len(b) != 32
	})
}

// noteTrust keeps what a station believes, and who issued its certificate.
func (o *Office) noteTrust(ctx context.Context, station string, roots []string, issuer string) error {
	return o.changeDevice(ctx, station, "certificate", func(dev *record.Device) {
		dev.Roots = roots
		if issuer != "" {
			dev.Issuer = issuer
		}
	})
}

// changeDevice changes what is known of a computer, with its audit event, in
// one transaction.
func (o *Office) changeDevice(ctx context.Context, id, action string, change func(*record.Device)) error {
	_, err := o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		dev, err := deviceIn(tx, record.StationID(id))
		if err != nil {
			return err
		}
		was := dev
		change(&dev)
		return o.putDevice(ctx, tx, action, was, dev)
	})
	return err
}

// Devices are all computers that were ever enrolled, in order of id.
func (o *Office) Devices(ctx context.Context) ([]record.Device, error) {
	var list []record.Device
	err := o.conf.Journal.View(ctx, func(r journal.Reader) error {
		for kv, err := range r.Notes("device/") {
			if err != nil {
				return err
			}
			var dev record.Device
			if err := record.Decode(kv.Value, &dev); err != nil {
				return err
			}
			list = append(list, dev)
		}
		return nil
	})
	return list, fault.Wrap("enrol.devices", "", err)
}

// Behind are the computers that a step of a rotation would shut out: for the
// switch those that do not believe the next authority yet, for the retirement
// those whose certificate is still the former one's.
func (o *Office) Behind(ctx context.Context) (behind []record.StationID, err error) {
	set := o.Authorities()
	all, err := o.Devices(ctx)
	if err != nil {
		return nil, err
	}
	for _, dev := range all {
		switch {
		case dev.Revoked != 0:
		case set.Next != nil && !slices.Contains(dev.Roots, pki.Fingerprint(set.Next.Cert)),
			set.Former != nil && dev.Issuer != pki.Fingerprint(set.Current.Cert):
			behind = append(behind, dev.Station)
		}
	}
	return behind, nil
}
