package desk

import (
	"context"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/words"
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
	who := s.Who.ShowName()
	if s.Who.Bed != "" {
		who += ", " + words.F("bed %s", s.Who.Bed)
	}
	if s.Who.Born != "" {
		who += ", " + words.F("born %s", bornWords(s.Who.Born))
	}
	if s.Who.Number != "" {
		who += ", " + s.Who.NumberName + " " + s.Who.Number
	}
	out := []string{words.F("I am %s on ward %s. I call about %s.", ward.SayName(p.Name), s.Who.Ward, who), words.F("NEWS2: %s.", d.severityWords(s.Early))}
	for _, f := range s.Situation {
		out = append(out, d.dated(f)+".")
	}
	return lines(out...)
}

// bornWords is a whole date of birth as the screens show it; of less only what is known.
func bornWords(born string) string {
	if t, err := time.Parse("2006-01-02", born); err == nil {
		return ward.Date(t)
	}
	return born
}

func (d *Desk) backgroundWords(s ward.Sheet) string {
	var out []string
	if !s.Since.IsZero() {
		out = append(out, words.F("Here since %s.", ward.Date(s.Since)))
	}
	for _, w := range s.Summary {
		out = append(out, w.Text+" ("+ward.SayName(w.By)+", "+d.stampWords(w.At)+")")
	}
	out = append(out, allergySentence(s.Allergies))
	if len(s.Flags) > 0 {
		out = append(out, words.F("Flags: %s.", strings.Join(s.Flags, ", ")))
	}
	return lines(out...)
}

// allergySentence is the banner's sentence, as it is said on the phone.
func allergySentence(a ward.AllergyLine) string {
	said := allergyWords(a) + "."
	if a.State == ward.AllergyKnown {
		return words.F("Allergies: %s", said)
	}
	return said
}

func (d *Desk) assessmentWords(c *compartment, s ward.Sheet) string {
	var out []string
	if sets := d.vitalSets(c); len(sets) > 0 {
		out = append(out, words.F("Observations at %s: %s.", d.stampWords(sets[0].At), signWords(sets[0])))
	} else {
		out = append(out, words.T("No observations are recorded."))
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
	add(words.T("respirations"), v.Respirations, "/min")
	add("SpO₂", v.SpO2, " %")
	if v.Oxygen != nil {
		if *v.Oxygen {
			add("", words.T("on oxygen"), "")
		} else {
			add("", words.T("on air"), "")
		}
	}
	if v.Systolic != "" && v.Diastolic != "" {
		add(words.T("blood pressure"), v.Systolic+"/"+v.Diastolic, " mmHg")
	} else {
		add(words.T("systolic"), v.Systolic, " mmHg")
	}
	add(words.T("pulse"), v.Pulse, "/min")
	add(words.T("consciousness"), v.Consciousness, "")
	add(words.T("temperature"), v.Temperature, " °C")
	return strings.Join(out, ", ")
}

// recordCall writes a call down, as one note: it stands among the notes.
func (n *pen) recordCall(c ward.RecordCall) error {
	called := strings.TrimSpace(c.Called)
	if called == "" {
		return n.refuse(fault.Invalid, words.Errorf("Say who was called. Nothing was saved."))
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
		return n.refuse(fault.Invalid, words.Errorf("Say what was said. Nothing was saved."))
	case total > maxNote:
		return n.refuse(fault.Invalid, words.Errorf("That is too long: %d characters at most. Nothing was saved.", maxNote))
	}
	_, err := n.create(fhir.TypeCommunication, "", n.now(), func(id fhir.ID) any {
		return fhir.Communication{
			ResourceType: fhir.TypeCommunication, ID: id, Status: "completed", Category: noteCategory(fhir.NoteCall), Subject: n.subject(),
			Sent: n.now(), Sender: n.writer(), Recipient: []fhir.Reference{{Display: called}}, Payload: payload,
		}
	})
	return err
}
