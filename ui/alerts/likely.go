package alerts

import (
	"strconv"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/alerts"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// likely is a row of the actions that are likely, each recorded by one press in the
// words that stand on it. The pointer or Tab and Enter reach them; no letter and no
// digit does, because those are typed for something else. The button's maker lets a
// card guard its own.
func likely(a ward.Alert, record func(done string), button func(kit.ButtonConfig, func()) *kit.Button) (*fyne.Container, []*kit.Button) {
	row := []fyne.CanvasObject{kit.NewText(words.T("Done already"), kit.Dense, theme.TextMuted)}
	var buttons []*kit.Button
	for _, done := range view.Likely(a) {
		b := button(kit.ButtonConfig{Text: done, Size: kit.Large}, func() { record(done) })
		buttons = append(buttons, b)
		row = append(row, b)
	}
	return kit.NewBar(8, row...), buttons
}

// nameLikely names them for whoever presses by name: record-1, record-2 …
func nameLikely(names map[string]fyne.CanvasObject, buttons []*kit.Button) {
	for i, b := range buttons {
		names["record-"+strconv.Itoa(i+1)] = b
	}
}
