package kit

import (
	"fmt"
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"wardlight/ui/theme"
)

// Who types sees where: a field for words that has the focus shows a caret, at every
// size of text, also one that has no ring of its own, as the search.
func TestAFieldInTheFocusShowsItsCaret(t *testing.T) {
	for _, scale := range []float32{0.8, 1, 2} {
		for name, config := range map[string]TextConfig{
			"a line": {}, "an area": {Lines: 4}, "a secret": {Secret: true}, "the search": {Bare: true, TextSize: 20, Height: 48},
		} {
			t.Run(fmt.Sprintf("%s at %g", name, scale), func(t *testing.T) {
				wear(t, theme.Options{Mode: theme.Light, Scale: scale})
				f := NewTextField(config, nil)
				w := window(t, f, 800, 200)
				if carets, _ := insideEntry(f); len(carets) != 0 {
					t.Errorf("%d carets without the focus", len(carets))
				}
				w.Canvas().Focus(f.Focusable())
				for _, typed := range []string{"", "nguyen"} {
					test.Type(f.Focusable(), typed)
					carets, frames := insideEntry(f)
					if len(carets) != 1 || carets[0].Width < theme.Px(2) || carets[0].Height < TextHeight(Body) {
						t.Errorf("after %q: carets %v", typed, carets)
					}
					if frames != 0 {
						t.Error("the toolkit's own border is drawn inside the field's")
					}
				}
			})
		}
	}
}

// insideEntry is what is drawn inside a field's entry: the carets, by size, and how many
// boxes have an edge.
func insideEntry(f *TextField) (carets []fyne.Size, frames int) {
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case fyne.Widget:
			if o.Visible() {
				for _, part := range test.WidgetRenderer(o).Objects() {
					walk(part)
				}
			}
		case *canvas.Rectangle:
			if !o.Visible() {
				return
			}
			if o.StrokeWidth > 0 && drawnColour(o.StrokeColor) {
				frames++
			}
			if s := o.Size(); drawnColour(o.FillColor) && s.Width > 0 && s.Width < s.Height/3 {
				carets = append(carets, s)
			}
		}
	}
	walk(f.entry)
	return carets, frames
}

func drawnColour(c color.Color) bool {
	if c == nil {
		return false
	}
	_, _, _, alpha := c.RGBA()
	return alpha > 0x7fff
}

// The caret of an empty field stands beside the words that say what belongs there, not in
// their first letter; without the focus they stand where what is typed will.
func TestTheCaretTouchesNoHint(t *testing.T) {
	wear(t, theme.Options{Mode: theme.Light})
	f := NewTextField(TextConfig{Placeholder: "Find a patient"}, nil)
	w := window(t, f, 400, 60)
	if f.entry.PlaceHolder != "Find a patient" {
		t.Errorf("without the focus it says %q", f.entry.PlaceHolder)
	}
	w.Canvas().Focus(f.Focusable())
	room := TextWidth(f.entry.PlaceHolder, Body) - TextWidth("Find a patient", Body)
	if carets, _ := insideEntry(f); len(carets) != 1 || room < carets[0].Width+1 {
		t.Errorf("the caret is %v and has %v", carets, room)
	}
	f.Update(TextConfig{Placeholder: "Another"})
	if f.entry.PlaceHolder != " Another" {
		t.Errorf("another hint in the focus: %q", f.entry.PlaceHolder)
	}
	w.Canvas().Unfocus()
	if f.entry.PlaceHolder != "Another" {
		t.Errorf("after the focus it says %q", f.entry.PlaceHolder)
	}
}
