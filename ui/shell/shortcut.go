package shell

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"wardlight/ui/kit"
)

// shortcut is a chord as Fyne sends it. It has names of its own for a few.
func shortcut(c kit.Chord) fyne.Shortcut {
	if c.Key == fyne.KeyZ && c.Mod == ctrl {
		return &fyne.ShortcutUndo{}
	}
	return &desktop.CustomShortcut{KeyName: c.Key, Modifier: c.Mod}
}
