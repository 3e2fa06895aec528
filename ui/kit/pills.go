package kit

import (
	"strconv"

	"fyne.io/fyne/v2"
)

// FilterPills are the filters of a list, each a pill with how many lines it keeps.
type FilterPills []*FilterPill

// NewFilterPills makes a pill for each filter. They say nothing until Show.
func NewFilterPills[F any](filters []F, onTap func(F)) FilterPills {
	pills := make(FilterPills, 0, len(filters))
	for _, f := range filters {
		pills = append(pills, NewFilterPill(FilterPillConfig{Text: "…"}, func() { onTap(f) }))
	}
	return pills
}

// Objects are the pills as objects, in a list of its own.
func (p FilterPills) Objects() []fyne.CanvasObject {
	objects := make([]fyne.CanvasObject, 0, len(p))
	for _, pill := range p {
		objects = append(objects, pill)
	}
	return objects
}

// Show has one pill say its name and how many lines it keeps, and whether it is the one in
// use. There need be no such pill.
func (p FilterPills) Show(i int, name string, count int, on bool) {
	if i < len(p) {
		p[i].Update(FilterPillConfig{Text: name + " " + strconv.Itoa(count), On: on})
	}
}
