package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"

	"wardlight/internal/fault"
)

type userCmd struct {
	List   userList   `cmd:"" help:"Every account: name, role, wards, state, since when, wrong PINs in a row."`
	Add    userAdd    `cmd:"" help:"Make a local account. A name that is there already is refused."`
	PIN    userPIN    `cmd:"" name:"pin" help:"Give an account another PIN, and forget the wrong ones before."`
	Change userChange `cmd:"" help:"Give an account another name, role or wards; what is not named stays."`
	Close  userClose  `cmd:"" help:"Close an account: nobody signs in by it any more, and computers hear of it within a minute."`
	TOTP   totpCmd    `cmd:"" name:"totp" help:"The second factor of an administrator's account (RFC 6238)."`
	Unbind userUnbind `cmd:"" help:"Let the account be found by its name again at the next sign-in with the hospital's account: its owner has another one there."`

	Sessions sessionsCmd `cmd:"" help:"Where somebody is signed in, and an end to it."`

	Reopen userPIN `cmd:"" help:"Open a closed account again for the same person, with a new PIN."`
}

// account is what every command about one account takes.
type account struct {
	common
	Name   string `arg:"" help:"Sign-in name."`
	Reason string `help:"Why, for the audit trail."`
}

// args are an order's, with those that were given.
func (c *account) args(more map[string]string) map[string]string {
	more["user"], more["reason"] = c.Name, c.Reason
	return more
}

type userList struct {
	common
	JSON bool `name:"json" help:"One JSON object a line."`
}

// Run lists the accounts.
func (c *userList) Run() error {
	if c.JSON {
		return c.order("user list", nil)
	}
	var people []person
	err := c.orderTo("user list", nil, func(line any) error {
		var p person
		b, err := json.Marshal(line)
		if err == nil {
			err = json.Unmarshal(b, &p)
		}
		people = append(people, p)
		return fault.Wrap("user list", "", err)
	})
	if err != nil {
		return err
	}
	return table(os.Stdout, people)
}

// person is one line of 'user list'.
type person struct {
	User     string    `json:"user"`
	Name     string    `json:"name"`
	Role     string    `json:"role"`
	Wards    []string  `json:"wards"`
	State    string    `json:"state"`
	Since    time.Time `json:"since"`
	Failures int       `json:"failures"`
}

func table(to io.Writer, people []person) error {
	w := tabwriter.NewWriter(to, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "NAME\tWHO\tROLE\tWARDS\tSTATE\tSINCE\tWRONG PINS") // Flush tells what went wrong
	for _, p := range people {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\n", p.User, printable(p.Name), p.Role, cmp.Or(printable(strings.Join(p.Wards, ",")), "-"), p.State, p.Since.Local().Format("2006-01-02 15:04"), p.Failures)
	}
	return fault.As(fault.Unavailable, "user list", "", w.Flush())
}

type userAdd struct {
	account
	Full    string   `help:"The name that colleagues read; by default the sign-in name."`
	Role    string   `required:"" help:"nurse, charge-nurse, doctor, ward-clerk, interface-manager, administrator or privacy-officer."`
	Ward    []string `help:"Wards, comma-separated." sep:","`
	NewWard bool     `name:"new-ward" help:"A ward that reads like a slip of a known one is another, as it is written."`
	PINFile string   `name:"pin-file" help:"File with the PIN; secrets never stand in flags." type:"existingfile" xor:"first" required:""`
	SSO     bool     `name:"sso" help:"Its owner signs in first with the hospital's account, and chooses a PIN then." xor:"first" required:""`
}

// Run makes an account.
func (c *userAdd) Run() (err error) {
	var pin string
	if !c.SSO {
		if pin, err = readPIN(c.PINFile); err != nil {
			return err
		}
	}
	return c.order("user add", c.args(map[string]string{
		"name": cmp.Or(c.Full, c.Name), "role": c.Role, "wards": strings.Join(c.Ward, ","), "new_ward": yes(c.NewWard), "pin": pin, "hospital": yes(c.SSO),
	}))
}

type userPIN struct {
	account
	PINFile string `required:"" name:"pin-file" help:"File with the PIN; secrets never stand in flags." type:"existingfile"`
}

// Run gives an account, which 'reopen' opens, a PIN.
func (c *userPIN) Run(k *kong.Context) error {
	pin, err := readPIN(c.PINFile)
	if err != nil {
		return err
	}
	return c.order("user "+k.Selected().Name, c.args(map[string]string{"pin": pin}))
}

type userChange struct {
	account
	Full    string   `help:"The name that colleagues read."`
	Role    string   `help:"nurse, charge-nurse, doctor, ward-clerk, interface-manager, administrator or privacy-officer."`
	Ward    []string `help:"All wards from now on, comma-separated." sep:","`
	NewWard bool     `name:"new-ward" help:"A ward that reads like a slip of a known one is another, as it is written."`
}

// Run changes an account.
func (c *userChange) Run() error {
	if c.Full == "" && c.Role == "" && len(c.Ward) == 0 {
		return fault.New(fault.Invalid, "user change", c.Name, "say what is to be another: --full NAME, --role ROLE or --ward WARD[,WARD]; a new PIN: wardlightd user pin")
	}
	return c.order("user change", c.args(map[string]string{
		"name": c.Full, "role": c.Role, "wards": strings.Join(c.Ward, ","), "new_ward": yes(c.NewWard),
	}))
}

type userClose struct{ account }

// Run closes an account.
func (c *userClose) Run() error { return c.order("user close", c.args(map[string]string{})) }

type userUnbind struct{ account }

// Run lets another of the hospital's accounts have this one.
func (c *userUnbind) Run() error { return c.order("user unbind", c.args(map[string]string{})) }

type sessionsCmd struct {
	List sessionsList `cmd:"" help:"A person's open sessions, as their computers said last: one JSON object a line."`
	End  sessionsEnd  `cmd:"" help:"End a person's sessions: at one computer, or at all. What they were writing is kept; the PIN still lets them in."`
}

type sessionsList struct{ account }

// Run lists somebody's sessions.
func (c *sessionsList) Run() error { return c.order("user sessions list", c.args(map[string]string{})) }

type sessionsEnd struct {
	account
	Station string `help:"At this computer alone, as 'wardlightd stations' names it."`
}

// Run ends somebody's sessions.
func (c *sessionsEnd) Run() error {
	return c.order("user sessions end", c.args(map[string]string{"station": c.Station}))
}

// yes is how an order says a flag that was given.
func yes(given bool) string {
	if given {
		return "true"
	}
	return ""
}

func readPIN(file string) (string, error) {
	b, err := os.ReadFile(file) //nolint:gosec // a path that the administrator named
	return strings.TrimSpace(string(b)), fault.As(fault.NotFound, "user", file, err)
}
