package seat

import (
	"context"
	"runtime"
)

// RenewCertificate is what a running station does by itself a few times a day.
func (s *Seat) RenewCertificate(ctx context.Context) error { return s.renewCertificate(ctx) }

// KilledAt is a configuration with which a change of the device secret ends after a
// step, as if the program had been killed there.
func (c Config) KilledAt(step string) Config {
	c.between = func(at string) {
		if at == step {
			runtime.Goexit()
		}
	}
	return c
}

// The steps of a change.
var RekeySteps = []string{"keyring holds both", "slots file replaced", "keyring holds the new one"}

// Rekey asks this station for another device secret.
func (s *Seat) Rekey() error { return s.askRekey() }
