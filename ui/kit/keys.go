package kit

import (
	"strings"

	"wardlight/internal/words"

	"fyne.io/fyne/v2"
)

// Action names what a key does. The words are the page's; kit only keeps them.
type Action string

// Chord is a key with its modifiers.
type Chord struct {
	Key fyne.KeyName
	Mod fyne.KeyModifier
}

// Binding is one line of a key map.
type Binding struct {
	Chord  Chord
	Action Action
}

// KeyMap is the table of what keys do. It is data, so that it can be tested
// without a window, printed inside buttons and listed on the page of keys.
type KeyMap []Binding

// Lookup returns what a key does.
func (m KeyMap) Lookup(key fyne.KeyName, mod fyne.KeyModifier) (Action, bool) {
	for _, b := range m {
		if b.Chord.Key == key && b.Chord.Mod == mod {
			return b.Action, true
		}
	}
	return "", false
}

// Cap returns the text of the key cap of an action, as "F5" or "Ctrl K", or "".
func (m KeyMap) Cap(action Action) string {
	for _, b := range m {
		if b.Action == action {
			return b.Chord.String()
		}
	}
	return ""
}

// Clashes returns the chords that mean more than one thing.
func (m KeyMap) Clashes() []Chord {
	seen := map[Chord]Action{}
	var out []Chord
	for _, b := range m {
		if was, ok := seen[b.Chord]; ok && was != b.Action {
			out = append(out, b.Chord)
		}
		seen[b.Chord] = b.Action
	}
	return out
}

// String is the chord as it is printed on a key cap.
func (c Chord) String() string {
	var parts []string
	if c.Mod&fyne.KeyModifierControl != 0 {
		parts = append(parts, words.C("key", "Ctrl"))
	}
	if c.Mod&fyne.KeyModifierAlt != 0 {
		parts = append(parts, words.C("key", "Alt"))
	}
	if c.Mod&fyne.KeyModifierShift != 0 {
		parts = append(parts, words.C("key", "Shift"))
	}
	return strings.Join(append(parts, keyLabel(c.Key)), " ")
}

// keyNames are the keys that are called otherwise on keyboards of other languages.
var keyNames = map[fyne.KeyName]words.Key{
	fyne.KeyDelete: words.KC("key", "Delete"), fyne.KeyHome: words.KC("key", "Home"), fyne.KeyEnd: words.KC("key", "End"),
	fyne.KeySpace: words.KC("key", "Space"), fyne.KeyInsert: words.KC("key", "Insert"), fyne.KeyTab: words.KC("key", "Tab"),
}

func keyLabel(k fyne.KeyName) string {
	switch k {
	case fyne.KeyEscape:
		return words.C("key", "Esc")
	case fyne.KeyReturn, fyne.KeyEnter:
		return words.C("key", "Enter")
	case fyne.KeyPageUp:
		return words.C("key", "PgUp")
	case fyne.KeyPageDown:
		return words.C("key", "PgDn")
	case fyne.KeyUp:
		return "↑"
	case fyne.KeyDown:
		return "↓"
	default:
		if name, ok := keyNames[k]; ok {
			return name.Say()
		}
		return string(k)
	}
}
