package kit

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

// forgetful is a canvas that has not drawn an object for a while: it does not
// find it until the next frames.
type forgetful struct {
	fyne.Canvas
	frames  int
	focused fyne.Focusable
}

func (f *forgetful) Focused() fyne.Focusable { return f.focused }

func (f *forgetful) Focus(o fyne.Focusable) {
	if f.frames <= 0 {
		f.focused = o
	}
}

// A field that was hidden for long gets the focus when it has been drawn, and
// takes it from nobody who went on meanwhile.
func TestAFieldThatTheToolkitForgotGetsTheFocus(t *testing.T) {
	test.NewTempApp(t)
	field, other := NewTextField(TextConfig{}, nil).Focusable(), widget.NewEntry()
	for _, c := range []struct {
		name   string
		frames int
		moved  fyne.Focusable
		want   fyne.Focusable
	}{
		{"drawn", 0, nil, field},
		{"forgotten", 2, nil, field},
		{"forgotten, and somebody went on", 2, other, other},
	} {
		can := &forgetful{frames: c.frames}
		var waiting func()
		clock := Clock{After: func(_ time.Duration, do func()) func() { waiting = do; return func() {} }}
		can.Focus(field)
		if can.focused != field {
			clock.refocus(can, field, nil, focusTries)
		}
		for range 5 {
			if waiting == nil {
				break
			}
			do := waiting
			waiting = nil
			can.frames--
			if c.moved != nil {
				can.focused = c.moved
			}
			do()
		}
		if can.focused != c.want {
			t.Errorf("%s: the focus is on %T", c.name, can.focused)
		}
	}
	// It is not asked for ever.
	asked := 0
	can := &forgetful{frames: 1 << 20}
	var waiting func()
	clock := Clock{After: func(_ time.Duration, do func()) func() { waiting = do; return func() {} }}
	for clock.refocus(can, field, nil, focusTries); waiting != nil && asked < 1000; asked++ {
		do := waiting
		waiting = nil
		do()
	}
	if asked > focusTries+1 {
		t.Errorf("asked %d times", asked)
	}
}
