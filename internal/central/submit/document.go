package submit

import (
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// noteDocuments keeps in which message the documents are that it brought: the
// resources name them by their sum alone. The first message that brought one is
// as good as any later.
func (w *work) noteDocuments(f record.Filing) error {
	for _, g := range f.Groups {
		for _, d := range g.Drafts {
			for _, op := range d.Ops {
				if op.Kind != record.OpPut {
					continue
				}
				for _, doc := range fhir.Documents(op.Value) {
					if err := w.noteDocument(doc, f.Inbound.Raw); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

func (w *work) noteDocument(d fhir.Document, raw record.Hash) error {
	key := record.DocumentPrefix + record.Hash(d.Hash).String()
	_, known, err := w.Note(key)
	if err != nil || known {
		return err
	}
	note, err := record.Encode(record.DocumentSource{Raw: raw})
	if err != nil {
		return err
	}
	return w.SetNote(key, note)
}
