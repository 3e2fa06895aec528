package shell

import (
	"strconv"

	"fyne.io/fyne/v2"

	vchart "wardlight/internal/station/view/chart"
	"wardlight/internal/words"
	"wardlight/ui/kit"
)

// The actions of the window's keys.
const (
	doFind     kit.Action = "find"
	doKeys     kit.Action = "keys"
	doSave     kit.Action = "save"
	doAlert    kit.Action = "open alert"
	doTake     kit.Action = "take"
	doAct      kit.Action = "record action"
	doHand     kit.Action = "hand to"
	doBack     kit.Action = "back"
	doLock     kit.Action = "lock"
	doUndo     kit.Action = "undo"
	doNewTask  kit.Action = "new task"
	doLarger   kit.Action = "text larger"
	doSmaller  kit.Action = "text smaller"
	doSettings kit.Action = "settings"
	doWall     kit.Action = "wall"
	doPrint    kit.Action = "print"
	doPack     kit.Action = "print a ward pack"
	doDrill    kit.Action = "drill"
	doEndDrill kit.Action = "end the drill"
)

const ctrl = fyne.KeyModifierControl

// keyMap is what every key of the window does. It is a table, so that it can be
// tested, and printed on the page of keys.
func keyMap() kit.KeyMap {
	m := kit.KeyMap{
		{Chord: kit.Chord{Key: fyne.KeyK, Mod: ctrl}, Action: doFind},
		{Chord: kit.Chord{Key: fyne.KeyL, Mod: ctrl}, Action: doLock},
		{Chord: kit.Chord{Key: fyne.KeyZ, Mod: ctrl}, Action: doUndo},
		{Chord: kit.Chord{Key: fyne.KeyN, Mod: ctrl}, Action: doNewTask},
		{Chord: kit.Chord{Key: fyne.KeyO, Mod: ctrl}, Action: doObserve},
		{Chord: kit.Chord{Key: fyne.KeyR, Mod: ctrl}, Action: doLook},
		{Chord: kit.Chord{Key: fyne.KeyT, Mod: ctrl}, Action: doOrder},
		{Chord: kit.Chord{Key: fyne.KeyJ, Mod: ctrl}, Action: doPhoned},
		{Chord: kit.Chord{Key: fyne.KeyH, Mod: ctrl}, Action: doStory},
		{Chord: kit.Chord{Key: fyne.KeyM, Mod: ctrl}, Action: doMine},
		{Chord: kit.Chord{Key: fyne.KeyP, Mod: ctrl}, Action: doPack},
		{Chord: kit.Chord{Key: fyne.KeyEqual, Mod: ctrl}, Action: doLarger},
		{Chord: kit.Chord{Key: fyne.KeyPlus, Mod: ctrl}, Action: doLarger},
		// On many keyboards the plus is above the equals sign, and comes with Shift.
		{Chord: kit.Chord{Key: fyne.KeyEqual, Mod: ctrl | fyne.KeyModifierShift}, Action: doLarger},
		{Chord: kit.Chord{Key: fyne.KeyPlus, Mod: ctrl | fyne.KeyModifierShift}, Action: doLarger},
		{Chord: kit.Chord{Key: fyne.KeyMinus, Mod: ctrl}, Action: doSmaller},
		{Chord: kit.Chord{Key: fyne.KeyComma, Mod: ctrl}, Action: doSettings},
		{Chord: kit.Chord{Key: fyne.KeyF1}, Action: doKeys},
		{Chord: kit.Chord{Key: fyne.KeyF11}, Action: doWall},
		{Chord: kit.Chord{Key: fyne.KeyF2}, Action: doSave},
		{Chord: kit.Chord{Key: fyne.KeyF4}, Action: doAlert},
		{Chord: kit.Chord{Key: fyne.KeyF5}, Action: doTake},
		{Chord: kit.Chord{Key: fyne.KeyF6}, Action: doAct},
		{Chord: kit.Chord{Key: fyne.KeyF7}, Action: doHand},
		{Chord: kit.Chord{Key: fyne.KeyF9}, Action: doPrint},
		{Chord: kit.Chord{Key: fyne.KeyF10}, Action: doEndDrill},
		{Chord: kit.Chord{Key: fyne.KeyEscape}, Action: doBack},
	}
	digits := []fyne.KeyName{fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5, fyne.Key6, fyne.Key7}
	for i, a := range pageActions() {
		m = append(m, kit.Binding{Chord: kit.Chord{Key: digits[i], Mod: ctrl}, Action: a})
	}
	return append(m, tabKeys()...)
}

