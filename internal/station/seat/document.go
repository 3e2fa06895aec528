package seat

import (
	"context"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// OpenDocument shows a document of a result with the program of this computer that
// shows such, and says in words what became of it. The look is durable before there
// is a file. What is not on this computer is fetched.
func (s *Seat) OpenDocument(ctx context.Context, patient ward.PatientID, result ward.ResultID, sum string) (words string, err error) {
	d, err := s.Desk()
	if err != nil {
		return "", err
	}
	doc, content, err := d.Document(ctx, patient, result, sum)
	if fault.Is(err, fault.NotFound) {
		s.sync.Fetch()
	}
	if err != nil {
		return "", err
	}
	return s.printer().Show(ctx, content, doc.Type)
}
