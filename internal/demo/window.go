package demo

import (
	"context"
	"time"
)

// What the story does with the ward's window, where it has one.

// shoot turns the window to a page, waits until it is drawn, and takes a
// picture where the screen is ours.
func (h *hospital) shoot(ctx context.Context, page, patient, tab, name string) error {
	if !h.windowed() {
		return nil
	}
	subject := listNamed(page)
	if page == "chart" {
		subject = patient
	}
	turn := func() error {
		return h.ward.Call(ctx, "show", map[string]any{"page": page, "patient": patient, "tab": tab}, nil)
	}
	var err error
	if page == "keys" {
		err = turn() // shows nobody
	} else {
		err = h.meant(h.ward.Name, h.sitting(h.ward), "show", subject, turn)
	}
	if err != nil {
		return err
	}
	if name == "" {
		h.pause(1200 * time.Millisecond)
		return nil
	}
	time.Sleep(1200 * time.Millisecond) // a picture waits for what it shows
	return h.stage.Shoot(ctx, name)
}

// setAside pictures the card that has opened, and folds it into its band.
func (h *hospital) setAside(ctx context.Context, name string) error {
	if !h.windowed() || !h.stage.Own {
		return nil
	}
	time.Sleep(2 * time.Second) // the card opens, and its guard passes
	return firstOf(h.stage.Shoot(ctx, name), h.clickOn(ctx, "set-aside"))
}

// waitShot pictures the page that stands before anybody has signed in.
func (s *Stage) waitShot(ctx context.Context, h *hospital, name string) error {
	err := WaitFor(ctx, "the ward station", 30*time.Second, func(ctx context.Context) (bool, error) {
		err := h.ward.Call(ctx, "status", nil, nil)
		return err == nil, err
	})
	if err != nil {
		return err
	}
	if !h.windowed() {
		return nil
	}
	time.Sleep(1500 * time.Millisecond)
	return s.Shoot(ctx, name)
}

// clickOn clicks on something that the window names.
func (h *hospital) clickOn(ctx context.Context, name string) error {
	var at struct {
		X int `json:"x"`
		Y int `json:"y"`
	}
	err := WaitFor(ctx, "'"+name+"' is on the screen", 40*time.Second, func(ctx context.Context) (bool, error) {
		err := h.ward.Call(ctx, "where", map[string]any{"name": name}, &at)
		return err == nil, err
	})
	if err != nil {
		return err
	}
	return h.stage.Click(ctx, at.X, at.Y)
}
