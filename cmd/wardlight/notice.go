package main

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"wardlight/internal/words"
	"wardlight/ui/theme"
)

// notice says in a small window why there is no large one: whoever starts the
// program from an icon sees no standard error.
func notice(ctx context.Context, said string, look theme.Options) {
	a := app.NewWithID("wardlight.notice")
	a.Settings().SetTheme(theme.New(look))
	w := a.NewWindow("Wardlight")
	text := widget.NewLabel(said)
	text.Wrapping = fyne.TextWrapWord
	ok := widget.NewButton(words.T("Close"), a.Quit)
	ok.Importance = widget.HighImportance
	w.SetContent(container.NewPadded(container.NewBorder(nil, container.NewHBox(ok), nil, nil, text)))
	w.Resize(fyne.NewSize(560, 220))
	w.CenterOnScreen()
	w.Canvas().Focus(ok)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		<-ctx.Done()
		fyne.Do(a.Quit)
	}()
	w.ShowAndRun()
}
