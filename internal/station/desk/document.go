package desk

import (
	"context"
	"encoding/hex"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
	"wardlight/internal/trust/audit"
	"wardlight/internal/words"
)

// giveDocuments adds to each result which documents came with it, and how far each
// has come to this computer.
func (d *Desk) giveDocuments(c *compartment, results []ward.Result) error {
	shelves := map[fhir.ID]map[record.Hash]cache.Shelved{} // of the joined records too
	of := map[fhir.ID][]ward.Document{}
	away := !d.Link().Connected
	for i := range c.results {
		ch := c.results[i].Change
		for _, doc := range fhir.Documents(ch.Body) {
			shelf, read := shelves[ch.Patient]
			if !read {
				var err error
				if shelf, err = c.r.Shelved(ch.Patient); err != nil {
					return fault.Wrap("desk.documents", string(c.id), err)
				}
				shelves[ch.Patient] = shelf
			}
			s := shelf[doc.Hash]
			of[ch.Ref.ID] = append(of[ch.Ref.ID], ward.Document{
				Sum: hex.EncodeToString(doc.Hash[:]), Type: doc.Type, Title: doc.Title, Size: doc.Size, Have: s.Have, Here: s.Whole, Away: away,
			})
		}
	}
	for i := range results {
		results[i].Documents = of[results[i].ID]
	}
	return nil
}

// Document opens a document of a result for the person who is signed in: one look,
// durable before any byte is given out. What is not on this computer is asked for
// before all others, and is fault.NotFound.
func (d *Desk) Document(ctx context.Context, id ward.PatientID, result ward.ResultID, sum string) (doc ward.Document, content []byte, err error) {
	const op = "desk.document"
	p, err := d.author(op)
	if err != nil {
		return doc, nil, err
	}
	err = d.view(ctx, id, func(c *compartment) error {
		if err := d.mayView(op, p, c); err != nil {
			return err
		}
		doc, content, err = d.documentOf(c, result, sum)
		return err
	})
	if fault.Is(err, fault.Denied) {
		return doc, nil, d.refusedLook(ctx, p, id, audit.Read, err)
	}
	if err != nil {
		return doc, nil, err
	}
	e := d.event(p, audit.Read)
	e.Patient, e.Query = id, "document "+sum
	e.Purpose, _ = d.purposes(p, id)
	if err := d.look(ctx, e); err != nil {
		return doc, nil, err
	}
	return doc, content, nil
}

// documentOf reads a document that the present version of a result names.
func (d *Desk) documentOf(c *compartment, result ward.ResultID, sum string) (ward.Document, []byte, error) {
	const op = "desk.document"
	for i := range c.results {
		ch := c.results[i].Change
		if ch.Ref.ID != result {
			continue
		}
		for _, named := range fhir.Documents(ch.Body) {
			if hex.EncodeToString(named.Hash[:]) != sum {
				continue
			}
			doc := ward.Document{Sum: sum, Type: named.Type, Title: named.Title, Size: named.Size, Here: true}
			content, err := c.r.Document(ch.Patient, named.Hash)
			if fault.Is(err, fault.NotFound) {
				d.store.Ask(named.Hash)
				return doc, nil, fault.As(fault.NotFound, op, string(c.id), d.notHere())
			}
			return doc, content, err
		}
	}
	return ward.Document{}, nil, fault.As(fault.NotFound, op, string(c.id), words.Errorf("The result no longer names this document: it was corrected. Look at the result as it is now."))
}

// notHere says what becomes of a document that is not on this computer.
func (d *Desk) notHere() error {
	if d.Link().Connected {
		return words.Errorf("The document is not on this computer yet. It is being fetched: open it again when the chart says that it is here.")
	}
	return words.Errorf("The document is not on this computer, and the server cannot be reached now. It is fetched when the server is back. In a hurry, ask the laboratory.")
}
