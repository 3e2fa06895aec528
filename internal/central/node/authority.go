package node

import (
	"context"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
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
}

func (n *Node) listCAs(ctx context.Context, _ Order, emit Emit) error {
	behind, err := n.office.Behind(ctx)
	if err != nil {
		return err
	}
	set := n.office.Authorities()
	a := authorities{Current: pki.Fingerprint(set.Current.Cert), Ends: set.Current.Cert.NotAfter, Behind: behind}
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
	event, err := n.event(ctx, o.Cmd, o.Who, n.conf.Now())
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
