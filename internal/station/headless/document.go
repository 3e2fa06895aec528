package headless

import (
	"context"

	"wardlight/internal/clinical/ward"
)

// documentOf is a document with the result that it came with.
type documentOf struct {
	Result ward.ResultID `json:"result"`
	Test   string        `json:"test"`
	ward.Document
}

// documents lists what came with one patient's results: a look at their record, like
// the chart.
func documents(ctx context.Context, s *server, text []byte) (any, error) {
	c, err := s.opened(ctx, text)
	list := []documentOf{}
	for _, r := range c.Results {
		for _, d := range r.Documents {
			list = append(list, documentOf{r.ID, r.Test, d})
		}
	}
	return struct {
		Who       ward.Identity `json:"who"`
		Documents []documentOf  `json:"documents"`
	}{c.Who, list}, err
}

type documentReq struct {
	patientReq
	Result ward.ResultID `json:"result"`
	Sum    string        `json:"sum"`
}

// document gives out one document, byte for byte. It is a look of its own, on record
// before there is a byte; what is not on this computer is asked for before all others.
func document(ctx context.Context, s *server, text []byte) (any, error) {
	r, err := parse[documentReq](text)
	if err != nil {
		return nil, err
	}
	d, err := s.desk()
	if err != nil {
		return nil, err
	}
	doc, content, err := d.Document(ctx, r.Patient, r.Result, r.Sum)
	return struct {
		Document ward.Document `json:"document"`
		Content  []byte        `json:"content"`
	}{doc, content}, err
}
