package main

import (
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
)

type enrolCodeCmd struct {
	common
	jsonFlag
	Ward    []string `required:"" help:"The computer's wards, comma-separated." sep:","`
	NewWard bool     `name:"new-ward" help:"A ward that reads like a slip of a known one is another, as it is written."`
}

// Run makes an enrolment code.
func (c *enrolCodeCmd) Run() error {
	return c.order("enrol-code", map[string]string{"wards": strings.Join(c.Ward, ","), "new_ward": yes(c.NewWard)})
}

type revokeCmd struct {
	common
	Station string `arg:"" help:"The station's id."`
}

// Run withdraws a computer's enrolment.
func (c *revokeCmd) Run() error { return c.order("revoke", map[string]string{"station": c.Station}) }

type caCmd struct {
	List    ask    `cmd:"" help:"The authorities, and the computers that the next step would shut out."`
	Prepare caStep `cmd:"" help:"Make the next authority and announce it to every computer."`
	Switch  caStep `cmd:"" help:"Let the next authority issue; computers renew their certificates by themselves."`
	Retire  caStep `cmd:"" help:"Believe the former authority no more."`

	Request caRequest `cmd:"" help:"Ask the hospital's own authority to certify the next one: make its key, and a request (PKCS #10) for it."`
	Import  caImport  `cmd:"" help:"Announce the authority that the hospital's own has certified, as the next one."`
}

type caStep struct {
	common
	Force bool `help:"Take the step although it shuts computers out."`
}

// Run takes the step of a rotation that the command line names.
func (c *caStep) Run(k *kong.Context) error {
	args := map[string]string{}
	if c.Force {
		args["force"] = "true"
	}
	return c.order("ca "+k.Selected().Name, args)
}

type stationsCmd struct {
	List  stationsList  `cmd:"" default:"withargs" help:"The enrolled computers (the default)."`
	Wipe  stationsWipe  `cmd:"" help:"Have a lost or stolen computer hand over its unsent work and erase itself when it next speaks with central."`
	Older stationsOlder `cmd:"" name:"allow-older" help:"A computer that names less of the protocol than before was given an older program on purpose: no alarm about what it leaves out now."`
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

type stationsOlder struct {
	common
	Station string `arg:"" help:"The computer's id, from 'stations'."`
	Reason  string `required:"" help:"Why, for the audit trail."`
}

// Run gives the order.
func (c *stationsOlder) Run() error {
	return c.order("stations allow-older", map[string]string{"station": c.Station, "reason": c.Reason})
}

type stationsRekey struct {
	common
	Station string `arg:"" help:"The computer's id, from 'stations'."`
}

// Run orders a new key.
func (c *stationsRekey) Run() error {
	return c.order("stations rekey", map[string]string{"station": c.Station})
}

type limitsCmd struct {
	common
	OfflineHours int `help:"For how many hours after its last contact with central a PIN alone lets somebody read at a computer (72)."`
	SessionHours int `help:"How many hours a session lasts until the PIN has to be given again, at most (14)."`
	KeepDays     int `help:"After how many days without central a computer erases its copy (30)."`
	Tries        int `help:"How many wrong PINs in a row end it, at central for an hour and at a computer until it has reached central, 3 to 10 (10). With few of them whoever knows a name can keep a colleague out."`
	SlowFrom     int `help:"From which try on a computer waits first, the second to the fourth (4)."`
	SlowSeconds  int `help:"How many seconds it waits then, 1 to 30 (1)."`
	SlowFactor   int `help:"How many times longer each further wait is, 2 to 10, up to half a minute (2)."`

	PrintHour int    `help:"How many patients one person may print at a computer in an hour before they are asked why (120; 30 to 1000). What a ward normally prints of its own patients is never refused."`
	PrintDay  int    `help:"The same for a day (400; 100 to 5000)."`
	TakeHour  int    `help:"Data of how many patients the commands of this server may take out in an hour (100000; 10 to 1000000)."`
	TakeDay   int    `help:"The same for a day (500000; 10 to 5000000)."`
	Reason    string `help:"Why, for the record and the audit trail; needed for how much may leave."`
}

// Run shows the limits, after setting those that are given.
func (c *limitsCmd) Run() error {
	args := map[string]string{}
	for arg, v := range map[string]int{
		"offline_hours": c.OfflineHours, "keep_days": c.KeepDays, "session_hours": c.SessionHours,
		"tries": c.Tries, "slow_from": c.SlowFrom, "slow_seconds": c.SlowSeconds, "slow_factor": c.SlowFactor,
		"print_hour": c.PrintHour, "print_day": c.PrintDay, "take_hour": c.TakeHour, "take_day": c.TakeDay,
	} {
		if v != 0 {
			args[arg] = strconv.Itoa(v)
		}
	}
	if c.Reason != "" {
		args["reason"] = c.Reason
	}
	return c.order("limits", args)
}
