package shell

import (
	"wardlight/internal/clinical/ward"
	vchart "wardlight/internal/station/view/chart"
	vorders "wardlight/internal/station/view/orders"
	"wardlight/ui/orders"
)

func (n *session) makeOrders() {
	conf := n.shell.conf
	var p *orders.Page
	n.orders = vorders.New(n.unhurried(), conf.Dispatch, conf.Now, func(st vorders.State) {
		if !n.over() {
			n.draw(pageOrders, func() { p.Show(st) })
		}
	})
	p = orders.New(n.orders, func(id ward.PatientID) { n.openChart(id, vchart.Orders) }, conf.Clock)
	n.pages[pageOrders] = p
}
