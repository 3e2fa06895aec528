package shell

import (
	valerts "wardlight/internal/station/view/alerts"
	vrules "wardlight/internal/station/view/rules"
	"wardlight/ui/rules"
)

func (n *session) makeRules() {
	conf := n.shell.conf
	var p *rules.Page
	n.rules = vrules.New(n.unhurried(), conf.Dispatch, conf.Now, func(st vrules.State) {
		if !n.over() {
			n.draw(pageRules, func() { p.Show(st) })
		}
	})
	p = rules.New(n.rules, n.shell.typing, conf.Clock)
	n.pages[pageRules] = p
}

// whyItWarns sets the alert aside, which leaves its red band, and turns to the rule by
// which it warns.
func (n *session) whyItWarns(k valerts.Key, rule string) {
	n.alerts.SetAside(k, false)
	n.rules.Choose(rule)
	n.turn(pageRules)
}
