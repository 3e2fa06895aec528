package seat

import (
	"context"
	"math/rand/v2"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/join"
)

// How often central is asked whether the certificate is still good. It decides
// by its own clock; a certificate is renewed a month before it ends.
const (
	askAgain  = 6 * time.Hour
	askFailed = 10 * time.Minute
	askSoon   = 5 * time.Second // after the start, when others have more urgent things to ask
)

// keepCertificate keeps the device's certificate and the authorities that it
// believes as central wants them, for as long as the program runs.
func (s *Seat) keepCertificate(ctx context.Context) error {
	wait := askSoon
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait + rand.N(wait/4)): //nolint:gosec // jitter, not a secret
		}
		wait = askAgain
		if err := s.renewCertificate(ctx); err != nil {
			wait = askFailed
			s.conf.Log.Info("the certificate could not be renewed yet", "err", err)
		}
	}
}

// renewCertificate asks central, and keeps what it answers: on disk first, then
// in use. It asks once more after a change, so that central knows that the
// change is held.
func (s *Seat) renewCertificate(ctx context.Context) error {
	s.kept.Lock()
	defer s.kept.Unlock()
	for range 2 {
		kept, err := join.Load(s.conf.Dir)
		if err != nil {
			return err
		}
		next, changed, err := s.door.Renew(ctx, kept, s.secret)
		if err != nil || !changed {
			return err
		}
		conf, err := next.TLS(s.secret)
		if err != nil {
			return err
		}
		if err := next.Save(s.conf.Dir); err != nil {
			return fault.Wrap("seat.certificate", string(next.Station), err)
		}
		s.tls.Store(conf)
		s.conf.Log.Info("the certificate or its authorities were renewed", "station", string(next.Station))
	}
	return nil
}
