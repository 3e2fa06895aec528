package main

type auditFlagged struct {
	common
	jsonFlag
}

// Run lists the looks that stand out.
func (c *auditFlagged) Run() error { return c.order("audit flagged", nil) }

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
