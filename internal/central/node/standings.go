package node

import (
	"context"
	"encoding/json"
	"path/filepath"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Whoever lost a right must not get it back by an older backup: a closed account,
// a lesser role, a PIN that is known to others. So every standing of an account is
// in a list beside the raw inbound log as well, one line each:
//
//	{"v":1,"sealed":"…"}
//
// It is sealed by a key of the raw inbound log's, because a PIN's hash is in it
// that could be guessed at. Restore gives every account the later of both
// standings, the backup's and the list's, and Serve does too, for a machine that
// was put back as a whole has such a journal; it adds what the journal knows and
// the list does not. A line that cannot be opened is told and not believed.

const standingsName = "accounts.v1"

// standing is one line of the list: a record.Account.
type standing struct {
	V      int    `json:"v"`
	Sealed []byte `json:"sealed"`
}

func (n *Node) standingsFile() string { return filepath.Join(n.conf.Inbound, standingsName) }

const standingsPurpose = "accounts beside the raw inbound log v1"

// standings reads the list: the latest of each account.
func (n *Node) standings() (list map[record.UserID]record.Account, bad int, err error) {
	list = map[record.UserID]record.Account{}
	bad, err = readLines(n.standingsFile(), func(line []byte) bool {
		var s standing
		if json.Unmarshal(line, &s) != nil || s.V != 1 {
			return false
		}
		plain, err := n.standingSeal.Open([]byte(standingsName), s.Sealed)
		var a record.Account
		if err != nil || record.Decode(plain, &a) != nil {
			return false
		}
		if old, there := list[a.User]; !there || a.Later(old) {
			list[a.User] = a
		}
		return true
	})
	return list, bad, err
}

// noteStanding adds an account as it stands.
func (n *Node) noteStanding(a record.Account) error {
	plain, err := record.Encode(a)
	if err != nil {
		return fault.Wrap("node.standing", string(a.User), err)
	}
	return appendLine(n.standingsFile(), standing{V: 1, Sealed: n.standingSeal.Seal([]byte(standingsName), plain)})
}

// agreeOnStandings gives journal and list the later standing of each account.
func (n *Node) agreeOnStandings(ctx context.Context) error {
	known, _, err := n.standings()
	if err != nil {
		return err
	}
	back, err := n.putBack(ctx, known)
	if err != nil {
		return err
	}
	if len(back) > 0 {
		n.conf.Log.Error("accounts were changed after what this journal knows, and stand again as they did; was this machine put back to an earlier day?", "accounts", len(back))
	}
	people, err := n.office.People(ctx)
	if err != nil {
		return err
	}
	for _, p := range people {
		if old, there := known[p.User]; there && !p.Later(old) {
			continue
		}
		if err := n.noteStanding(p.Account); err != nil {
			return err
		}
	}
	return nil
}

// putBack gives the journal's accounts the standings of the list that are later.
func (n *Node) putBack(ctx context.Context, known map[record.UserID]record.Account) (back []record.UserID, err error) {
	back = []record.UserID{}
	for _, a := range known {
		later, err := n.office.PutBack(ctx, a)
		if err != nil {
			return nil, err
		}
		if later {
			back = append(back, a.User)
		}
	}
	return back, nil
}

// standAgain closes and changes again, in a restored central, what was closed and
// changed after the backup was made, and says who may sign in now.
func (n *Node) standAgain(ctx context.Context, said map[string]any) error {
	known, bad, err := n.standings()
	if err != nil {
		return err
	}
	back, err := n.putBack(ctx, known)
	if err != nil {
		return err
	}
	people, err := n.office.People(ctx)
	if err != nil {
		return err
	}
	open := []personLine{}
	for _, p := range people {
		if p.Ended == 0 {
			open = append(open, lineOfPerson(p))
		}
	}
	said["accounts_again"], said["accounts"] = back, open
	said["look_accounts"] = "these people may sign in now; somebody whose account was closed or changed after the backup was made is among them as they were if that is not beside the raw inbound log: wardlightd user close NAME"
	if bad > 0 {
		said["unreadable_accounts"] = bad
	}
	return nil
}
