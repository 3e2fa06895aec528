package desk

import (
	"cmp"
	"slices"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/catalogue"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/told"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// orders are the tests and medicines that somebody asked for, newest first.
func (d *Desk) orders(c *compartment) []ward.Order {
	out := make([]ward.Order, 0, len(c.orders)+len(c.medicines))
	asked, me := disputedRefs(c), d.me()
	for i := range c.orders {
		if o := &c.orders[i]; o.View.Status != "entered-in-error" {
			out = append(out, d.testOrder(c, o, asked[o.Change.Ref], me))
		}
	}
	for i := range c.medicines {
		if o := &c.medicines[i]; o.View.Status != "entered-in-error" {
			out = append(out, d.medicineOrder(c, o, asked[o.Change.Ref], me))
		}
	}
	slices.SortStableFunc(out, func(a, b ward.Order) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.ID, b.ID)) })
	return out
}

func (d *Desk) testOrder(c *compartment, o *item[fhir.ServiceRequest], asked bool, me record.UserID) ward.Order {
	v := o.View
	out := ward.Order{
		ID: o.id(), Kind: ward.OrderTest, Version: o.version(), Test: orderTest(v), Stat: v.Priority == "stat", Status: testStatus(o),
		By: o.First.Shown(), At: d.at(o.Made), Unsent: o.Unsent, Remarks: orderRemarks(v.Extension, asked),
		Overrides: d.overrides(v.Extension),
	}
	if v.Code != nil {
		out.Code = v.Code.Code(catalogue.System)
	}
	d.giveEnd(&out, v.Status, o.Change, me)
	if !waitingStatus(v.Status) {
		return out
	}
	open := d.openOrder(o)
	for _, ref := range d.cfg.Rules.Answer(open, observations(c)) {
		out.Results = append(out.Results, ref.ID)
	}
	if len(out.Results) > 0 {
		out.Status = "results are here"
		return out
	}
	out.Open = true
	if late, is := d.timesAt(c, alert.RuleLateOrder, open.At).Late(open, d.now()); is && v.Status == "active" {
		out.Late = late.Words.Say()
	}
	return out
}

func (d *Desk) medicineOrder(c *compartment, o *item[fhir.MedicationRequest], asked bool, me record.UserID) ward.Order {
	v := o.View
	out := ward.Order{
		ID: o.id(), Kind: ward.OrderMedicine, Version: o.version(), Test: words.T("Medicine not named"), Stat: v.Priority == "stat", Status: medicineStatus(v.Status),
		By: o.First.Shown(), At: d.at(o.Made), Unsent: o.Unsent, Remarks: orderRemarks(v.Extension, asked),
		Overrides: d.overrides(v.Extension), Open: waitingStatus(v.Status),
	}
	if v.Medication != nil {
		out.Test, out.Code = cmp.Or(v.Medication.Words(), out.Test), v.Medication.Code(catalogue.System)
	}
	if len(v.DosageInstruction) > 0 {
		out.Dose = v.DosageInstruction[0].Text
	}
	if out.Open {
		out.Against = d.against(c, ward.OrderItem{Kind: ward.OrderMedicine, Code: out.Code, Name: out.Test})
	}
	d.giveEnd(&out, v.Status, o.Change, me)
	return out
}

// giveEnd says who withdrew an order, and whether the reader may take that back.
func (d *Desk) giveEnd(out *ward.Order, status string, ch record.Change, me record.UserID) {
	if !withdrawnOrder(status) {
		return
	}
	out.Withdrawn = ward.SayName(ch.Author.Shown()) + ", " + d.stampWords(d.at(ch.Times))
	if ch.Reason != "" {
		out.Withdrawn += ": " + told.Reasons.Say(ch.Reason)
	}
	out.Undo = me != "" && ch.Author.User == me
}

func withdrawnOrder(status string) bool {
	return status == "revoked" || status == "cancelled" || status == "stopped"
}

func waitingStatus(status string) bool { return status == "active" || status == "on-hold" }

func (d *Desk) overrides(list []fhir.Extension) []ward.Override {
	var out []ward.Override
	for _, o := range fhir.Overrides(list) {
		at, _ := when(o.At, d.loc)
		out = append(out, ward.Override{Level: o.Level, Words: o.Text, Reason: o.Reason, By: o.By, At: at})
	}
	return out
}

