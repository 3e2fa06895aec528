package record

import "strings"

// Shown is who wrote something, as a person reads it: somebody's name, or the
// system that sent it. A Sender of messages is "channel application|facility".
func (a Author) Shown() string {
	if a.Name != "" || a.Sender == "" {
		return a.Name
	}
	_, who, ok := strings.Cut(a.Sender, " ")
	app, facility, parts := strings.Cut(who, "|")
	switch {
	case !ok || !parts:
		return a.Sender
	case app == "":
		return facility
	case facility == "":
		return app
	}
	return app + " of " + facility
}
