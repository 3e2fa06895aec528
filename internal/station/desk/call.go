package desk

import (
	"cmp"
	"context"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// Call is what a call about one patient begins with, in the order of SBAR, filled
// from the record with times. It is read after Open, as a chart is; what the
// caller asks for they write themselves.
func (d *Desk) Call(ctx context.Context, id ward.PatientID) (ward.Call, error) {
	const op = "desk.call"
	p, err := d.author(op)
	if err != nil {
		return ward.Call{}, err
	}
	var out ward.Call
	err = d.view(ctx, id, func(c *compartment) error {
		if err := d.mayView(op, p, c); err != nil {
			return err
		}
		s, err := d.sheet(c)
		if err != nil {
			return err
		}
		out = ward.Call{Who: s.Who, Allergies: s.Allergies, AsOf: d.asOf()}
		out.Situation, out.Background = d.situationWords(p, s), d.backgroundWords(s)
		out.Assessment = d.assessmentWords(c, s)
		return nil
	})
	if err != nil {
		return ward.Call{}, fault.Wrap(op, string(id), err)
	}
	d.board.similarTo(&out.Who)
	return out, nil
}

// dated is a fact with its time, in words.
func (d *Desk) dated(f ward.Dated) string {
	if f.At.IsZero() {
		return f.Words
	}
	return f.Words + ", " + d.stampWords(f.At)
}

func lines(list ...string) string {
	var out []string
	for _, l := range list {
		if l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

func (d *Desk) situationWords(p ward.Person, s ward.Sheet) string {
	who := "I am " + p.Name + cmp.Or(" on ward "+s.Who.Ward, "") + ". I call about " + s.Who.ShowName()
	for _, w := range []string{prefixed("bed ", s.Who.Bed), prefixed("born ", s.Who.Born), prefixed(s.Who.NumberName+" ", s.Who.Number)} {
		if w != "" {
			who += ", " + w
		}
	}
	out := []string{who + ".", "NEWS2: " + d.severityWords(s.Early) + "."}
	for _, f := range s.Situation {
		out = append(out, d.dated(f)+".")
	}
	return lines(out...)
}

func prefixed(label, value string) string {
	if value == "" {
		return ""
	}
	return label + value
}

func (d *Desk) backgroundWords(s ward.Sheet) string {
	var out []string
	if !s.Since.IsZero() {
		out = append(out, "Here since "+ward.Date(s.Since)+".")
	}
	for _, w := range s.Summary {
		out = append(out, w.Text+" ("+w.By+", "+d.stampWords(w.At)+")")
	}
	out = append(out, allergySentence(s.Allergies))
	if len(s.Flags) > 0 {
		out = append(out, "Flags: "+strings.Join(s.Flags, ", ")+".")
	}
	return lines(out...)
}

// allergySentence is the banner's sentence, as it is said on the phone.
func allergySentence(a ward.AllergyLine) string {
	words := allergyWords(a) + "."
	if a.State == ward.AllergyKnown {
		return "Allergies: " + words
	}
	return words
}

func (d *Desk) assessmentWords(c *compartment, s ward.Sheet) string {
	var out []string
	if sets := d.vitalSets(c); len(sets) > 0 {
		out = append(out, "Observations at "+d.stampWords(sets[0].At)+": "+signWords(sets[0])+".")
	} else {
		out = append(out, "No observations are recorded.")
	}
	for _, f := range s.Facts {
		out = append(out, d.dated(f)+".")
	}
	return lines(out...)
}

// signWords are the values of a set that were measured, each with its unit.
func signWords(v ward.VitalSet) string {
	var out []string
	add := func(label, value, unit string) {
		if value != "" {
			out = append(out, strings.TrimSpace(label+" "+value+unit))
		}
	}
	add("respirations", v.Respirations, "/min")
	add("SpO₂", v.SpO2, " %")
	if v.Oxygen != nil {
		add("", map[bool]string{true: "on oxygen", false: "on air"}[*v.Oxygen], "")
	}
	if v.Systolic != "" && v.Diastolic != "" {
		add("blood pressure", v.Systolic+"/"+v.Diastolic, " mmHg")
	} else {
		add("systolic", v.Systolic, " mmHg")
	}
	add("pulse", v.Pulse, "/min")
	add("consciousness", v.Consciousness, "")
	add("temperature", v.Temperature, " °C")
	return strings.Join(out, ", ")
}

// recordCall writes a call down, as one note: it stands among the notes.
func (n *pen) recordCall(c ward.RecordCall) error {
	called := strings.TrimSpace(c.Called)
	if called == "" {
		return n.refuse(fault.Invalid, "Say who was called. Nothing was saved.")
	}
	parts := []struct{ label, text string }{
		{"Situation", c.Situation}, {"Background", c.Background}, {"Assessment", c.Assessment}, {"Recommendation", c.Recommendation}, {"Read back", c.ReadBack},
	}
	payload := []fhir.CommunicationPayload{{ContentString: "Call to " + called}}
	total := len(called)
	for _, p := range parts {
		if text := strings.TrimSpace(p.text); text != "" {
			payload = append(payload, fhir.CommunicationPayload{ContentString: p.label + ": " + text})
			total += len(text)
		}
	}
	switch {
	case len(payload) == 1:
		return n.refuse(fault.Invalid, "Say what was said. Nothing was saved.")
	case total > maxNote:
		return n.refuse(fault.Invalid, "That is too long: %d characters at most. Nothing was saved.", maxNote)
	}
	_, err := n.create(fhir.TypeCommunication, "", n.now(), func(id fhir.ID) any {
		return fhir.Communication{
			ResourceType: fhir.TypeCommunication, ID: id, Status: "completed", Category: noteCategory(fhir.NoteCall), Subject: n.subject(),
			Sent: n.now(), Sender: n.writer(), Recipient: []fhir.Reference{{Display: called}}, Payload: payload,
		}
	})
	return err
}