// openOrder is an order as the rules see it. One that a feed told us of has left
// for the laboratory; ours wait for the link.
func (d *Desk) openOrder(o *item[fhir.ServiceRequest]) alert.OpenOrder {
	out := alert.OpenOrder{
		Ref: o.Change.Ref, By: o.First.Shown(), At: d.at(o.Made),
		Stat: o.View.Priority == "stat", Sent: o.First.Sender != "",
	}
	if o.View.Code != nil {
		out.Code = *o.View.Code
	}
	return out
}

// openOrders are the requests for tests that nobody has withdrawn.
func (d *Desk) openOrders(c *compartment) []alert.OpenOrder {
	var out []alert.OpenOrder
	for i := range c.orders {
		if waitingStatus(c.orders[i].View.Status) {
			out = append(out, d.openOrder(&c.orders[i]))
		}
	}
	return out
}

func observations(c *compartment) []fhir.Observation {
	out := make([]fhir.Observation, len(c.results))
	for i := range c.results {
		out[i] = c.results[i].View
		out[i].ID = c.results[i].id()
	}
	return out
}

// giveOrders counts what a row's patient waits for.
func (d *Desk) giveOrders(v *derived, c *compartment) {
	if len(c.orders)+len(c.medicines) == 0 {
		return
	}
	for _, o := range d.openOrders(c) {
		if !d.cfg.Rules.Answered(o, observations(c)) {
			v.row.Orders++
		}
	}
	for i := range c.medicines {
		if waitingStatus(c.medicines[i].View.Status) {
			v.row.Orders++
		}
	}
}

// me is who reads, where somebody does.
func (d *Desk) me() record.UserID {
	p, _ := d.SignedIn()
	return record.UserID(p.User)
}

// orderRemarks are what somebody has to look at before the order is carried out.
func orderRemarks(list []fhir.Extension, asked bool) []string {
	var out []string
	for _, e := range list {
		if e.URL == fhir.ExtFlag && e.ValueCode != nil {
			out = append(out, remark(*e.ValueCode))
		}
	}
	if asked {
		out = append(out, words.T("waits until somebody decides whether it is wanted"))
	}
	return out
}

func orderTest(v fhir.ServiceRequest) string {
	if v.Code == nil {
		return words.T("Test not named")
	}
	return v.Code.Words()
}

// testStatus: this program sends no orders to a laboratory yet, and says so.
func testStatus(o *item[fhir.ServiceRequest]) string {
	if waitingStatus(o.View.Status) && o.First.Sender != "" {
		return "asked for in another system"
	}
	return orderStatus(o.View.Status)
}

func orderStatus(code string) string {
	switch code {
	case "active", "draft":
		return "waiting for the laboratory link"
	case "on-hold":
		return "on hold"
	case "revoked", "cancelled":
		return "withdrawn"
	case "completed":
		return "done"
	}
	return code
}

// medicineStatus: nothing gives or dispenses by this program, and it says so.
func medicineStatus(code string) string {
	switch code {
	case "active", "draft":
		return "requested; not on the drug chart yet"
	case "stopped":
		return "stopped"
	}
	return orderStatus(code)
}

// orderLine is an order in the report of an outage.
func orderLine(t fhir.Type, body fhir.Resource) string {
	name, status := words.T("Order"), "active"
	if t == fhir.TypeServiceRequest {
		if v, err := fhir.View[fhir.ServiceRequest](body); err == nil {
			name, status = orderTest(v), v.Status
		}
	} else if v, err := fhir.View[fhir.MedicationRequest](body); err == nil && v.Medication != nil {
		name, status = v.Medication.Words(), v.Status
		if len(v.DosageInstruction) > 0 {
			name = joined(name, v.DosageInstruction[0].Text)
		}
	}
	if s := orderStatus(status); status != "active" && s != "" {
		return name + ", " + ward.Said(s)
	}
	return name
}

// stayEnds are when the patient's stays ended; zero for one that goes on.
func (d *Desk) stayEnds(c *compartment) []time.Time {
	var out []time.Time
	for i := range c.encounters {
		e := c.encounters[i].View
		switch {
		case present(e.Status):
			out = append(out, time.Time{})
		case e.Status == "finished" && e.Period != nil && e.Period.End != "":
			if t, _ := when(e.Period.End, d.loc); !t.IsZero() {
				out = append(out, t)
			}
		}
	}
	return out
}
