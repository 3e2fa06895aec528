package node

import (
	"context"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/keys"
)

// Central's own keys are changed by command, while everything works. Each change is
// durable in the vault, with a power cut in mind, before anything is sealed with the
// new key; every sealed record bears the id of its key, and the keys of before stay in
// the vault to read what they sealed. So a crash at any moment leaves a central that
// reads everything: with the new key in the vault or without it.
//
// The master key is in the keyring and the vault under it is a file, which cannot
// change in one step. The next master key is in the keyring under a name of its own
// until the vault is sealed by it and it has taken the present one's place; the vault
// says by the id of its key which of the two opens it.

// factorsPurpose is for what seals second factors, below the data key.
const factorsPurpose = "second factors v1"

// changeable are the keys that 'keys change' changes.
var changeable = []string{"master", "data", "raw", "signing", "recovery"}

// keyLastsFor is after how long 'keys list' advises another key.
const keyLastsFor = 365 * 24 * time.Hour

// keyLine is one key of 'keys list'; nothing in it is secret.
type keyLine struct {
	Key      string    `json:"key"`
	Protects string    `json:"protects"`
	Since    time.Time `json:"since"`
	Former   int       `json:"former"` // how many of before are kept to read with
	Due      bool      `json:"due"`    // in use for more than a year
	// ID and Behind are of the signing key: its name, and the computers whose programs
	// would refuse what another one signs. Of the recovery key: its name, and the computers
	// that have not said yet that they seal to it; the ones of before open what they seal.
	ID     string             `json:"id,omitempty"`
	Behind []record.StationID `json:"behind,omitempty"`
}

var protects = map[string]string{
	"master":   "the vault, in which all others lie",
	"data":     "the journal: every row from the change on, second factors, and the keys of its tables from the next start on",
	"signing":  "what computers are sent, epochs, checkpoints of the audit log, backups, the list of revoked computers",
	"recovery": "outbox files and first audit keys of computers that lost theirs, from when each hears of it on",
	"raw":      "the raw inbound log, from the next message on, and the list of accounts beside it",
}

func (n *Node) keysList(ctx context.Context, _ Order, emit Emit) error {
	n.authority.Lock()
	defer n.authority.Unlock()
	v, master, err := readVault(ctx, n.conf.Dir, n.conf.Secrets, n.set)
	if err != nil {
		return err
	}
	master.Zero()
	former := map[string]int{"data": len(v.FormerData), "raw": len(v.FormerRaw), "signing": len(v.Handovers), "recovery": len(v.FormerRecovery)}
	behind, err := n.office.CannotFollow(ctx)
	if err != nil {
		return err
	}
	for _, key := range changeable {
		since := v.since(key, n.set)
		line := keyLine{Key: key, Protects: protects[key], Since: since, Former: former[key], Due: n.conf.Now().Sub(since) > keyLastsFor}
		if key == "signing" {
			line.ID, line.Behind = keys.KeyID(n.keys.journal.Public()), behind
		}
		if key == "recovery" {
			line.ID = keys.RecipientID(n.keys.recovery.Recipient())
			if line.Behind, err = n.office.SealToOthers(ctx, line.ID); err != nil {
				return err
			}
		}
		if err := emit(line); err != nil {
			return err
		}
	}
	return nil
}

