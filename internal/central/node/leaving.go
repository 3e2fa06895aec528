package node

import (
	"archive/tar"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"wardlight/internal/central/enrol"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
)

// wipeStation orders a computer to be wiped, and ends its connection now. Its
// share is forgotten here in the same moment, so that central's half of what
// opens its copy is gone whether or not it is ever heard of again.
func (n *Node) wipeStation(ctx context.Context, o Order, emit Emit) error {
	station := o.Args["station"]
	if o.Args["reason"] == "" {
		return fault.New(fault.Invalid, "node.wipestation", station, "say why, for the audit trail: --reason")
	}
	if err := n.office.OrderWipe(ctx, station); err != nil {
		return err
	}
	if h := n.serving.Load(); h != nil {
		h.Drop(record.StationID(station))
	}
	said := map[string]any{"station": station, "wipe": "ordered", "next": "it erases itself when it next speaks with central; stations tells when it has; revoke shuts it out without"}
	// A backup from before the order must not let it in again.
	if err := n.noteRevocation(record.StationID(station), n.conf.Now().UnixMilli()); err != nil {
		n.conf.Log.Error("an order to wipe could not be noted beside the raw inbound log", "station", station, "err", err)
		said["note"] = "it could not be noted beside the raw inbound log: restoring an older backup would let this computer in"
	}
	return emit(said)
}

func (n *Node) rekeyStation(ctx context.Context, o Order, emit Emit) error {
	if err := n.office.OrderRekey(ctx, o.Args["station"]); err != nil {
		return err
	}
	return emit(map[string]any{"station": o.Args["station"], "rekey": "ordered"})
}

// limits shows how long computers may go on alone and how much may leave, after setting
// what is given. All of it is held to its ranges before any is set.
func (n *Node) limits(ctx context.Context, o Order, emit Emit) error {
	l, err := n.office.Limits(ctx)
	if err != nil {
		return err
	}
	out, err := n.office.ExportLimits(ctx)
	if err != nil {
		return err
	}
	was, outWas := l, out.Limits
	for arg, set := range map[string]func(int64){
		"offline_hours": func(v int64) { l.Offline = time.Duration(v) * time.Hour },
		"keep_days":     func(v int64) { l.Keep = time.Duration(v) * 24 * time.Hour },
		"session_hours": func(v int64) { l.Session = time.Duration(v) * time.Hour },
		"tries":         func(v int64) { l.Guessing.Tries = int(v) },
		"slow_from":     func(v int64) { l.Guessing.From = int(v) },
		"slow_seconds":  func(v int64) { l.Guessing.Wait = time.Duration(v) * time.Second },
		"slow_factor":   func(v int64) { l.Guessing.Factor = int(v) },
		"print_hour":    func(v int64) { out.PrintHour = int(v) },
		"print_day":     func(v int64) { out.PrintDay = int(v) },
		"take_hour":     func(v int64) { out.TakeHour = int(v) },
		"take_day":      func(v int64) { out.TakeDay = int(v) },
	} {
		if o.Args[arg] == "" {
			continue
		}
		v, err := strconv.ParseInt(o.Args[arg], 10, 32)
		if err != nil {
			return fault.New(fault.Invalid, "node.limits", arg, "give a whole number")
		}
		set(v)
	}
	if out.Limits != outWas {
		if err := enrol.MayLimitExport(out.Limits, o.Args["reason"]); err != nil {
			return err
		}
	}
	switch {
	case l == was && out.Limits == outWas: // it shows them, and nothing else
		err = n.auditLook(ctx, o, "how long computers may go on without central, and how much may leave")
	case l != was:
		err = n.office.SetLimits(ctx, l)
	}
	if err == nil && out.Limits != outWas {
		if err = n.office.SetExportLimits(ctx, out.Limits, o.Who, o.Args["reason"]); err == nil {
			out, err = n.office.ExportLimits(ctx)
		}
	}
	if err != nil {
		return err
	}
	return emit(limitsLine(l, out))
}

func limitsLine(l enrol.Limits, out enrol.ExportLimits) map[string]any {
	line := map[string]any{
		"offline_hours": int(l.Offline / time.Hour), "keep_days": int(l.Keep / (24 * time.Hour)), "session_hours": int(l.Session / time.Hour),
		"tries": l.Guessing.Tries, "slow_from": l.Guessing.From, "slow_seconds": int(l.Guessing.Wait / time.Second), "slow_factor": l.Guessing.Factor,
		"print_hour": out.PrintHour, "print_day": out.PrintDay, "take_hour": out.TakeHour, "take_day": out.TakeDay,
	}
	if out.By != "" {
		line["export_set_by"], line["export_set_at"], line["export_reason"] = out.By, time.UnixMilli(out.At).UTC(), out.Reason
	}
	return line
}

// Bounds of what a station may hand over when it is wiped: a segment has 1 MiB,
// and an outbox file seldom more than a few.
const maxUnsent = 256 << 20

var segmentName = regexp.MustCompile(`^outbox-[0-9]{8}\.wlo$`)

// takeUnsent takes the outbox file of a computer that is to be wiped, a tar of
// its segments, as 'outbox recover' would. Nothing of a patient goes the other
// way.
func (n *Node) takeUnsent(r *http.Request, peer record.Peer) (any, error) {
	const op = "node.unsent"
	if peer.Device.Wipe == 0 {
		return nil, fault.New(fault.Denied, op, string(peer.Device.Station), "nobody ordered this computer to be wiped")
	}
	dir, err := os.MkdirTemp(n.conf.Dir, "unsent-")
	if err != nil {
		return nil, fault.As(fault.Unavailable, op, "", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // sealed bytes; the next try makes its own
	count, err := unpackSegments(io.LimitReader(r.Body, maxUnsent), dir)
	if err != nil {
		return nil, fault.Wrap(op, string(peer.Device.Station), err)
	}
	if count == 0 {
		return pki.UnsentAnswer{}, nil
	}
	return pki.UnsentAnswer{Taken: count}, n.recoverFrom(r.Context(), peer, dir)
}

func unpackSegments(from io.Reader, dir string) (count int, err error) {
	for in := tar.NewReader(from); ; count++ {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return count, nil
		}
		if err != nil || !segmentName.MatchString(h.Name) {
			return count, fault.New(fault.Invalid, "node.unpack", "", "this is no outbox file")
		}
		f, err := os.OpenFile(filepath.Join(dir, h.Name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // a name that was matched whole
		if err == nil {
			_, err = io.Copy(f, in) //nolint:gosec // the reader is limited
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			return count, fault.As(fault.Unavailable, "node.unpack", "", err)
		}
	}
}

// recoverFrom hands what lies in a folder of segments to submit. A mutation of
// another station than the one that brings it is refused whole: nothing is taken
// of a file that was put together.
func (n *Node) recoverFrom(ctx context.Context, peer record.Peer, dir string) error {
	const op = "node.unsent"
	if n.conf.ReadOutbox == nil {
		return fault.New(fault.Unsupported, op, "", "this program cannot read outbox files")
	}
	muts, err := n.conf.ReadOutbox(dir, n.keys.recovery.identity())
	if err != nil {
		return err // the station keeps the file: a person looks at it
	}
	for _, m := range muts {
		if s, _, ok := m.ID.Station(); !ok || s != peer.Device.Station {
			return fault.New(fault.Denied, op, string(peer.Device.Station), "the file holds another computer's work")
		}
	}
	for _, m := range muts {
		if _, err := n.recoverOne(ctx, m); err != nil {
			return err
		}
	}
	_, err = n.recoverLooks(ctx, dir)
	return err
}
