package node

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"wardlight/internal/central/enrol"
	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/bulk"
	"wardlight/internal/trust/rbac"
)

// personLine is one account as it is printed: no secret, and nothing that a secret
// could be guessed by.
type personLine struct {
	User     record.UserID `json:"user"`
	Name     string        `json:"name"`
	Role     string        `json:"role"`
	Wards    []record.Ward `json:"wards"`
	State    string        `json:"state"`    // open, closed, locked
	Since    time.Time     `json:"since"`    // made, or closed
	Failures int           `json:"failures"` // wrong PINs in a row, since central was started
	Second   bool          `json:"second"`   // it has a second factor
	Hospital string        `json:"hospital"` // whose it is at the hospital's sign-in service
}

func lineOfPerson(p enrol.Person) personLine {
	l := personLine{
		User: p.User, Name: p.Name, Role: p.Role, Wards: p.Wards, State: "open", Since: time.UnixMilli(p.Made).UTC(), Failures: p.Failures,
		Hospital: p.Hospital, Second: len(p.Second) > 0,
	}
	if l.Wards == nil {
		l.Wards = []record.Ward{}
	}
	switch {
	case p.Ended != 0:
		l.State, l.Since = "closed", time.UnixMilli(p.Ended).UTC()
	case p.Locked:
		l.State = "locked"
	}
	return l
}

// userList lists the accounts.
func (n *Node) userList(ctx context.Context, _ Order, emit Emit) error {
	people, err := n.office.People(ctx)
	if err != nil {
		return err
	}
	for _, p := range people {
		if err := emit(lineOfPerson(p)); err != nil {
			return err
		}
	}
	return nil
}

func (n *Node) userAdd(ctx context.Context, o Order, emit Emit) error {
	said := map[string]any{"added": true}
	met, err := n.checkWards(ctx, o, amendUser)
	if err != nil {
		return err
	}
	met.say(said)
	a := record.Account{User: record.UserID(o.Args["user"]), Name: o.Args["name"], Role: o.Args["role"], Wards: wards(o.Args["wards"])}
	if o.Args["hospital"] == "true" {
		err = n.office.ExpectUser(ctx, a)
	} else {
		err = n.office.AddUser(ctx, a, o.Args["pin"])
	}
	if err != nil {
		return err
	}
	return n.sayAccount(ctx, o, said, emit)
}

func (n *Node) userPIN(ctx context.Context, o Order, emit Emit) error {
	if err := n.office.SetPIN(ctx, o.Args["user"], o.Args["pin"]); err != nil {
		return err
	}
	return n.sayAccount(ctx, o, map[string]any{"pin": "changed"}, emit)
}

func (n *Node) userChange(ctx context.Context, o Order, emit Emit) error {
	said := map[string]any{"changed": true}
	met, err := n.checkWards(ctx, o, amendUser)
	if err != nil {
		return err
	}
	met.say(said)
	to := enrol.Change{Name: o.Args["name"], Role: o.Args["role"], Wards: wards(o.Args["wards"])}
	if err := n.office.ChangeUser(ctx, o.Args["user"], to); err != nil {
		return err
	}
	return n.sayAccount(ctx, o, said, emit)
}

func (n *Node) userClose(ctx context.Context, o Order, emit Emit) error {
	if err := n.office.CloseUser(ctx, o.Args["user"]); err != nil {
		return err
	}
	return n.sayAccount(ctx, o, map[string]any{"closed": true}, emit)
}

func (n *Node) userReopen(ctx context.Context, o Order, emit Emit) error {
	if err := n.office.ReopenUser(ctx, o.Args["user"], o.Args["pin"]); err != nil {
		return err
	}
	return n.sayAccount(ctx, o, map[string]any{"reopened": true}, emit)
}

// sayAccount notes beside the raw inbound log how an account stands now, and says
// so.
func (n *Node) sayAccount(ctx context.Context, o Order, said map[string]any, emit Emit) error {
	a, err := n.office.Account(ctx, o.Args["user"])
	if err != nil {
		return err
	}
	said["user"], said["name"], said["role"], said["wards"] = a.User, a.Name, a.Role, a.Wards
	if len(a.Wards) == 0 && bulk.Prints(rbac.Role(a.Role)) && a.Ended == 0 {
		said["look"] = "this account has no ward, so its owner sees no patient: " + amendUser
	}
	if err := n.noteStanding(a); err != nil {
		n.conf.Log.Error("how an account stands could not be noted beside the raw inbound log; it is tried again at the next start", "err", err)
		said["note"] = "it could not be noted beside the raw inbound log: until central has been started again, restoring an older backup would undo this"
	}
	return emit(said)
}

// wards are those of a list; nil where it names none.
func wards(list string) []record.Ward {
	var out []record.Ward
	for w := range strings.SplitSeq(list, ",") {
		if w = strings.TrimSpace(w); w != "" && !slices.Contains(out, record.Ward(w)) {
			out = append(out, record.Ward(w))
		}
	}
	return out
}

// sorted are the names of a set of wards.
func sorted(set map[record.Ward]bool) []record.Ward { return slices.Sorted(maps.Keys(set)) }
