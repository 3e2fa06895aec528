package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/boombuler/barcode/qr"

	"wardlight/internal/fault"
)

// totpCmd is about the second factor of an administrator's account.
type totpCmd struct {
	Enrol   totpEnrol   `cmd:"" help:"Make one, and show it once: as a QR code, as text, and recovery codes."`
	Confirm totpConfirm `cmd:"" help:"Give the first code that the app shows: from then on one is asked for at each sign-in."`
	Demand  totpDemand  `cmd:"" help:"Demand one of every administrator, privacy officer and interface manager: who has none signs in nowhere until they set one up."`
	Remove  totpRemove  `cmd:"" help:"Take it off, for who has lost the app and the recovery codes."`
}

type totpEnrol struct {
	account
	jsonFlag
}

// secondFactor is what central shows once.
type secondFactor struct {
	Secret   string   `json:"secret"`
	URI      string   `json:"uri"`
	Recovery []string `json:"recovery"`
}

// Run makes it.
func (c *totpEnrol) Run() error {
	args := c.args(map[string]string{})
	if c.JSON {
		return c.order("user totp enrol", args)
	}
	return c.orderTo("user totp enrol", args, func(line any) error {
		var s secondFactor
		b, err := json.Marshal(line)
		if err == nil {
			err = json.Unmarshal(b, &s)
		}
		if err != nil {
			return fault.Wrap("user totp", c.Name, err)
		}
		return s.show(os.Stdout, c.Name)
	})
}

// margin is how many light modules the standard wants around a code.
const margin = 4

// show prints it for a person at a terminal.
func (s secondFactor) show(to io.Writer, user string) error {
	code, err := qr.Encode(s.URI, qr.M, qr.Auto)
	if err != nil {
		return fault.Wrap("user totp", user, err)
	}
	size := code.Bounds().Dx()
	dark := func(x, y int) bool {
		if x < 0 || y < 0 || x >= size || y >= size {
			return false
		}
		r, _, _, _ := code.At(x, y).RGBA()
		return r == 0
	}
	var b strings.Builder
	b.WriteString("Scan this with the app (it is shown once):\n\n")
	for y := -margin; y < size+margin; y += 2 { // two rows a line; light is drawn, so that it works on dark screens
		for x := -margin; x < size+margin; x++ {
			b.WriteString(map[[2]bool]string{{false, false}: "█", {false, true}: "▀", {true, false}: "▄", {true, true}: " "}[[2]bool{dark(x, y), dark(x, y+1)}])
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\nor type:  %s\n\nRecovery codes, each good once, for the day when the app is lost. Keep them on paper:\n\n  %s\n\nThen give the first code: wardlightd user totp confirm %s\n",
		s.Secret, strings.Join(s.Recovery, "\n  "), user)
	_, err = io.WriteString(to, b.String())
	return fault.As(fault.Unavailable, "user totp", user, err)
}

type totpConfirm struct {
	account
	CodeFile string `name:"code-file" help:"File with the code; by default it is read from the terminal." type:"existingfile"`
}

// Run confirms it.
func (c *totpConfirm) Run() error {
	var code string
	var err error
	if c.CodeFile != "" {
		code, err = readPIN(c.CodeFile)
	} else {
		fmt.Fprint(os.Stderr, "The code that the app shows: ")
		code, err = bufio.NewReader(io.LimitReader(os.Stdin, 64)).ReadString('\n')
		if code != "" {
			err = nil // a last line needs no end
		}
	}
	if err != nil {
		return fault.As(fault.Invalid, "user totp", c.Name, err)
	}
	return c.order("user totp confirm", c.args(map[string]string{"code": code}))
}

type totpRemove struct{ account }

// Run takes it off.
func (c *totpRemove) Run() error {
	return c.order("user totp remove", c.args(map[string]string{}))
}

type totpDemand struct {
	common
	Off    bool   `help:"Leave it to each of them again." xor:"what"`
	Show   bool   `help:"Only say whether one is demanded, and who has none." xor:"what"`
	Reason string `help:"Why, for the audit trail; --off needs one."`
}

// Run demands it, or ends that.
func (c *totpDemand) Run() error {
	demand := "on"
	switch {
	case c.Off:
		demand = "off"
	case c.Show:
		demand = ""
	}
	return c.order("user totp demand", map[string]string{"demand": demand, "reason": c.Reason})
}
