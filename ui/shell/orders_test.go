package shell

import (
	"context"
	"strings"

	"wardlight/internal/clinical/ward"
)

// What ordering asks of the station: a small catalogue, and what speaks against
// each of its names.

func (s *station) Offers(_ context.Context, kind, text string) ([]ward.Offer, error) {
	ue := ward.OrderItem{Kind: ward.OrderTest, Code: "ue", Name: "Urea and electrolytes"}
	crp := ward.OrderItem{Kind: ward.OrderTest, Code: "crp", Name: "C-reactive protein"}
	switch {
	case kind == ward.OrderMedicine && text == "":
		return nil, nil
	case kind == ward.OrderMedicine:
		return []ward.Offer{{Name: "Co-amoxiclav", Note: "amoxicillin, clavulanic acid", Items: []ward.OrderItem{{Kind: kind, Code: "co-amoxiclav", Name: "Co-amoxiclav"}}}}, nil
	case text == "":
		return []ward.Offer{{Name: "Morning bloods", Note: "Urea and electrolytes, C-reactive protein", Set: true, Items: []ward.OrderItem{ue, crp}}}, nil
	case strings.HasPrefix("crp", strings.ToLower(text)):
		return []ward.Offer{{Name: crp.Name, Note: "blood, serum", Items: []ward.OrderItem{crp}}}, nil
	case strings.HasPrefix("u&e", strings.ToLower(text)):
		return []ward.Offer{{Name: ue.Name, Note: "blood, serum", Items: []ward.OrderItem{ue}}}, nil
	}
	return []ward.Offer{{Name: text, Note: "as written: it is not in the list", Items: []ward.OrderItem{{Kind: kind, Name: text}}}}, nil
}

func (s *station) TestFor(r ward.Result) ward.OrderItem {
	return ward.OrderItem{Kind: ward.OrderTest, Code: strings.ToLower(r.Test), Name: r.Test}
}

func (s *station) CheckOrder(_ context.Context, _ ward.PatientID, items []ward.OrderItem) ([]ward.Check, error) {
	out := make([]ward.Check, len(items))
	for i, it := range items {
		out[i].Item = it
		for _, w := range s.against[it.Name] {
			out[i].Warnings = append(out[i].Warnings, w)
			out[i].Reason = out[i].Reason || w.Level != ward.WarnInform
			out[i].Confirm = out[i].Confirm || w.Level == ward.WarnStop
		}
		if it.Kind == ward.OrderMedicine && it.Dose == "" {
			out[i].Refused = "Write the dose, the route and how often."
		}
	}
	return out, nil
}

func (s *station) OrderBook(context.Context) (ward.OrderBook, error) {
	defer s.lock()()
	return ward.OrderBook{Lines: append([]ward.OrderLine{}, s.book...), AsOf: noon}, nil
}
