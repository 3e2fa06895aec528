package desk

import (
	"context"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/trust/audit"
)

// wallUser is whom the audit names for a wall that stands open with nobody signed
// in: not a person, and no name that a person may have.
const wallUser = "(wall)"

// OpenWall records that the wall is shown, by whoever is signed in or, where the
// site allows that, by the computer itself.
func (d *Desk) OpenWall(ctx context.Context) error {
	p, ok := d.SignedIn()
	if !ok {
		p = ward.Person{User: wallUser, Name: "the wall of " + d.cfg.Place}
	}
	e := d.event(p, audit.Search)
	e.Query = "wall, initials only"
	if d.cfg.Ward != "" {
		e.Query += ", of ward " + d.cfg.Ward
	}
	return d.look(ctx, e)
}

// Wall is what the wall shows of this station's ward. It asks for nobody: the
// caller knows whether somebody is signed in or the site allows a wall without.
func (d *Desk) Wall(ctx context.Context) (ward.Wall, error) {
	if err := d.begin(ctx); err != nil {
		return ward.Wall{}, err
	}
	out := ward.Wall{AsOf: d.rowsAsOf(), HeldBack: d.criticalHeld()}
	b := &d.board
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range d.list(d.onBoard) {
		out.Cards = append(out.Cards, ward.WallCardOf(r))
	}
	return out, nil
}

// WallDrawn writes down which critical results the wall has told of that nobody has.
func (d *Desk) WallDrawn(ctx context.Context, cards []ward.WallCard) error {
	list := ward.UntakenOn(cards)
	if len(list) == 0 {
		return nil
	}
	_, err := d.markShown(ctx, ward.MarkShown{Results: list, OnWall: true})
	return err
}
