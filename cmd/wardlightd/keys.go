package main

type keysCmd struct {
	List   ask        `cmd:"" help:"Central's own keys: since when each is in use, how many of before are kept to read with, and whether another is advised."`
	Change keysChange `cmd:"" help:"Make another key of one kind, while everything works."`
}

type keysChange struct {
	common
	Key   string `arg:"" enum:"master,data,raw,signing,recovery" help:"master: what seals all other keys. data: the journal's. raw: the raw inbound log's. signing: what computers and checkpoints believe central by. recovery: what opens the unsent work of a computer whose keys are lost."`
	Force bool   `help:"Change the signing key although computers of an earlier program would refuse what it signs, until they are updated."`
}

// Run makes another key.
func (c *keysChange) Run() error {
	return c.order("keys change", map[string]string{"key": c.Key, "force": yes(c.Force)})
}
