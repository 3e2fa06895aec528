package desk

import (
	"context"

	"wardlight/internal/clinical/ward"
)

// writeSite writes what a site keeps for itself and is nobody's record: the rota, a
// routine, a limit. It is not merged: whoever writes it has seen the one in force, and
// the network is there.
func (d *Desk) writeSite(ctx context.Context, op string, p ward.Person, fn func(*pen) error) (ward.Done, error) {
	d.writing.Lock()
	defer d.writing.Unlock()
	n := d.newPen(op, p)
	err := d.store.View(ctx, func(r Reader) error {
		n.c = &compartment{r: r}
		return fn(n)
	})
	if err != nil {
		return ward.Done{}, err
	}
	n.clock = n.clock.Next(n.times.Station)
	return n.commit(ctx, "")
}
