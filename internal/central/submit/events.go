package submit

import (
	"cmp"
	"strconv"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/audit"
)

// Names of details, by which an audit event is joined with what it is about.
const (
	DetailMutation = "mutation" // a record.MutationID
	DetailOutcome  = "outcome"  // a record.Outcome
	DetailInbound  = "inbound"  // a record.Inbound's ID
	DetailControl  = "control-id"
	DetailFate     = "fate"     // a record.Fate
	DetailSetting  = "setting"  // an account's or a device's note
	DetailSeq      = "sequence" // of a station's audit chain
	DetailCommand  = "command"  // an administrator's
	DetailEpoch    = "epoch"    // a record.Epoch's ID
	DetailPosition = "position" // a record.Position
)

// maxReason keeps a reason inside what an audit event may hold.
const maxReason = 1000

// audit completes an event and appends it.
func (w *work) audit(e audit.Event) error {
	e.Recorded = w.now
	e.Observer = "central"
	if len(e.Reason) > maxReason {
		e.Reason = e.Reason[:maxReason]
	}
	b, err := e.JSON()
	if err != nil {
		return err
	}
	return w.Audit(b)
}

func whoIs(a record.Author) audit.Who {
	w := audit.Who{User: a.User, Name: a.Name, Role: a.Role, Station: a.Station, Place: a.Place}
	if w.User == "" {
		w.Sender = a.Sender
	}
	if w.User == "" && w.Sender == "" {
		w.Sender = "wardlight"
	}
	return w
}

func stationIs(p record.Peer) audit.Who {
	return audit.Who{
		Sender: "computer " + string(p.Device.Station), Role: "computer",
		Station: p.Device.Station, Place: p.Device.Place, Address: p.Remote,
	}
}

// event is what a mutation's receipt says, as an audit event.
func (a *attempt) event(r record.Receipt) audit.Event {
	e := audit.Event{
		Action: audit.Create, Purpose: audit.Treatment, Patient: compartment(a.m), Who: stationIs(a.peer),
		Details: []audit.Detail{{Name: DetailMutation, Value: string(a.m.ID)}, {Name: DetailOutcome, Value: r.Outcome.String()}},
	}
	if a.exists {
		e.Action = audit.Update
	}
	if !a.m.Ref.IsZero() {
		e.What = []audit.What{{Ref: a.m.Ref, Version: r.Version}}
	}
	// Until central has found the account, the name is only what was claimed.
	if user := a.m.Author.User; user != "" && string(user) != string(a.peer.Device.Station) {
		e.Who.User, e.Who.Sender, e.Who.Role = user, "", a.author.Role
		e.Who.Name = a.author.Name
	}
	e.Details = append(e.Details, a.changed...)
	if r.Outcome == record.Refused {
		e.Outcome, e.Reason = audit.Refused, cmp.Or(r.Reason, "refused")
	}
	return e
}

// filedEvents are what became of a message: one event for each person whom it
// concerns, since an event has one patient; one where it concerns none.
func filedEvents(fl *filing) []audit.Event {
	e := audit.Event{
		Action: audit.Import, Who: whoIs(fl.author),
		Details: []audit.Detail{
			{Name: DetailInbound, Value: fl.row.ID}, {Name: DetailControl, Value: clip(fl.row.ControlID)}, {Name: DetailFate, Value: string(fl.row.Fate)},
		},
	}
	switch fl.row.Fate {
	case record.FateQuarantined, record.FateRefused:
		e.Outcome, e.Reason = audit.Refused, cmp.Or(fl.row.Reason, "not filed")
	default: // what was filed is a success
	}
	if len(fl.patients) == 0 {
		return []audit.Event{e}
	}
	var list []audit.Event
	for _, p := range fl.patients {
		one := e
		one.Patient, one.What = p, written(fl, p)
		list = append(list, one)
	}
	return list
}

// maxWhat bounds what one event names; the message's row names all of it.
const maxWhat = 500

func written(fl *filing, p fhir.ID) (list []audit.What) {
	for _, t := range fl.targets {
		if t.patient == p && len(list) < maxWhat {
			list = append(list, audit.What{Ref: t.ref, Version: t.version})
		}
	}
	return list
}

func position(p record.Position) string { return strconv.FormatUint(uint64(p), 10) }

// clip bounds a foreign string.
func clip(s string) string {
	const limit = 256
	if len(s) > limit {
		return s[:limit]
	}
	return s
}

// settingEvent is a change of an account or a device.
func settingEvent(key string, by record.Author) audit.Event {
	return audit.Event{Action: audit.Config, Who: whoIs(by), Details: []audit.Detail{{Name: DetailSetting, Value: clip(key)}}}
}

// chainEvent reports a station's audit chain that is not whole.
func chainEvent(p record.Peer, l record.Look, words string) audit.Event {
	return audit.Event{
		Action: audit.Import, Who: stationIs(p), Outcome: audit.Refused, Reason: words,
		Details: []audit.Detail{{Name: DetailSeq, Value: strconv.FormatUint(l.Seq, 10)}},
	}
}
