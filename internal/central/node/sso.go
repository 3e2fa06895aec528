package node

import (
	"context"
	"strconv"

	"wardlight/internal/central/sso"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// ssoSet says which sign-in service is the hospital's. It is asked what it is first:
// settings that do not work are better refused to who sets them than to a ward.
func (n *Node) ssoSet(ctx context.Context, o Order, emit Emit) error {
	set := sso.Settings{
		Issuer: o.Args["issuer"], Client: o.Args["client"], Claim: o.Args["claim"], Domain: o.Args["domain"], CA: []byte(o.Args["ca"]),
		Button: o.Args["button"], Role: o.Args["role"], AnyAge: o.Args["any_age"] == "true",
	}
	for _, w := range wards(o.Args["wards"]) {
		set.Wards = append(set.Wards, string(w))
	}
	if h := o.Args["pin_hours"]; h != "" {
		var err error
		if set.PINHours, err = strconv.Atoi(h); err != nil {
			return fault.New(fault.Invalid, "node.sso", "", "the hours are a number")
		}
	}
	set = set.WithDefaults()
	said := map[string]any{"set": true, "sso": set}
	met, err := n.checkWards(ctx, o, amendUser)
	if err != nil {
		return err
	}
	met.say(said)
	p, err := sso.New(set, n.conf.Now, n.conf.Log)
	if err != nil {
		return err
	}
	if o.Args["force"] != "true" {
		if err := p.Try(ctx); err != nil {
			return fault.Newf(fault.KindOf(err), "node.sso", set.Issuer, "nothing was changed (--force sets it all the same): %s", fault.Words(err))
		}
	}
	if err := n.office.SetHospital(ctx, set); err != nil {
		return err
	}
	return emit(said)
}

// ssoShow says which it is, and whether it answers.
func (n *Node) ssoShow(ctx context.Context, _ Order, emit Emit) error {
	p, err := n.office.Hospital(ctx)
	if err != nil {
		return err
	}
	if p == nil {
		return emit(map[string]any{"sso": nil})
	}
	said := map[string]any{"sso": p.Settings(), "own_ca": len(p.Settings().CA) > 0, "answers": true}
	if err := p.Try(ctx); err != nil {
		said["answers"], said["trouble"] = false, fault.Words(err)
	}
	return emit(said)
}

func (n *Node) ssoOff(ctx context.Context, _ Order, emit Emit) error {
	if err := n.office.NoHospital(ctx); err != nil {
		return err
	}
	return emit(map[string]any{"off": true})
}

// userUnbind lets another subject of the sign-in service have an account.
func (n *Node) userUnbind(ctx context.Context, o Order, emit Emit) error {
	if err := n.office.Unbind(ctx, o.Args["user"]); err != nil {
		return err
	}
	return n.sayAccount(ctx, o, map[string]any{"unbound": true}, emit)
}

// ownerChanged notes beside the raw inbound log what somebody changed of their own
// account by signing in: a PIN, or whose it is.
func (n *Node) ownerChanged(a record.Account) {
	if err := n.noteStanding(a); err != nil {
		n.conf.Log.Error("how an account stands could not be noted beside the raw inbound log; it is tried again at the next start", "err", err)
	}
}
