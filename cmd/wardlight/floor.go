package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/signal"
	"syscall"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"wardlight/internal/fault"
	"wardlight/internal/station/view/base"
	"wardlight/ui/shell"
	"wardlight/ui/theme"
)

// floorCmd is the floor of what a window costs: the same toolkit, the same size,
// the same question and answer, and nothing of ours to draw.
type floorCmd struct{}

// Run opens the window and answers the lines that ask for what is typed into it,
// until they end.
func (floorCmd) Run() error {
	withShortTextures()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := app.NewWithID("wardlight.floor")
	a.Settings().SetTheme(theme.New(theme.Options{Mode: theme.Light}))
	w := (&windowCmd{Drive: true, Size: "1366x768"}).window(a)
	w.SetPadded(false)
	blank := shell.NewBlank(base.DispatcherFunc(fyne.Do))
	w.SetContent(blank)
	blank.Attach(w.Canvas())
	w.Resize(fyne.NewSize(1366, 768))
	a.Lifecycle().SetOnStarted(func() { go answerFloor(ctx, a, blank) })
	w.ShowAndRun()
	return nil
}

// answerFloor answers one line after the other; then the window closes.
func answerFloor(ctx context.Context, a fyne.App, blank *shell.Blank) {
	defer fyne.Do(a.Quit)
	answer := driveUntil(func(r driveRequest, then func(shell.Frame)) bool { blank.Await(r.Text, then); return true })
	lines, out := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	for ctx.Err() == nil && lines.Scan() {
		var r driveRequest
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return // wardsim writes lines that can be read, or has ended
		}
		took, err := answer(ctx, lines.Bytes())
		p, ok := took.(painted)
		if err != nil || !ok {
			logger().Error("the floor was not painted", "err", fault.Words(err))
			return
		}
		if out.Encode(map[string]any{"id": r.ID, "ok": true, "ms": p.MS, "frame": p.Frame}) != nil {
			return
		}
	}
}
