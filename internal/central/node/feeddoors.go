package node

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"strings"

	"wardlight/internal/central/enrol"
	"wardlight/internal/central/mllpd"
	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
)

// NoDoor in place of an address closes the port for plain MLLP.
const NoDoor = "none"

// feedDoors are the ports for the hospital's systems; either may be nil.
type feedDoors struct {
	plain, secure net.Listener
	tls           mllpd.Secure
}

// openFeedDoors opens the ports, and says in words which of them speaks plain text.
func (n *Node) openFeedDoors(ctx context.Context) (d feedDoors, err error) {
	c := n.conf
	if c.MLLP == NoDoor && c.MLLPS == "" {
		return d, fault.New(fault.Invalid, "node.serve", "", "--mllp none without --mllps: nobody could send anything; give the address for TLS: --mllps HOST:PORT")
	}
	if c.MLLPS != "" {
		if d.tls, err = n.feedTLS(); err != nil {
			return d, err
		}
		if d.secure, err = door(ctx, c.MLLPS, "--mllps"); err != nil {
			return d, err
		}
	}
	if c.MLLP != NoDoor {
		if d.plain, err = door(ctx, c.MLLP, "--mllp"); err != nil {
			return d, errors.Join(err, d.close())
		}
		n.sayPlain(ctx, d.plain.Addr().String())
	}
	return d, nil
}

// sayPlain says where messages are taken that anybody on their way can read and change.
func (n *Node) sayPlain(ctx context.Context, addr string) {
	level, words := plainAt(addr)
	n.conf.Log.Log(ctx, level, words, "addr", addr)
}

// plainAt is what is said of a port without TLS.
func plainAt(addr string) (slog.Level, string) {
	host, _, _ := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		return slog.LevelInfo, "HL7 v2 is taken in PLAIN TEXT at this address, from this machine alone"
	}
	return slog.LevelWarn, "HL7 v2 is taken in PLAIN TEXT at this address: whoever is on the way reads and changes it, and a sender is who it says. Give senders TLS (--mllps), and close this (--mllp none)"
}

// feedTLS is what the port for TLS is made of.
func (n *Node) feedTLS() (mllpd.Secure, error) {
	c := n.conf
	conf := pki.SenderConfig{
		Set: n.office.Authorities, Hosts: enrol.Hosts(c.MLLPS, append(n.set.Hosts, c.Hosts...)...), Now: c.Now,
		Known: func() (list []pki.Trusted) {
			for _, s := range n.senders.Load().List {
				list = append(list, s.trusted())
			}
			return list
		},
	}
	if (c.MLLPSCert == "") != (c.MLLPSKey == "") {
		return mllpd.Secure{}, fault.New(fault.Invalid, "node.serve", "", "--mllps-cert and --mllps-key belong together: the certificate that central shows to senders, and its key, as PEM files")
	}
	if c.MLLPSCert != "" {
		pair, err := pki.OpenPair(c.MLLPSCert, c.MLLPSKey, func(err error) {
			c.Log.Error("the certificate for senders has changed and cannot be used; the one before is shown on", "err", err)
		})
		if err != nil {
			return mllpd.Secure{}, err
		}
		conf.Own = pair.Get
	}
	srv, err := pki.NewSenderServer(conf)
	if err != nil {
		return mllpd.Secure{}, err
	}
	return mllpd.Secure{Config: srv.Config(), Who: func(cs tls.ConnectionState) (mllpd.Line, error) {
		k, err := srv.Who(cs)
		return mllpd.Line{Sender: k.Name, Until: k.Until}, err
	}}, nil
}

func (d feedDoors) serve(ctx context.Context, n *Node, failed chan<- error) {
	if d.plain != nil {
		go func() { failed <- n.mllp.Serve(ctx, d.plain) }()
	}
	if d.secure != nil {
		go func() { failed <- n.mllp.ServeTLS(ctx, d.secure, d.tls) }()
	}
}

func (d feedDoors) close() error {
	var err error
	for _, ln := range []net.Listener{d.plain, d.secure} {
		if ln != nil {
			err = errors.Join(err, ln.Close())
		}
	}
	return err
}

func addrOf(ln net.Listener) string {
	if ln == nil {
		return ""
	}
	return ln.Addr().String()
}

// refusedAtMLLP is told by the ports for senders of what they turned away.
func (n *Node) refusedAtMLLP(r mllpd.Refusal) {
	what := ""
	switch r.Why {
	case mllpd.NoRoom:
		what = "a line of a sender was refused: too many are open"
	case mllpd.AnothersName:
		what = "a message was refused: its line may not send under the name that it bears (MSH-3, MSH-4)"
	case mllpd.RanOut:
		what = "a line of a sender was closed: its certificate has run out"
	case mllpd.SlowHello:
		what = "a line of a sender was refused: it did not show in time who it is"
	case mllpd.BadHello:
		what = refusedHello(r.Err)
	}
	if what != "" {
		n.knocks.note(knock{what: what, sender: r.Sender, remote: hostOf(r.Remote)})
	}
}

// refusedHello says in fixed words what was wrong with a sender's handshake; "" for who
// only went away.
func refusedHello(err error) string {
	var notTLS tls.RecordHeaderError
	switch {
	case errors.Is(err, pki.ErrSenderExpired):
		return "a sender was refused at the handshake: its certificate has run out, or is not valid yet"
	case errors.Is(err, pki.ErrSenderUse):
		return "a sender was refused at the handshake: its certificate is not for a client, or its key is too weak"
	case errors.Is(err, pki.ErrSenderUnknown):
		return "a sender was refused at the handshake: its certificate belongs to no sender that is let in"
	case errors.As(err, &notTLS):
		return "a sender was refused: it did not begin with TLS"
	case err == nil:
		return ""
	}
	for words, what := range map[string]string{
		"didn't provide a certificate": "a sender was refused at the handshake: it showed no certificate",
		"unsupported versions":         "a sender was refused at the handshake: an older TLS than 1.2",
		"no cipher suite supported":    "a sender was refused at the handshake: no cipher with forward secrecy and authentication",
		"unsupported protocol version": "a sender was refused at the handshake: an older TLS than 1.2",
	} {
		if strings.Contains(err.Error(), words) {
			return what
		}
	}
	return ""
}
