package node

import (
	"context"
	"path/filepath"

	"wardlight/internal/clinical/record"
)

// A computer that was shut out must stay so when an older backup is restored, in
// which it is welcome. So every revocation stands in a list beside the raw
// inbound log as well, one line each, signed by central's journal key:
//
//	{"v":1,"station":"s…","revoked":1764345600000,"sig":"…"}
//
// Serve adds what the journal knows and the list does not, and Restore revokes
// again what the list knows and the backup does not. A line that is not whole or
// not central's own is told and not believed. The list has lines of other kinds as
// well (signedlines.go): devicekeys.go, gonesenders.go.

const revocationsName = "revoked.v1"

// revocation is one line of the list.
type revocation struct {
	V       int              `json:"v"`
	Station record.StationID `json:"station"`
	Revoked int64            `json:"revoked"` // ms since 1970, central
	Sig     []byte           `json:"sig"`
}

var revocationLine = signedLine[revocation]{1, "wardlight revocation v1", func(r *revocation) *[]byte { return &r.Sig }}

func (n *Node) revocationsFile() string { return filepath.Join(n.conf.Inbound, revocationsName) }

// revocations reads the list; bad is how many lines cannot be believed.
func (n *Node) revocations() (list map[record.StationID]int64, bad int, err error) {
	list = map[record.StationID]int64{}
	bad, err = revocationLine.read(n, func(r revocation) { list[r.Station] = r.Revoked })
	return list, bad, err
}

// noteRevocation adds one to the list, durably.
func (n *Node) noteRevocation(station record.StationID, at int64) error {
	return revocationLine.note(n, revocation{V: revocationLine.version, Station: station, Revoked: at})
}

// noteRevocations adds what the journal knows and the list does not.
func (n *Node) noteRevocations(ctx context.Context) error {
	known, _, err := n.revocations()
	if err != nil {
		return err
	}
	lacks := func(d record.Device) bool {
		_, there := known[d.Station]
		return !there && d.Revoked != 0
	}
	return n.noteLacking(ctx, lacks, func(d record.Device) error { return n.noteRevocation(d.Station, d.Revoked) })
}

// revoke withdraws a computer's enrolment, and ends its connection now: what it
// knows of the ward must not grow by another second.
func (n *Node) revoke(ctx context.Context, o Order, emit Emit) error {
	station := record.StationID(o.Args["station"])
	if err := n.office.Revoke(ctx, string(station)); err != nil {
		return err
	}
	if h := n.serving.Load(); h != nil {
		h.Drop(station)
	}
	said := map[string]any{"station": station, "revoked": true}
	if err := n.noteRevocation(station, n.conf.Now().UnixMilli()); err != nil {
		n.conf.Log.Error("a revocation could not be noted beside the raw inbound log; it is tried again at the next start", "station", string(station), "err", err)
		said["note"] = "it could not be noted beside the raw inbound log: until central has been started again, restoring an older backup would let this computer in"
	}
	return emit(said)
}

// enrolled is one computer that a restored central lets in.
type enrolled struct {
	Station  record.StationID `json:"station"`
	Place    string           `json:"place"`
	Wards    []record.Ward    `json:"wards"`
	Enrolled int64            `json:"enrolled"`
}

// revokeAgain shuts out who was shut out after the backup was made, and says who
// is let in now.
func (n *Node) revokeAgain(ctx context.Context, said map[string]any) error {
	known, bad, err := n.revocations()
	if err != nil {
		return err
	}
	all, err := n.office.Devices(ctx)
	if err != nil {
		return err
	}
	again, welcome := []record.StationID{}, []enrolled{}
	for _, d := range all {
		if _, out := known[d.Station]; out && d.Revoked == 0 {
			if err := n.office.Revoke(ctx, string(d.Station)); err != nil {
				return err
			}
			again = append(again, d.Station)
		} else if d.Revoked == 0 {
			welcome = append(welcome, enrolled{d.Station, d.Place, d.Wards, d.Enrolled})
		}
	}
	said["revoked_again"], said["enrolled"] = again, welcome
	said["look"] = "these computers are let in now; a computer that was shut out after the backup was made is among them if its revocation is not beside the raw inbound log: wardlightd revoke STATION"
	if bad > 0 {
		said["unreadable_revocations"] = bad
	}
	return nil
}
