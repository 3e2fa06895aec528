package node

import (
	"context"
	"strings"
	"time"

	"wardlight/internal/central/enrol"
	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/audit"
)

// event makes the audit event of something that the front office did: by itself,
// or on the order of the administrator that ctx bears.
func (n *Node) event(ctx context.Context, action, subject string, at time.Time, changes ...audit.Change) ([]byte, error) {
	if o, ok := orderOf(ctx); ok {
		e := n.ordered(o)
		e.Recorded = at
		e.Details = append(e.Details, audit.Detail{Name: "what", Value: action}, audit.Detail{Name: "subject", Value: subject})
		e.Details = append(e.Details, audit.Changed(changes...)...)
		return e.JSON()
	}
	e := audit.Event{
		Action: audit.Config, Recorded: at, Observer: "central", Purpose: audit.Operations,
		Who:     audit.Who{User: "front-office", Name: "Wardlight central"},
		Details: append([]audit.Detail{{Name: "what", Value: action}, {Name: "subject", Value: subject}}, audit.Changed(changes...)...),
	}
	if strings.HasPrefix(action, "sign-in") {
		e.Action, e.Purpose, e.Who = audit.SignIn, audit.Treatment, signingIn(subject)
	}
	if strings.HasPrefix(action, "own-") { // somebody about their own account
		e.Purpose, e.Who = audit.Treatment, signingIn(subject)
		if action == "own-sessions" || action == "own-sessions-refused" {
			e.Action = audit.Read
		}
	}
	if why, no := refusals[action]; no {
		e.Outcome, e.Reason = audit.Refused, why
	}
	if why, alarm := alarms[action]; alarm {
		e.Outcome, e.Reason = audit.Failed, why
	}
	return e.JSON()
}

// refusals are why somebody was not let in, as far as it is told apart.
var refusals = map[string]string{
	"sign-in-refused":               "name or PIN was not right, there had been too many tries, or the hospital’s account was due",
	"sign-in-second-factor-refused": "the first factor was right; the second one was still to be given or to be set up, was not right, was used already, or there had been too many tries",
	"own-pin-refused":               "the PIN that is to give way was not right, there had been too many tries, or the hospital’s account was due",
	"own-sessions-end-refused":      "the PIN was not right, there had been too many tries, or the hospital’s account was due",
	"own-sessions-refused":          "the computer does not say that this person sits there, or the account is closed",
	"sign-in-hospital-refused":      "the hospital’s sign-in service did not vouch for this sign-in, or for nobody who has an account here",
}

// alarms are what somebody has to look after though nobody was refused.
var alarms = map[string]string{
	enrol.Downgraded: "this computer names less of the protocol than it did before: its program was replaced by an older one, or somebody speaks in its place with less. It is served all the same. If it is meant: wardlightd stations allow-older",
	enrol.Silent:     "this computer is connected and does not say any more how long its chain of looks is, so that an end that is cut off would not show. It is served all the same. If it is meant: wardlightd stations allow-older",
}

// signingIn is who signs in: "user at station". Whoever gives no name is known
// by the computer alone.
func signingIn(subject string) audit.Who {
	user, station, _ := strings.Cut(subject, " at ")
	who := audit.Who{User: record.UserID(user), Station: record.StationID(station)}
	if user == "" {
		who.Sender = "computer " + station
	}
	return who
}

// channel is the one MLLP channel of this version.
const channel = "mllp"