const alt = fyne.KeyModifierAlt

// tabKeys turn to the tabs of a chart, from the left; the last has a letter of its
// own.
func tabKeys() kit.KeyMap {
	digits := []fyne.KeyName{fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5, fyne.Key6, fyne.Key7, fyne.Key8, fyne.Key9, fyne.Key0, fyne.KeyMinus}
	var m kit.KeyMap
	for i, a := range tabActions() {
		if i < len(digits) {
			m = append(m, kit.Binding{Chord: kit.Chord{Key: digits[i], Mod: alt}, Action: a})
		}
	}
	return m
}

// tabActions are the actions that turn to the tabs of a chart, in order; those of the
// first eleven have a key.
func tabActions() []kit.Action {
	var out []kit.Action
	for _, t := range vchart.Tabs() {
		out = append(out, doTab+kit.Action(t))
	}
	return out
}

// keyedTabs are the actions of tabKeys.
func keyedTabs() []kit.Action {
	var out []kit.Action
	for _, b := range tabKeys() {
		out = append(out, b.Action)
	}
	return out
}

// doTab begins the actions that turn the open chart, or that of the marked patient,
// to a tab.
const doTab kit.Action = "tab "

// pageActions are the actions that turn to the pages of the rail, in order.
func pageActions() []kit.Action {
	var out []kit.Action
	for _, id := range railPages() {
		out = append(out, doPage+kit.Action(id))
	}
	return out
}

// doPage begins the actions that turn to a page.
const doPage kit.Action = "page "

// keyLine is one line of the page of keys. does are the actions of the key map
// that it tells of; none for the keys that a page or a list has of its own.
type keyLine struct {
	caps  []string
	words string
	does  []kit.Action
}

// keyGroup is one group of the page of keys.
type keyGroup struct {
	head  string
	lines []keyLine
}

// capNames are the keys that keyboards of other languages name otherwise.
var capNames = map[string]words.Key{
	"Ctrl": words.KC("key", "Ctrl"), "Alt": words.KC("key", "Alt"), "Tab": words.KC("key", "Tab"), "PgUp": words.KC("key", "PgUp"), "PgDn": words.KC("key", "PgDn"),
	"Home": words.KC("key", "Home"), "End": words.KC("key", "End"), "Enter": words.KC("key", "Enter"), "Space": words.KC("key", "Space"), "Esc": words.KC("key", "Esc"),
}

// capOf is what is printed on a key.
func capOf(name string) string {
	if k, ok := capNames[name]; ok {
		return k.Say()
	}
	return name
}

