package node

import (
	"context"

	"wardlight/internal/central/callout"
	"wardlight/internal/central/enrol"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/record"
)

// sayPrivacy says at the start where nobody would be told of an emergency access: that they
// wait in a list is no use to whoever does not know that there is one.
func (n *Node) sayPrivacy(ctx context.Context, gateway bool) {
	to, err := n.submit.PrivacyTo(ctx)
	switch {
	case err != nil:
		n.conf.Log.Error("whom to tell of an emergency access cannot be read", "err", err)
	case !gateway:
		n.conf.Log.Warn("no privacy officer is told off the screen of an emergency access: no gateway is set. They wait in 'wardlightd emergency list'", "file", callout.File)
	case to == submit.PrivacyTo{}:
		n.conf.Log.Warn("of an emergency access only those are told off the screen who stand as privacy officer on the ward's rota: set an address with 'wardlightd emergency tell'. They wait in 'wardlightd emergency list'")
	}
}

// untold says whether nobody is told off the screen of an emergency access at a computer of
// these wards, by the gateways that this run of central has.
func (n *Node) untold(ctx context.Context, wards []record.Ward) (bool, error) {
	gateways := n.gateways.Load()
	if gateways == nil {
		return false, nil
	}
	return callout.Untold(ctx, n.submit, *gateways, wards, n.conf.Now())
}

// tellPrivacy shows, or sets, where the privacy officer is told.
func (n *Node) tellPrivacy(ctx context.Context, o Order, emit Emit) error {
	to, err := n.submit.PrivacyTo(ctx)
	if err != nil {
		return err
	}
	was := to
	if v := o.Args["mail"]; v != "" {
		to.Mail = v
	}
	if v := o.Args["pager"]; v != "" {
		to.Pager = v
	}
	if o.Args["nobody"] != "" {
		to = submit.PrivacyTo{}
	}
	if to == was {
		if err := n.auditLook(ctx, o, "where the privacy officer is told of an emergency access"); err != nil {
			return err
		}
	} else if err := n.submit.SetPrivacyTo(ctx, record.Author{User: record.UserID(o.Who)}, to); err != nil {
		return err
	}
	said := map[string]any{"mail": to.Mail, "pager": to.Pager}
	gateways, err := callout.Load(n.conf.Dir)
	switch {
	case err != nil:
		said["note"] = "nothing is sent: the gateways in " + callout.File + " cannot be used"
	case to.Mail != "" && gateways[callout.Mail] == nil, to.Pager != "" && gateways[callout.Pager] == nil:
		said["note"] = "there is no gateway for this in " + callout.File + " yet; central reads it when it starts"
	case to == submit.PrivacyTo{}:
		said["note"] = "nobody is told but who stands as privacy officer on a ward's rota; accesses wait in 'emergency list'"
	}
	return emit(said)
}

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
	}
	n.gateways.Store(&gateways)
	n.sayPrivacy(ctx, len(gateways) > 0)
	callout.New(callout.Config{
		Book: n.submit, Duties: submit.NewDuties(n.submit), Rules: alert.Default(), Gateways: gateways,
		Short: enrol.Reference, Now: n.conf.Now, Log: n.conf.Log,
	}).Run(ctx)
}
