package submit

import (
	"context"
	"fmt"
	"strings"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// standInLine puts a message at the end of the line of each of its identifiers;
// where there is no line it holds it.
func (w *work) standInLine(message string, g record.Group) error {
	for _, id := range identityOf(g) {
		holder, held, err := w.Note(behindPrefix + line(id))
		if err != nil {
			return err
		}
		if !held {
			err = w.SetNote(behindPrefix+line(id), []byte(message))
		} else if string(holder) != message {
			err = w.append(waitsPrefix+line(id)+"/", message)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// append puts a message at the end of one line, once.
func (w *work) append(prefix, message string) error {
	last := prefix + "00000000"
	for kv, err := range w.Notes(prefix) {
		if err != nil {
			return err
		}
		if string(kv.Value) == message {
			return nil
		}
		last = kv.Key
	}
	var n int
	if _, err := fmt.Sscanf(strings.TrimPrefix(last, prefix), "%08d", &n); err != nil {
		return fault.New(fault.Corrupt, "submit.line", last, "the line behind a held-back message cannot be read")
	}
	return w.SetNote(fmt.Sprintf("%s%08d", prefix, n+1), []byte(message))
}

// settled hands on every line that a message holds. Whoever holds all of its
// lines then has its turn.
func (w *work) settled(message string) error {
	lines, err := w.notesSaying(behindPrefix, message)
	if err != nil {
		return err
	}
	var next []string
	for _, key := range lines {
		one, err := w.handOn(strings.TrimPrefix(key, behindPrefix))
		if err != nil {
			return err
		}
		if one != "" {
			next = append(next, one)
		}
	}
	for _, one := range next {
		waits, err := w.notesSaying(waitsPrefix, one)
		if err != nil {
			return err
		}
		if len(waits) > 0 {
			continue // behind another one, too
		}
		if err := w.SetNote(turnPrefix+one, []byte{1}); err != nil {
			return err
		}
	}
	return nil
}

// handOn gives a line to the first who waits in it, "" for nobody.
func (w *work) handOn(line string) (next string, err error) {
	for kv, err := range w.Notes(waitsPrefix + line + "/") {
		if err != nil {
			return "", err
		}
		if err := w.SetNote(kv.Key, nil); err != nil {
			return "", err
		}
		return string(kv.Value), w.SetNote(behindPrefix+line, kv.Value)
	}
	return "", w.SetNote(behindPrefix+line, nil)
}

// leaveLines takes a message out of every line, wherever it stands.
func (w *work) leaveLines(message string) error {
	stands, err := w.notesSaying(waitsPrefix, message)
	if err != nil {
		return err
	}
	for _, key := range append(stands, turnPrefix+message) {
		if err := w.SetNote(key, nil); err != nil {
			return err
		}
	}
	return w.settled(message)
}

func (w *work) notesSaying(prefix, value string) (keys []string, err error) {
	for kv, err := range w.Notes(prefix) {
		if err != nil {
			return nil, err
		}
		if string(kv.Value) == value {
			keys = append(keys, kv.Key)
		}
	}
	return keys, nil
}

// Turns are the messages that waited behind another one and are to be filed
// again now. Each has its turn once: it is filed, or held for a reason of its
// own, or stands in line again.
func (s *Submitter) Turns(ctx context.Context) (ids []string, err error) {
	err = s.journal.View(ctx, func(r journal.Reader) error {
		ids = nil
		for kv, err := range r.Notes(turnPrefix) {
			if err != nil {
				return err
			}
			ids = append(ids, strings.TrimPrefix(kv.Key, turnPrefix))
		}
		return nil
	})
	return ids, fault.Wrap("submit.turns", "", err)
}
