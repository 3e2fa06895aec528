package v2tofhir

import (
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
)

// A time that cannot be read ("20260230", "yesterday") is never filed without a
// word: the resource that lacks it is flagged, and keeps what was sent.

// maxUnread bounds what is kept of one such time.
const maxUnread = 200

// unreadSince are the times that could not be read since there were n of them,
// each once.
func (m *message) unreadSince(n int) []string {
	var list []string
	for _, t := range m.unread[n:] {
		if len(t) > maxUnread {
			t = strings.ToValidUTF8(t[:maxUnread], "") + "…"
		}
		if !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	return list
}

// unreadTimes are the flag and the texts, as extensions.
func unreadTimes(list []string) []fhir.Extension {
	if len(list) == 0 {
		return nil
	}
	return []fhir.Extension{flag(FlagTimeUnreadable), {URL: ExtTime, ValueString: fhir.Str(strings.Join(list, "; "))}}
}

// unreadIn puts the texts of some segments' times on a resource that is changed
// field by field.
func (m *message) unreadIn(o *ops, segments ...string) {
	var list []string
	for _, t := range m.unreadSince(0) {
		if slices.ContainsFunc(segments, func(s string) bool { return strings.HasPrefix(t, s+"-") }) {
			list = append(list, t)
		}
	}
	if len(list) > 0 {
		o.extension(ExtTime, strings.Join(list, "; "))
	}
}
