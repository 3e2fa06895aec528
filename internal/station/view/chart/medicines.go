package chart

import (
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// What can be done with a request for a medicine.
const (
	WithdrawRequest Deed = "withdraw"
	Reinstate       Deed = "reinstate"
)

// notADrugChart stands above every list of medicines: what was asked for here looks
// like what a patient is given, and is not.
var notADrugChart = words.K("Requests that were made here. This is no drug chart: nothing in it says that a medicine was given, dispensed, or held against what the patient takes.")

// homeNotHere is what such a list cannot know.
var homeNotHere = words.K("Not here: what the patient takes at home, and what was prescribed in another system. Ask, and look at the drug chart.")

// medicines lists what was asked for: what still stands, with what of the allergies
// speaks against it, and what was stopped.
func medicines(c ward.Chart, now time.Time) Listing {
	var l Listing
	var stands, over []Entry
	for i := range c.Orders {
		o := &c.Orders[i]
		switch {
		case o.Kind != ward.OrderMedicine:
		case o.Open:
			stands = append(stands, requestEntry(o, now))
		default:
			over = append(over, requestEntry(o, now))
		}
	}
	if len(stands)+len(over) == 0 {
		return l
	}
	if len(stands) > 0 {
		l.Entries = append(append(l.Entries, heading(words.T("Requested, not stopped"))), stands...)
	}
	if len(over) > 0 {
		l.Entries = append(append(l.Entries, heading(words.T("Stopped or ended"))), over...)
	}
	text := words.F("%d requested", len(stands))
	if len(stands) == 0 {
		text = words.T("Nothing is requested")
	}
	l.Words = []string{strings.Join([]string{text, words.F("%d stopped or ended", len(over)), right(c, now)}, ", "), notADrugChart.Say(), homeNotHere.Say()}
	return l
}

func requestEntry(o *ward.Order, now time.Time) Entry {
	e := Entry{
		ID: string(o.ID), Head: o.Test, After: o.Dose, Key: o.Test, Struck: o.Withdrawn != "",
		Beside: []string{words.T("asked for"), ward.Date(o.At) + " " + ward.Clock(o.At)},
	}
	if o.Dose == "" {
		e.Warns = append(e.Warns, words.T("No dose is written."))
	}
	if o.Stat {
		e.Marks = append(e.Marks, Mark{words.T("AT ONCE"), Urgent})
	}
	for _, w := range o.Against {
		e.Bar = true
		switch w.Level {
		case ward.WarnStop:
			e.Marks = append(e.Marks, Mark{words.T("ALLERGY"), Alarm})
		case ward.WarnCaution:
			e.Marks = append(e.Marks, Mark{words.T("allergy: caution"), Care})
		case ward.WarnUnchecked:
			e.Marks = append(e.Marks, Mark{words.T("allergies not checked"), Care})
		}
		e.Warns = append(e.Warns, w.Words+".")
	}
	if o.Unsent {
		e.Marks = append(e.Marks, Mark{words.T("unsent"), Unsent})
	}
	e.Warns = append(e.Warns, o.Remarks...)
	e.Lines = append(e.Lines, sentence(ward.Said(o.Status))+" · "+words.F("asked for by %s", ward.SayName(o.By)))
	for _, v := range o.Overrides {
		e.Lines = append(e.Lines, words.F("In spite of: %s. Because %s · %s", v.Words, v.Reason, ward.SayName(v.By)))
	}
	if o.Withdrawn != "" {
		e.Lines = append(e.Lines, words.F("Stopped by %s", o.Withdrawn))
	}
	switch {
	case o.Open:
		e.Acts = []Act{{WithdrawRequest, words.T("Withdraw request")}}
	case o.Undo:
		e.Acts = []Act{{Reinstate, words.T("Take that back")}}
	}
	e.Marks = eachOnce(e.Marks)
	return e
}

func eachOnce(list []Mark) []Mark {
	var out []Mark
	for _, m := range list {
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

// doRequest withdraws a request for a medicine, or takes that back.
func (m *Model) doRequest(id string, do Deed) {
	i := slices.IndexFunc(m.state.Chart.Orders, func(o ward.Order) bool { return string(o.ID) == id })
	if i < 0 {
		return
	}
	if o := m.state.Chart.Orders[i]; do == WithdrawRequest {
		m.WithdrawOrder(o)
	} else {
		m.ReinstateOrder(o.ID)
	}
}

// RequestMedicine turns to where one is asked for.
func (m *Model) RequestMedicine() {
	m.SetTab(Orders)
	m.FindOrder(ward.OrderMedicine, "")
}
