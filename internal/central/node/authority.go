package node

import (
	"context"
	"strings"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/pki"
)

// station is one enrolled computer, as an administrator sees it.
type station struct {
	Station  record.StationID `json:"station"`
	Place    string           `json:"place"`
	Wards    []record.Ward    `json:"wards"`
	Enrolled time.Time        `json:"enrolled"`
	Revoked  *time.Time       `json:"revoked,omitempty"`
	Issuer   string           `json:"issuer,omitempty"` // fingerprint of the authority of its certificate
	Roots    []string         `json:"roots,omitempty"`  // authorities that it believes
	Wipe     *time.Time       `json:"wipe,omitempty"`   // when its wiping was ordered
	Wiped    *time.Time       `json:"wiped,omitempty"`  // when it said that it had erased everything
	Rekey    *time.Time       `json:"rekey,omitempty"`  // when a new key of its copy was asked for
	KeyMade  *time.Time       `json:"key_made,omitempty"`
	Key      string           `json:"key"`              // names its device key
	Keyed    *time.Time       `json:"keyed,omitempty"`  // since when it has that one, where it had another before
	Lacks    []uint16         `json:"lacks,omitempty"`  // capabilities that it had before and does not name any more
	Silent   *time.Time       `json:"silent,omitempty"` // since when it is connected and does not say how long its chain of looks is
}

func (n *Node) stations(ctx context.Context, _ Order, emit Emit) error {
	all, err := n.office.Devices(ctx)
	if err != nil {
		return err
	}
	for _, d := range all {
		s := station{Station: d.Station, Place: d.Place, Wards: d.Wards, Enrolled: time.UnixMilli(d.Enrolled).UTC(), Issuer: d.Issuer, Roots: d.Roots}
		s.Revoked, s.Wipe, s.Wiped = moment(d.Revoked), moment(d.Wipe), moment(d.Wiped)
		s.Rekey, s.KeyMade = moment(d.Rekey), moment(d.KeyMade)
		s.Key, s.Keyed = d.KeyID, moment(d.Keyed)
		s.Lacks, s.Silent = d.Lacks, moment(d.Silent)
		if err := emit(s); err != nil {
			return err
		}
	}
	return nil
}

// moment is a time, where there was one.
func moment(ms int64) *time.Time {
	if ms == 0 {
		return nil
	}
	at := time.UnixMilli(ms).UTC()
	return &at
}

// authorities is what the ca commands print: the set, and which computers the
// next step would shut out.
type authorities struct {
	Current string             `json:"current"`
	Ends    time.Time          `json:"ends"`
	Next    string             `json:"next,omitempty"`
	Former  string             `json:"former,omitempty"`
	Behind  []record.StationID `json:"behind"`
	Senders []string           `json:"behind_senders,omitempty"` // of the hospital's systems
}

func (n *Node) listCAs(ctx context.Context, _ Order, emit Emit) error {
	behind, err := n.office.Behind(ctx)
	if err != nil {
		return err
	}
	set := n.office.Authorities()
	a := authorities{Current: pki.Fingerprint(set.Current.Cert), Ends: set.Current.Cert.NotAfter, Behind: behind, Senders: n.behindSenders(set)}
	if ca := set.Next; ca != nil {
		a.Next = pki.Fingerprint(ca.Cert)
	}
	if ca := set.Former; ca != nil {
		a.Former = pki.Fingerprint(ca.Cert)
	}
	return emit(a)
}

func (n *Node) prepareCA(ctx context.Context, o Order, emit Emit) error {
	return n.rotate(ctx, o, emit, func(s pki.Set) (pki.Set, error) { return s.Prepare(n.conf.Now()) })
}

func (n *Node) switchCA(ctx context.Context, o Order, emit Emit) error {
	return n.rotate(ctx, o, emit, pki.Set.Switch)
}

func (n *Node) retireCA(ctx context.Context, o Order, emit Emit) error {
	return n.rotate(ctx, o, emit, pki.Set.Retire)
}

// authorityChanges are what of the authorities is another, by fingerprint.
func authorityChanges(was, is pki.Set) []audit.Change {
	name := func(ca *pki.CA) string {
		if ca == nil {
			return ""
		}
		return pki.Fingerprint(ca.Cert)
	}
	return []audit.Change{
		{Name: "authority", Before: name(was.Current), After: name(is.Current)},
		{Name: "next authority", Before: name(was.Next), After: name(is.Next)},
		{Name: "former authority", Before: name(was.Former), After: name(is.Former)},
	}
}

// rotate takes one step of a rotation: durable first, then in force. A step
// that would shut computers out is refused unless it is forced.
func (n *Node) rotate(ctx context.Context, o Order, emit Emit, step func(pki.Set) (pki.Set, error)) error {
	n.authority.Lock()
	defer n.authority.Unlock()
	set, err := step(n.office.Authorities())
	if err != nil {
		return err
	}
	behind, err := n.office.Behind(ctx)
	if err != nil {
		return err
	}
	if len(behind) > 0 && o.Args["force"] != "true" {
		return fault.Newf(fault.Denied, "node.rotate", o.Cmd,
			"%d computers would be shut out (ca list names them): start each while the server runs, and wait a few minutes; or revoke it; or repeat with --force, and enrol it again afterwards", len(behind))
	}
	if late := n.behindSenders(n.office.Authorities()); len(late) > 0 && o.Args["force"] != "true" {
		return fault.Newf(fault.Denied, "node.rotate", o.Cmd,
			"the certificates of these senders are of the former authority, and they would be shut out: %s. Give each another one (sender add --replace), or repeat with --force", strings.Join(late, ", "))
	}
	event, err := n.event(ctx, o.Cmd, o.Who, n.conf.Now(), authorityChanges(n.office.Authorities(), set)...)
	if err != nil {
		return err
	}
	if err := n.submit.Audit(ctx, event); err != nil {
		return err
	}
	if err := keepAuthorities(ctx, n.conf.Dir, n.conf.Secrets, n.set, set); err != nil {
		return err
	}
	if err := n.office.Use(set); err != nil {
		return err
	}
	return n.listCAs(ctx, o, emit)
}
