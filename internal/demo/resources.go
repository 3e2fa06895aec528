package demo

import (
	"encoding/json"
	"strings"
	"time"
)

// resources is the export, as far as the ledger looks at it. The shapes are the
// ledger's own reading of FHIR R4, on purpose: the program's views are part of
// what is judged.
type resources struct {
	count        map[string]int
	body         map[string]json.RawMessage
	kind         map[string]string
	observations map[string]observation
	byFiller     map[string][]observation
	patients     map[string]*patient
	byStations   []string // ids of clinical entries that stations wrote
	taken        []taken
}

type patient struct {
	Identifier []struct{ System, Value string } `json:"identifier"`
	Name       []struct{ Family string }        `json:"name"`
	BirthDate  string                           `json:"birthDate"`
}

// calls says whether the patient bears one of these family names.
func (p *patient) calls(names map[string]bool) bool {
	for _, n := range p.Name {
		if names[n.Family] {
			return true
		}
	}
	return false
}

func (p *patient) has(number string) bool {
	for _, i := range p.Identifier {
		if digits(i.Value) == digits(number) {
			return true
		}
	}
	return false
}

type reference struct{ Reference string }

func (r reference) id() string {
	_, id, _ := strings.Cut(r.Reference, "/")
	return id
}

type coded struct {
	Coding []struct{ System, Code string }
}

func (c coded) is(code string) bool {
	for _, k := range c.Coding {
		if k.Code == code {
			return true
		}
	}
	return false
}

type quantity struct {
	Value json.Number
	Unit  string
}

type observation struct {
	ID         string
	Status     string
	Code       coded
	Subject    reference
	Category   []coded
	Identifier []struct{ System, Value string }
	Quantity   *quantity `json:"valueQuantity"`
	Component  []struct {
		Code     coded
		Quantity *quantity `json:"valueQuantity"`
	}
	Extension []struct {
		URL          string
		ValueString  string
		ValueInteger int64
	}
	Issued string
}

func (o observation) value() string {
	if o.Quantity == nil {
		return ""
	}
	return o.Quantity.Value.String()
}

func (o observation) unit() string {
	if o.Quantity == nil {
		return ""
	}
	return o.Quantity.Unit
}

// filler is the laboratory's request number, "" where it is no laboratory's.
func (o observation) filler() string {
	for _, i := range o.Identifier {
		if strings.HasPrefix(i.System, "urn:wardlight:filler:") {
			return i.Value
		}
	}
	return ""
}

// available is when central had the message that brought the result: the
// newest row received at or before its issue is unknown to the ledger, so the
// demonstration's messages carry the moment of sending in OBR-22.
func (o observation) available(_ []json.RawMessage) time.Time {
	t, err := time.Parse(time.RFC3339, o.Issued)
	if err != nil {
		return time.Time{}
	}
	return t
}

// about is what the first of the resources is about.
func (r *resources) about(made []string) string {
	for _, id := range made {
		var t task
		if json.Unmarshal(r.body[id], &t) == nil && t.Focus.id() != "" {
			return t.Focus.id()
		}
	}
	return ""
}

type taken struct {
	by     string
	result string
	at     time.Time
}

type task struct {
	Code       coded
	Focus      reference
	AuthoredOn string
	Requester  struct {
		Reference  string
		Identifier struct{ Value string }
		Display    string
	}
	Owner struct {
		Reference  string
		Identifier struct{ Value string }
	}
}

func (t task) by() string {
	for _, s := range []string{t.Owner.Identifier.Value, t.Requester.Identifier.Value, t.Owner.Reference, t.Requester.Reference} {
		if s != "" {
			_, id, cut := strings.Cut(s, "/")
			if cut {
				return id
			}
			return s
		}
	}
	return ""
}

func index(export []json.RawMessage) *resources {
	r := &resources{
		count: map[string]int{}, body: map[string]json.RawMessage{}, kind: map[string]string{},
		observations: map[string]observation{}, byFiller: map[string][]observation{}, patients: map[string]*patient{},
	}
	for _, raw := range export {
		var head struct {
			ResourceType string `json:"resourceType"`
			ID           string `json:"id"`
		}
		if json.Unmarshal(raw, &head) != nil || head.ID == "" {
			continue
		}
		r.count[head.ID]++
		r.body[head.ID], r.kind[head.ID] = raw, head.ResourceType
		r.add(head.ResourceType, head.ID, raw)
	}
	return r
}

