package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/join"
)

// clockOff is from when on a clock is worth a word: entries bear the times that
// people see, corrected only while the server can be reached.
const clockOff = time.Minute

// welcome asks central whether it still lets this computer in, and what time it
// is there.
func (c *doctorCmd) welcome(ctx context.Context, conf join.Config, servers []string) []finding {
	secrets, err := c.secrets()
	if err != nil || c.lacksPassphrase() {
		return nil // said already
	}
	secret, err := join.LoadSecret(ctx, secrets, conf.Station)
	if err != nil {
		return nil
	}
	own, err := conf.TLS(secret)
	if err != nil {
		return []finding{{"welcome", false, "this computer's certificate cannot be read", "enrol the computer again: wardlight enrol --again"}}
	}
	w, err := join.NewDoor(servers, func() *tls.Config { return own }).Welcome(ctx, c.now())
	return welcomeFindings(w, err)
}

// welcomeFindings are what the answer means and what to do.
func welcomeFindings(w join.Welcome, err error) []finding {
	unknown := finding{"clock", true, "the server's time is not known; the times of entries are those of this computer's clock", ""}
	switch {
	case fault.Is(err, fault.Denied):
		return []finding{{
			"welcome", false, "the server does not let this computer in: it was revoked, or its certificate has run out",
			"what was written here waits safely. Ask an administrator ('wardlightd stations' tells); where it should go on: wardlight enrol --again",
		}, unknown}
	case fault.Is(err, fault.Unsupported):
		return []finding{{Check: "welcome", OK: true, Found: "the server lets this computer in"}, unknown}
	case err != nil:
		return []finding{{
			"welcome", false, "nobody could be asked whether the server lets this computer in",
			"the ward can go on working; put the network right, then run 'wardlight doctor' again",
		}, unknown}
	}
	in := finding{Check: "welcome", OK: true, Found: "the server lets this computer in, for ward " + strings.Join(w.Wards, ", ")}
	list := []finding{in, clock(w)}
	if w.Untold {
		list = append(list, finding{
			"privacy", false, "nobody is set who is told off the screen of an emergency access at this computer",
			"put a privacy officer on the ward's rota, or set an address on the server: wardlightd emergency tell; both need a gateway to pager or mail there (callout.json)",
		})
	}
	return list
}

func clock(w join.Welcome) finding {
	off := w.Ahead.Abs().Round(time.Second)
	if off < clockOff+w.Took/2 {
		return finding{Check: "clock", OK: true, Found: fmt.Sprintf("within %s of the server's", max(off, time.Second))}
	}
	way := "ahead of"
	if w.Ahead < 0 {
		way = "behind"
	}
	return finding{
		"clock", false, fmt.Sprintf("this computer's clock is %s %s the server's", off, way),
		"set it, and let it follow a time service; entries made with the network out bear this clock's time",
	}
}
