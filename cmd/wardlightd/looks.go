package main

import (
	"encoding/json"
	"fmt"
	"os"

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
		return exit{doesNotPass, fault.Newf(fault.KindOf(err), "audit verify", "", "DOES NOT PASS: %w", err)}
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
	jsonFlag
	ID string `arg:"" help:"The patient's id, from 'export'."`
}

// Run lists who looked at a patient's record.
func (c *auditPerson) Run() error { return c.order("audit patient", map[string]string{"id": c.ID}) }

type auditWatch struct {
	common
	ID     string `arg:"" help:"The patient's id, from 'export'."`
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
