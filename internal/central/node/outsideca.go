package node

import (
	"context"
	"crypto/x509"
	"encoding/pem"

	"wardlight/internal/central/enrol"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/pki"
)

// requestCA makes the key of an authority that the hospital's own is to certify, and
// prints the request. The key waits in the vault; a second request replaces the first.
func (n *Node) requestCA(ctx context.Context, o Order, emit Emit) error {
	n.authority.Lock()
	defer n.authority.Unlock()
	req, err := pki.NewRequest()
	if err != nil {
		return err
	}
	csr, err := req.CSR()
	if err != nil {
		return err
	}
	key, err := req.Marshal()
	if err != nil {
		return err
	}
	defer clear(key)
	v, master, err := readVault(ctx, n.conf.Dir, n.conf.Secrets, n.set)
	if err != nil {
		return err
	}
	master.Zero()
	was, err := askedKey(v.Asked)
	if err != nil {
		return err
	}
	is, err := askedKey(key)
	if err != nil {
		return err
	}
	event, err := n.event(ctx, o.Cmd, o.Who, n.conf.Now(), audit.Change{Name: "key that waits to be certified", Before: was, After: is})
	if err != nil {
		return err
	}
	if err := n.submit.Audit(ctx, event); err != nil {
		return err
	}
	err = changeVault(ctx, n.conf.Dir, n.conf.Secrets, n.set, func(v *vault) error {
		v.Asked = key
		return nil
	})
	if err != nil {
		return err
	}
	return emit(map[string]any{"csr": string(csr), "next": "have it signed as a subordinate authority, without name constraints, for server and client authentication; then: wardlightd ca import --cert FILE"})
}

// askedKey names the key of a request by its public half; "" where there is none.
func askedKey(kept []byte) (string, error) {
	if len(kept) == 0 {
		return "", nil
	}
	req, err := pki.ParseRequest(kept)
	if err != nil {
		return "", err
	}
	csr, err := req.CSR()
	if err != nil {
		return "", err
	}
	block, _ := pem.Decode(csr)
	if block == nil {
		return "", fault.New(fault.Corrupt, "node.requestca", "", "the request cannot be read")
	}
	parsed, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return "", fault.As(fault.Corrupt, "node.requestca", "", err)
	}
	return enrol.KeyID(parsed.RawSubjectPublicKeyInfo), nil
}

// importCA announces the authority that the hospital's own has certified, as the next
// one: ca switch and ca retire follow as after ca prepare.
func (n *Node) importCA(ctx context.Context, o Order, emit Emit) error {
	const op = "node.importca"
	v, master, err := readVault(ctx, n.conf.Dir, n.conf.Secrets, n.set)
	if err != nil {
		return err
	}
	master.Zero()
	if len(v.Asked) == 0 {
		return fault.New(fault.NotFound, op, "", "nothing was asked for; begin with: wardlightd ca request")
	}
	req, err := pki.ParseRequest(v.Asked)
	if err != nil {
		return err
	}
	ca, err := req.Certified([]byte(o.Args["cert"]), enrol.Hosts(n.conf.Listen, append(n.set.Hosts, n.conf.Hosts...)...), n.conf.Now())
	if err != nil {
		return err
	}
	if err := n.rotate(ctx, o, emit, func(s pki.Set) (pki.Set, error) { return s.Announce(ca) }); err != nil {
		return err
	}
	return changeVault(ctx, n.conf.Dir, n.conf.Secrets, n.set, func(v *vault) error {
		v.Asked = nil
		return nil
	})
}
