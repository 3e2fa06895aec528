package cache

import (
	"context"

	"wardlight/internal/trust/keys"
)

// SealTo has what is written from now on sealed to another recovery recipient of
// central's: the outbox file in a segment of its own, and the audit key that the next look
// begins. What is there stays as it is. The same one again does nothing.
func (c *Cache) SealTo(ctx context.Context, recipient string) error {
	const op = "cache.sealto"
	end, err := c.writingIn(ctx, op)
	if err != nil {
		return err
	}
	defer end()
	if c.o.RecoveryRecipient == recipient {
		return nil
	}
	if err := c.out.SealTo(recipient); err != nil {
		return err
	}
	c.o.RecoveryRecipient = recipient
	if c.lookKey.file != nil {
		c.lookKey.begin = true
	}
	return nil
}

// SealAs has what is written from now on sealed to another identity of this station's: the
// outbox file in a segment of its own, and the file of the audit key. id opens what was
// sealed before as well (keys.SealIdentity.With). The same one again does nothing.
func (c *Cache) SealAs(ctx context.Context, id keys.SealIdentity) error {
	const op = "cache.sealas"
	end, err := c.writingIn(ctx, op)
	if err != nil {
		return err
	}
	defer end()
	if c.o.DeviceSealing.Recipient() == id.Recipient() {
		return nil
	}
	if err := c.out.SealAs(id); err != nil {
		return err
	}
	if err := c.lookKey.sealAs(id); err != nil {
		return err
	}
	c.o.DeviceSealing = id
	return nil
}

// SealedTo are the recipients of this station's own that something of its outbox file is
// still sealed to.
func (c *Cache) SealedTo() map[string]bool { return c.out.SealedTo() }