func (r *resources) add(kind, id string, raw json.RawMessage) {
	station := len(id) > 14 && id[0] == 's' && id[13] == '-'
	switch kind {
	case "Patient":
		var p patient
		if json.Unmarshal(raw, &p) == nil {
			r.patients[id] = &p
		}
	case "Observation":
		var o observation
		if json.Unmarshal(raw, &o) != nil {
			return
		}
		r.observations[id] = o
		if f := o.filler(); f != "" {
			r.byFiller[f+"|"+o.loinc()+"|"+o.sub()] = append(r.byFiller[f+"|"+o.loinc()+"|"+o.sub()], o)
		}
		if station {
			r.byStations = append(r.byStations, id)
		}
	case "AllergyIntolerance", "Communication":
		if station {
			r.byStations = append(r.byStations, id)
		}
	case "Task":
		var t task
		if json.Unmarshal(raw, &t) == nil && t.Code.is("acknowledge") {
			at, _ := time.Parse(time.RFC3339, t.AuthoredOn) // zero: left out of the median
			r.taken = append(r.taken, taken{t.by(), t.Focus.id(), at})
		}
	}
}

func (o observation) loinc() string {
	for _, k := range o.Code.Coding {
		return k.Code
	}
	return ""
}

// sub is OBX-4 as the record keeps it.
func (o observation) sub() string {
	for _, e := range o.Extension {
		if strings.Contains(e.URL, "obx-4") || strings.Contains(e.URL, "sub-id") {
			return e.ValueString
		}
	}
	return ""
}

// vital is the value of one vital sign among the resources of an entry.
func (r *resources) vital(made []string, code string) string {
	for _, id := range made {
		o, ok := r.observations[id]
		if !ok {
			continue
		}
		if o.Code.is(code) {
			return o.value()
		}
		for _, c := range o.Component {
			if c.Code.is(code) && c.Quantity != nil {
				return c.Quantity.Value.String()
			}
		}
	}
	return ""
}

// holds says whether one of the resources contains this text.
func (r *resources) holds(made []string, text string) bool {
	quoted, err := json.Marshal(text)
	if err != nil {
		return false
	}
	for _, id := range made {
		if strings.Contains(string(r.body[id]), string(quoted[1:len(quoted)-1])) {
			return true
		}
	}
	return false
}

// patientOf is the patient of the first of the resources that names one.
func (r *resources) patientOf(made []string) *patient {
	for _, id := range made {
		var b struct {
			Subject, Patient, For reference
		}
		if json.Unmarshal(r.body[id], &b) != nil {
			continue
		}
		for _, ref := range []reference{b.Subject, b.Patient, b.For} {
			if p := r.patients[ref.id()]; p != nil {
				return p
			}
		}
	}
	return nil
}

type looked struct{ user, what string }

// subjectsOf reads who looked at what out of one audit line: each patient, each
// list, and for an administrator's look the command.
func subjectsOf(raw json.RawMessage) []looked {
	var line struct {
		Event struct {
			Action string
			Agent  []struct {
				Requestor bool
				Who       struct{ Identifier struct{ Value string } }
			}
			Entity []struct {
				What   reference
				Query  []byte // base64 in JSON
				Detail []struct{ Type, ValueString string }
			}
		} `json:"event"`
	}
	if json.Unmarshal(raw, &line) != nil || line.Event.Action != "R" && line.Event.Action != "E" {
		return nil
	}
	user := ""
	for _, a := range line.Event.Agent {
		if a.Requestor {
			user = a.Who.Identifier.Value
		}
	}
	var out []looked
	for _, e := range line.Event.Entity {
		if strings.HasPrefix(e.What.Reference, "Patient/") {
			out = append(out, looked{user, e.What.id()})
		}
		if name, _, ok := strings.Cut(string(e.Query), " of ward "); ok {
			out = append(out, looked{user, listNamed(name)})
		}
		for _, d := range e.Detail {
			if d.Type == "command" {
				out = append(out, looked{user, d.ValueString})
			}
		}
	}
	return out
}
