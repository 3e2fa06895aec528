// Package redact is the slog handler that lets no patient data into a log.
//
// It works by allowing, not by searching: only attribute keys that are known
// to be technical pass with their value (a position, a station, a count, a
// kind); every other value is replaced by "(withheld)". Errors pass by their
// fault text, which by contract holds no patient data. Messages must be
// constant strings; one that is longer than 200 bytes is cut, since a constant
// would not be.
//
// It is wired in cmd only. Safe for concurrent use.
package redact

import (
	"context"
	"log/slog"
)

// allowed are the attribute keys whose values are technical by nature.
var allowed = map[string]bool{
	"op": true, "kind": true, "err": true, "addr": true, "station": true, "position": true,
	"count": true, "bytes": true, "ms": true, "seq": true, "version": true, "epoch": true,
	"state": true, "port": true, "pid": true, "control_id": true, "answer": true, "type": true,
	"fate": true, "channel": true, "from": true, "to": true, "attempt": true, "file": true,
	"row": true, "remote": true, "why": true, "sha256": true, "connections": true,
}

// withheld stands in the place of a value that may not be logged.
const withheld = "(withheld)"

// Handler wraps another handler.
type Handler struct{ next slog.Handler }

// New makes a handler that passes only what is allowed on to next.
func New(next slog.Handler) *Handler { return &Handler{next} }

// Enabled asks next.
func (h *Handler) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

// Handle passes the record on, cleaned.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	msg := r.Message
	if len(msg) > 200 {
		msg = msg[:200]
	}
	clean := slog.NewRecord(r.Time, r.Level, msg, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(scrub(a))
		return true
	})
	return h.next.Handle(ctx, clean)
}

// WithAttrs cleans the attributes before next keeps them.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = scrub(a)
	}
	return &Handler{h.next.WithAttrs(clean)}
}

// WithGroup opens a group in next.
func (h *Handler) WithGroup(name string) slog.Handler { return &Handler{h.next.WithGroup(name)} }

func scrub(a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindGroup {
		var inner []slog.Attr
		for _, g := range a.Value.Group() {
			inner = append(inner, scrub(g))
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(inner...)}
	}
	if allowed[a.Key] {
		return a
	}
	return slog.String(a.Key, withheld)
}
