package main

type quarantineCmd struct {
	List ask            `cmd:"" help:"Messages that are held back, with the reason and who can act."`
	Show quarantineShow `cmd:"" help:"One message with its raw bytes."`
	Drop quarantineDrop `cmd:"" name:"dismiss" help:"Settle a message that will never be filed: it is kept, and nothing waits behind it."`
	Play quarantinePlay `cmd:"" name:"replay" help:"Try to file a message again."`
}

type quarantineShow struct {
	common
	ID string `arg:"" help:"The message's id, from 'quarantine list'."`
}

// Run shows one message.
func (c *quarantineShow) Run() error {
	return c.order("quarantine show", map[string]string{"id": c.ID})
}

type quarantineDrop struct {
	common
	ID     string `arg:"" help:"The message's id, from 'quarantine list'."`
	Reason string `required:"" help:"Why it will never be filed, for the record and the audit trail."`
}

// Run dismisses one message: it stays where it is, and nothing waits behind it.
func (c *quarantineDrop) Run() error {
	return c.order("quarantine dismiss", map[string]string{"id": c.ID, "reason": c.Reason})
}

type quarantinePlay struct {
	common
	ID string `arg:"" help:"The message's id, from 'quarantine list'."`
}

// Run files one message again.
func (c *quarantinePlay) Run() error {
	return c.order("quarantine replay", map[string]string{"id": c.ID})
}

type documentCmd struct {
	common
	Sum string `arg:"" help:"The document's SHA-256, which 'export' shows behind urn:wardlight:blob:."`
}

// Run gives out one document as it came, in base64.
func (c *documentCmd) Run() error { return c.order("document", map[string]string{"sum": c.Sum}) }

type historyCmd struct {
	common
	Type string `arg:"" help:"Resource type, such as Observation."`
	ID   string `arg:"" help:"Resource id."`
}

// Run shows every version of one resource.
func (c *historyCmd) Run() error {
	return c.order("history", map[string]string{"type": c.Type, "id": c.ID})
}

type unmergeCmd struct {
	common
	Patient string `arg:"" help:"The id of the record that was retired."`
	Reason  string `required:"" help:"Why, for the record and the audit trail."`
}

// Run takes a merge back.
func (c *unmergeCmd) Run() error {
	return c.order("unmerge", map[string]string{"patient": c.Patient, "reason": c.Reason})
}
