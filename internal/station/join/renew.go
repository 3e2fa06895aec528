package join

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"net/http"
	"slices"

	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
)

// maxRoots bounds the authorities that a station believes: a rotation needs
// two, and one more does no harm.
const maxRoots = 4

// roots are the authorities that the station believes, its issuer first.
func (c Config) roots() ([]*x509.Certificate, error) {
	var list []*x509.Certificate
	for _, der := range append([][]byte{c.CA}, c.Roots...) {
		ca, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fault.As(fault.Corrupt, "join.roots", string(c.Station), err)
		}
		if !slices.ContainsFunc(list, ca.Equal) {
			list = append(list, ca)
		}
	}
	return list, nil
}

// TLS is the station's TLS configuration.
func (c Config) TLS(sec Secret) (*tls.Config, error) {
	key, err := sec.PrivateKey()
	if err != nil {
		return nil, err
	}
	roots, err := c.roots()
	if err != nil {
		return nil, err
	}
	return pki.StationTLS(tls.Certificate{Certificate: [][]byte{c.Cert, c.CA}, PrivateKey: key}, roots...), nil
}

// Renew asks central whether certificate and authorities are still good, and
// returns the configuration as it should be from now on. changed says that it
// is another one, which the caller must save, and then ask once more, so that
// central knows that it is held.
func (d *Door) Renew(ctx context.Context, c Config, sec Secret) (out Config, changed bool, err error) {
	req, err := c.renewal(sec)
	if err != nil {
		return c, false, err
	}
	body, err := json.Marshal(req)
	if err != nil {
		return c, false, fault.Wrap("join.renew", string(c.Station), err)
	}
	var ans pki.RenewAnswer
	if err := d.ask(ctx, http.MethodPost, "/v1/certificate", body, &ans); err != nil {
		return c, false, err
	}
	return c.renewed(sec, ans)
}

// NewKey asks central for a certificate of another device key, sec's, over a connection of
// the present one, and returns the configuration with it. From when it is saved that key is
// the device's (Secret.InUse); until then nothing is changed. fault.Unavailable: central
// does not answer, or is older than the question.
func (d *Door) NewKey(ctx context.Context, c Config, sec Secret) (Config, error) {
	req, err := c.renewal(sec)
	if err != nil {
		return c, err
	}
	body, err := json.Marshal(req)
	if err != nil {
		return c, fault.Wrap("join.newkey", string(c.Station), err)
	}
	var ans pki.RenewAnswer
	if err := d.ask(ctx, http.MethodPost, "/v1/device-key", body, &ans); err != nil {
		return c, err
	}
	out, _, err := c.renewed(sec, ans)
	return out, err
}

func (c Config) renewal(sec Secret) (pki.RenewRequest, error) {
	key, err := sec.PrivateKey()
	if err != nil {
		return pki.RenewRequest{}, err
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: string(c.Station)}}, key)
	if err != nil {
		return pki.RenewRequest{}, fault.Wrap("join.renew", string(c.Station), err)
	}
	roots, err := c.roots()
	if err != nil {
		return pki.RenewRequest{}, err
	}
	req := pki.RenewRequest{CSR: csr}
	for _, root := range roots {
		req.Roots = append(req.Roots, pki.Fingerprint(root))
	}
	return req, nil
}

// renewed checks central's answer before anything of it is used: a certificate
// that does not fit would lock the station out for good.
func (c Config) renewed(sec Secret, ans pki.RenewAnswer) (Config, bool, error) {
	bad := func(why string) (Config, bool, error) {
		return c, false, fault.New(fault.Corrupt, "join.renew", string(c.Station), "the server's answer about this computer's certificate was not used: "+why)
	}
	if len(ans.Roots) == 0 || len(ans.Roots) > maxRoots {
		return bad("it names no authority, or too many")
	}
	var roots []*x509.Certificate
	for _, der := range ans.Roots {
		ca, err := x509.ParseCertificate(der)
		if err != nil || !ca.IsCA {
			return bad("it names something that is no authority")
		}
		roots = append(roots, ca)
	}
	out := c
	if len(ans.Cert) > 0 {
		out.Cert = ans.Cert
	}
	leaf, err := x509.ParseCertificate(out.Cert)
	if err != nil {
		return bad("the certificate cannot be read")
	}
	key, err := sec.PrivateKey()
	if err != nil {
		return c, false, err
	}
	if !key.PublicKey.Equal(leaf.PublicKey) || leaf.Subject.CommonName != string(c.Station) {
		return bad("the certificate is another computer's")
	}
	at := slices.IndexFunc(roots, func(root *x509.Certificate) bool { return leaf.CheckSignatureFrom(root) == nil })
	if at < 0 {
		return bad("none of its authorities issued the certificate")
	}
	out.CA, out.Roots = roots[at].Raw, nil
	for i, der := range ans.Roots {
		if i != at {
			out.Roots = append(out.Roots, der)
		}
	}
	changed := !bytes.Equal(out.Cert, c.Cert) || !bytes.Equal(out.CA, c.CA) || !slices.EqualFunc(out.Roots, c.Roots, bytes.Equal)
	return out, changed, nil
}
