package cache

import (
	"context"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// HeldVersion is the body of a version as central sent it, nil where it is not
// kept: central sends only what differs from it. A copy that is damaged is an
// error, and is then as good as not there.
func (c *Cache) HeldVersion(ref fhir.Ref, v record.Version) (body fhir.Resource, err error) {
	err = c.View(context.Background(), func(r Reader) error {
		held, ok, err := r.Base(ref, v)
		if err == nil && ok {
			body = held.Body
		}
		return err
	})
	return body, err
}
