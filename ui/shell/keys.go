package shell

import (
	"fyne.io/fyne/v2"

	"wardlight/ui/kit"
)

// The actions of the window's keys.
const (
	doFind    kit.Action = "find"
	doKeys    kit.Action = "keys"
	doSave    kit.Action = "save"
	doAlert   kit.Action = "open alert"
	doTake    kit.Action = "take"
	doAct     kit.Action = "record action"
	doHand    kit.Action = "hand to"
	doBack    kit.Action = "back"
	doLock    kit.Action = "lock"
	doUndo    kit.Action = "undo"
	doLarger  kit.Action = "text larger"
	doSmaller kit.Action = "text smaller"
	doPage1   kit.Action = "page 1"
	doPage2   kit.Action = "page 2"
	doPage3   kit.Action = "page 3"
)

const ctrl = fyne.KeyModifierControl

// keyMap is what every key of the window does. It is a table, so that it can be
// tested, and printed on the page of keys.
func keyMap() kit.KeyMap {
	return kit.KeyMap{
		{Chord: kit.Chord{Key: fyne.KeyK, Mod: ctrl}, Action: doFind},
		{Chord: kit.Chord{Key: fyne.Key1, Mod: ctrl}, Action: doPage1},
		{Chord: kit.Chord{Key: fyne.Key2, Mod: ctrl}, Action: doPage2},
		{Chord: kit.Chord{Key: fyne.Key3, Mod: ctrl}, Action: doPage3},
		{Chord: kit.Chord{Key: fyne.KeyL, Mod: ctrl}, Action: doLock},
		{Chord: kit.Chord{Key: fyne.KeyZ, Mod: ctrl}, Action: doUndo},
		{Chord: kit.Chord{Key: fyne.KeyEqual, Mod: ctrl}, Action: doLarger},
		{Chord: kit.Chord{Key: fyne.KeyPlus, Mod: ctrl}, Action: doLarger},
		{Chord: kit.Chord{Key: fyne.KeyMinus, Mod: ctrl}, Action: doSmaller},
		{Chord: kit.Chord{Key: fyne.KeyF1}, Action: doKeys},
		{Chord: kit.Chord{Key: fyne.KeyF2}, Action: doSave},
		{Chord: kit.Chord{Key: fyne.KeyF4}, Action: doAlert},
		{Chord: kit.Chord{Key: fyne.KeyF5}, Action: doTake},
		{Chord: kit.Chord{Key: fyne.KeyF6}, Action: doAct},
		{Chord: kit.Chord{Key: fyne.KeyF7}, Action: doHand},
		{Chord: kit.Chord{Key: fyne.KeyEscape}, Action: doBack},
	}
}

// keyLine is one line of the page of keys.
type keyLine struct {
	caps  []string
	words string
}

// keyGroup is one group of the page of keys.
type keyGroup struct {
	head  string
	lines []keyLine
}

func keyGroups() []keyGroup {
	return []keyGroup{
		{"Everywhere", []keyLine{
			{[]string{"Ctrl", "K"}, "find a patient or page"},
			{[]string{"Ctrl", "1", "…", "3"}, "the pages, from the top"},
			{[]string{"Ctrl", "L"}, "lock"},
			{[]string{"Ctrl", "Z"}, "undo, while the note says so"},
			{[]string{"Ctrl", "+", "−"}, "text larger or smaller, 80 to 200 %"},
		}},
		{"Lists", []keyLine{
			{[]string{"↑", "↓"}, "row"},
			{[]string{"PgUp", "PgDn"}, "page"},
			{[]string{"Home", "End"}, "first, last"},
			{[]string{"Enter"}, "open"},
			{[]string{"A", "…", "Z"}, "jump to a name"},
		}},
		{"Results and alerts", []keyLine{
			{[]string{"F4"}, "open the alert of the red band"},
			{[]string{"F5"}, "I take it"},
			{[]string{"F6"}, "record action"},
			{[]string{"F7"}, "hand to"},
			{[]string{"Esc"}, "set aside, back"},
		}},
		{"Forms", []keyLine{
			{[]string{"F2"}, "save"},
			{[]string{"Enter", "Tab"}, "next field"},
		}},
	}
}
