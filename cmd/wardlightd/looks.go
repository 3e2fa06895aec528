package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	"wardlight/internal/fault"
)

type emergencyCmd struct {
	List   ask             `cmd:"" help:"Every emergency access, with who, why, and whether it was reviewed within 72 hours."`
	Review emergencyReview `cmd:"" help:"Record what the review of an emergency access found."`
	Tell   emergencyTell   `cmd:"" help:"Where the privacy officer is told of each emergency access, where the ward's rota names none; shown, or set."`
	End    emergencyEnd    `cmd:"" help:"Take back, before its hour is over, a record that was lent to a computer which does not hold it."`
}

type emergencyTell struct {
	common
	Mail   string `help:"Their mail address; it needs the mail gateway of callout.json."`
	Pager  string `help:"Their pager's number; it needs the webhook of callout.json."`
	Nobody bool   `help:"Nobody is told, but who stands as privacy officer on a ward's rota."`
}

// Run shows or sets it.
func (c *emergencyTell) Run() error {
	args := map[string]string{"mail": c.Mail, "pager": c.Pager}
	if c.Nobody {
		args["nobody"] = "true"
	}
	return c.order("emergency tell", args)
}

type emergencyEnd struct {
	common
	ID     string `arg:"" help:"The access's id, from 'emergency list'."`
	Reason string `required:"" help:"Why it ends, for the audit trail."`
}

// Run ends an emergency access.
func (c *emergencyEnd) Run() error {
	return c.order("emergency end", map[string]string{"id": c.ID, "reason": c.Reason})
}

type emergencyReview struct {
	common
	ID    string `arg:"" help:"The access's id, from 'emergency list'."`
	Words string `required:"" help:"What the review found."`
}

// Run records a review.
func (c *emergencyReview) Run() error {
	return c.order("emergency review", map[string]string{"id": c.ID, "words": c.Words})
}

type auditCmd struct {
	List   ask         `cmd:"" help:"Every audit event, oldest first."`
	Verify auditVerify `cmd:"" help:"Check the whole journal, the computers' chains, and a checkpoint kept elsewhere."`
	Point  auditPoint  `cmd:"" name:"checkpoint" help:"Write a signed checkpoint, to be kept where no administrator of central can change it."`
	Stand  ask         `cmd:"" name:"flagged" help:"Looks that stand out: at one's own record, a namesake's, a colleague's, one that is watched."`
	Watch  auditWatch  `cmd:"" help:"Flag every look at one record from now on."`
	Person auditPerson `cmd:"" name:"patient" help:"Who looked at one patient's record, in words that the patient can be given."`
}

type auditVerify struct {
	common
	JSON       bool   `name:"json" help:"No words beside the line for scripts."`
	Checkpoint string `help:"A file of 'audit checkpoint': what it says of its time must still hold." type:"existingfile"`
}

// Run checks the audit trail, and says on the terminal that it passed. What does
// not pass ends with doesNotPass, what could not be checked like every other error.
func (c *auditVerify) Run() error {
	args := map[string]string{}
	if c.Checkpoint != "" {
		b, err := os.ReadFile(c.Checkpoint)
		if err != nil {
			return fault.As(fault.NotFound, "audit verify", c.Checkpoint, err)
		}
		args["checkpoint"] = string(b)
	}
	out := json.NewEncoder(os.Stdout)
	err := c.orderTo("audit verify", args, func(line any) error {
		if !c.JSON {
			sayVerified(line)
		}
		return out.Encode(line)
	})
	if fault.Is(err, fault.Corrupt) || c.Checkpoint != "" && fault.Is(err, fault.Denied) {
		return exit{doesNotPass, fault.Newf(fault.KindOf(err), "audit verify", "", "DOES NOT PASS: %s", fault.Words(err))}
	}
	return err
}

// sayVerified tells the terminal in words what the line says.
func sayVerified(line any) {
	var v struct {
		Words string `json:"words"`
	}
	if b, err := json.Marshal(line); err == nil && json.Unmarshal(b, &v) == nil {
		fmt.Fprintln(os.Stderr, v.Words)
	}
}

type auditPoint struct {
	common
	To    string `required:"" help:"File to write." type:"path"`
	Force bool   `help:"Replace a file that is there already."`
}

// Run writes a checkpoint.
func (c *auditPoint) Run() error {
	return c.order("audit checkpoint", map[string]string{"to": c.To, "force": yes(c.Force)})
}

type auditPerson struct {
	common
	JSON bool   `name:"json" help:"One JSON object a line, as without --text; named for scripts."`
	Text bool   `help:"As a page of text that the patient can be given, with this server's time of day."`
	ID   string `arg:"" help:"The patient's number (NHS or hospital number), or central's id."`
}

// Run lists who looked at a patient's record.
func (c *auditPerson) Run() error {
	args := map[string]string{"id": c.ID}
	if !c.Text {
		return c.order("audit patient", args)
	}
	return c.orderTo("audit patient", args, func(line any) error { return sayLook(os.Stdout, line, time.Local) })
}

// theirLook is one line of 'audit patient': whom it is about, or what somebody did.
type theirLook struct {
	Patient *struct {
		Name    string   `json:"name"`
		Born    string   `json:"born"`
		Numbers []string `json:"numbers"`
	} `json:"patient"`
	When    time.Time `json:"when"`
	Who     string    `json:"who"`
	Role    string    `json:"role"`
	Place   string    `json:"place"`
	Did     string    `json:"did"`
	Why     string    `json:"why"`
	Outcome string    `json:"outcome"`
	Times   int       `json:"times"`
}

// sayLook writes one line in words.
func sayLook(to io.Writer, line any, zone *time.Location) error {
	var l theirLook
	b, err := json.Marshal(line)
	if err == nil {
		err = json.Unmarshal(b, &l)
	}
	if err != nil {
		return fault.Wrap("audit patient", "", err)
	}
	if p := l.Patient; p != nil {
		numbers := make([]string, len(p.Numbers))
		for i, n := range p.Numbers {
			numbers[i] = n[strings.LastIndex(n, "|")+1:] // without the name of whose number it is
		}
		_, err = fmt.Fprintln(to, printable("Who looked at the record of "+p.Name+", born "+p.Born+" ("+strings.Join(numbers, ", ")+")"))
		return fault.Wrap("audit patient", "", err)
	}
	who := l.Who
	if l.Role != "" && !strings.HasSuffix(who, ", "+l.Role) {
		who += ", " + l.Role
	}
	if l.Place != "" {
		who += " (" + l.Place + ")"
	}
	did := l.Did
	if l.Why != "" {
		did += "; for: " + l.Why
	}
	if l.Outcome != "" {
		did += "; it " + l.Outcome
	}
	if l.Times > 1 {
		did += "; " + strconv.Itoa(l.Times) + " times"
	}
	_, err = fmt.Fprintln(to, printable(l.When.In(zone).Format("2006-01-02 15:04")+"  "+who+": "+did))
	return fault.Wrap("audit patient", "", err)
}

// printable is text without what a terminal would obey or a line would be turned around by.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '?'
		}
		return r
	}, s)
}

type auditWatch struct {
	common
	ID     string `arg:"" help:"The patient's number (NHS or hospital number), or central's id."`
	Reason string `required:"" help:"Why, for the audit trail."`
	End    bool   `help:"Do not flag looks at this record any more."`
}

// Run has every look at a record flagged.
func (c *auditWatch) Run() error {
	args := map[string]string{"id": c.ID, "reason": c.Reason}
	if c.End {
		args["end"] = "true"
	}
	return c.order("audit watch", args)
}
