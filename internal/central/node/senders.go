package node

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/mllpd"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/pki"
)

// Who of the hospital's systems may send HL7 v2 over TLS, by which certificate, and under
// which names (MSH-3 and MSH-4). A name that is bound to a sender is taken from that
// sender's line and from no other, on the plain port neither, unless that is allowed for
// the time of moving over.

// sendersNote is where they are kept; sendersFormat its first version.
const (
	sendersNote   = "senders"
	sendersFormat = 1
	maxSenders    = 500
	maxNames      = 20 // of one sender
)

// sender is one of them, as kept.
type sender struct {
	Name      string   `cbor:"1,keyasint"`
	Names     []string `cbor:"2,keyasint,omitempty"` // "LAB|NORTHFIELD", or "LAB" at any facility; none: whatever is nobody else's
	Key       []byte   `cbor:"3,keyasint,omitempty"` // see pki.Trusted
	Cert      []byte   `cbor:"4,keyasint,omitempty"`
	Host      string   `cbor:"5,keyasint,omitempty"`
	Authority [][]byte `cbor:"6,keyasint,omitempty"`
	Until     int64    `cbor:"7,keyasint,omitempty"` // end of the certificate, ms since 1970; 0 where that is known in the handshake only
	Issuer    string   `cbor:"8,keyasint,omitempty"` // fingerprint of central's authority that certified Key
	Added     int64    `cbor:"9,keyasint"`           // ms since 1970
	Plain     bool     `cbor:"10,keyasint,omitempty"`
}

// senders are all of them.
type senders struct {
	V    uint8    `cbor:"1,keyasint"`
	List []sender `cbor:"2,keyasint"`
}