// keysChange makes another key of the kind that the order names.
func (n *Node) keysChange(ctx context.Context, o Order, emit Emit) error {
	n.authority.Lock()
	defer n.authority.Unlock()
	change, ok := map[string]func(context.Context) error{"master": n.changeMaster, "data": n.changeData, "raw": n.changeRaw, "signing": n.changeSigning, "recovery": n.changeRecovery}[o.Args["key"]]
	if !ok {
		return fault.Newf(fault.Invalid, "node.keys", o.Args["key"], "there is no such key to change; it is one of %v", changeable)
	}
	if o.Args["key"] == "signing" {
		if err := n.mayChangeSigning(ctx, o.Args["force"] == "true"); err != nil {
			return err
		}
	}
	v, master, err := readVault(ctx, n.conf.Dir, n.conf.Secrets, n.set)
	if err != nil {
		return err
	}
	master.Zero()
	at := n.conf.Now()
	event, err := n.event(ctx, o.Cmd, o.Args["key"], at, audit.Change{
		Name: o.Args["key"] + " key", Before: inUseSince(v.since(o.Args["key"], n.set)), After: inUseSince(at),
	})
	if err != nil {
		return err
	}
	if err := n.submit.Audit(ctx, event); err != nil {
		return err
	}
	// Broken off in the middle it must not be: what was begun is ended.
	if err := change(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	return emit(map[string]any{"key": o.Args["key"], "changed": n.conf.Now().UTC(), "do": keysAdvice})
}

const keysAdvice = "make a backup with its keys now (wardlightd backup --with-keys): the keys file of an older backup lacks the new key"

// inUseSince tells keys apart also where one follows another within a second.
func inUseSince(at time.Time) string { return "in use since " + at.UTC().Format(time.RFC3339Nano) }

// since is when a key came into use.
func (v vault) since(key string, set settings) time.Time {
	if at, ok := v.Changed[key]; ok {
		return at
	}
	return set.Made
}

func (v *vault) changed(key string, now time.Time) {
	if v.Changed == nil {
		v.Changed = map[string]time.Time{}
	}
	v.Changed[key] = now.UTC()
}

func (n *Node) changeData(ctx context.Context) error {
	k := keys.NewKey()
	defer k.Zero()
	err := changeVault(ctx, n.conf.Dir, n.conf.Secrets, n.set, func(v *vault) error {
		v.FormerData, v.Data = append([][]byte{v.Data}, v.FormerData...), append([]byte(nil), k[:]...)
		v.changed("data", n.conf.Now())
		return nil
	})
	if err != nil {
		return err
	}
	n.store.Rekey(k)
	n.factorSeal.Add(k.Derive(factorsPurpose))
	return nil
}

func (n *Node) changeRaw(ctx context.Context) error {
	k := keys.NewKey()
	defer k.Zero()
	err := changeVault(ctx, n.conf.Dir, n.conf.Secrets, n.set, func(v *vault) error {
		v.FormerRaw, v.Raw = append([][]byte{v.Raw}, v.FormerRaw...), append([]byte(nil), k[:]...)
		v.changed("raw", n.conf.Now())
		return nil
	})
	if err != nil {
		return err
	}
	n.standingSeal.Add(k.Derive(standingsPurpose))
	return n.raw.Rekey(k)
}

func (n *Node) changeRecovery(ctx context.Context) error {
	id, err := keys.NewSealIdentity()
	if err != nil {
		return err
	}
	err = changeVault(ctx, n.conf.Dir, n.conf.Secrets, n.set, func(v *vault) error {
		v.FormerRecovery, v.Recovery = append([][]byte{v.Recovery}, v.FormerRecovery...), id.Secret()
		v.changed("recovery", n.conf.Now())
		return nil
	})
	if err != nil {
		return err
	}
	n.keys.recovery.follow(id)
	return nil
}

func (n *Node) changeMaster(ctx context.Context) error {
	const op = "node.keys"
	if n.masterUnsure {
		return fault.New(fault.Unavailable, op, "master", "the keyring did not answer in time before, and may still be at it; stop and start central, then try again: nothing was changed")
	}
	v, was, err := readVault(ctx, n.conf.Dir, n.conf.Secrets, n.set)
	if err != nil {
		return err
	}
	was.Zero()
	k := keys.NewKey()
	defer k.Zero()
	set := func(account string) error {
		err := n.conf.Secrets.Set(ctx, account, append([]byte(nil), k[:]...))
		// What timed out may still be written, over what comes later.
		n.masterUnsure = n.masterUnsure || fault.Is(err, fault.Timeout)
		return fault.Wrap(op, "master", err)
	}
	if err := set(nextMasterAccount(n.set.ID)); err != nil {
		return err
	}
	n.between("keyring holds both")
	v.changed("master", n.conf.Now())
	if err := v.write(n.conf.Dir, n.set, k); err != nil {
		return err
	}
	n.between("vault sealed anew")
	if err := set(masterAccount(n.set.ID)); err != nil {
		return err
	}
	n.between("keyring holds the new one")
	if err := n.conf.Secrets.Delete(ctx, nextMasterAccount(n.set.ID)); err != nil && !fault.Is(err, fault.NotFound) {
		n.conf.Log.Warn("the keyring's entry for the next master key could not be removed; it does no harm", "err", err)
	}
	return nil
}

// settleMaster finishes a change of the master key that was broken off: the key that
// opens the vault takes the present one's place.
func settleMaster(ctx context.Context, conf Config, set settings) error {
	next, err := conf.Secrets.Get(ctx, nextMasterAccount(set.ID))
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return fault.Wrap("node.keys", "master", err)
	}
	defer clear(next)
	_, master, err := readVault(ctx, conf.Dir, conf.Secrets, set)
	if err != nil {
		return err
	}
	defer master.Zero()
	if err := conf.Secrets.Set(ctx, masterAccount(set.ID), append([]byte(nil), master[:]...)); err != nil {
		return fault.Wrap("node.keys", "master", err)
	}
	return fault.Wrap("node.keys", "master", conf.Secrets.Delete(ctx, nextMasterAccount(set.ID)))
}

// between is where tests end a change.
func (n *Node) between(step string) {
	if n.conf.between != nil {
		n.conf.between(step)
	}
}
