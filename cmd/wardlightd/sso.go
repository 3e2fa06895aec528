package main

import (
	"os"
	"strconv"
	"strings"

	"wardlight/internal/fault"
)

// ssoCmd is about the hospital's own sign-in service. There is no client secret to
// keep: each sign-in is proven by PKCE.
type ssoCmd struct {
	Set  ssoSet `cmd:"" help:"Say which OpenID provider is the hospital's; it is asked first whether it answers."`
	Show ask    `cmd:"" help:"Which it is, and whether it answers."`
	Off  ask    `cmd:"" help:"No sign-in with the hospital's account any more; PINs go on."`
}

type ssoSet struct {
	common
	Issuer   string   `required:"" help:"https://…, exactly as the provider names itself."`
	ClientID string   `required:"" name:"client-id" help:"What the provider knows Wardlight by: a public (native) client with the redirect http://127.0.0.1/signed-in."`
	Claim    string   `default:"preferred_username" help:"The claim that is the account's sign-in name. Its owner must not be able to change it."`
	Domain   string   `help:"Taken off the end of the claim (NAME@DOMAIN); claims of another domain are refused."`
	CAFile   string   `name:"ca-file" help:"Who signs the provider's certificate, in PEM; by default the system's list. The file is copied." type:"existingfile"`
	Button   string   `help:"What the sign-in page offers; by default 'Sign in with the hospital’s account'."`
	PINHours int      `name:"pin-hours" default:"16" help:"How long after such a sign-in a PIN alone is enough."`
	Role     string   `name:"make-role" help:"Make an account of this role (nurse, doctor, ward-clerk) at a first sign-in; by default none is made."`
	Ward     []string `name:"make-ward" help:"Its wards, comma-separated." sep:","`
	NewWard  bool     `name:"new-ward" help:"A ward that reads like a slip of a known one is another, as it is written."`
	AnyAge   bool     `name:"any-age" help:"The provider gives no auth_time: who uses a shared browser after a colleague may be taken for them."`
	Force    bool     `help:"Set it though the provider does not answer now."`
	Reason   string   `help:"Why, for the audit trail."`
}

// Run sets it.
func (c *ssoSet) Run() error {
	args := map[string]string{
		"issuer": c.Issuer, "client": c.ClientID, "claim": c.Claim, "domain": c.Domain, "button": c.Button, "pin_hours": strconv.Itoa(c.PINHours),
		"role": c.Role, "wards": strings.Join(c.Ward, ","), "new_ward": yes(c.NewWard), "any_age": yes(c.AnyAge), "force": yes(c.Force), "reason": c.Reason,
	}
	if c.CAFile != "" {
		b, err := os.ReadFile(c.CAFile)
		if err != nil {
			return fault.As(fault.NotFound, "sso set", c.CAFile, err)
		}
		args["ca"] = string(b)
	}
	return c.order("sso set", args)
}