// mark names what a sender is known by, for people and for the list of those that were
// taken off.
func (s sender) mark() string {
	h := sha256.New()
	for _, part := range append([][]byte{s.Key, s.Cert, []byte(strings.ToLower(s.Host))}, s.Authority...) {
		sum := sha256.Sum256(part)
		_, _ = h.Write(sum[:]) // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// by says in words by what a sender is known.
func (s sender) by() string {
	switch {
	case len(s.Key) > 0:
		return "a certificate of central's authority, key " + hex.EncodeToString(s.Key[:8])
	case len(s.Cert) > 0:
		sum := sha256.Sum256(s.Cert)
		return "this certificate alone, SHA-256 " + hex.EncodeToString(sum[:])
	case s.Host != "":
		return "the name " + s.Host + " under an authority of the hospital's, " + s.mark()
	}
	return ""
}

func (s sender) trusted() pki.Trusted {
	return pki.Trusted{Name: s.Name, Key: s.Key, Cert: s.Cert, Host: s.Host, Authority: s.Authority}
}

// bears says whether a message's names are bound to this sender. Namespace and universal
// id of each are both looked at: nobody passes by writing a name in the other one.
func (s sender) bears(app, facility hl7.HD) bool {
	is := func(d hl7.HD, want string) bool { return d.Namespace == want || d.UniversalID == want }
	return slices.ContainsFunc(s.Names, func(n string) bool {
		a, f, narrow := strings.Cut(n, "|")
		return is(app, a) && (!narrow || is(facility, f))
	})
}

// claim says whether a line may send under the names that a message bears.
func (l senders) claim(line mllpd.Line, app, facility hl7.HD) bool {
	if line.Secure {
		at := slices.IndexFunc(l.List, func(s sender) bool { return s.Name == line.Sender })
		if at < 0 { // taken off a moment ago: its line is on its way out
			return false
		}
		if own := l.List[at]; len(own.Names) > 0 {
			return own.bears(app, facility)
		}
	}
	return !slices.ContainsFunc(l.List, func(s sender) bool {
		return s.bears(app, facility) && (line.Secure || !s.Plain)
	})
}

func sendersIn(r journal.Reader) (l senders, err error) {
	l.V = sendersFormat
	b, there, err := r.Note(sendersNote)
	if err != nil || !there {
		return l, err
	}
	if err := record.Decode(b, &l); err != nil {
		return l, err
	}
	if l.V != sendersFormat {
		return l, fault.New(fault.Unsupported, "node.senders", "", "the list of senders was written by a newer version of this program")
	}
	return l, nil
}

// loadSenders reads the list at a start.
func (n *Node) loadSenders(ctx context.Context) error {
	return n.journal.View(ctx, func(r journal.Reader) error {
		l, err := sendersIn(r)
		if err == nil {
			n.senders.Store(&l)
		}
		return err
	})
}

// changeSenders makes another list of them, on record in the same transaction, and lets
// go of every line whose sender is not what it was.
func (n *Node) changeSenders(ctx context.Context, o Order, change func(*senders) ([]audit.Change, error)) error {
	n.authority.Lock() // one at a time: what is in force is what was written last
	defer n.authority.Unlock()
	var l senders
	_, err := n.journal.Update(ctx, func(tx journal.Tx) error {
		var err error
		if l, err = sendersIn(tx); err != nil {
			return err
		}
		changes, err := change(&l)
		if err != nil {
			return err
		}
		slices.SortFunc(l.List, func(a, b sender) int { return strings.Compare(a.Name, b.Name) })
		kept, err := record.Encode(l)
		if err != nil {
			return err
		}
		event, err := n.event(ctx, o.Cmd, o.Args["sender"], n.conf.Now(), changes...)
		if err != nil {
			return err
		}
		if err := tx.SetNote(sendersNote, kept); err != nil {
			return err
		}
		return tx.Audit(event)
	})
	if err != nil {
		return err
	}
	was := n.senders.Swap(&l)
	n.mllp.Drop(func(line mllpd.Line) bool {
		return line.Secure && was.of(line.Sender).mark() != l.of(line.Sender).mark()
	})
	return nil
}

func (l senders) of(name string) sender {
	for _, s := range l.List {
		if s.Name == name {
			return s
		}
	}
	return sender{}
}

func changesOf(was, is sender) []audit.Change {
	plain := func(s sender) string {
		if s.Plain {
			return "are taken"
		}
		return ""
	}
	return []audit.Change{
		{Name: "known by", Before: was.by(), After: is.by()},
		{Name: "names", Before: strings.Join(was.Names, ", "), After: strings.Join(is.Names, ", ")},
		{Name: "these names on the plain port", Before: plain(was), After: plain(is)},
	}
}

// told is a sender as an administrator sees it.
type toldSender struct {
	Sender string     `json:"sender"`
	Names  []string   `json:"names,omitempty"`
	By     string     `json:"by"`
	Plain  bool       `json:"plain_too,omitempty"`
	Added  time.Time  `json:"added"`
	Until  *time.Time `json:"until,omitempty"`
	Over   bool       `json:"ran_out,omitempty"`
	Issuer string     `json:"issuer,omitempty"`
}

func (n *Node) told(s sender) toldSender {
	return toldSender{s.Name, s.Names, s.by(), s.Plain, time.UnixMilli(s.Added).UTC(), moment(s.Until), s.Until != 0 && s.Until < n.conf.Now().UnixMilli(), s.Issuer}
}

func (n *Node) senderList(_ context.Context, _ Order, emit Emit) error {
	for _, s := range n.senders.Load().List {
		if err := emit(n.told(s)); err != nil {
			return err
		}
	}
	return nil
}

// senderAuthority says by which certificates a sender knows central's own.
func (n *Node) senderAuthority(_ context.Context, _ Order, emit Emit) error {
	set := n.office.Authorities()
	pem := ""
	for _, c := range set.Roots() {
		pem += string(pki.CertPEM(c.Raw))
	}
	return emit(map[string]any{"authority": pem, "current": pki.Fingerprint(set.Current.Cert)})
}

// senderAdd lets a sender in, or, with replace, changes by what it is known or under
// which names it sends.
func (n *Node) senderAdd(ctx context.Context, o Order, emit Emit) error {
	s, said, err := n.newSender(o)
	if err != nil {
		return err
	}
	var was sender
	err = n.changeSenders(ctx, o, func(l *senders) ([]audit.Change, error) {
		was = l.of(s.Name)
		switch {
		case was.Name != "" && o.Args["replace"] != "true":
			return nil, fault.New(fault.Exists, "node.sender", s.Name, "there is a sender of this name; to change it, or to give it another certificate, repeat with --replace")
		case was.Name == "" && len(l.List) >= maxSenders:
			return nil, fault.Newf(fault.Full, "node.sender", s.Name, "there are %d senders already", maxSenders)
		}
		for _, other := range l.List {
			if other.Name == s.Name {
				continue
			}
			if other.mark() == s.mark() {
				return nil, fault.New(fault.Exists, "node.sender", s.Name, "the sender "+other.Name+" is known by the same certificate already; give it these names too (--as), or take it off first")
			}
			for _, name := range s.Names {
				if slices.Contains(other.Names, name) {
					return nil, fault.New(fault.Exists, "node.sender", s.Name, "the name "+name+" is the sender "+other.Name+"'s")
				}
			}
		}
		l.List = append(slices.DeleteFunc(l.List, func(x sender) bool { return x.Name == s.Name }), s)
		return changesOf(was, s), nil
	})
	if err != nil {
		return err
	}
	if was.Name != "" && was.mark() != s.mark() {
		n.gone(was, said)
	}
	said["sender"] = n.told(s)
	return emit(said)
}

// newSender reads what an order says of a sender.
func (n *Node) newSender(o Order) (s sender, said map[string]any, err error) {
	const op = "node.sender"
	now := n.conf.Now()
	s = sender{Name: o.Args["sender"], Host: o.Args["dns"], Plain: o.Args["plain_too"] == "true", Added: now.UnixMilli()}
	said = map[string]any{}
	if s.Names, err = namesOf(o.Args["as"]); err != nil {
		return s, nil, err
	}
	if !tidyName(s.Name) || strings.ContainsAny(s.Name, "|!,") {
		return s, nil, fault.New(fault.Invalid, op, s.Name, "a sender's name has 1 to 60 letters, digits, blanks and signs, and neither | nor !")
	}
	given := 0
	for _, arg := range []string{"request", "cert", "authority"} {
		if o.Args[arg] != "" {
			given++
		}
	}
	if given != 1 || (o.Args["authority"] != "") != (s.Host != "") {
		return s, nil, fault.New(fault.Invalid, op, s.Name, "say by what the sender is known, in one of three ways: --request FILE, which central certifies; --cert FILE, a certificate that it has; or --authority FILE with --dns NAME, the hospital's authority and the name in its certificates")
	}
	switch {
	case o.Args["request"] != "":
		spki, err := pki.SenderRequest([]byte(o.Args["request"]))
		if err != nil {
			return s, nil, err
		}
		ca := n.office.Authorities().Current
		der, err := ca.IssueSender(spki, s.Name, now)
		if err != nil {
			return s, nil, err
		}
		cert, err := pki.ParseCert(pki.CertPEM(der))
		if err != nil {
			return s, nil, err
		}
		s.Key, s.Issuer, s.Until = pki.KeyOf(spki), pki.Fingerprint(ca.Cert), cert.NotAfter.UnixMilli()
		said["certificate"] = string(pki.CertPEM(der)) + string(pki.CertPEM(ca.Cert.Raw))
	default:
		certs, err := pki.SenderCertificates([]byte(cmp.Or(o.Args["cert"], o.Args["authority"])))
		if err != nil {
			return s, nil, err
		}
		if s.Host != "" {
			for _, c := range certs {
				if !c.IsCA {
					return s, nil, fault.New(fault.Invalid, op, s.Name, "the file of --authority holds a certificate that is no authority's; for one certificate by itself: --cert FILE")
				}
				s.Authority = append(s.Authority, c.Raw)
			}
			break
		}
		s.Cert, s.Until = certs[0].Raw, certs[0].NotAfter.UnixMilli()
		if _, err := pki.Identify(certs[:1], nil, []pki.Trusted{s.trusted()}, now); err != nil {
			return s, nil, fault.Newf(fault.Invalid, op, s.Name, "this certificate would be refused: %w", err)
		}
	}
	return s, said, nil
}

// namesOf reads the names of --as.
func namesOf(text string) (list []string, err error) {
	if text == "" {
		return nil, nil
	}
	for name := range strings.SplitSeq(text, ",") {
		app, facility, narrow := strings.Cut(name, "|")
		if !tidyName(app) || narrow && (!tidyName(facility) || strings.Contains(facility, "|")) || len(list) == maxNames {
			return nil, fault.Newf(fault.Invalid, "node.sender", "", "a name is APPLICATION|FACILITY as the sender writes them in MSH-3 and MSH-4, or APPLICATION for any facility; %d at most", maxNames)
		}
		list = append(list, name)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

func tidyName(s string) bool {
	return s != "" && len(s) <= 60 && s == strings.TrimSpace(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// senderRemove shuts a sender out: its lines end at once. Its names are free again.
func (n *Node) senderRemove(ctx context.Context, o Order, emit Emit) error {
	name := o.Args["sender"]
	var gone sender
	err := n.changeSenders(ctx, o, func(l *senders) ([]audit.Change, error) {
		if gone = l.of(name); gone.Name == "" {
			return nil, fault.New(fault.NotFound, "node.sender", name, "there is no sender of this name: wardlightd sender list")
		}
		l.List = slices.DeleteFunc(l.List, func(s sender) bool { return s.Name == name })
		return changesOf(gone, sender{}), nil
	})
	if err != nil {
		return err
	}
	said := map[string]any{"sender": name, "removed": true}
	n.gone(gone, said)
	if len(gone.Names) > 0 {
		said["look"] = "its names are bound to nobody now: whoever reaches the plain port can send under them, if that is open"
	}
	return emit(said)
}

// gone notes that what a sender was known by lets nobody in any more.
func (n *Node) gone(s sender, said map[string]any) {
	if err := n.noteGoneSender(s); err != nil {
		n.conf.Log.Error("that a sender was taken off could not be noted beside the raw inbound log; restoring an older backup would let it in", "err", err)
		said["note"] = "it could not be noted beside the raw inbound log: restoring an older backup would let what was taken off in"
	}
}

// behindSenders are senders whose certificate is of the former authority: they are shut
// out when that is believed no more.
func (n *Node) behindSenders(set pki.Set) (list []string) {
	if set.Former == nil {
		return nil
	}
	for _, s := range n.senders.Load().List {
		if len(s.Key) > 0 && s.Issuer != pki.Fingerprint(set.Current.Cert) {
			list = append(list, s.Name)
		}
	}
	return list
}
