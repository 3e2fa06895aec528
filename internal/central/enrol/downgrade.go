package enrol

import (
	"context"
	"slices"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// A computer that can do less than it could passes for an older program, and what older
// programs do not say cannot be looked at: how long the chain of looks is, above all. So
// central keeps, for each computer, the most of the protocol that it ever named, and
// whoever names less stands in the audit trail as an alarm. They are served all the same:
// a ward's writing does not stop for it, and a program that was put back on purpose is no
// attack. An administrator says so: AllowOlder.

// What the audit trail calls it.
const (
	Downgraded = "computer-downgraded"
	Silent     = "computer-silent"

	upgraded  = "computer-capabilities"
	heard     = "computer-heard"
	allowed   = "computer-may-be-older"
	silentFor = 90 * time.Second // a session is older than that before an open copy is asked for in vain
)

// ChainEnd is the number of the capability by which a computer says how long its chain
// of looks is (wire.CapEnd), and maxCapabilities how many a computer may name.
const (
	ChainEnd        uint16 = 20
	maxCapabilities int    = 64
)

// Spoke notes what a computer's newest session named. The first time that it names less
// than ever before is an alarm on record, and so is each time that it is less again.
func (o *Office) Spoke(ctx context.Context, id string, named []uint16) (lacks []uint16, err error) {
	dev, err := o.known(ctx, id, nil)
	if err != nil {
		return nil, err
	}
	all, less := capabilities(dev.Spoke, named)
	if slices.Equal(all, dev.Spoke) && slices.Equal(less, dev.Lacks) {
		return less, nil
	}
	action := upgraded
	if slices.ContainsFunc(less, func(c uint16) bool { return !slices.Contains(dev.Lacks, c) }) {
		action = Downgraded
	}
	err = o.changeDevice(ctx, id, action, func(d *record.Device) { d.Spoke, d.Lacks = capabilities(d.Spoke, named) })
	return less, fault.Wrap("enrol.spoke", id, err)
}

// capabilities are what was ever named, and what of that is not named now.
func capabilities(ever []uint16, named []uint16) (all, less []uint16) {
	now := map[uint16]bool{}
	for _, c := range named[:min(len(named), maxCapabilities)] {
		now[c] = true
	}
	all = slices.Clone(ever)
	for c := range now {
		// Capabilities that nobody has heard of are kept too, within bounds: a program of
		// tomorrow may be the one that is put back.
		if !slices.Contains(all, c) && len(all) < 2*maxCapabilities {
			all = append(all, c)
		}
	}
	slices.Sort(all)
	for _, c := range all {
		if !now[c] {
			less = append(less, c)
		}
	}
	return all, less
}

// heardOfChain notes whether a computer that can say how long its chain of looks is does
// so. Its copy may be closed; one that has a session is open.
func (o *Office) heardOfChain(ctx context.Context, dev record.Device, says bool) error {
	switch {
	case says && dev.Silent != 0:
		return o.changeDevice(ctx, string(dev.Station), heard, func(d *record.Device) { d.Silent = 0 })
	case says || dev.Silent != 0 || o.conf.Connected == nil:
		return nil
	}
	if since, up := o.conf.Connected(dev.Station); !up || o.conf.Now().Sub(since) < silentFor {
		return nil
	}
	return o.IsSilent(ctx, dev.Station)
}

// IsSilent puts on record that a computer is connected and does not say how long its chain
// of looks is, though it could; once, until it says so again.
func (o *Office) IsSilent(ctx context.Context, s record.StationID) error {
	dev, err := o.known(ctx, string(s), nil)
	if err != nil || dev.Silent != 0 || !slices.Contains(dev.Spoke, ChainEnd) {
		return err
	}
	at := o.conf.Now().UnixMilli()
	_, err = o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		dev, err := deviceIn(tx, s)
		if err != nil || dev.Silent != 0 { // who asks how it stands and who watches may come at once
			return err
		}
		was := dev
		dev.Silent = at
		return o.putDevice(ctx, tx, Silent, was, dev)
	})
	return fault.Wrap("enrol.silent", string(s), err)
}

// AllowOlder takes what a computer leaves out now for what it can do: it was given an
// older program on purpose.
func (o *Office) AllowOlder(ctx context.Context, id string) error {
	const op = "enrol.allowolder"
	dev, err := o.known(ctx, id, nil)
	if err != nil {
		return err
	}
	if len(dev.Lacks) == 0 && dev.Silent == 0 {
		return fault.New(fault.NotFound, op, id, "this computer leaves out nothing that it could do before; nothing was changed. Give it the older program first, and when it has been connected, say so")
	}
	return fault.Wrap(op, id, o.changeDevice(ctx, id, allowed, func(d *record.Device) {
		gone := d.Lacks
		if d.Silent != 0 {
			gone = append(slices.Clone(gone), ChainEnd)
		}
		d.Spoke = slices.DeleteFunc(slices.Clone(d.Spoke), func(c uint16) bool { return slices.Contains(gone, c) })
		d.Lacks, d.Silent = nil, 0
	}))
}