func keyGroups() []keyGroup {
	pages := railPages()
	return []keyGroup{
		{words.T("Everywhere"), []keyLine{
			{[]string{"Ctrl", "K"}, words.T("find a patient, page or action"), []kit.Action{doFind}},
			{[]string{"Ctrl", "1", "…", strconv.Itoa(len(pages))}, words.T("the pages, from the top"), pageActions()},
			{[]string{"F1"}, words.T("these keys"), []kit.Action{doKeys}},
			{[]string{"Ctrl", "L"}, words.C("keys", "lock"), []kit.Action{doLock}},
			{[]string{"Ctrl", "Z"}, words.T("undo, while the note says so"), []kit.Action{doUndo}},
			{[]string{"F9"}, words.T("print the ward list; on Handover the sheets, on a chart’s Orders the labels, on Sending and feeds the ward pack"), []kit.Action{doPrint}},
			{[]string{"Ctrl", "P"}, words.T("print a ward pack, to go on on paper"), []kit.Action{doPack}},
			{[]string{"F10"}, words.T("end the drill, while one goes on"), []kit.Action{doEndDrill}},
			{[]string{"Ctrl", "N"}, words.T("new task: on a chart, for this patient"), []kit.Action{doNewTask}},
			{[]string{"Ctrl", "O"}, words.T("enter observations: of the open or marked patient"), []kit.Action{doObserve}},
			{[]string{"Ctrl", "R"}, words.T("results, likewise"), []kit.Action{doLook}},
			{[]string{"Ctrl", "T"}, words.T("order a test or medicine, likewise"), []kit.Action{doOrder}},
			{[]string{"Ctrl", "J"}, words.T("a result that was phoned, likewise"), []kit.Action{doPhoned}},
			{[]string{"Ctrl", "H"}, words.T("the timeline, likewise: what happened, and when"), []kit.Action{doStory}},
			{[]string{"Ctrl", "M"}, words.T("put on my list or take off, likewise"), []kit.Action{doMine}},
			{[]string{"Alt", "1", "…", "9", "0", "−"}, words.T("the tabs of a chart from the left, likewise"), keyedTabs()},
			{[]string{"Ctrl", "+", "−"}, words.T("text larger or smaller, 80 to 200 %"), []kit.Action{doLarger, doSmaller}},
			{[]string{"Ctrl", ","}, words.T("settings: colours, text size, licences"), []kit.Action{doSettings}},
			{[]string{"F11"}, words.T("the ward for the wall, initials only"), []kit.Action{doWall}},
			{[]string{"Tab"}, words.T("the next thing that can be pressed or filled"), nil},
		}},
		{words.T("Lists"), []keyLine{
			{[]string{"↑", "↓"}, words.C("keys", "row"), nil},
			{[]string{"PgUp", "PgDn"}, words.C("keys", "page"), nil},
			{[]string{"Home", "End"}, words.T("first, last"), nil},
			{[]string{"Enter"}, words.C("keys", "open"), nil},
			{[]string{"Space"}, words.C("keys", "mark"), nil},
			{[]string{"A", "…", "Z"}, words.T("jump to a name"), nil},
		}},
		{words.T("Results and alerts"), []keyLine{
			{[]string{"F4"}, words.T("open the alert of the red band"), []kit.Action{doAlert}},
			{[]string{"F5"}, words.T("I take it"), []kit.Action{doTake}},
			{[]string{"F6"}, words.T("record action, acknowledge"), []kit.Action{doAct}},
			{[]string{"F7"}, words.T("hand to"), []kit.Action{doHand}},
			{[]string{"←", "→"}, words.T("another alert; earlier results of a test"), nil},
			{[]string{"Esc"}, words.T("set aside, back"), []kit.Action{doBack}},
		}},
		{words.T("Tasks and handover"), []keyLine{
			{[]string{"Space", "F6"}, words.T("a task is done"), nil},
			{[]string{"F2"}, words.T("give the handover"), nil},
			{[]string{"F3"}, words.T("write a patient’s sheet"), nil},
			{[]string{"F6"}, words.T("read back, accept"), nil},
			{[]string{"F8"}, words.T("call about a patient"), nil},
		}},
		{words.T("Reviews and forms"), []keyLine{
			{[]string{"1", "…", "9"}, words.T("an answer of a review, as its button says"), nil},
			{[]string{"F8"}, words.T("observations: enter a set, or see the chart"), nil},
			{[]string{"F2"}, words.T("save, sign"), []kit.Action{doSave}},
			{[]string{"Enter", "Tab"}, words.T("next field"), nil},
		}},
	}
}
