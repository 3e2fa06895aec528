package node

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"wardlight/internal/central/enrol"
	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/badgerjournal"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Wipe empties a central on purpose: the end of a trial, a house that moves. It
// begins a wiped epoch over an empty journal, which keeps the computers and
// people that were welcome, and how it is set, and nothing about patients. The old journal and the
// raw inbound log are moved aside, both, so that no later restore files them
// again; stations forget what they hold and never offer it again. Central must
// not be running.
//
// The new journal is made beside the old one and takes its place at the end. A
// wipe that was interrupted is given again.
func Wipe(ctx context.Context, conf Config, who string, emit Emit) error {
	conf = withDefaults(conf)
	set, err := loadSettings(conf.Dir)
	if err != nil {
		return err
	}
	k, err := openVault(ctx, conf.Dir, conf.Secrets, set)
	if err != nil {
		return err
	}
	o := conf.journalOptions(k)
	line, notes, err := welcome(ctx, o)
	if err != nil {
		return err
	}
	fresh := o
	fresh.Dir += "-empty"
	if err := os.RemoveAll(fresh.Dir); err != nil {
		return fault.As(fault.Unavailable, "node.wipe", fresh.Dir, err)
	}
	fresh.Begin, fresh.Before = record.CauseWiped, line
	e, err := emptyWith(ctx, fresh, conf, notes, who)
	if err != nil {
		return err
	}
	stamp := conf.Now().UTC().Format("20060102-150405")
	moved, err := moveAside(o.Dir, fresh.Dir, conf.Inbound, stamp)
	if err != nil {
		return err
	}
	return emit(map[string]any{"wiped": true, "epoch": e.ID, "moved": moved, "kept": len(notes)})
}

// welcome reads what a wiped central keeps: the lineage, and the computers and
// people.
func welcome(ctx context.Context, o badgerjournal.Options) (line []record.Epoch, notes []record.KV, err error) {
	j, err := badgerjournal.Open(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	line = j.Epochs()
	err = j.View(ctx, func(r journal.Reader) error {
		for kv, err := range r.Notes("") {
			if err != nil {
				return err
			}
			if keptAtWipe(kv.Key) {
				if kv, err = unscoped(kv); err != nil {
					return err
				}
				notes = append(notes, kv)
			}
		}
		return nil
	})
	return line, notes, errors.Join(err, j.Close())
}

// keptAtWipe says whether a note outlives a wipe: who is welcome, under which keys, and
// how this central is set. A setting that a wipe undid would be a change that nobody
// made and that is on no record.
func keptAtWipe(key string) bool {
	switch key {
	case startNote, sendersNote, enrol.LimitsNote, enrol.ExportNote, enrol.DemandNote, enrol.HospitalNote, submit.PrivacyNote:
		return true
	}
	return strings.HasPrefix(key, "device/") || strings.HasPrefix(key, "user/") || strings.HasPrefix(key, "key/") || strings.HasPrefix(key, "epoch/")
}

// unscoped is a note without what refers to the old journal's positions.
func unscoped(kv record.KV) (record.KV, error) {
	if !strings.HasPrefix(kv.Key, "device/") {
		return kv, nil
	}
	var d record.Device
	err := record.Decode(kv.Value, &d)
	if err == nil {
		d.Rescoped = 0
		kv.Value, err = record.Encode(d)
	}
	return kv, fault.Wrap("node.wipe", "", err)
}

// emptyWith makes the journal that takes the old one's place.
func emptyWith(ctx context.Context, o badgerjournal.Options, conf Config, notes []record.KV, who string) (record.Epoch, error) {
	j, err := badgerjournal.Create(ctx, o)
	if err != nil {
		return record.Epoch{}, err
	}
	_, err = j.Update(ctx, func(tx journal.Tx) error {
		for _, kv := range notes {
			if err := tx.SetNote(kv.Key, kv.Value); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		n := &Node{conf: conf, journal: j}
		err = n.noteEpoch(ctx, j.Epoch(), begunNote{By: who, Why: "emptied on purpose"})
	}
	return j.Epoch(), errors.Join(err, j.Close())
}

// moveAside puts the empty journal in the old one's place, and the raw inbound
// log away. The log goes first: a journal that is empty beside a full log would
// be filled again by a restore.
func moveAside(old, fresh, inbound, stamp string) (moved []string, err error) {
	for _, step := range [][2]string{{inbound, inbound + "-wiped-" + stamp}, {old, old + "-wiped-" + stamp}, {fresh, old}} {
		err := os.Rename(step[0], step[1])
		if errors.Is(err, os.ErrNotExist) && step[0] == inbound {
			continue
		}
		if err != nil {
			return moved, fault.As(fault.Unavailable, "node.wipe", filepath.Base(step[0]), err)
		}
		if step[0] != fresh {
			moved = append(moved, step[1])
		}
	}
	return moved, nil
}
