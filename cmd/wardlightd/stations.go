package main

import "strconv"

type stationsCmd struct {
	List  stationsList  `cmd:"" default:"withargs" help:"The enrolled computers (the default)."`
	Wipe  stationsWipe  `cmd:"" help:"Have a lost or stolen computer hand over its unsent work and erase itself when it next speaks with central."`
	Rekey stationsRekey `cmd:"" help:"Have a computer make a new key for its copy when it is next started."`
}

type stationsList struct {
	common
	jsonFlag
}

// Run lists the enrolled computers.
func (c *stationsList) Run() error { return c.order("stations", nil) }

type stationsWipe struct {
	common
	Station string `arg:"" help:"The computer's id, from 'stations'."`
	Reason  string `required:"" help:"Why, for the audit trail."`
}

// Run orders a wipe.
func (c *stationsWipe) Run() error {
	return c.order("stations wipe", map[string]string{"station": c.Station, "reason": c.Reason})
}

type stationsRekey struct {
	common
	Station string `arg:"" help:"The computer's id, from 'stations'."`
}

// Run orders a new key.
func (c *stationsRekey) Run() error {
	return c.order("stations rekey", map[string]string{"station": c.Station})
}

type userClose struct {
	common
	Name   string `arg:"" help:"Sign-in name."`
	Reason string `help:"Why, for the audit trail."`
}

// Run closes an account.
func (c *userClose) Run() error {
	return c.order("user close", map[string]string{"user": c.Name, "reason": c.Reason})
}

type limitsCmd struct {
	common
	OfflineHours int `help:"For how many hours after its last contact with central a PIN alone lets somebody read at a computer (72)."`
	KeepDays     int `help:"After how many days without central a computer erases its copy (30)."`
}

// Run shows the limits, after setting those that are given.
func (c *limitsCmd) Run() error {
	args := map[string]string{}
	if c.OfflineHours != 0 {
		args["offline_hours"] = strconv.Itoa(c.OfflineHours)
	}
	if c.KeepDays != 0 {
		args["keep_days"] = strconv.Itoa(c.KeepDays)
	}
	return c.order("limits", args)
}
