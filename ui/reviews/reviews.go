// Package reviews draws the reviews page: the list of what waits to be decided
// at the left, and at the right the question as a sentence, its story and its
// two sides, equal until a person has chosen.
package reviews

import (
	"fyne.io/fyne/v2"

	view "wardlight/internal/station/view/reviews"
	"wardlight/ui/kit"
)

// Page is the reviews page.
type Page struct {
	m     *view.Model
	state view.State
	body  *fyne.Container
}

// New makes the page.
func New(m *view.Model, clock kit.Clock) *Page { return &Page{m: m, body: kit.NewColumn(0)} }

// Object is the page as an object.
func (p *Page) Object() fyne.CanvasObject { return p.body }

// Show draws a state.
func (p *Page) Show(s view.State) { p.state = s }

// Key does what a key of the window means here, and reports whether it meant
// anything.
func (p *Page) Key(ev *fyne.KeyEvent) bool { return false }

// Where finds a control by its name.
func (p *Page) Where(name string) (fyne.CanvasObject, bool) { return nil, false }

// First is what gets the focus when the page is opened.
func (p *Page) First() fyne.Focusable { return nil }
