package seat

import (
	"context"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/words"
)

// MayWall says whether the ward may be shown on the wall: to whoever is signed
// in, and where the site allows it without anybody. A computer that central has
// shut out shows nobody a wall, nor one that has been without central for longer
// than a PIN alone would open it.
func (s *Seat) MayWall() bool { return s.mayWall() == nil }

func (s *Seat) mayWall() error {
	const op = "seat.wall"
	d, err := s.Desk()
	if err != nil {
		return err
	}
	if s.barred.Load() {
		return fault.As(fault.Denied, op, "", words.Errorf("The server has shut this computer out. It shows no patients on a wall. Call the service desk."))
	}
	if m, l := s.alone.count(); !l.MayRead(m) {
		return fault.As(fault.Denied, op, "", words.Errorf("This computer has had no contact with the server for too long. Connect it, and sign in."))
	}
	if _, in := d.SignedIn(); !in && !s.conf.OpenWall {
		return fault.As(fault.Denied, op, "", words.Errorf("The wall is shown to whoever is signed in. Sign in first."))
	}
	return nil
}

// OpenWall records that the wall is shown.
func (s *Seat) OpenWall(ctx context.Context) error {
	if err := s.mayWall(); err != nil {
		return err
	}
	d, err := s.Desk()
	if err != nil {
		return err
	}
	return d.OpenWall(ctx)
}

// Wall is what the wall shows.
func (s *Seat) Wall(ctx context.Context) (ward.Wall, error) {
	if err := s.mayWall(); err != nil {
		return ward.Wall{}, err
	}
	d, err := s.Desk()
	if err != nil {
		return ward.Wall{}, err
	}
	return d.Wall(ctx)
}

// WallDrawn writes down what the wall has told of, while it may be shown.
func (s *Seat) WallDrawn(ctx context.Context, cards []ward.WallCard) error {
	if err := s.mayWall(); err != nil {
		return err
	}
	d, err := s.Desk()
	if err != nil {
		return err
	}
	return d.WallDrawn(ctx, cards)
}
