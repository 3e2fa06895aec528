package node

import (
	"context"

	"wardlight/internal/central/callout"
	"wardlight/internal/central/enrol"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/alert"
)

// callOut tells people off the screen of critical results that nobody has, for as
// long as central serves. Where no gateway is set nobody is told so, and the log
// says it once.
//
// This node is the only one that works with its journal, so it needs no lease. A
// store that several nodes share gives callout.Config a Lease of its own: held in
// the store, by time, and lost when its holder stops (see package callout).
func (n *Node) callOut(ctx context.Context) {
	gateways, err := callout.Load(n.conf.Dir)
	if err != nil {
		// What was set and does not work must show where it matters: every
		// message fails, and the ward's screens say so.
		n.conf.Log.Error("no page and no mail is sent: the gateways cannot be set up", "file", callout.File, "err", err)
		gateways = callout.Broken()
	}
	if len(gateways) == 0 {
		n.conf.Log.Info("no page and no mail is sent: no gateway is set", "file", callout.File)
		return
	}
	callout.New(callout.Config{
		Book: n.submit, Duties: submit.NewDuties(n.submit), Rules: alert.Default(), Gateways: gateways,
		Short: enrol.Reference, Now: n.conf.Now, Log: n.conf.Log,
	}).Run(ctx)
}
