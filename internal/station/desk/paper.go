package desk

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

// notes are a patient's notes, newest first, each with its earlier wordings.
func (d *Desk) notes(c *compartment) ([]ward.Note, error) {
	out := make([]ward.Note, 0, len(c.notes))
	for i := range c.notes {
		n := &c.notes[i]
		if n.View.Status == "entered-in-error" || isHandover(n.View) {
			continue
		}
		note := ward.Note{ID: n.id(), Text: noteText(n.View), By: n.Change.Author.Name, At: d.at(n.Change.Times), True: d.trueAt(n.View), Unsent: n.Unsent}
		earlier, err := d.wordings(c, n)
		if err != nil {
			return nil, err
		}
		note.Earlier = earlier
		out = append(out, note)
	}
	slices.SortStableFunc(out, func(a, b ward.Note) int {
		return cmp.Or(b.When().Compare(a.When()), b.At.Compare(a.At), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}

// wordings are the earlier texts of a note, newest first. The committed text
// under an unsent edit is one of them.
func (d *Desk) wordings(c *compartment, n *item[fhir.Communication]) ([]ward.Note, error) {
	hist, err := c.history(n.Change.Ref)
	if err != nil {
		return nil, err
	}
	if n.Unsent && n.Change.Version > 0 {
		cur, ok, err := c.r.Current(n.Change.Ref)
		if err != nil {
			return nil, err
		}
		if ok {
			hist = append(hist, cur)
		}
	}
	var out []ward.Note
	for i := len(hist) - 1; i >= 0; i-- {
		v, err := fhir.View[fhir.Communication](hist[i].Body)
		if err != nil || hist[i].Version == n.Change.Version && !n.Unsent {
			continue
		}
		text := noteText(v)
		if text == noteText(n.View) {
			continue
		}
		out = append(out, ward.Note{ID: n.id(), Text: text, By: hist[i].Author.Name, At: d.at(hist[i].Times)})
	}
	return out, nil
}

// trueAt is when what a note says was true, where that is another time than it was
// written down; zero where it is not.
func (d *Desk) trueAt(v fhir.Communication) time.Time {
	e, ok := fhir.ExtensionOf(v.Extension, fhir.ExtTrueAt)
	if !ok || e.ValueDateTime == nil {
		return time.Time{}
	}
	at, _ := when(*e.ValueDateTime, d.loc)
	return at
}

func noteText(v fhir.Communication) string {
	var parts []string
	for _, p := range v.Payload {
		if p.ContentString != "" {
			parts = append(parts, p.ContentString)
		}
	}
	return strings.Join(parts, "\n")
}
