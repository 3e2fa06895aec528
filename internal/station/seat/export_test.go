package seat

import "context"

// RenewCertificate is what a running station does by itself a few times a day.
func (s *Seat) RenewCertificate(ctx context.Context) error { return s.renewCertificate(ctx) }
