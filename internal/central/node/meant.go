package node

import (
	"context"
	"maps"
	"slices"
	"strings"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// argMany names, in an order that meant has completed, the records that bear a
// number, where they are several people's.
const argMany = "candidates"

// meant finds whose record an order is about: by central's own id, or by any number
// that the patient bears, blanks and hyphens left out. What bears the number of
// several people is told by the command itself, because it shows them.
func (n *Node) meant(ctx context.Context, o Order) (Order, error) {
	given := o.Args["id"]
	o.Args = maps.Clone(o.Args)
	err := n.journal.View(ctx, func(r journal.Reader) error {
		if _, known, err := r.Current(fhir.Ref{Type: fhir.TypePatient, ID: fhir.ID(given)}); err != nil || known {
			return err
		}
		people, err := bearers(r, plainNumber(given))
		switch {
		case err != nil:
			return err
		case len(people) == 0:
			return fault.New(fault.NotFound, "node.meant", "", "no patient has this id or number; give central's id (from 'export'), or a number as the patient's papers say it")
		case len(people) > 1:
			o.Args[argMany] = strings.Join(people, ",")
		default:
			o.Args["id"], o.Args["by_number"] = people[0], "true"
		}
		return nil
	})
	return o, err
}

// meantOne is meant where only one person will do.
func (n *Node) meantOne(ctx context.Context, o Order) (Order, error) {
	o, err := n.meant(ctx, o)
	if err == nil && o.Args[argMany] != "" {
		err = fault.New(fault.Conflict, "node.meant", "", "several people bear this number, and nothing was changed; 'audit patient' with the same number lists them")
	}
	return o, err
}

// plainNumber is a number without what people put into it to read it better.
func plainNumber(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -./", r) {
			return -1
		}
		return r
	}, s))
}

// bearers are the people who bear a number, one record each: of a person with
// several records the one that is in use.
func bearers(r journal.Reader, number string) (people []string, err error) {
	if number == "" {
		return nil, nil
	}
	seen := map[fhir.ID]bool{}
	for c, err := range r.All(fhir.TypePatient, "") {
		if err != nil {
			return nil, err
		}
		if seen[c.Ref.ID] || !bears(c, number) {
			continue
		}
		records, err := submit.RecordsOf(r, c.Ref.ID)
		if err != nil {
			return nil, err
		}
		for _, id := range records {
			seen[id] = true
		}
		people = append(people, string(inUse(r, records)))
	}
	return people, nil
}

func bears(c record.Change, number string) bool {
	p, err := fhir.View[fhir.Patient](c.Body)
	return err == nil && slices.ContainsFunc(p.Identifier, func(i fhir.Identifier) bool { return plainNumber(i.Value) == number })
}

// inUse is the record of a person that no other has replaced.
func inUse(r journal.Reader, records []fhir.ID) fhir.ID {
	for _, id := range records {
		c, ok, err := r.Current(fhir.Ref{Type: fhir.TypePatient, ID: id})
		if err != nil || !ok {
			continue
		}
		p, err := fhir.View[fhir.Patient](c.Body)
		if err == nil && !slices.ContainsFunc(p.Link, func(l fhir.PatientLink) bool { return l.Type == "replaced-by" }) {
			return id
		}
	}
	return records[0]
}

// whoIsMeant is how a patient is told from others, for whoever asked by a number.
type whoIsMeant struct {
	ID      fhir.ID  `json:"id"`
	Name    string   `json:"name"`
	Born    string   `json:"born,omitempty"`
	Numbers []string `json:"numbers"` // system|value
}

func whoIs(r journal.Reader, id fhir.ID) (whoIsMeant, error) {
	c, _, err := r.Current(fhir.Ref{Type: fhir.TypePatient, ID: id})
	if err != nil {
		return whoIsMeant{}, err
	}
	p, err := fhir.View[fhir.Patient](c.Body)
	if err != nil {
		return whoIsMeant{}, err
	}
	w := whoIsMeant{ID: id, Born: p.BirthDate, Numbers: []string{}}
	if len(p.Name) > 0 {
		w.Name = strings.TrimPrefix(p.Name[0].Family+", "+strings.Join(p.Name[0].Given, " "), ", ")
	}
	for _, i := range p.Identifier {
		w.Numbers = append(w.Numbers, i.System+"|"+i.Value)
	}
	return w, nil
}

// sayMany lists the people who bear a number, and refuses to choose.
func (n *Node) sayMany(ctx context.Context, o Order, emit Emit) error {
	people := strings.Split(o.Args[argMany], ",")
	err := n.journal.View(ctx, func(r journal.Reader) error {
		for _, id := range people {
			w, err := whoIs(r, fhir.ID(id))
			if err != nil {
				return err
			}
			if err := emit(map[string]any{"candidate": w}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return fault.Newf(fault.Conflict, "node.meant", "", "%d people bear this number; give the id of the one who is meant", len(people))
}
